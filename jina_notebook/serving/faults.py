"""What the server answers instead of a result: a status and the documented error object.

These never reach a caller of the Python API; they are answers to HTTP requests.
"""

from __future__ import annotations

from typing import Any

from jina_notebook.errors import (
    InputError,
    JinaNotebookError,
    MemoryLimitError,
    OptionError,
    UnknownModelError,
)

__all__ = ["PARAMETERS", "Fault", "fault_of"]

KINDS = {
    400: "invalid_request_error",
    401: "authentication_error",
    404: "not_found_error",
    405: "invalid_request_error",
    408: "timeout_error",
    413: "request_too_large",
    429: "rate_limit_error",
    500: "server_error",
    503: "unavailable_error",
}
PARAMETERS = ("dimensions", "task", "return_multivector", "late_chunking", "top_n", "truncate")


class Fault(Exception):
    """An answer with the error object `{"error": {"message", "type", "param", "code"}}`.

    `retry_after` seconds go into the header of that name.
    """

    def __init__(
        self, status: int, message: str, *, code: str, param: str | None = None, retry_after: int | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.param = param
        self.retry_after = retry_after

    def body(self) -> dict[str, Any]:
        """The error object."""
        kind = KINDS.get(self.status, "invalid_request_error" if self.status < 500 else "server_error")
        return {"error": {"message": self.message, "type": kind, "param": self.param, "code": self.code}}

    def headers(self) -> dict[str, str]:
        """`Retry-After` where waiting helps, `WWW-Authenticate` where a token does."""
        if self.retry_after is not None:
            return {"retry-after": str(self.retry_after)}
        return {"www-authenticate": "Bearer"} if self.status == 401 else {}


def fault_of(error: BaseException, *, param: str | None = "input") -> Fault:
    """The answer for what a model raised; `param` is the field that holds what it was given."""
    if isinstance(error, Fault):
        return error
    if isinstance(error, UnknownModelError):
        return Fault(404, str(error), code="model_not_found", param="model")
    if isinstance(error, OptionError):
        named = next((name for name in PARAMETERS if name in error.message), param)
        return Fault(400, str(error), code="invalid_value", param=named)
    if isinstance(error, InputError):
        return Fault(400, str(error), code="invalid_input", param=param)
    if isinstance(error, MemoryLimitError):
        return Fault(503, str(error), code="out_of_memory", param=param, retry_after=10)
    if isinstance(error, JinaNotebookError):
        return Fault(500, str(error), code="model_failed")
    # the text of an unforeseen error may repeat a document or a path, so only its kind is said
    return Fault(500, f"The model failed with {type(error).__name__}; the server's log says where.", code="internal")
