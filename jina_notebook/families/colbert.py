"""jina-colbert-v2 (and its 96- and 64-dimension twins): one vector per token, MaxSim.

Source: https://arxiv.org/abs/2408.16672; encoding rules: stanford-futuredata/ColBERT.
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from jina_notebook.errors import OptionError
from jina_notebook.families.checkpoint import Checkpoint, read_json
from jina_notebook.families.embedding import Kind, Prepared, to_numpy
from jina_notebook.families.late_interaction import LateInteraction
from jina_notebook.families.tokenizer import Tokenizer
from jina_notebook.families.xlm_roberta import PAD_ID, Layout, build, expected

if TYPE_CHECKING:
    from jina_notebook.families.model import Origin
    from jina_notebook.inference.encoder import Encoder
    from jina_notebook.inference.linear import Linear

__all__ = ["ColbertV2", "load"]

QUERY_TOKENS = 32


class ColbertV2(LateInteraction):
    """Queries are padded to `query_tokens` with mask tokens that take part; documents drop punctuation."""

    def __init__(
        self,
        origin: Origin,
        *,
        encoder: Encoder,
        head: Linear,
        tokenizer: Tokenizer,
        layout: Layout,
    ) -> None:
        super().__init__(origin, tokenizer=tokenizer)
        self.token_dimensions = (head.out_features,)
        self.limit = min(origin.card.context, layout.positions)
        self._query_tokens = QUERY_TOKENS
        self._encoder = encoder
        self._head = head
        self._layout = layout
        self._mask_id = tokenizer.id_of("<mask>")
        self._markers = {
            "retrieval.query": tokenizer.id_of("[QueryMarker]"),
            "retrieval.passage": tokenizer.id_of("[DocumentMarker]"),
        }
        firsts = {int(ids[0]) for ids in tokenizer.plain_batch(list(string.punctuation)) if len(ids)}
        self._skipped = np.array(sorted(firsts | {PAD_ID}), dtype=np.int32)

    @property
    def query_tokens(self) -> int:
        """Vectors of a query, 32 as published: longer ones are cut, shorter ones filled with mask tokens."""
        return self._query_tokens

    @query_tokens.setter
    def query_tokens(self, value: int) -> None:
        if not 4 <= value <= self.limit:
            raise OptionError(f"query_tokens={value} is not between 4 and {self.limit}.")
        self._query_tokens = value

    def _prepare(self, items: Sequence[Any], kind: Kind) -> list[Prepared]:
        query = kind.task == "retrieval.query"
        room = (self._query_tokens if query else self.limit) - 1
        marker = self._markers[kind.task or ""]
        prepared = []
        for encoded in self._tokenizer.encode(items, limit=room):
            ids = np.insert(encoded.ids, 1, marker)
            full = encoded.full + 1
            if query:
                ids = np.concatenate((ids, np.full(room + 1 - len(ids), PAD_ID, dtype=np.int32)))
                ids[ids == PAD_ID] = self._mask_id
                prepared.append(Prepared(ids, max(full, len(ids))))
            else:
                prepared.append(Prepared(ids, full, keep=~np.isin(ids, self._skipped)))
        return prepared

    def _rows(self, batch: Sequence[Prepared], kind: Kind) -> list[NDArray[np.float32]]:
        import torch

        from jina_notebook.inference.packing import pack

        packed = pack([one.ids for one in batch], self.placement.device)
        with torch.inference_mode():
            vectors = to_numpy(self._head(self._encoder(packed)))
        rows = np.split(vectors, packed.offsets[1:-1])
        return [row if one.keep is None else row[one.keep] for row, one in zip(rows, batch, strict=True)]

    def _bytes_per_token(self) -> int:
        return self._layout.bytes_per_token


def load(origin: Origin) -> ColbertV2:
    """Reads the official layout; the size of the vectors is that of the head, 128, 96 or 64."""
    from jina_notebook.inference.linear import Linear

    layout = Layout.read(read_json(origin.path / "config.json"))
    weights = Checkpoint(origin.path)
    size = weights.shapes.get("linear.weight", (0,))[0]
    weights.expect(
        expected(layout, "roberta.") | {"linear.weight": (size, layout.hidden)}, ignore=("roberta.pooler.*",)
    )
    return ColbertV2(
        origin,
        encoder=build(weights, layout, origin.placement, "roberta."),
        head=Linear(weights.tensor("linear.weight", origin.placement)),
        tokenizer=Tokenizer(origin.path),
        layout=layout,
    )
