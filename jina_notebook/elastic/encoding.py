"""Vectors to bytes of JSON: the encodings that a server takes, the fastest first."""

from __future__ import annotations

import binascii
from collections.abc import Sequence

import numpy as np
import orjson
from numpy.typing import NDArray

__all__ = ["as_base64", "as_json", "faults", "packed_float16", "token_rows"]

Floats = NDArray[np.float32]


def as_base64(vectors: Floats) -> list[bytes]:
    """JSON strings of base64 over big-endian float32, one per row; servers from 9.3 on take them.

    The byte order is not detected by the server, and two bytes per dimension would be read as bfloat16.
    """
    rows = np.ascontiguousarray(vectors, dtype=np.float32).astype(">f4")
    return [b'"' + binascii.b2a_base64(row.data, newline=False) + b'"' for row in rows]


def as_json(vectors: Floats) -> list[bytes]:
    """JSON arrays of the shortest digits that give the same float32, one per row."""
    rows = np.ascontiguousarray(vectors, dtype=np.float32)
    return [orjson.dumps(row, option=orjson.OPT_SERIALIZE_NUMPY) for row in rows]


def token_rows(matrix: Floats, *, base64: bool) -> bytes:
    """A JSON array of one vector per token, for a `rank_vectors` field."""
    return b"[" + b",".join(as_base64(matrix) if base64 else as_json(matrix)) + b"]"


def packed_float16(matrix: Floats) -> bytes:
    """A JSON string of base64 over a little-endian float16 matrix `(tokens, dimensions)`, for a `binary` field."""
    packed = np.ascontiguousarray(matrix.astype("<f2"))
    return b'"' + binascii.b2a_base64(packed.tobytes(), newline=False) + b'"'


def faults(vectors: Floats) -> dict[int, str]:
    """Rows that no cosine field takes, each with the reason: not finite, or zero."""
    finite = np.all(np.isfinite(vectors), axis=1)
    nonzero = np.any(vectors != 0, axis=1)
    found: dict[int, str] = {}
    for row in np.flatnonzero(~(finite & nonzero)).tolist():
        if finite[row]:
            found[row] = "the vector is zero in every dimension"
        else:
            position = int(np.flatnonzero(~np.isfinite(vectors[row]))[0])
            found[row] = f"the vector holds {vectors[row][position]} at position {position}"
    return found


def stacked(rows: Sequence[Floats]) -> Floats:
    """One matrix from equally long rows."""
    return np.stack(rows).astype(np.float32, copy=False)
