"""The JSON schema of an answer: how it goes into the prompt, and whether an answer keeps to it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jina_notebook.errors import InputError
from jina_notebook.unicode import well_formed

__all__ = ["Schema"]

SHOWN = 60  # characters of a bad value that an error repeats
NAMED = 3  # faults of an answer that its note lists
FORMS = "Give a dict, a JSON text or a pydantic model class."


@dataclass(frozen=True, slots=True)
class Schema:
    """`text` as the prompt has it, `content` parsed."""

    text: str
    content: Mapping[str, Any]

    @classmethod
    def read(cls, schema: Any) -> Schema:
        """From a dict, a JSON text (which goes into the prompt as it is) or a pydantic model class.

        Raises `InputError` where it is not a JSON object.

        >>> Schema.read({"type": "object"}).text
        '{\\n  "type": "object"\\n}'
        """
        if isinstance(schema, str):
            text = well_formed(schema)
            return cls(text, _parsed(text))
        if isinstance(schema, type) and hasattr(schema, "model_json_schema"):
            schema = schema.model_json_schema()
        if not isinstance(schema, Mapping):
            hint = f"{FORMS[:-1]}: {type(schema).__name__}, not one of its objects." if _is_record(schema) else FORMS
            raise InputError(f"The schema is {_shown(schema)}, not a JSON schema.", hint=hint)
        try:
            text = json.dumps(dict(schema), indent=2, allow_nan=False)
        except (TypeError, ValueError, RecursionError) as cause:
            raise InputError(f"The schema cannot be written as JSON: {cause}.", hint=FORMS) from None
        return cls(text, json.loads(text))

    @property
    def is_list(self) -> bool:
        """Whether the answer's outermost value is a list."""
        return self.content.get("type") == "array"

    def faults(self, value: Any) -> str:
        """What in an answer does not keep to the schema, `""` where all does.

        References are resolved inside the schema only: nothing is fetched.
        """
        from jsonschema import exceptions
        from jsonschema.validators import validator_for
        from referencing import Registry
        from referencing.exceptions import Unresolvable

        kind: Any = validator_for(self.content)
        try:
            kind.check_schema(self.content)
            found = list(kind(self.content, registry=Registry()).iter_errors(value))
        except exceptions.SchemaError as cause:
            return f"it was not checked, because the schema is no valid JSON Schema ({cause.message})"
        except Unresolvable as cause:
            return f"it was not checked, because the schema refers to what it does not hold ({cause})"
        except RecursionError:
            return "it was not checked, because the schema or the answer is nested too deeply"
        named = [f"{fault.json_path}: {_clipped(fault.message)}" for fault in found[:NAMED]]
        more = f" and {len(found) - NAMED} more" if len(found) > NAMED else ""
        return f"it does not keep to the schema ({'; '.join(named)}{more})" if found else ""


def _parsed(text: str) -> dict[str, Any]:
    def refuse(constant: str) -> None:
        raise ValueError(f"{constant} is no JSON value")

    try:
        content = json.loads(text, parse_constant=refuse)
    except (ValueError, RecursionError) as cause:
        raise InputError(f"The schema {_shown(text)} is not JSON: {cause}.", hint=FORMS) from None
    if not isinstance(content, dict):
        raise InputError(f"The schema {_shown(text)} is JSON, but not an object with keywords.", hint=FORMS)
    return content


def _is_record(value: Any) -> bool:
    return not isinstance(value, type) and hasattr(type(value), "model_json_schema")


def _shown(value: Any) -> str:
    return f"{_clipped(repr(value))} ({type(value).__name__})"


def _clipped(text: str) -> str:
    return text if len(text) <= SHOWN else text[:SHOWN] + "…"
