"""The rule for index names, checked before any work is done."""

from __future__ import annotations

import re
import unicodedata

from jina_notebook.errors import IndexFitError

__all__ = ["check_index_name", "suggested_name"]

FORBIDDEN = '\\/*?"<>|,#: '
LONGEST_BYTES = 255


def check_index_name(name: str, *, capitals: bool = False) -> str:
    """The name itself where Elasticsearch takes it for a new index, or with `capitals` for an alias.

    Raises `IndexFitError` that says what is not allowed and suggests a legal name.
    """
    if not isinstance(name, str):
        raise IndexFitError(f"An index name is a str, not {type(name).__name__}: {name!r}.")
    fault = _fault(name.lower() if capitals else name)
    if fault is None:
        return name
    near = suggested_name(name)
    raise IndexFitError(
        f"{_shown(name)} is no name for an index: {fault}.", hint=f"Use {near!r}." if near else "Choose another name."
    )


def _shown(name: str) -> str:
    return repr(name if len(name) <= 60 else name[:59] + "\u2026")


def _fault(name: str) -> str | None:
    wrong = sorted(
        {"a blank" if c.isspace() else c for c in name if c in FORBIDDEN or c.isspace() or not c.isprintable()}
    )
    if not name:
        return "it is empty"
    if name in {".", ".."}:
        return "it is a path"
    if wrong:
        return f"it holds {', '.join(c if c == 'a blank' else repr(c) for c in wrong)}"
    if any(c != c.lower() for c in name):
        return "capital letters are not allowed"
    if name[0] in "-_+":
        return f"it starts with {name[0]!r}"
    if len(name.encode()) > LONGEST_BYTES:
        return f"it is {len(name.encode())} bytes long and {LONGEST_BYTES} are allowed"
    return None


def suggested_name(name: str) -> str:
    """A legal name near to this one, empty where nothing is left of it.

    >>> suggested_name("My Docs")
    'my-docs'
    """
    plain = unicodedata.normalize("NFKC", name).lower()
    kept = "".join("-" if c in FORBIDDEN or c.isspace() or not c.isprintable() else c for c in plain)
    kept = re.sub("-+", "-", kept).lstrip("-_+").rstrip("-").strip(".")
    kept = kept.encode(errors="ignore")[:LONGEST_BYTES].decode(errors="ignore")
    return kept if kept and _fault(kept) is None else ""
