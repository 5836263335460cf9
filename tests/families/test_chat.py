"""Chat templates that checkpoints bring: where they are found, what they may do, how they fail."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from jina_notebook.errors import CheckpointError
from jina_notebook.families.chat import ChatTemplate

USER = [{"role": "user", "content": "Tea?"}]


def test_a_template_gets_messages_variables_and_the_assistants_turn() -> None:
    template = ChatTemplate(
        "{% for m in messages %}{{ m.role }}: {{ m['content'] }}{% endfor %}{{ mark }}"
        "{% if add_generation_prompt %} assistant:{% endif %}",
        {"mark": "|"},
    )
    assert template.render(USER) == "user: Tea?| assistant:"


def test_blocks_take_their_line_with_them_as_in_transformers() -> None:
    source = "{% for m in messages %}\n  {% if true %}\n{{ m['content'] }}\n  {% break %}{% endif %}\n{% endfor %}"
    from transformers.utils.chat_template_utils import _compile_jinja_template

    assert ChatTemplate(source).render(USER) == _compile_jinja_template(source).render(messages=USER)


def test_json_in_a_template_is_as_in_transformers() -> None:
    source = "{{ messages[0] | tojson }}{{ messages[0] | tojson(indent=2) }}"
    from transformers.utils.chat_template_utils import _compile_jinja_template

    messages = [{"role": "user", "content": "<Größe> 'x'"}]
    assert ChatTemplate(source).render(messages) == _compile_jinja_template(source).render(messages=messages)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("chat_template.jinja", "{{ mark }}here"),
        ("chat_template.json", json.dumps({"chat_template": "{{ mark }}here"})),
        ("processor_config.json", json.dumps({"chat_template": "{{ mark }}here", "other": 1})),
        ("tokenizer_config.json", json.dumps({"chat_template": "{{ mark }}here"})),
    ],
)
def test_a_template_is_found_where_checkpoints_keep_it(name: str, content: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    template = ChatTemplate.of(tmp_path, {"mark": "!"})
    assert template is not None
    assert template.render(USER) == "!here"


def test_a_file_of_its_own_goes_before_a_field(tmp_path: Path) -> None:
    (tmp_path / "chat_template.jinja").write_text("file", encoding="utf-8")
    (tmp_path / "tokenizer_config.json").write_text('{"chat_template": "field"}', encoding="utf-8")
    template = ChatTemplate.of(tmp_path, {})
    assert template is not None
    assert template.render(USER) == "file"


@pytest.mark.parametrize("fields", [{}, {"chat_template": None}, {"chat_template": ""}, {"chat_template": [1]}])
def test_a_checkpoint_may_have_none(fields: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(fields), encoding="utf-8")
    assert ChatTemplate.of(tmp_path, {}) is None


def test_a_template_that_is_none_is_an_error() -> None:
    with pytest.raises(CheckpointError, match="chat template cannot be read"):
        ChatTemplate("{% for %}")


@pytest.mark.parametrize(
    "source",
    [
        "{{ messages.__class__.__mro__[1].__subclasses__() }}",
        "{{ messages.append(1) }}",
        "{{ raise_exception('only text, please') }}",
        "{{ messages[0]['content'] + 1 }}",
        "{{ range(10**9) | list }}",
    ],
)
def test_a_template_that_reaches_out_or_fails_is_an_error(source: str) -> None:
    with pytest.raises(CheckpointError, match="refuses the messages: ") as caught:
        ChatTemplate(source).render(USER)
    if "raise_exception" in source:
        assert "only text, please" in caught.value.message
