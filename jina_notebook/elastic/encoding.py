"""Vectors to bytes of JSON: the encodings that a server takes, the fastest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import orjson
import pybase64
from numpy.typing import NDArray

__all__ = ["as_base64", "as_json", "faults", "packed_float16", "token_rows"]

Floats = NDArray[np.float32]
Rows = Floats | Sequence[Floats]

BLOCK = 64  # rows at a time: 256 kB at 1,024 dimensions stay in the cache, larger ones cost five times as much


def _blocks(rows: Rows) -> Iterator[Floats]:
    """The rows as small float32 matrices."""
    for start in range(0, len(rows), BLOCK):
        block = rows[start : start + BLOCK]
        matrix = block if isinstance(block, np.ndarray) else np.stack(block)
        yield np.ascontiguousarray(matrix, dtype=np.float32)


def as_base64(rows: Rows) -> list[bytes]:
    """JSON strings of base64 over big-endian float32, one per row; servers from 9.3 on take them.

    The byte order is not detected by the server, and two bytes per dimension would be read as bfloat16.
    """
    return [b'"%s"' % pybase64.b64encode(row.data) for block in _blocks(rows) for row in block.astype(">f4")]


def as_json(rows: Rows) -> list[bytes]:
    """JSON arrays of the shortest digits that give the same float32, one per row."""
    return [orjson.dumps(row, option=orjson.OPT_SERIALIZE_NUMPY) for block in _blocks(rows) for row in block]


def token_rows(matrix: Floats, *, base64: bool) -> bytes:
    """A JSON array of one vector per token, for a `rank_vectors` field."""
    return b"[" + b",".join(as_base64(matrix) if base64 else as_json(matrix)) + b"]"


def packed_float16(matrix: Floats) -> bytes:
    """A JSON string of base64 over a little-endian float16 matrix `(tokens, dimensions)`, for a `binary` field."""
    packed = np.ascontiguousarray(matrix.astype("<f2"))
    return b'"%s"' % pybase64.b64encode(packed.tobytes())


def faults(rows: Rows) -> dict[int, str]:
    """Rows that no cosine field takes, each with the reason: not finite, or zero."""
    found: dict[int, str] = {}
    for number, block in enumerate(_blocks(rows)):
        finite = np.all(np.isfinite(block), axis=1)
        nonzero = np.any(block != 0, axis=1)
        for row in np.flatnonzero(~(finite & nonzero)).tolist():
            reason = "the vector is zero in every dimension"
            if not finite[row]:
                position = int(np.flatnonzero(~np.isfinite(block[row]))[0])
                reason = f"the vector holds {block[row][position]} at position {position}"
            found[number * BLOCK + row] = reason
    return found
