"""Prompts by the chat template that a checkpoint brings, rendered in jinja2's sandbox.

A template is text from a repository: the sandbox lets it neither call into Python nor change what it is given.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from jina_notebook.errors import CheckpointError
from jina_notebook.families.checkpoint import read_json

__all__ = ["ChatTemplate"]

Message = Mapping[str, Any]


class ChatTemplate:
    """A jinja template of chat messages, with the extras that transformers gives its templates.

    >>> ChatTemplate("{{ messages[0]['content'] }}").render([{"role": "user", "content": "Tea?"}])
    'Tea?'
    """

    def __init__(self, source: str, variables: Mapping[str, Any] | None = None) -> None:
        from jinja2 import TemplateError
        from jinja2.ext import loopcontrols
        from jinja2.sandbox import ImmutableSandboxedEnvironment

        environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols])
        environment.filters["tojson"] = _to_json
        environment.globals["raise_exception"] = _refuse
        self._variables = dict(variables or {})
        try:
            self._template = environment.from_string(source)
        except TemplateError as cause:
            raise CheckpointError(f"The checkpoint's chat template cannot be read: {cause}.") from None

    @classmethod
    def of(cls, folder: Path, variables: Mapping[str, Any]) -> ChatTemplate | None:
        """The template of a checkpoint's folder: chat_template.jinja, else a field of one of its JSON files."""
        file = folder / "chat_template.jinja"
        if file.exists():
            return cls(file.read_text("utf-8"), variables)
        for name in ("chat_template.json", "processor_config.json", "tokenizer_config.json"):
            if (folder / name).exists():
                source = read_json(folder / name).get("chat_template")
                if isinstance(source, str) and source:
                    return cls(source, variables)
        return None

    def render(self, messages: Sequence[Message]) -> str:
        """The prompt, up to where the assistant begins.

        Raises `CheckpointError` where the template does not take such messages.
        """
        try:
            return str(self._template.render(**self._variables, messages=messages, add_generation_prompt=True))
        except Exception as cause:  # a template fails with whatever its expressions raise
            reason = str(cause).rstrip(".") or type(cause).__name__
            raise CheckpointError(f"The checkpoint's chat template refuses the messages: {reason}.") from None


def _to_json(value: Any, indent: int | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _refuse(message: str) -> None:
    from jinja2 import TemplateError

    raise TemplateError(message)
