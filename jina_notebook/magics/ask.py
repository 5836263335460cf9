"""`%%jina_ask`: a question about a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from jina_notebook.errors import OptionError
from jina_notebook.magics.models import MODEL_OPTIONS, model_of
from jina_notebook.magics.options import Command, Option

if TYPE_CHECKING:
    from jina_notebook.magics.request import Request
    from jina_notebook.results import Answer

__all__ = ["COMMAND", "act"]

COMMAND = Command(
    name="jina_ask",
    summary="asks a question about a picture",
    words="[QUESTION]",
    body="the question",
    options=(
        *MODEL_OPTIONS,
        Option(name="image", help="variable with a picture or a list of them, or a file", source="variables"),
        Option(name="max-new-tokens", help="most tokens of the answer", kind="number", least=1),
        Option(name="raw", help="leaves {{ name }} as it is", kind="bool"),
    ),
    examples=(
        '%jina_ask "What is on the table?" --image photo',
        "%%jina_ask --image invoice.png",
        "What is the total?",
    ),
    models=lambda card: card.kind == "vision-language",
)


def act(request: Request) -> Answer:
    """Asks the model."""
    question = request.text()
    image = _image(request)
    model = model_of(request, usual="jina-vlm")
    return cast("Answer", model.ask(image, question, **request.only("max_new_tokens")))


def _image(request: Request) -> Any:
    name = request.options.get("image")
    if not name:
        raise OptionError("There is no picture to ask about.", hint="Name it: --image VARIABLE or --image FILE.png.")
    return request.variable_or_file(name)
