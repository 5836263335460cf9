"""ReaderLM-v2: web pages to Markdown, or to JSON by a schema, on Qwen2.

Source: https://arxiv.org/abs/2503.01151, the prompts and the cleaning of the model's card, and its chat template.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jina_notebook.errors import CheckpointError
from jina_notebook.families.checkpoint import Checkpoint, read_json
from jina_notebook.families.html import clean_html, without
from jina_notebook.families.qwen import Body, build, expected
from jina_notebook.families.reading import Reader
from jina_notebook.families.tokenizer import Tokenizer

if TYPE_CHECKING:
    from jina_notebook.families.model import Origin
    from jina_notebook.families.schema import Schema
    from jina_notebook.inference.decoder import Decoder
    from jina_notebook.inference.generation import Head

__all__ = ["ReaderLM", "load", "message"]

START, END, FILLER = "<|im_start|>", "<|im_end|>", "<|endoftext|>"
SYSTEM = "You are an AI assistant developed by Jina AI."
MARKDOWN = "Extract the main content from the given HTML and convert it to Markdown format."
JSON = "Extract the specified information from a list of news threads and present it in a structured JSON format."
FENCE = "```"
PENALTY = 1.08  # the card's, and with it greedy decoding, whatever generation_config.json says
HEAD = "lm_head.weight"
WORDS = "model.embed_tokens.weight"


def message(html: str, instruction: str | None = None, schema: str | None = None) -> str:
    """The user's message as the card has it, except that an instruction given beside a schema counts.

    >>> message("<p>Tea</p>", "Summarise.")
    'Summarise.\\n```html\\n<p>Tea</p>\\n```'
    """
    default = MARKDOWN if schema is None else JSON
    text = f"{instruction or default}\n{FENCE}html\n{html}\n{FENCE}"
    return text if schema is None else f"{text}\nThe JSON schema is as follows:{FENCE}json\n{schema}\n{FENCE}"


class ReaderLM(Reader):
    """Greedy, with the publisher's repetition penalty."""

    def _cleaned(self, html: str) -> str:
        return without(clean_html(html), (START, END, FILLER))

    def _prompt(self, html: str, instruction: str | None, schema: Schema | None) -> str:
        controls = (START, END, FILLER)
        asked = None if instruction is None else without(instruction, controls)
        wanted = None if schema is None else without(schema.text, controls)
        user = message(html, asked, wanted)
        return f"{START}system\n{SYSTEM}{END}\n{START}user\n{user}{END}\n{START}assistant\n"


def load(origin: Origin) -> ReaderLM:
    """Reads the official layout: a Qwen2 causal model, its output head stored beside the embedding or left out."""
    from jina_notebook.inference.generation import Writer
    from jina_notebook.inference.linear import Linear

    config = read_json(origin.path / "config.json")
    body = Body.read(config, qkv_bias=True, head_norms=False)
    weights = Checkpoint(origin.path)
    shapes = expected(body, "model.")
    tied = bool(config.get("tie_word_embeddings", False))
    if HEAD in weights.shapes or not tied:
        shapes[HEAD] = (body.vocabulary, body.hidden)
    weights.expect(shapes)
    head = _separate_head(weights, tied=tied)
    tokenizer = Tokenizer(origin.path)
    decoder = build(weights, body, origin.placement, "model.")
    return ReaderLM(
        origin,
        tokenizer=tokenizer,
        writer=Writer(
            decoder,
            Linear(weights.tensor(HEAD, origin.placement)) if head else _tied(decoder),
            stops=[tokenizer.id_of(END), tokenizer.id_of(FILLER)],
            penalty=PENALTY,
        ),
        context=min(origin.card.context, body.context),
    )


def _separate_head(weights: Checkpoint, *, tied: bool) -> bool:
    """Whether the head is a matrix of its own.

    Raises `CheckpointError` where config.json says that it is not.
    """
    if HEAD not in weights.shapes or weights.equal(HEAD, WORDS):
        return False
    if tied:
        raise CheckpointError(
            f"{HEAD} is another matrix than {WORDS}, but config.json says tie_word_embeddings: one of the two is not "
            "this model's.",
            hint="Download the checkpoint again, or set tie_word_embeddings to false if both are meant.",
        )
    return True


def _tied(decoder: Decoder) -> Head:
    """Logits by the embedding itself, which is held once."""
    import torch.nn.functional as F

    words = decoder.words.weight
    return lambda states: F.linear(states, words)
