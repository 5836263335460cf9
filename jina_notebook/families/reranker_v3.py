"""jina-reranker-v3 and -v3.5: listwise rerankers that read the candidates together, on a Qwen3 body.

Source: https://arxiv.org/abs/2509.25085 and the publisher's `rerank()`. Score: cosine of the projected states at the
documents' and the query's read-out tokens, in [-1, 1].
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from jina_notebook.errors import CheckpointError, OptionError
from jina_notebook.families.checkpoint import Checkpoint, read_json
from jina_notebook.families.qwen import Body, build, expected
from jina_notebook.families.reranking import Reranker, Scores
from jina_notebook.families.tokenizer import Tokenizer
from jina_notebook.inference.runner import check_memory
from jina_notebook.progress import reporting

if TYPE_CHECKING:
    from jina_notebook.families.model import Origin
    from jina_notebook.inference.decoder import Decoder
    from jina_notebook.inference.linear import Linear
    from jina_notebook.protocols import Progress

__all__ = ["ListwiseReranker", "load", "prompt"]

DOCUMENT_MARK, QUERY_MARK = "<|embed_token|>", "<|rerank_token|>"
BLOCK_SIZE = 125
SYSTEM = (
    "You are a search relevance expert who can determine a ranking of the passages based on how relevant they "
    "are to the query. If the query is a question, how relevant a passage is depends on how well it answers "
    "the question. If not, try to analyze the intent of the query and assess how well each passage satisfies "
    "the intent. If an instruction is provided, you should follow the instruction when determining the "
    "ranking."
)


class Limits(NamedTuple):
    """The publisher's truncation, in tokens."""

    query: int
    document: int


LIMITS = {"jina-reranker-v3": Limits(512, 2048), "jina-reranker-v3.5": Limits(1024, 8192)}


def prompt(query: str, documents: Sequence[str]) -> str:
    """The publisher's prompt for one block, byte for byte."""
    passages = "\n".join(
        f'<passage id="{number}">\n{document}{DOCUMENT_MARK}\n</passage>' for number, document in enumerate(documents)
    )
    return (
        f"<|im_start|>system\n{SYSTEM}<|im_end|>\n<|im_start|>user\n"
        f"I will provide you with {len(documents)} passages, each indicated by a numerical identifier. "
        f"Rank the passages based on their relevance to query: {query}\n"
        f"{passages}\n<query>\n{query}{QUERY_MARK}\n</query><|im_end|>\n"
        "<|im_start|>assistant\n<think>\n\n</think>\n\n"
    )


class ListwiseReranker(Reranker):
    """Documents are read in blocks; several blocks are merged through a common query vector.

    `block_size` (125 as published): smaller blocks cost less (64 documents of 130 tokens: lists of 16 take two thirds
    of the arithmetic), but scores depend on which documents share a block.
    """

    def __init__(
        self,
        origin: Origin,
        *,
        decoder: Decoder,
        body: Body,
        projector: tuple[Linear, Linear],
        tokenizer: Tokenizer,
        capacity: int,
    ) -> None:
        super().__init__(origin, tokenizer=tokenizer)
        self.limits = LIMITS[origin.card.name]
        self._block_size = BLOCK_SIZE
        self._decoder = decoder
        self._body = body
        self._projector = projector
        self._capacity = capacity
        self._document_id = tokenizer.id_of(DOCUMENT_MARK)
        self._query_id = tokenizer.id_of(QUERY_MARK)

    @property
    def block_size(self) -> int:
        """Documents read together."""
        return self._block_size

    @block_size.setter
    def block_size(self, value: int) -> None:
        if not 1 <= value <= BLOCK_SIZE:
            raise OptionError(f"block_size={value} is not between 1 and {BLOCK_SIZE}.")
        self._block_size = value

    def _scores(self, query: Any, documents: Sequence[Any], progress: Progress) -> Scores:
        (asked,), (asked_tokens,) = self._cut([query], self.limits.query)
        texts, tokens = self._cut(documents, self.limits.document)
        prompts = [
            self._tokenizer.encode([prompt(asked, [texts[i] for i in block])])[0].ids
            for block in self._blocks(tokens, asked_tokens)
        ]
        lengths = [len(ids) for ids in prompts]
        check_memory(max(lengths), 4 * self._body.hidden * 4, self.placement.device)
        with reporting(progress, total=sum(lengths), unit="tokens", label=f"Reranking with {self.name}") as report:
            states = self._runner.run(lengths, lambda group: [self._read(prompts[i]) for i in group], budget=1,
                                      report=report)  # fmt: skip
        return merged([state[:-1] for state in states], [state[-1] for state in states])

    def _cut(self, texts: Sequence[str], limit: int) -> tuple[list[str], list[int]]:
        """Texts cut to `limit` tokens, read-out marks removed; and how many tokens each has."""
        cut, counts = [], []
        for text, ids in zip(texts, self._tokenizer.plain_batch(texts), strict=True):
            kept = self._tokenizer.decode(ids[:limit].tolist(), skip_special=False) if len(ids) >= limit else text
            cut.append(_unmarked(kept))
            counts.append(min(len(ids), limit))
        return cut, counts

    def _blocks(self, tokens: Sequence[int], query_tokens: int) -> list[list[int]]:
        """Documents in order, a new block when one is full: by number, or by the room that is left."""
        blocks: list[list[int]] = []
        block: list[int] = []
        room = self._capacity - 2 * query_tokens
        for number, count in enumerate(tokens):
            block.append(number)
            room -= count
            if len(block) >= self._block_size or room <= self.limits.document:
                blocks.append(block)
                block, room = [], self._capacity - 2 * query_tokens
        return [*blocks, block] if block else blocks

    def _read(self, ids: NDArray[np.int32]) -> NDArray[np.float32]:
        """Projected states of one block: `(documents + 1, size)`, the query's last."""
        import torch

        from jina_notebook.inference.packing import pack

        packed = pack([ids], self.placement.device)
        with torch.inference_mode():
            marks = ((packed.ids == self._document_id) | (packed.ids == self._query_id)).nonzero()[:, 0]
            states = self._decoder.long(packed, rows=marks).float()
            first, second = self._projector
            projected: NDArray[np.float32] = second(torch.relu(first(states))).cpu().numpy()
        return projected

    def _bytes_per_token(self) -> int:
        return self._body.bytes_per_token


