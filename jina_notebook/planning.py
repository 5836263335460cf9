"""What embedding would cost, before it is done: tokens, time and bytes, from a small sample."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from jina_notebook.errors import InputError
from jina_notebook.render.clean import counted, duration
from jina_notebook.results.indexing import in_bytes
from jina_notebook.results.listing import Listing

if TYPE_CHECKING:
    from jina_notebook.protocols import Embedder
    from jina_notebook.results import Embeddings

__all__ = ["Measured", "measured", "plan", "rate_of"]

SAMPLE = 16  # inputs that are embedded to see how fast it goes


def plan(model: Embedder, inputs: Sequence[Any], options: Mapping[str, Any] | None = None) -> Listing:
    """Embeds up to 16 of the inputs, spread over all of them, and says what all of them would take.

    `options` are those of `embed`. Rows: `what`, `estimate`. Short inputs stand for long ones only on average: the more
    the lengths differ, the rougher the estimate.

    Raises `InputError` for no inputs, and what `embed` raises.
    """
    sample, embeddings, seconds = measured(model, inputs, options)
    share = len(inputs) / sample
    tokens = sum(embeddings.token_counts) * share
    rate = rate_of(embeddings, seconds)
    cut = sum(embeddings.truncated)
    figures = {
        "inputs": f"{len(inputs):,}",
        "tokens": f"about {tokens:,.0f}",
        "time": f"about {duration(seconds * share)} at {rate:,.0f} tokens/s",
        "vectors": f"{in_bytes(round(_bytes(embeddings, share)))} as float32, {embeddings.dimensions} dimensions",
    }
    if cut:
        figures["truncated"] = f"about {cut * share:,.0f}, beyond the model's limit"
    rows = tuple({"what": what, "estimate": estimate} for what, estimate in figures.items())
    title = f"embedding {counted(len(inputs), 'input')} with {embeddings.model}: nothing was stored"
    notes = (f"Estimated from {counted(sample, 'input')}.",)
    return Listing("plan", title, ("what", "estimate"), rows, notes=notes)


class Measured(NamedTuple):
    """How many inputs were embedded, what came of it, and how long it took in seconds."""

    inputs: int
    embeddings: Embeddings
    seconds: float


def measured(model: Embedder, inputs: Sequence[Any], options: Mapping[str, Any] | None = None) -> Measured:
    """Embeds up to 16 of the inputs, spread over all of them, after a first call that only warms up.

    Raises `InputError` for no inputs, and what `embed` raises.
    """
    if not len(inputs):
        raise InputError("There are no inputs to plan for.")
    sample = [inputs[i] for i in _spread(len(inputs), SAMPLE)]
    asked = {**(options or {}), "progress": False}
    model.embed(sample[:1], **asked)  # the first call pays for warming up
    started = time.perf_counter()
    embeddings = model.embed(sample, **asked)
    return Measured(len(sample), embeddings, time.perf_counter() - started)


def rate_of(embeddings: Embeddings, seconds: float) -> float:
    """Tokens embedded per second."""
    return sum(embeddings.token_counts) / max(seconds, 1e-9)


def _spread(count: int, most: int) -> list[int]:
    """At most `most` positions, evenly over all."""
    if count <= most:
        return list(range(count))
    return [i * count // most for i in range(most)]


def _bytes(embeddings: Embeddings, share: float) -> float:
    vectors = embeddings.vectors
    held = sum(vector.nbytes for vector in vectors) if isinstance(vectors, list) else vectors.nbytes
    return held * share
