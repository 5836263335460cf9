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
from jina_notebook.elastic.records import Document, Embedded, Item

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
        parts: list[list[bytes]] = []
        if embedded.vectors is not None and self.meta.vector_field:
            name = orjson.dumps(self.meta.vector_field)
            encoded = as_base64(embedded.vectors) if self.base64 else as_json(embedded.vectors)
            parts.append([name + b":" + value for value in encoded])
        if embedded.tokens is not None and self.meta.token_field:
            parts.append(self._tokens(embedded.tokens, self.meta.token_field))
        parts.append([b'"%s":"%s"' % (FINGERPRINT_FIELD.encode(), d.fingerprint.encode()) for d in embedded.documents])
        return [_item(document, b",".join(own)) for document, *own in zip(embedded.documents, *parts, strict=True)]

    def _tokens(self, matrices: Sequence[NDArray[np.float32]], field: str) -> list[bytes]:
        name = orjson.dumps(field)
        if self.meta.token_storage == RANK_VECTORS:
            return [name + b":" + token_rows(matrix, base64=self.base64) for matrix in matrices]
        count = orjson.dumps(field + COUNT_SUFFIX)
        return [b"%s:%s,%s:%d" % (name, packed_float16(m), count, len(m)) for m in matrices]


def _item(document: Document, own: bytes) -> Item:
    fields = document.source[:-1]
    separator = b"," if len(fields) > 1 else b""
    action = b'{"index":{"_id":' + orjson.dumps(document.id) + b"}}\n"
    return Item(document.id, b"".join((action, fields, separator, own, b"}\n")))
