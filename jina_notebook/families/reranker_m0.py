"""jina-reranker-m0: a pointwise reranker on Qwen2-VL that reads texts and page images on either side.

Source: the publisher's `compute_score`. Score: sigmoid of the head's logit at the last token, less 2.65. Scores of
pictures and of texts are not calibrated against each other: test before mixing them in one ranking.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from jina_notebook.errors import InputError, OptionError
from jina_notebook.families import qwen, qwen_vision
from jina_notebook.families.checkpoint import Checkpoint, read_json
from jina_notebook.families.inputs import is_image
from jina_notebook.families.pictures import Picture, read_picture, read_pictures
from jina_notebook.families.qwen_vl import PICTURE, Eyes, Layout, Prompt
from jina_notebook.families.reranking import Reranker, Scores
from jina_notebook.families.tokenizer import Tokenizer
from jina_notebook.inference.runner import check_memory
from jina_notebook.progress import reporting

if TYPE_CHECKING:
    from jina_notebook.families.model import Origin
    from jina_notebook.inference.decoder import Decoder
    from jina_notebook.inference.linear import Linear
    from jina_notebook.inference.packing import Pack
    from jina_notebook.protocols import Progress

__all__ = ["RerankerM0", "load"]

LIMIT = 10240  # tokens of a pair, the score token included
QUERY_TOKENS = 512
DOCUMENT_TOKENS = LIMIT - QUERY_TOKENS
SCORE_TOKEN = 100  # a plain token of one byte, put last; the score is read there
BIAS = 2.65
LONG = 4096  # tokens beyond which a pair alone in its pack is computed in slices
SPELLED = re.compile(r"<\|(?:vision_start|vision_end|vision_pad|image_pad|video_pad)\|>")


class Side(NamedTuple):
    """A query or a document: what stands in the prompt, and the picture that it is."""

    text: str
    picture: Picture | None = None


class RerankerM0(Reranker):
    """The document stands before the query in the prompt.

    A text document is cut at 9,728 tokens; a query is kept whole while the pair has 10,240 at most, and cut to 512
    beyond. `max_pixels` (602,112 as published): pictures are made smaller to have no more, 768 tokens.
    """

    takes_images = True

    def __init__(
        self,
        origin: Origin,
        *,
        decoder: Decoder,
        head: tuple[Linear, Linear],
        eyes: Eyes,
        tokenizer: Tokenizer,
        layout: Layout,
    ) -> None:
        super().__init__(origin, tokenizer=tokenizer)
        self._decoder = decoder
        self._head = head
        self._eyes = eyes
        self._layout = layout

    @property
    def max_pixels(self) -> int:
        """Pixels of a picture after fitting."""
        return self._eyes.max_pixels

    @max_pixels.setter
    def max_pixels(self, value: int) -> None:
        if isinstance(value, int) and value > DOCUMENT_TOKENS // 2 * self._layout.vision.factor**2:
            raise OptionError(f"max_pixels={value!r} leaves no room: two pictures share {LIMIT:,} tokens.")
        self._eyes.max_pixels = value

    def _scores(self, query: Any, documents: Sequence[Any], progress: Progress) -> Scores:
        asked = self._query(query)
        pictures = read_pictures(
            ((i, document) for i, document in enumerate(documents) if is_image(document)),
            self._eyes.fit,
            what="Document",
        )
        texts = iter(self._cut_texts([x for x in documents if not is_image(x)], DOCUMENT_TOKENS))
        given = [
            Side(PICTURE, pictures[position]) if position in pictures else Side(next(texts))
            for position in range(len(documents))
        ]
        prompts = [self._prompt(asked, side, position) for position, side in enumerate(given)]
        known = {id(asked.picture): self._eyes.features([asked.picture])} if asked.picture else {}
        lengths = [len(prompt.ids) for prompt in prompts]
        check_memory(max(lengths), self._bytes_per_token(), self.placement.device)
        with reporting(progress, total=sum(lengths), unit="tokens", label=f"Reranking with {self.name}") as report:
            scores: list[np.float32] = self._runner.run(
                lengths,
                lambda group: list(self._read_pairs(self._eyes.pack([prompts[i] for i in group], known=known))),
                budget=None,
                report=report,
            )
        return np.array(scores, dtype=np.float32)

    def _query(self, query: Any) -> Side:
        if is_image(query):
            return Side(PICTURE, read_picture(query, "The query", self._eyes.fit))
        return Side(_unspelled(query))

    def _prompt(self, query: Side, document: Side, position: int) -> Prompt:
        """The publisher's prompt, widened, and the score token; what is too long is cut, never a picture."""
        prompt = self._widened(query, document)
        if len(prompt.ids) >= LIMIT and query.picture is None:
            query = Side(self._cut_texts([query.text], QUERY_TOKENS)[0])
            prompt = self._widened(query, document)
        while (excess := len(prompt.ids) - (LIMIT - 1)) > 0:
            tokens = 0 if document.picture else len(self._tokenizer.plain(document.text))
            if not tokens:
                raise InputError(
                    f"Document {position} and the query have {len(prompt.ids):,} tokens together; {self.name} takes at "
                    f"most {LIMIT - 1:,}.",
                    hint="Lower max_pixels of the model.",
                )
            # decoding and encoding again may give a token more or less: cut until it fits
            document = Side(self._cut_texts([document.text], max(0, tokens - excess))[0])
            prompt = self._widened(query, document)
        return Prompt(np.append(prompt.ids, np.int32(SCORE_TOKEN)), prompt.pictures)

    def _widened(self, query: Side, document: Side) -> Prompt:
        pictures = tuple(side.picture for side in (document, query) if side.picture is not None)
        ids = self._tokenizer.plain(f"**Document**:\n{document.text}\n**Query**:\n{query.text}")
        return Prompt(self._eyes.widened(ids, pictures), pictures)

    def _cut_texts(self, texts: Sequence[str], limit: int) -> list[str]:
        """Texts without spelled vision tokens, cut to `limit` tokens: encoded, cut and decoded, as published."""
        clean = [_unspelled(text) for text in texts]
        cut = []
        for text, ids in zip(clean, self._tokenizer.plain_batch(clean), strict=True):
            short = self._tokenizer.decode(ids[:limit].tolist(), skip_special=False) if len(ids) > limit else text
            cut.append(_unspelled(short))
        return cut

    def _read_pairs(self, packed: Pack) -> Scores:
        import torch

        alone = len(packed.lengths) == 1 and packed.tokens > LONG
        read = self._decoder.long if alone else self._decoder
        first, second = self._head
        with torch.inference_mode():
            logits = second(torch.relu(first(read(packed, rows=packed.lasts).float())))[:, 0]
            scores: Scores = torch.sigmoid(logits.cpu().double() - BIAS).float().numpy()
        return scores

    def _bytes_per_token(self) -> int:
        return max(self._layout.body.bytes_per_token, self._layout.vision.bytes_per_token)