def _unmarked(text: str) -> str:
    """Without read-out marks, also where taking one out makes another."""
    while DOCUMENT_MARK in text or QUERY_MARK in text:
        text = text.replace(DOCUMENT_MARK, "").replace(QUERY_MARK, "")
    return text


def merged(documents: Sequence[NDArray[np.float32]], queries: Sequence[NDArray[np.float32]]) -> Scores:
    """Cosine of every document with the query; with several blocks, with the blocks' weighted mean query.

    A block's weight is the best (1 + cosine) / 2 of its documents.
    """
    weights = [float(((1 + cosine(block, query)) / 2).max()) for block, query in zip(documents, queries, strict=True)]
    common = np.average(np.stack(queries), axis=0, weights=weights) if len(queries) > 1 else queries[0]
    return np.concatenate([cosine(block, common.astype(np.float32)) for block in documents])


def cosine(rows: NDArray[np.float32], query: NDArray[np.float32]) -> Scores:
    """Cosine of every row with the query, float32."""
    lengths = np.linalg.norm(rows, axis=1) * np.linalg.norm(query)
    scores: Scores = (rows @ query / np.maximum(lengths, 1e-12)).astype(np.float32)
    return scores


def load(origin: Origin) -> ListwiseReranker:
    """Reads the official layout: a Qwen3 body under `model.`, and the two matrices of the projector."""
    import torch

    from jina_notebook.inference.linear import Linear

    body = Body.read(read_json(origin.path / "config.json"), qkv_bias=False, head_norms=True)
    weights = Checkpoint(origin.path)
    inner = weights.shapes.get("projector.0.weight", (0,))[0]
    outer = weights.shapes.get("projector.2.weight", (0,))[0]
    head: dict[str, tuple[int, ...]] = {
        "projector.0.weight": (inner, body.hidden),
        "projector.2.weight": (outer, inner),
    }
    weights.expect(expected(body, "model.") | head, ignore=("lm_head.weight",))
    capacity = int(min(read_json(origin.path / "tokenizer_config.json").get("model_max_length", body.context), 2**31))
    if capacity <= 0:
        raise CheckpointError(f"tokenizer_config.json says model_max_length {capacity}.")

    def matrix(name: str) -> Linear:
        return Linear(weights.tensor(name, origin.placement, dtype=torch.float32))

    return ListwiseReranker(
        origin,
        decoder=build(weights, body, origin.placement, "model."),
        body=body,
        projector=(matrix("projector.0.weight"), matrix("projector.2.weight")),
        tokenizer=Tokenizer(origin.path),
        capacity=capacity,
    )
