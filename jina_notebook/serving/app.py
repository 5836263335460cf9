"""The paths of the server: read the request, hand it to the model's thread, wait, answer."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import orjson
from fastapi import FastAPI, Request, Response, Security
from fastapi.exceptions import RequestValidationError
from fastapi.security import HTTPBearer
from pydantic import BaseModel
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from jina_notebook import __version__
from jina_notebook.serving import chat, cohere, embeddings, rerank
from jina_notebook.serving.batching import Job
from jina_notebook.serving.faults import Fault, fault_of
from jina_notebook.serving.guard import Guard, log_failure
from jina_notebook.serving.limits import Limits
from jina_notebook.serving.metrics import CONTENT_TYPE, Metrics
from jina_notebook.serving.served import Models, Served

__all__ = ["build"]

LARGE = 2**18  # bytes of a request from which on it is taken apart in another thread
JSON = "application/json"
WITH_TOKEN = [Security(HTTPBearer(auto_error=False))]  # for the description; the guard checks it
ELASTICSEARCH = ("Apache-HttpAsyncClient/", "Elasticsearch")  # how its inference services introduce themselves


class ErrorObject(BaseModel):
    """What is wrong; `param` names the field at fault."""

    message: str
    type: str
    param: str | None
    code: str


class ErrorBody(BaseModel):
    """Every refusal."""

    error: ErrorObject


REFUSALS: dict[int | str, dict[str, Any]] = {
    400: {"model": ErrorBody, "description": "Not a request that this model can answer."},
    401: {"model": ErrorBody, "description": "The bearer token is missing or wrong."},
    404: {"model": ErrorBody, "description": "No such model is served."},
    408: {"model": ErrorBody, "description": "The request took too long to arrive."},
    413: {"model": ErrorBody, "description": "The request is too large."},
    429: {"model": ErrorBody, "description": "Too much waits, or the time limit has passed; see Retry-After."},
    500: {"model": ErrorBody, "description": "The model failed."},
    503: {"model": ErrorBody, "description": "The server is stopping, or memory is short."},
    "4XX": {"model": ErrorBody, "description": "Any other refusal."},
}


class Desk:
    """Hands jobs to the models' threads and waits for them."""

    def __init__(self, models: Models, limits: Limits, metrics: Metrics) -> None:
        self.models = models
        self.metrics = metrics
        self._limits = limits

    async def prepared(self, request: Request, prepare: Callable[..., tuple[Served, Job]], asked: Any) -> Any:
        """The model meant and its job; reading many pictures does not hold up the other requests."""
        if request.state.facts.get("bytes", 0) > LARGE:
            return await run_in_threadpool(prepare, self.models, asked)
        return prepare(self.models, asked)

    async def results(self, request: Request, served: Served, job: Job, *, reranks: bool = False) -> list[Any]:
        """What the job gave. A caller that leaves gives its place in the queue up.

        Raises `Fault`: 429 after the time limit, and what the model's refusals amount to.
        """
        facts = request.state.facts
        facts.update(model=served.name, task=served.task, inputs=len(job.units))
        elastic = request.headers.get("user-agent", "").startswith(ELASTICSEARCH)
        alone = job.key is not None and len(job.units) == 1 and served.query
        patience = self._limits.patience(elastic=elastic, query=alone, rerank=reranks)
        future: asyncio.Future[Any] = asyncio.wrap_future(served.worker.submit(job, patience_s=patience))
        gone: asyncio.Future[Any] = asyncio.ensure_future(_left(request))
        try:
            await asyncio.wait({future, gone}, timeout=patience, return_when=asyncio.FIRST_COMPLETED)
            if not future.done():
                future.cancel()
                if gone.done():
                    raise Fault(499, "The client left.", code="client_left")
                raise served.worker.refusal(f"{served.name} did not answer within {patience:g} s")
            results: list[Any] = future.result()
            return results
        except Fault:
            raise
        except Exception as error:
            fault = fault_of(error, param="documents" if reranks else "input")
            if fault.status == 500:
                log_failure(error)
            raise fault from None
        finally:
            future.cancel()  # where this request itself is being ended
            gone.cancel()


