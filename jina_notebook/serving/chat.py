"""`POST /v1/chat/completions` for the models that write: readers of pages, and those that answer about pictures."""

from __future__ import annotations

import time
import uuid
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from jina_notebook.serving.batching import Job
from jina_notebook.serving.content import Text, Whole, picture_of
from jina_notebook.serving.faults import Fault
from jina_notebook.serving.served import PICTURE_COST, Models, Served, single_job

__all__ = ["ChatRequest", "ChatResponse", "answer", "prepare"]


class Address(BaseModel):
    """A picture as a data URI."""

    url: Text


class Part(BaseModel):
    """A piece of a message."""

    type: Literal["text", "image_url"]
    text: Text | None = None
    image_url: Address | None = None


class Message(BaseModel):
    """One turn. The last user message is what is worked on; a system message is the instruction of a reader."""

    role: Literal["system", "developer", "user", "assistant"]
    content: Text | Annotated[list[Part], Field(min_length=1)]


class JsonSchema(BaseModel):
    """The schema that an answer has to follow."""

    model_config = ConfigDict(extra="ignore", populate_by_name=True)

    name: Text = "answer"
    wanted: dict[str, Any] = Field(alias="schema")


class ResponseFormat(BaseModel):
    """Text, or JSON by a schema (readers only)."""

    type: Literal["text", "json_schema"] = "text"
    json_schema: JsonSchema | None = None


Most = Whole | None


class ChatRequest(BaseModel):
    """Writing is greedy: fields about sampling are passed over, as is what is not listed."""

    model_config = ConfigDict(extra="ignore")

    model: Text = Field(description="A served reader or vision-language model.")
    messages: Annotated[list[Message], Field(min_length=1)]
    max_tokens: Most = None
    max_completion_tokens: Most = None
    response_format: ResponseFormat | None = None
    n: Literal[1] | None = None
    stream: Literal[False] | None = Field(None, description="Answers come whole.")


class Reply(BaseModel):
    """What the model wrote."""

    role: Literal["assistant"] = "assistant"
    content: str


class Choice(BaseModel):
    """The only choice; `length` where the text ends at a limit."""

    index: int = 0
    message: Reply
    finish_reason: Literal["stop", "length"]


class ChatUsage(BaseModel):
    """Tokens of the messages' text and of the answer."""

    prompt_tokens: int
    completion_tokens: int
    total_tokens: int


class ChatResponse(BaseModel):
    """A whole answer."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[Choice]
    usage: ChatUsage


def prepare(models: Models, request: ChatRequest) -> tuple[Served, Job]:
    """The model meant and its job, whose only result is (answer, tokens of the prompt). Raises `Fault`."""
    served = models.find(request.model)
    model = served.model
    asked = next((one for one in reversed(request.messages) if one.role == "user"), None)
    if asked is None:
        raise Fault(400, "There is no user message.", code="invalid_input", param="messages")
    text, pictures = _taken_apart(asked)
    most = request.max_completion_tokens or request.max_tokens
    if hasattr(model, "read"):
        run = _reading(model, request, text, pictures, most)
    else:
        served.can("ask", other="only readers and vision-language models answer chats")
        if not pictures:
            raise Fault(400, f"{served.name} needs an image_url part.", code="invalid_input", param="messages")

        def run() -> Any:
            shown = pictures if len(pictures) > 1 else pictures[0]
            return model.ask(shown, text, max_new_tokens=most, progress=False), model.count_tokens(text)

    return served, single_job(run, len(text) + PICTURE_COST * len(pictures))


def _reading(model: Any, request: ChatRequest, page: str, pictures: list[Any], most: int | None) -> Any:
    if pictures:
        raise Fault(400, f"{model.name} reads text only.", code="invalid_input", param="messages")
    said = [one for one in request.messages if one.role in {"system", "developer"}]
    instruction = _taken_apart(said[-1])[0] if said else None
    form = request.response_format
    if form is not None and form.type == "json_schema" and form.json_schema is None:
        raise Fault(400, "response_format json_schema needs a schema.", code="invalid_input", param="response_format")
    schema = form.json_schema.wanted if form is not None and form.json_schema is not None else None

    def run() -> Any:
        found = model.read(page, instruction=instruction, schema=schema, max_new_tokens=most, progress=False)
        return found, model.count_tokens(page)

    return run


def _taken_apart(message: Message) -> tuple[str, list[Any]]:
    if isinstance(message.content, str):
        return message.content, []
    texts, pictures = [], []
    for position, part in enumerate(message.content):
        if part.type == "image_url" and part.image_url is not None:
            pictures.append(picture_of(part.image_url.url, f"content[{position}]", "messages"))
        elif part.type == "text" and part.text is not None:
            texts.append(part.text)
        else:
            raise Fault(400, f"content[{position}] has no {part.type}.", code="invalid_input", param="messages")
    return "\n".join(texts), pictures


def answer(request: ChatRequest, written: Any, prompt_tokens: int) -> dict[str, Any]:
    """The response."""
    tokens = int(getattr(written, "tokens", 0) or 0)
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": written.text},
        "finish_reason": "length" if written.truncated else "stop",
    }
    return {
        "id": f"chatcmpl-{uuid.uuid4().hex}",
        "object": "chat.completion",
        "created": int(time.time()),
        "model": request.model,
        "choices": [choice],
        "usage": {
            "prompt_tokens": prompt_tokens,
            "completion_tokens": tokens,
            "total_tokens": prompt_tokens + tokens,
        },
    }
