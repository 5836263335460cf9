"""`POST /v1/embeddings` in the formats of OpenAI and Jina."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from jina_notebook.serving.batching import Job
from jina_notebook.serving.content import Item, Text, Whole, items_of
from jina_notebook.serving.faults import Fault
from jina_notebook.serving.served import Asked, Models, Served, Vectors, embedding_job

__all__ = ["EmbeddingRequest", "EmbeddingResponse", "answer", "encoded", "prepare"]

Form = Literal["float", "base64"]


class EmbeddingRequest(BaseModel):
    """What is embedded, and how. Fields that are not listed are passed over."""

    model_config = ConfigDict(extra="ignore")

    model: Text = Field(description="A served model, or model@task.", examples=["jina-embeddings-v3@retrieval.query"])
    input: Text | Annotated[list[Item], Field(min_length=1)] = Field(description="A text, or texts and pictures.")
    task: Text | None = Field(None, description="One of the model's tasks, such as retrieval.query.")
    dimensions: Whole | None = Field(None, description="Size of the vectors.")
    encoding_format: Form | None = Field(None, description="base64 is little-endian float32.")
    embedding_type: Form | None = Field(None, description="The same by its other name.")
    late_chunking: Annotated[bool, Field(strict=True)] | None = Field(None, description="input is one document.")
    return_multivector: Annotated[bool, Field(strict=True)] | None = Field(None, description="One vector per token.")
    truncate: Annotated[bool, Field(strict=True)] | None = Field(None, description="Cut long inputs; default true.")
    normalized: Literal[True] | None = Field(None, description="Vectors always have length 1.")

    @property
    def inputs(self) -> list[Item]:
        return [self.input] if isinstance(self.input, str) else self.input


class Embedding(BaseModel):
    """One vector, a list of numbers or base64; `embeddings` holds those of a multi-vector."""

    object: Literal["embedding"] = "embedding"
    index: int
    embedding: list[float] | str | None = None
    embeddings: list[list[float]] | list[str] | None = None


class Usage(BaseModel):
    """Tokens that the network saw."""

    prompt_tokens: int
    total_tokens: int


class EmbeddingResponse(BaseModel):
    """Vectors in the order of the inputs."""

    object: Literal["list"] = "list"
    model: str
    data: list[Embedding]
    usage: Usage


def prepare(models: Models, request: EmbeddingRequest) -> tuple[Served, Job]:
    """The model meant and its job. Raises `Fault` for what can be refused without running the model."""
    served = models.find(request.model, request.task)
    served.can("embed", other="use /v1/rerank or /v1/chat/completions")
    if request.encoding_format and request.embedding_type and request.encoding_format != request.embedding_type:
        raise Fault(
            400,
            f"encoding_format says {request.encoding_format} and embedding_type {request.embedding_type}.",
            code="invalid_value",
            param="embedding_type",
        )
    late = bool(request.late_chunking)
    asked = Asked(
        served.task, request.dimensions, bool(request.return_multivector), late, request.truncate is not False
    )
    items = items_of(request.inputs, param="input")
    return served, embedding_job(served, [items] if late else items, asked)


def answer(request: EmbeddingRequest, results: Sequence[Vectors]) -> dict[str, Any]:
    """The response; arrays are left for the JSON writer."""
    form = request.encoding_format or request.embedding_type or "float"
    tokens = sum(one.tokens for one in results)
    if request.return_multivector:
        data = [{"embeddings": [encoded(row, form) for row in one.rows]} for one in results]
    else:
        data = [{"embedding": encoded(row, form)} for one in results for row in one.rows]
    return {
        "object": "list",
        "model": request.model,
        "data": [{"object": "embedding", "index": index, **vector} for index, vector in enumerate(data)],
        "usage": {"prompt_tokens": tokens, "total_tokens": tokens},
    }


def encoded(row: NDArray[np.float32], form: str) -> Any:
    """A vector as numbers, or as base64 of little-endian float32."""
    if form == "base64":
        return base64.b64encode(row.astype("<f4").tobytes()).decode("ascii")
    return np.ascontiguousarray(row, dtype=np.float32)