async def _left(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def build(models: Models, *, token: str, limits: Limits, metrics: Metrics) -> Guard:
    """The application, behind its guard."""
    app = FastAPI(
        title="jina-notebook",
        version=__version__,
        description="Jina's search models on this machine, in the formats of Jina, OpenAI and Cohere.",
        docs_url=None,  # its page would load scripts from another host
        redoc_url=None,
    )
    desk = Desk(models, limits, metrics)
    _add_models(app, desk)
    _add_overview(app, desk)
    app.add_exception_handler(Fault, _refuse)
    app.add_exception_handler(RequestValidationError, _refuse_fields)
    app.add_exception_handler(HTTPException, _refuse_route)
    app.add_exception_handler(Exception, _fail)
    return Guard(app, token=token, limits=limits, metrics=metrics)


def _add_models(app: FastAPI, desk: Desk) -> None:
    @app.post(
        "/v1/embeddings", dependencies=WITH_TOKEN, response_model=embeddings.EmbeddingResponse, responses=REFUSALS
    )
    async def embed(request: Request, asked: embeddings.EmbeddingRequest) -> Any:
        """Vectors of texts and pictures, as OpenAI and Jina have it."""
        served, job = await desk.prepared(request, embeddings.prepare, asked)
        results = await desk.results(request, served, job)
        return _counted(request, desk, embeddings.answer(asked, results))

    @app.post("/v2/embed", dependencies=WITH_TOKEN, response_model=cohere.EmbedResponse, responses=REFUSALS)
    async def embed_by_type(request: Request, asked: cohere.EmbedRequest) -> Any:
        """Vectors of texts and pictures, as Cohere has it."""
        served, job = await desk.prepared(request, cohere.prepare, asked)
        results = await desk.results(request, served, job)
        return _counted(request, desk, cohere.answer(asked, results))

    @app.post("/v1/rerank", dependencies=WITH_TOKEN, response_model=rerank.RerankResponse, responses=REFUSALS)
    async def rerank_1(request: Request, asked: rerank.RerankRequest) -> Any:
        """Documents in the order of their relevance, repeated unless told otherwise, as Jina has it."""
        return await ranked(request, asked, with_documents=True)

    @app.post("/v2/rerank", dependencies=WITH_TOKEN, response_model=rerank.RerankResponse, responses=REFUSALS)
    async def rerank_2(request: Request, asked: rerank.RerankRequest) -> Any:
        """Documents in the order of their relevance, as Cohere has it."""
        return await ranked(request, asked, with_documents=False)

    async def ranked(request: Request, asked: rerank.RerankRequest, *, with_documents: bool) -> Response:
        served, job = await desk.prepared(request, rerank.prepare, asked)
        request.state.facts["documents"] = len(asked.documents)
        (ranking,) = await desk.results(request, served, job, reranks=True)
        return _json(rerank.answer(asked, ranking, with_documents=with_documents))

    @app.post("/v1/chat/completions", dependencies=WITH_TOKEN, response_model=chat.ChatResponse, responses=REFUSALS)
    async def complete(request: Request, asked: chat.ChatRequest) -> Any:
        """A page read, or a question about a picture answered."""
        served, job = await desk.prepared(request, chat.prepare, asked)
        ((written, tokens),) = await desk.results(request, served, job)
        return _counted(request, desk, chat.answer(asked, written, tokens))


def _add_overview(app: FastAPI, desk: Desk) -> None:
    @app.get("/health")
    async def health() -> dict[str, str]:
        """Whether the server answers; needs no token."""
        return {"status": "ok"}

    @app.get("/v1/models", dependencies=WITH_TOKEN, responses={401: REFUSALS[401]})
    async def models() -> dict[str, Any]:
        """The models that are served, with their tasks and sizes."""
        return {"object": "list", "data": [served.describe() for served in desk.models]}

    @app.get(
        "/metrics",
        dependencies=WITH_TOKEN,
        responses={200: {"content": {"text/plain": {}}}, 401: REFUSALS[401]},
        response_class=Response,
    )
    async def metrics() -> Response:
        """Figures for Prometheus."""
        return Response(desk.metrics.text(), media_type=CONTENT_TYPE)


def _counted(request: Request, desk: Desk, answer: dict[str, Any]) -> Response:
    usage = answer.get("usage") or {"total_tokens": answer["meta"]["billed_units"]["input_tokens"]}
    request.state.facts["tokens"] = usage["total_tokens"]
    desk.metrics.tokens(request.state.facts["model"], usage["total_tokens"])
    return _json(answer)


def _json(value: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    content = orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY)
    return Response(content, status_code=status, media_type=JSON, headers=headers)


async def _refuse(request: Request, fault: Any) -> Response:
    request.state.facts["code"] = fault.code
    return _json(fault.body(), fault.status, fault.headers())


async def _refuse_fields(request: Request, error: Any) -> Response:
    """The first field at fault, without repeating what it holds."""
    first = error.errors()[0]
    where = [str(part) for part in first["loc"] if part != "body"]
    if first["type"] == "json_invalid" or not where:
        message = "The body has to be a JSON object, sent with content-type: application/json."
        return await _refuse(request, Fault(400, message, code="invalid_json"))
    param = where[0]
    message = f"{'.'.join(where)}: {first['msg']}."
    if param == "input":
        message = "input has to be a text, or a list of texts and of objects with text or image, and not empty."
    return await _refuse(request, Fault(400, message, code="invalid_value", param=param))


async def _refuse_route(request: Request, error: Any) -> Response:
    fault = Fault(error.status_code, f"{error.detail}.", code="not_found" if error.status_code == 404 else "refused")
    request.state.facts["code"] = fault.code
    return _json(fault.body(), fault.status, {**fault.headers(), **(error.headers or {})})


async def _fail(request: Request, error: Exception) -> Response:
    return await _refuse(request, fault_of(error))
