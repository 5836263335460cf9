"""Texts and pictures as requests carry them."""

from __future__ import annotations

import base64
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from jina_notebook.errors import InputError
from jina_notebook.images import bytes_of_data_uri, read_image
from jina_notebook.serving.faults import Fault

__all__ = ["Content", "Item", "Text", "Whole", "item_of", "items_of", "picture_of"]

Text = Annotated[str, Field(strict=True)]


def _whole(value: Any) -> Any:
    """A number of JSON without a fraction, however it is written; a text with digits is none."""
    if isinstance(value, bool | str):
        raise ValueError("has to be an integer")
    return value


Whole = Annotated[int, Field(ge=1), BeforeValidator(_whole)]


class Content(BaseModel):
    """`{"text": ...}` or `{"image": ...}`: a data URI or base64 of an encoded picture; other keys are passed over."""

    model_config = ConfigDict(extra="ignore")

    text: Text | None = None
    image: Text | None = None


Item = Text | Content


def items_of(items: list[Item], *, param: str) -> list[Any]:
    """What a model takes: texts, and pictures decoded.

    Raises `Fault` 400 naming the position.
    """
    return [item_of(item, f"{param}[{position}]", param) for position, item in enumerate(items)]


def item_of(item: Item, where: str, param: str) -> Any:
    """One text, or one picture decoded. Raises `Fault` 400."""
    if isinstance(item, str):
        return item
    if (item.text is None) == (item.image is None):
        raise Fault(400, f"{where} needs either text or image.", code="invalid_input", param=param)
    return item.text if item.text is not None else picture_of(item.image or "", where, param)


def picture_of(source: str, where: str, param: str) -> Any:
    """A PIL image from a data URI or from base64; addresses are refused, for nothing is fetched. Raises `Fault` 400."""
    try:
        if source[:5].lower() == "data:":
            return read_image(bytes_of_data_uri(source))
        if "://" in source[:16]:
            raise InputError("it is an address, and nothing is fetched from a network.", hint="Send base64.")
        return read_image(base64.b64decode(source, validate=True))
    except ValueError:  # characters that base64 does not have, among them those beyond ASCII
        raise Fault(
            400, f"{where} is neither a data URI nor base64 of a picture.", code="invalid_input", param=param
        ) from None
    except InputError as error:
        raise Fault(400, f"{where} cannot be read: {error}", code="invalid_input", param=param) from None
