"""`jn.chunk`: long documents cut at sentence borders, measured in a model's own tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jina_notebook.errors import InputError, OptionError

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["chunk"]


def chunk(text: str, *, model: Any, max_tokens: int = 512, overlap: int = 0) -> list[str]:
    """Cuts a text into pieces of at most `max_tokens` tokens, at paragraph, sentence or word borders.

    `model`: a catalogue name or a loaded text model, whose tokenizer counts. `overlap`: tokens that a chunk repeats
    from the one before. With `overlap=0` the chunks joined are the text, which is what `late_chunking` wants.

    Raises `InputError`, `OptionError`, and whatever `jn.load` raises for a name.

    >>> jn.chunk(article, model="jina-embeddings-v3", max_tokens=128)
    """
    if not isinstance(text, str):
        raise InputError(f"jn.chunk cuts one text, and got {type(text).__name__}.", hint="Call it for each text.")
    if isinstance(max_tokens, bool) or not isinstance(max_tokens, int) or max_tokens < 1:
        raise OptionError(f"max_tokens={max_tokens!r} is not a number of 1 or more.")
    if isinstance(overlap, bool) or not isinstance(overlap, int) or not 0 <= overlap < max_tokens:
        raise OptionError(f"overlap={overlap!r} is not a number from 0 to {max_tokens - 1}, below max_tokens.")
    from semantic_text_splitter import TextSplitter

    from jina_notebook.unicode import well_formed

    splitter = TextSplitter.from_callback(_counter(model), max_tokens, overlap=overlap, trim=False)
    return list(splitter.chunks(well_formed(text)))


def _counter(model: Any) -> Callable[[str], int]:
    if isinstance(model, str):
        from jina_notebook.loading import load

        model = load(model)
    count = getattr(model, "count_tokens", None)
    if count is None:
        raise OptionError(f"{model!r} cannot count tokens.", hint='Give a text model, such as "jina-embeddings-v3".')
    counter: Callable[[str], int] = count
    return counter
