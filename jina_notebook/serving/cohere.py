"""`POST /v2/embed` in Cohere's format."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from jina_notebook.serving.batching import Job
from jina_notebook.serving.content import Text, Whole, picture_of
from jina_notebook.serving.embeddings import encoded
from jina_notebook.serving.faults import Fault
from jina_notebook.serving.served import Asked, Models, Served, Vectors, embedding_job

__all__ = ["EmbedRequest", "EmbedResponse", "answer", "prepare"]

InputType = Literal["search_document", "search_query", "classification", "clustering", "image"]
Form = Literal["float", "base64"]


class Address(BaseModel):
    """A picture as a data URI."""

    url: Text


class Part(BaseModel):
    """One text or picture."""

    type: Literal["text", "image_url"]
    text: Text | None = None
    image_url: Address | None = None


class Input(BaseModel):
    """One input; of several parts only one is taken."""

    content: Annotated[list[Part], Field(min_length=1, max_length=1)]


class EmbedRequest(BaseModel):
    """Texts, or pictures as data URIs, or inputs of either kind: one of the three."""

    model_config = ConfigDict(extra="ignore")

    model: Text = Field(description="A served model, or model@task.")
    input_type: InputType | None = Field(None, description="Chooses the task where the model has tasks.")
    texts: Annotated[list[Text], Field(min_length=1)] | None = None
    images: Annotated[list[Text], Field(min_length=1)] | None = None
    inputs: Annotated[list[Input], Field(min_length=1)] | None = None
    output_dimension: Whole | None = None
    embedding_types: Annotated[list[Form], Field(min_length=1)] | None = Field(
        None, description="base64 is little-endian float32."
    )
    truncate: Literal["END", "NONE"] | None = Field(None, description="NONE makes a text that is too long an error.")


class ByType(BaseModel):
    """The vectors in each form asked for."""

    float: list[list[float]] | None = None
    base64: list[str] | None = None


class EmbedResponse(BaseModel):
    """Vectors in the order of the inputs."""

    id: str
    response_type: Literal["embeddings_by_type"] = "embeddings_by_type"
    embeddings: ByType
    texts: list[str] | None = None
    meta: dict[str, Any]


def prepare(models: Models, request: EmbedRequest) -> tuple[Served, Job]:
    """The model meant and its job. Raises `Fault` for what can be refused without running the model."""
    named = models.find(request.model)
    served = named if named.task else models.find(request.model, _task(named, request.input_type))
    served.can("embed", other="use /v2/rerank or /v1/chat/completions")
    asked = Asked(served.task, request.output_dimension, truncate=request.truncate != "NONE")
    return served, embedding_job(served, _items(request), asked)


def _task(served: Served, input_type: InputType | None) -> str | None:
    card = served.model.card
    if input_type == "search_query":
        return str(card.query_task) if card.query_task else None
    if input_type in card.tasks:
        return input_type
    if input_type == "clustering" and "separation" in card.tasks:
        return "separation"
    if input_type in {"classification", "clustering"} and card.needs_task:
        message = f"{served.name} has no task for input_type {input_type!r}; it has {', '.join(card.tasks)}."
        raise Fault(400, message, code="invalid_value", param="input_type")
    return str(card.index_task) if input_type and card.index_task else None


def _items(request: EmbedRequest) -> list[Any]:
    given = [name for name in ("texts", "images", "inputs") if getattr(request, name) is not None]
    if len(given) != 1:
        what = " and ".join(given) or "none"
        raise Fault(
            400, f"One of texts, images, inputs is needed, and {what} was given.", code="invalid_input", param="texts"
        )
    if request.texts is not None:
        return list(request.texts)
    if request.images is not None:
        return [picture_of(image, f"images[{i}]", "images") for i, image in enumerate(request.images)]
    return [_item(one.content[0], f"inputs[{i}]") for i, one in enumerate(request.inputs or ())]


def _item(part: Part, where: str) -> Any:
    if part.type == "text" and part.text is not None:
        return part.text
    if part.type == "image_url" and part.image_url is not None:
        return picture_of(part.image_url.url, where, "inputs")
    raise Fault(400, f"{where} has no {part.type}.", code="invalid_input", param="inputs")


def answer(request: EmbedRequest, results: Sequence[Vectors]) -> dict[str, Any]:
    """The response; arrays are left for the JSON writer."""
    rows = [row for one in results for row in one.rows]
    forms = request.embedding_types or ["float"]
    tokens = sum(one.tokens for one in results)
    return {
        "id": str(uuid.uuid4()),
        "response_type": "embeddings_by_type",
        "embeddings": {form: [encoded(row, form) for row in rows] for form in dict.fromkeys(forms)},
        **({"texts": request.texts} if request.texts is not None else {}),
        "meta": {"api_version": {"version": "2"}, "billed_units": {"input_tokens": tokens}},
    }