def _unspelled(text: str) -> str:
    """The text without vision tokens that it spells out: the network would look for pictures there."""
    while (shorter := SPELLED.sub("", text)) != text:
        text = shorter
    return text


def load(origin: Origin) -> RerankerM0:
    """Reads the official layout, in its old names or in the new ones; `lm_head` is not needed where it is there."""
    import torch

    from jina_notebook.inference.linear import Linear

    path, placement = origin.path, origin.placement
    weights = Checkpoint(path)
    layout = Layout.read(read_json(path / "config.json"), weights, gated=False)
    hidden = layout.body.hidden
    head: dict[str, tuple[int, ...]] = {
        "score.0.weight": (hidden, hidden),
        "score.0.bias": (hidden,),
        "score.2.weight": (1, hidden),
        "score.2.bias": (1,),
    }
    weights.expect(layout.expected() | head, ignore=("lm_head.weight",))
    tokenizer = Tokenizer(path)

    def linear(name: str) -> Linear:
        weight, bias = (weights.tensor(f"{name}.{kind}", placement, dtype=torch.float32) for kind in ("weight", "bias"))
        return Linear(weight, bias)

    return RerankerM0(
        origin,
        decoder=qwen.build(weights, layout.body, placement, layout.body_prefix),
        head=(linear("score.0"), linear("score.2")),
        eyes=Eyes(
            qwen_vision.build(weights, layout.vision, placement, layout.vision_prefix),
            layout.vision,
            tokenizer,
            placement,
            alpha="white",
        ),
        tokenizer=tokenizer,
        layout=layout,
    )
