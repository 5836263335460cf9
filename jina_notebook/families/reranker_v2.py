"""jina-reranker-v2-base-multilingual: a cross-encoder with absolute positions; long documents in overlapping chunks.

Source: the model card's `rerank()`. Score: sigmoid of the logit, the best chunk's for a document.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from jina_notebook.families.checkpoint import Checkpoint, read_json
from jina_notebook.families.reranking import Reranker, Scores
from jina_notebook.families.tokenizer import Tokenizer
from jina_notebook.families.xlm_roberta import PAD_ID, Layout, build, expected
from jina_notebook.progress import reporting

if TYPE_CHECKING:
    from jina_notebook.families.model import Origin
    from jina_notebook.inference.encoder import Encoder
    from jina_notebook.inference.linear import Linear
    from jina_notebook.protocols import Progress

__all__ = ["CrossEncoder", "load", "windows_of"]

MAX_LENGTH = 1024
MAX_QUERY = 512
OVERLAP = 80
SEPARATOR = 2


def windows_of(document: NDArray[np.int32], room: int, overlap: int) -> list[NDArray[np.int32]]:
    """Cuts ids into windows of `room`, each `overlap` into the one before; the last is moved back to be full.

    >>> [w.tolist() for w in windows_of(np.arange(7, dtype=np.int32), 4, 1)]
    [[0, 1, 2, 3], [3, 4, 5, 6]]
    """
    if len(document) <= room:
        return [document]
    starts = list(range(0, len(document) - room, room - overlap))
    return [document[s : s + room] for s in starts] + [document[-room:]]


class CrossEncoder(Reranker):
    """Reads query and document together; one score each."""

    def __init__(
        self,
        origin: Origin,
        *,
        encoder: Encoder,
        dense: Linear,
        head: Linear,
        tokenizer: Tokenizer,
        layout: Layout,
    ) -> None:
        super().__init__(origin, tokenizer=tokenizer)
        self.limit = min(MAX_LENGTH, layout.positions - PAD_ID - 1)
        self._encoder = encoder
        self._dense = dense
        self._head = head

    def _scores(self, query: Any, documents: Sequence[Any], progress: Progress) -> Scores:
        pairs, owners = self._pairs(query, documents)
        lengths = [len(pair) for pair in pairs]
        with reporting(progress, total=sum(lengths), unit="tokens", label=f"Reranking with {self.name}") as report:
            by_pair = self._runner.run(lengths, lambda group: self._forward([pairs[i] for i in group]), budget=None,
                                       report=report)  # fmt: skip
        scores = np.zeros(len(documents), dtype=np.float32)
        with np.errstate(invalid="ignore"):  # NaN is reported by the caller, with its position
            np.maximum.at(scores, owners, np.array(by_pair, dtype=np.float32))
        return scores

    def _pairs(self, query: str, documents: Sequence[str]) -> tuple[list[NDArray[np.int32]], list[int]]:
        """`<s> query </s> </s> chunk </s>` for every chunk, and the document each belongs to."""
        asked = self._tokenizer.encode([query], limit=min(MAX_QUERY, self.limit // 2))[0].ids
        room = self.limit - len(asked) - 2
        overlap = min(OVERLAP, room // 4)
        separator = np.array([SEPARATOR], dtype=np.int32)
        pairs, owners = [], []
        for number, document in enumerate(self._tokenizer.plain_batch(documents)):
            for window in windows_of(document, room, overlap):
                pairs.append(np.concatenate((asked, separator, window, separator)))
                owners.append(number)
        return pairs, owners

    def _forward(self, pairs: Sequence[NDArray[np.int32]]) -> list[float]:
        import torch

        from jina_notebook.inference.packing import pack

        packed = pack(pairs, self.placement.device)
        with torch.inference_mode():
            first = self._encoder(packed, rows=packed.firsts)
            logits = self._head(self._dense(first, activation="tanh")).float()[:, 0]
            scores: list[float] = torch.sigmoid(logits).tolist()
        return scores


def load(origin: Origin) -> CrossEncoder:
    """Reads the official layout; the classification head must be there."""
    from jina_notebook.inference.linear import Linear

    path, placement = origin.path, origin.placement
    layout = Layout.read(read_json(path / "config.json"))
    weights = Checkpoint(path)
    hidden = layout.hidden
    head = {
        "classifier.dense.weight": (hidden, hidden),
        "classifier.dense.bias": (hidden,),
        "classifier.out_proj.weight": (1, hidden),
        "classifier.out_proj.bias": (1,),
    }
    weights.expect(expected(layout, "roberta.") | head)

    def linear(name: str) -> Linear:
        return Linear(
            weights.tensor(f"classifier.{name}.weight", placement),
            weights.tensor(f"classifier.{name}.bias", placement),
        )

    return CrossEncoder(
        origin,
        encoder=build(weights, layout, placement, "roberta."),
        dense=linear("dense"),
        head=linear("out_proj"),
        tokenizer=Tokenizer(path),
        layout=layout,
    )
