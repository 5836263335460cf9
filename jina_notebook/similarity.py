"""`jn.similarity_map`: which part of a picture answers to which word of a query."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jina_notebook.errors import InputError, OptionError
from jina_notebook.images import as_rgb, is_image, open_image

if TYPE_CHECKING:
    from jina_notebook.results import SimilarityMap

__all__ = ["similarity_map"]


def similarity_map(query: str, image: Any, *, model: Any) -> SimilarityMap:
    """The similarity of every token of a query with every patch of a picture, as grids and as pictures.

    `image`: a PIL image, a `pathlib.Path`, encoded bytes or an array of pixels. `model`: a catalogue name or a loaded
    model that gives token vectors of pictures, jina-embeddings-v4.

    Raises `InputError` for a query that is no text and an image that cannot be read, `OptionError` for another model,
    and whatever `jn.load` raises for a name.

    >>> jn.similarity_map("total amount", Path("invoice.png"), model="jina-embeddings-v4").picture("amount")
    """
    from jina_notebook.results import SimilarityMap

    if not isinstance(query, str) or not query.strip():
        raise InputError(f"The query is {query!r}, not a text.", hint="Give the words to look for on the picture.")
    if not is_image(image):
        raise InputError(
            f"The image is {type(image).__name__}, not a picture.",
            hint="Give a PIL image, a pathlib.Path, bytes or an array; jn.read_image reads names and data URIs.",
        )
    model = _seeing(model)
    shown = as_rgb(open_image(image, "The image"), alpha="drop")
    asked = model.embed(query, task=model.card.query_task, return_multivector=True, progress=False)
    given = model.embed(image, task=model.card.index_task, return_multivector=True, progress=False)
    place = given.grids[0]
    patches = given.vectors[0][place.first : place.first + place.rows * place.columns]
    return SimilarityMap(
        query=query,
        image=shown,
        tokens=tuple(model.token_texts(query, task=model.card.query_task)),
        grid=(asked.vectors[0] @ patches.T).reshape(-1, place.rows, place.columns),
        model=model.name,
        revision=model.revision,
        stand_in=model.card.stand_in,
    )


def _seeing(model: Any) -> Any:
    """The model, loaded; one that has token vectors of pictures."""
    name = model if isinstance(model, str) else getattr(model, "name", repr(model))
    if isinstance(model, str):
        from jina_notebook.catalog import card

        known = card(model)
        fits = known.multivector and "image" in known.modalities
    else:
        fits = bool(getattr(model, "takes_images", False) and getattr(model, "token_dimensions", ()))
    if not fits:
        raise OptionError(f"{name} has no token vectors of pictures.", hint='Use model="jina-embeddings-v4".')
    if isinstance(model, str):
        from jina_notebook.loading import load

        return load(model)
    return model
