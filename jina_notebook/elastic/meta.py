"""What an index remembers about the model that filled it: the `_meta` of its mapping."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

__all__ = ["META_KEY", "IndexMeta"]

META_KEY = "jina_notebook"


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexMeta:
    """Model, task, size and field names, written to the mapping's `_meta` under `"jina_notebook"`.

    `task` is the task documents were embedded with, `query_task` the one queries need. `vector_field` is None where
    only multi-vectors are stored, `token_field` None where there are none; `token_storage` is `"rank_vectors"` or
    `"binary"`. `chunk_field` is the nested field of passages of at most `chunk_tokens` tokens, where documents are cut;
    the vector field is then inside it.
    """

    model: str
    revision: str
    task: str | None
    query_task: str | None
    dimensions: int
    normalized: bool = True
    text_field: str | None = "text"
    image_field: str | None = None
    vector_field: str | None = "vector"
    token_field: str | None = None
    token_storage: str | None = None
    token_dimensions: int | None = None
    chunk_field: str | None = None
    chunk_tokens: int | None = None
    late_chunking: bool = False
    version: str = ""

    def to_mapping(self) -> dict[str, Any]:
        """The value of the mapping's `_meta`."""
        return {META_KEY: asdict(self)}

    @classmethod
    def from_mapping(cls, meta: Mapping[str, Any] | None) -> IndexMeta | None:
        """Reads it back; None where another tool made the index. Keys of newer versions are passed over."""
        stored = (meta or {}).get(META_KEY)
        if not isinstance(stored, Mapping) or not {"model", "revision", "task", "query_task", "dimensions"} <= set(
            stored
        ):
            return None
        known = {f.name for f in fields(cls)}
        return cls(**{k: v for k, v in stored.items() if k in known})
