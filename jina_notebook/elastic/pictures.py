"""Pictures as documents hold them: a path, encoded bytes, a PIL image or an array."""

from __future__ import annotations

import os
from collections.abc import Callable
from hashlib import blake2b, file_digest
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["picture_of"]

HASH_BYTES = 16


def picture_of(value: Any, field: str, fault: Callable[[str, str], Exception]) -> tuple[Any, str | None, bytes]:
    """(what is embedded, the reference that is stored or None, a digest of the picture).

    In a document's image field a `str` is the path of a file; nothing is fetched from a network.
    """
    if isinstance(value, str | os.PathLike):
        return _file(value, field, fault)
    if isinstance(value, bytes | bytearray):
        return bytes(value), None, blake2b(value, digest_size=HASH_BYTES).digest()
    if any(kind.__module__.startswith("PIL.") for kind in type(value).__mro__):
        try:
            pixels = value.tobytes()
        except (OSError, SyntaxError, ValueError) as error:
            raise fault(f"the image cannot be read: {error}", field) from None
        shape = f"{value.mode} {value.size}".encode()
        return value, None, blake2b(shape + pixels, digest_size=HASH_BYTES).digest()
    if isinstance(value, np.ndarray):
        shape = f"{value.dtype.str} {value.shape}".encode()
        return value, None, blake2b(shape + value.tobytes(), digest_size=HASH_BYTES).digest()
    raise fault(f"the image is {type(value).__name__}, not a path, bytes, an array or a picture", field)


def _file(value: str | os.PathLike[str], field: str, fault: Callable[[str, str], Exception]) -> tuple[Path, str, bytes]:
    text = os.fspath(value)
    if "://" in text:
        raise fault(f"the image {text!r} is an address; download it and give its path", field)
    path = Path(text)
    try:
        with path.open("rb") as file:
            digest = file_digest(file, lambda: blake2b(digest_size=HASH_BYTES)).digest()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise fault(f"the image {text!r} cannot be opened: {reason}", field) from None
    return path, text, digest
