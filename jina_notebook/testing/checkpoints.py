"""Miniature checkpoints by catalogue name."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from importlib import import_module
from os import PathLike
from pathlib import Path
from typing import Any

from jina_notebook.errors import OptionError, did_you_mean
from jina_notebook.testing.draft import DTYPES, Draft

__all__ = ["Recipe", "tiny_checkpoint", "tiny_names"]

Recipe = Callable[..., None]
"""Fills a `Draft`; its keyword arguments are the options of that miniature."""

RECIPES = {
    "ReaderLM-v2": "reader:reader_lm",
    "jina-clip-v2": "clip:clip_v2",
    "jina-code-embeddings-0.5b": "qwen:code_small",
    "jina-code-embeddings-1.5b": "qwen:code_large",
    "jina-colbert-v2": "xlm_roberta:colbert",
    "jina-embeddings-v3": "xlm_roberta:embeddings_v3",
    "jina-embeddings-v4": "qwen_vl:embeddings_v4",
    "jina-embeddings-v5-text-nano": "v5:nano",
    "jina-embeddings-v5-text-small": "v5:small",
    "jina-reranker-m0": "qwen_vl:reranker_m0",
    "jina-reranker-v2-base-multilingual": "xlm_roberta:reranker_v2",
    "jina-reranker-v3": "qwen:reranker_v3",
    "jina-reranker-v3.5": "qwen:reranker_v35",
    "jina-vlm": "vlm:jina_vlm",
}
"""Where each recipe lives, as `module:function` of this package."""
SHARDS = {"jina-embeddings-v4": 2, "jina-vlm": 3}
"""Where the published checkpoint is not one file."""


def tiny_names() -> list[str]:
    """The catalogue names that have a miniature."""
    return sorted(RECIPES)


def tiny_checkpoint(
    name: str,
    path: str | PathLike[str],
    *,
    seed: int = 0,
    dtype: str = "bfloat16",
    shards: int | None = None,
    **options: Any,
) -> Path:
    """Writes a miniature checkpoint of a catalogue model into the folder `path`, and gives that folder back.

    The files, tensor keys, configuration fields and tokenizer kind are those of the official repository, so that
    `jn.load(name, path=...)` runs the same code as with the real weights; the sizes are tiny and the weights random.
    A miniature takes less than a second, a few megabytes and no network, which makes it fit for the tests of your own
    pipeline in CI:

    ```python
    import jina_notebook as jn
    from jina_notebook.testing import tiny_checkpoint


    def test_my_pipeline_keeps_the_order_of_documents(tmp_path):
        model = jn.load("jina-embeddings-v3", path=tiny_checkpoint("jina-embeddings-v3", tmp_path), device="cpu")
        vectors = model.embed(["tea", "coffee"], task="retrieval.passage").vectors
        assert vectors.shape == (2, 128)
    ```

    The numbers mean nothing: similar texts are not near each other. The same arguments give the same bytes everywhere,
    different texts and tasks give clearly different vectors, and any Unicode text can be tokenized. The sizes that
    `dimensions` takes are the published ones up to the miniature's own (64 and 128 for jina-code-embeddings-0.5b).

    `seed`: another one gives another model of the same layout. `dtype`: what the tensors are stored as, `"bfloat16"`
    as published, `"float32"` or `"float16"`. `shards`: above 1, that many files with an index beside them, as the hub
    keeps large models; as published unless told otherwise (2 for jina-embeddings-v4, 3 for jina-vlm, else 1).

    `options`, only for jina-colbert-v2: `head` (128, 96 or 64: the width of its token vectors) and `pooler` (True adds
    the unused pooler tensors); for jina-reranker-v3.5: `window` (tokens that its sliding layers see, 32 instead of the
    published 1024); for jina-reranker-m0: `layout` ("legacy" or "new" tensor keys) and `lm_head` (False leaves out a
    matrix that scoring does not use); for ReaderLM-v2: `lm_head` ("equal" to the embeddings as published, "absent" or
    "different"); for jina-vlm: `layout` ("torch" or "mlx" tensor keys), `lm_head` ("base", or "all" with rows for the
    tokens of pictures) and `text_biases` (True adds biases of zero).

    Raises `OptionError` for a name without a miniature, an unknown option or value, and a folder that holds other
    weights.
    """
    recipe = _recipe(name)
    if dtype not in DTYPES:
        raise OptionError(f"A miniature cannot be stored as {dtype!r}.", hint=f"Allowed: {', '.join(DTYPES)}.")
    if shards is None:
        shards = SHARDS.get(name, 1)
    if isinstance(shards, bool) or not isinstance(shards, int) or not 1 <= shards <= 9:
        raise OptionError(f"A miniature cannot be cut into {shards!r} shards.", hint="Allowed: 1 to 9.")
    _check_options(name, recipe, options)
    draft = Draft(name=name, seed=seed, dtype=dtype, shards=shards)
    recipe(draft, **options)
    folder = Path(path)
    draft.write(folder)
    return folder


def _check_options(name: str, recipe: Recipe, options: Mapping[str, Any]) -> None:
    known = [p.name for p in inspect.signature(recipe).parameters.values() if p.kind is p.KEYWORD_ONLY]
    for option in options:
        if option not in known:
            allowed = ", ".join(["seed", "dtype", "shards", *known])
            raise OptionError(f"The miniature of {name} has no option {option!r}.", hint=f"Allowed: {allowed}.")


def _recipe(name: str) -> Recipe:
    place = RECIPES.get(name)
    if place is None:
        near = did_you_mean(name, RECIPES)
        names = f"Miniatures exist for: {', '.join(tiny_names())}."
        hint = f"{near[0].upper()}{near[1:]} {names}" if near else names
        raise OptionError(f"There is no miniature of {name!r}.", hint=hint)
    module, _, function = place.partition(":")
    recipe: Recipe = getattr(import_module(f"jina_notebook.testing.{module}"), function)
    return recipe
