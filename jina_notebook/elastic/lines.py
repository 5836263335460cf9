"""Documents with their vectors as lines of a bulk request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import orjson
from numpy.typing import NDArray

from jina_notebook.elastic.capabilities import Capabilities
from jina_notebook.elastic.encoding import as_base64, as_json, packed_float16, token_rows
from jina_notebook.elastic.fields import COUNT_SUFFIX
from jina_notebook.elastic.mapping import FINGERPRINT_FIELD, RANK_VECTORS
from jina_notebook.elastic.meta import IndexMeta
from jina_notebook.elastic.records import Document, Embedded, Item, Passages

__all__ = ["Encoder"]


@dataclass(frozen=True, slots=True)
class Encoder:
    """Writes for one index: its field names, and base64 where its server takes it."""

    meta: IndexMeta
    base64: bool

    @classmethod
    def of(cls, meta: IndexMeta, capabilities: Capabilities) -> Encoder:
        """The encoder for an index on a server."""
        return cls(meta, capabilities.allows("base64_vectors"))

    def items(self, embedded: Embedded) -> list[Item]:
        """Two lines for each document: what to do, and the document with vector, token vectors and hash."""
        columns = {FINGERPRINT_FIELD: [b'"%s"' % d.fingerprint.encode() for d in embedded.documents]}
        if embedded.vectors is not None and self.meta.vector_field:
            columns[self.meta.vector_field] = self._encoded(embedded.vectors)
        if embedded.passages is not None and self.meta.chunk_field:
            columns[self.meta.chunk_field] = [self._passages(own) for own in embedded.passages]
        if embedded.tokens is not None and self.meta.token_field:
            columns |= self._tokens(embedded.tokens, self.meta.token_field)
        names = [b"," + orjson.dumps(name) + b":" for name in columns]
        rows = zip(*columns.values(), strict=True)
        return [_item(document, names, row) for document, row in zip(embedded.documents, rows, strict=True)]

    def _encoded(self, vectors: NDArray[np.float32] | Sequence[NDArray[np.float32]]) -> list[bytes]:
        return as_base64(vectors) if self.base64 else as_json(vectors)

    def _passages(self, passages: Passages) -> bytes:
        rows = zip(passages.texts, self._encoded(passages.vectors), strict=True)
        return b"[%s]" % b",".join(b'{"text":%s,"vector":%s}' % (orjson.dumps(text), row) for text, row in rows)

    def _tokens(self, matrices: Sequence[NDArray[np.float32]], field: str) -> dict[str, list[bytes]]:
        if self.meta.token_storage == RANK_VECTORS:
            return {field: [token_rows(matrix, base64=self.base64) for matrix in matrices]}
        counts = [b"%d" % len(matrix) for matrix in matrices]
        return {field: [packed_float16(matrix) for matrix in matrices], field + COUNT_SUFFIX: counts}


def _item(document: Document, names: Sequence[bytes], values: Sequence[bytes]) -> Item:
    """One copy of everything: the vector is most of a document."""
    parts = [b'{"index":{"_id":', orjson.dumps(document.id), b"}}\n", document.source[:-1]]
    for name, value in zip(names, values, strict=True):
        parts += (name, value)
    if document.source == b"{}":
        parts[4] = names[0][1:]  # no comma before the first field
    parts.append(b"}\n")
    return Item(document.id, b"".join(parts))
