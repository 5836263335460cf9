"""`POST /v1/rerank` and `/v2/rerank`, as Jina and Cohere have them."""

from __future__ import annotations

import uuid
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from jina_notebook.serving.batching import Job
from jina_notebook.serving.content import Item, Text, Whole, item_of, items_of
from jina_notebook.serving.served import Models, Served, single_job, text_cost

__all__ = ["RerankRequest", "RerankResponse", "answer", "prepare"]


class RerankRequest(BaseModel):
    """A query and what is ordered by it. Fields that are not listed are passed over."""

    model_config = ConfigDict(extra="ignore")

    model: Text = Field(description="A served model that reranks.")
    query: Item
    documents: list[Item]
    top_n: Whole | None = Field(None, description="Most results given.")
    return_documents: Annotated[bool, Field(strict=True)] | None = Field(
        None, description="Whether results repeat their documents; default true in /v1, false in /v2."
    )


class Ranked(BaseModel):
    """One document's place in `documents` and its score."""

    index: int
    relevance_score: float
    document: dict[str, Any] | None = None


class RerankResponse(BaseModel):
    """Results, best first."""

    id: str
    object: str = "list"
    model: str
    results: list[Ranked]
    meta: dict[str, Any]


def prepare(models: Models, request: RerankRequest) -> tuple[Served, Job]:
    """The model meant and its job, whose only result is a `Ranking`. Raises `Fault`."""
    served = models.find(request.model)
    served.can("rerank", other="use /v1/embeddings or /v1/chat/completions")
    query = item_of(request.query, "query", "query")
    documents = items_of(request.documents, param="documents")

    def run() -> Any:
        return served.model.rerank(query, documents, top_n=request.top_n, return_documents=False, progress=False)

    return served, single_job(run, text_cost(query) * len(documents) + text_cost(documents))


def answer(request: RerankRequest, ranking: Any, *, with_documents: bool) -> dict[str, Any]:
    """The response. `with_documents` is what this path does unless the request says."""
    wanted = with_documents if request.return_documents is None else request.return_documents
    results = []
    for item in ranking:
        result: dict[str, Any] = {"index": item.index, "relevance_score": item.relevance_score}
        if wanted:
            given = request.documents[item.index]
            result["document"] = {"text": given} if isinstance(given, str) else given.model_dump(exclude_none=True)
        results.append(result)
    meta = {"api_version": {"version": "2"}, "billed_units": {"search_units": 1}}
    return {"id": str(uuid.uuid4()), "object": "list", "model": request.model, "results": results, "meta": meta}
