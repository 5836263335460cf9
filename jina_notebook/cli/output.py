"""What commands print: data to stdout as text or as JSON lines, everything else to stderr."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import typer

__all__ = ["as_line", "noted", "show", "tell"]


def as_line(record: Mapping[str, Any]) -> str:
    """One line of JSON; arrays as lists, NaN and infinity as null, other objects by their text."""
    import orjson

    return orjson.dumps(record, default=_plain, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_NON_STR_KEYS).decode()


def show(shown: object, record: Mapping[str, Any] | Sequence[Mapping[str, Any]], *, as_json: bool) -> None:
    """Prints a result: its text, or its record (one line for each, where there are several)."""
    if not as_json:
        typer.echo(str(shown))
        return
    for one in [record] if isinstance(record, Mapping) else record:
        typer.echo(as_line(one))


def tell(text: str) -> None:
    """A line on stderr."""
    typer.echo(text, err=True)


@contextmanager
def noted() -> Iterator[None]:
    """Our own warnings as plain lines on stderr, those of others as ever."""
    from jina_notebook.loading import LicenceNotice

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("default")
        yield
    for warning in caught:
        if issubclass(warning.category, LicenceNotice):
            tell(str(warning.message))
        else:
            warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)


def _plain(value: object) -> Any:
    import numpy as np

    if isinstance(value, np.ndarray):  # one that is not contiguous
        return value.tolist()
    if isinstance(value, str):
        return str(value)
    return repr(value)
