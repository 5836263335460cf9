from __future__ import annotations

import pickle

import pytest

from jina_notebook.results.highlights import Highlight


@pytest.mark.parametrize(
    ("marked", "text", "words"),
    [
        ("green [tea] and [cake]", "green tea and cake", ["tea", "cake"]),
        ("[tea]", "tea", ["tea"]),
        ("[a][b]", "ab", ["a", "b"]),
        ("nothing", "nothing", []),
        ("", "", []),
    ],
)
def test_marks_become_spans_over_the_plain_fragment(marked: str, text: str, words: list[str]) -> None:
    found = Highlight.marked(marked, "[", "]")
    assert found == text
    assert [found[a:b] for a, b in found.spans] == words


def test_a_highlight_is_a_text_and_survives_pickling() -> None:
    found = pickle.loads(pickle.dumps(Highlight("green tea", ((6, 9),))))  # noqa: S301 - our own bytes
    assert (f"{found}", found.spans) == ("green tea", ((6, 9),))
