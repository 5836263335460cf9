"""`{{ name }}`, and everything that looks like it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jina_notebook.errors import TemplateError
from jina_notebook.magics.template import expand, guarded

NAMESPACE: dict[str, Any] = {
    "city": "León",
    "n": 3,
    "ratio": 0.5,
    "flag": True,
    "quoted": 'it\'s a "quote" with  blanks; and {{ city }}',
    "where": {"term": {"lang": "fr"}},
    "tags": ["a", "b"],
    "path": Path("data/x"),
    "nothing": None,
    "_hidden": 1,
}


@pytest.mark.parametrize(
    ("text", "expanded"),
    [
        ("{{ city }}", "León"),
        ("{{city}} and {{  n  }}", "León and 3"),
        ("{{ ratio }}, {{ flag }}", "0.5, true"),
        ("{{ where }}", '{"term": {"lang": "fr"}}'),
        ("{{ tags }}", '["a", "b"]'),
        ("{{ path }}", "data/x"),
        ("{{ quoted }}", 'it\'s a "quote" with  blanks; and {{ city }}'),
    ],
)
def test_a_name_becomes_its_value_once(text: str, expanded: str) -> None:
    assert expand(text, NAMESPACE) == expanded


@pytest.mark.parametrize(
    "text",
    [
        "{v: k for k, v in d.items()}  # don't touch {this} or $HOME, 100%",
        "{city}",
        "{ city }",
        "{{}}",
        "{{ }}",
        "{{1, 2}, {3, 4}}",
        r"\frac{{a}{b}}",
        "%s %(x)s $city ${city} $$ `city`",
        "{{{{",
        "}} {{",
        "{{ two words }}",
        "{{\ncity\n}}",
        "",
    ],
)
def test_everything_else_is_untouched(text: str) -> None:
    assert expand(text, NAMESPACE) == text


def test_an_undefined_name_is_refused_with_a_near_one() -> None:
    with pytest.raises(TemplateError) as caught:
        expand("in {{ citty }}", NAMESPACE)
    assert "{{ citty }} is not defined" in caught.value.message
    assert caught.value.hint == "did you mean city?"


def test_a_name_like_no_other_says_what_to_do() -> None:
    with pytest.raises(TemplateError) as caught:
        expand("{{ zzz }}", NAMESPACE)
    assert "Assign zzz first" in (caught.value.hint or "")
    assert "--raw" in (caught.value.hint or "")


@pytest.mark.parametrize("text", ["{{ city.upper() }}", "{{ tags[0] }}", "{{ n + 1 }}", "{{ city | upper }}"])
def test_an_expression_is_refused_and_never_computed(text: str) -> None:
    with pytest.raises(TemplateError, match="only a plain name"):
        expand(text, NAMESPACE)


@pytest.mark.parametrize(("name", "kind"), [("nothing", "NoneType"), ("thing", "object")])
def test_a_value_without_a_text_form_is_refused(name: str, kind: str) -> None:
    with pytest.raises(TemplateError, match=kind) as caught:
        expand(f"{{{{ {name} }}}}", NAMESPACE | {"thing": object()})
    assert f"--input {name}" in (caught.value.hint or "")


def test_a_list_that_json_cannot_write_is_refused() -> None:
    with pytest.raises(TemplateError, match="cannot be written as JSON"):
        expand("{{ things }}", {"things": [object()]})


def test_a_value_with_blanks_and_quotes_stays_one_part() -> None:
    marked, fill = guarded("a {{ quoted }} b", NAMESPACE)
    parts = marked.split()
    assert len(parts) == 3
    assert fill(parts[1]) == NAMESPACE["quoted"]
