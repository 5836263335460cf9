"""The rule for index names."""

from __future__ import annotations

import pytest

from jina_notebook.elastic.names import check_index_name, suggested_name
from jina_notebook.errors import IndexFitError


@pytest.mark.parametrize("name", ["kb", "kb-1", "2024_logs", ".hidden", "über", "日本", "a.b", "a" * 255])
def test_a_legal_name_is_given_back(name: str) -> None:
    assert check_index_name(name) == name


@pytest.mark.parametrize(
    ("name", "fault", "suggestion"),
    [
        ("My Docs", "a blank", "my-docs"),
        ("Docs", "capital letters", "docs"),
        ("a/b", "'/'", "a-b"),
        ("-start", "starts with '-'", "start"),
        ("_all", "starts with '_'", "all"),
        ("a,b", "','", "a-b"),
        ("kb#1:x", "'#', ':'", "kb-1-x"),
        ("tab\tname", "a blank", "tab-name"),
        ("what?", "'?'", "what"),
    ],
)
def test_an_illegal_name_says_what_is_not_allowed_and_suggests_a_legal_one(
    name: str, fault: str, suggestion: str
) -> None:
    with pytest.raises(IndexFitError) as refused:
        check_index_name(name)
    assert fault in refused.value.message
    assert repr(suggestion) in str(refused.value.hint)
    assert check_index_name(suggestion) == suggestion


@pytest.mark.parametrize("name", ["", ".", "..", "***", "half\ud83e", "é" * 200, 5, None])
def test_a_name_without_a_near_legal_one_is_refused_too(name: object) -> None:
    with pytest.raises(IndexFitError):
        check_index_name(name)  # type: ignore[arg-type]


def test_an_alias_may_have_capitals_and_nothing_else() -> None:
    assert check_index_name("KB", capitals=True) == "KB"
    with pytest.raises(IndexFitError):
        check_index_name("K B", capitals=True)


@pytest.mark.parametrize("name", ["My Docs", "Ünïcode Größe", "a" * 300, "İstanbul", "x|y", "Ⅷ"])
def test_a_suggestion_is_legal_or_empty(name: str) -> None:
    near = suggested_name(name)
    assert near == "" or check_index_name(near) == near
