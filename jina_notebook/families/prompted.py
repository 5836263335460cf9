"""Decoders that embed: a task's prompt before the text, the last token's state as the vector."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from jina_notebook.families.embedding import EmbeddingModel, Kind, Prepared, pick_sizes, to_numpy

if TYPE_CHECKING:
    from jina_notebook.families.model import Origin
    from jina_notebook.families.qwen import Body
    from jina_notebook.families.tokenizer import Tokenizer
    from jina_notebook.inference.decoder import Decoder, Kept

__all__ = ["PromptedEmbeddings"]

SHARED_MIN = 8  # a shorter prompt is computed with each text: keeping it gains nothing
SHARED_RATIO = 4  # nor does it gain where the text is more than this many times longer than its prompt


class PromptedEmbeddings(EmbeddingModel):
    """`prompts` by task; `adapters` by task where the model has them; `strips` blanks around prompt and text."""

    def __init__(
        self,
        origin: Origin,
        *,
        decoder: Decoder,
        body: Body,
        tokenizer: Tokenizer,
        prompts: Mapping[str, str],
        adapters: Mapping[str, str] | None = None,
        strips: bool = False,
    ) -> None:
        super().__init__(origin, tokenizer=tokenizer)
        self.dimensions = pick_sizes(origin.card.dimensions, body.hidden)
        self.limit = min(origin.card.context, body.context)
        self._decoder = decoder
        self._body = body
        self._prompts = dict(prompts)
        self._adapters = dict(adapters or {})
        self._strips = strips
        self._prompt_ids = {text: tokenizer.plain(text) for text in set(self._prompts.values())}
        self._kept: dict[tuple[str, str | None], tuple[Kept, ...]] = {}

    def _prepare(self, items: Sequence[Any], kind: Kind) -> list[Prepared]:
        prompt = self._prompts[kind.task or ""]
        texts = [prompt + item for item in items]
        if self._strips:
            texts = [text.strip() for text in texts]
        return [Prepared(e.ids, e.full) for e in self._tokenizer.encode(texts, limit=self.limit)]

    def _shared(self, ids: NDArray[np.int32], prompt: NDArray[np.int32]) -> int:
        """How many of the first ids need not be computed, because they are the kept prompt."""
        kept, own = len(prompt), len(ids) - len(prompt)
        worth = self._body.causal and kept >= SHARED_MIN and 0 < own <= SHARED_RATIO * kept
        return kept if worth and np.array_equal(ids[:kept], prompt) else 0

    def _cost(self, one: Prepared, kind: Kind) -> int:
        return len(one.ids) - self._shared(one.ids, self._prompt_ids[self._prompts[kind.task or ""]])

    def _rows(self, batch: Sequence[Prepared], kind: Kind) -> list[NDArray[np.float32]]:
        prompt = self._prompts[kind.task or ""]
        shared = [self._shared(one.ids, self._prompt_ids[prompt]) for one in batch]
        rows = np.empty((len(batch), self._body.hidden), dtype=np.float32)
        for kept in sorted(set(shared)):
            members = [i for i, count in enumerate(shared) if count == kept]
            rows[members] = self._last([batch[i].ids[kept:] for i in members], kind, prompt if kept else None)
        return [row[None] for row in rows]

    def _last(self, sequences: Sequence[NDArray[np.int32]], kind: Kind, prompt: str | None) -> NDArray[np.float32]:
        from jina_notebook.inference.packing import pack

        adapter = self._adapters.get(kind.task or "")
        before = self._keep(prompt, adapter) if prompt is not None else None
        start = len(self._prompt_ids[prompt]) if prompt is not None else 0
        packed = pack(sequences, self.placement.device, start=start)
        return to_numpy(self._decoder(packed, adapter=adapter, before=before, rows=packed.lasts))

    def _keep(self, prompt: str, adapter: str | None) -> tuple[Kept, ...]:
        from jina_notebook.inference.packing import pack

        if (prompt, adapter) not in self._kept:
            packed = pack([self._prompt_ids[prompt]], self.placement.device)
            self._kept[prompt, adapter] = self._decoder.keep(packed, adapter=adapter)
        return self._kept[prompt, adapter]

    def _bytes_per_token(self) -> int:
        return self._body.bytes_per_token
