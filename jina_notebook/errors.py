"""The exception tree. Every expected failure of the package is one of these.

```
JinaNotebookError
├── InputError             an argument or a document that cannot be used
│   └── TextTooLongError   longer than the model's limit, with truncate=False
├── OptionError            an unknown task, size, mode, option or setting
├── TemplateError          an undefined or malformed {{ name }}
├── ModelError
│   ├── UnknownModelError  a name that is not in the catalogue
│   ├── CheckpointError    files, tensors or configuration that do not fit together
│   ├── HubError           weights that cannot be fetched
│   ├── MemoryLimitError   does not fit in the memory that is free
│   └── InferenceError     a forward pass that gave no usable numbers
├── ElasticsearchError
│   ├── LocalServerError   the local server cannot be installed, started or stopped
│   ├── ConnectError       no usable server at that address
│   ├── CapabilityError    this server or licence does not have the feature
│   ├── IndexFitError      an index whose name, mapping or model does not fit
│   └── RequestError       a request that the server refused
├── ClusterError           a Ray cluster that is not there, or that lost the work
├── ReportError            a notebook that cannot be run or read, or one of whose cells failed
│   ├── ThresholdError     metrics of a report that moved further than it allows
│   └── ReportBusyError    another run of the same report into the same folder is under way
└── MissingExtraError      a package that an optional feature needs is not installed
```

A message is one sentence: what failed, the value received, what is allowed. The hint is the next step.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable

__all__ = [
    "CapabilityError",
    "CheckpointError",
    "ClusterError",
    "ConnectError",
    "ElasticsearchError",
    "HubError",
    "IndexFitError",
    "InferenceError",
    "InputError",
    "JinaNotebookError",
    "LocalServerError",
    "MemoryLimitError",
    "MissingExtraError",
    "ModelError",
    "OptionError",
    "ReportBusyError",
    "ReportError",
    "RequestError",
    "TemplateError",
    "TextTooLongError",
    "ThresholdError",
    "UnknownModelError",
    "did_you_mean",
]


class JinaNotebookError(Exception):
    """Base of every expected failure: one sentence, and one hint that says what to do next.

    In a kernel it shows those two and no frames; the cell still fails, so papermill exits with 1.
    """

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}" if self.hint else self.message

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.message, self.hint)

    def _render_traceback_(self) -> list[str]:
        """What IPython and papermill print instead of frames."""
        lines = [f"{type(self).__name__}: {self.message}"]
        if self.hint:
            lines.append(f"Hint: {self.hint}")
        return lines


def _rebuild(kind: type[JinaNotebookError], message: str, hint: str | None) -> JinaNotebookError:
    return kind(message, hint=hint)


class InputError(JinaNotebookError):
    """An argument or a document that cannot be used; the message names its position."""


class TextTooLongError(InputError):
    """An input beyond the model's limit while `truncate=False`; names position, token count and limit."""


class OptionError(JinaNotebookError):
    """An unknown task, size, mode, option or setting; the message lists what is allowed."""


class TemplateError(JinaNotebookError):
    """An undefined or malformed `{{ name }}`."""


class ModelError(JinaNotebookError):
    """Anything about a model."""


class UnknownModelError(ModelError):
    """A name that is not in the catalogue; suggests a near one."""


class CheckpointError(ModelError):
    """Missing, unknown or misshapen tensors, missing files, a configuration that contradicts the tensors."""


class HubError(ModelError):
    """Weights that cannot be fetched: gated, missing revision, offline, no space, interrupted."""


class MemoryLimitError(ModelError):
    """A model or an input that does not fit in the memory that is free; names both figures."""


class InferenceError(ModelError):
    """A forward pass that gave NaN or infinity, or a model used after a fork."""


class ElasticsearchError(JinaNotebookError):
    """Anything about Elasticsearch."""


class LocalServerError(ElasticsearchError):
    """The local server cannot be installed, started or stopped."""


class ConnectError(ElasticsearchError):
    """No usable server at that address: unreachable, wrong password, unsupported version."""


class CapabilityError(ElasticsearchError):
    """This server or licence does not have the feature; names the way that works without it."""


class IndexFitError(ElasticsearchError):
    """An index whose name is not legal, that does not exist, or that belongs to another model."""


class RequestError(ElasticsearchError):
    """A request that the server refused, with its reason."""


class ClusterError(JinaNotebookError):
    """A Ray cluster that is not there, has not what was asked of it, or lost every worker."""


class ReportError(JinaNotebookError):
    """A notebook that cannot be run or read, or one of whose cells failed; names the cell and its error."""


class ThresholdError(ReportError):
    """Metrics that moved further than a report allows; the message names every one. They are recorded all the same."""


class ReportBusyError(ReportError):
    """Another run of the same report into the same folder is under way; nothing was run."""


class MissingExtraError(JinaNotebookError):
    """A package that an optional feature needs is not installed; names the extra to install."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """`"did you mean jina-embeddings-v3?"`, or `""` where nothing is near.

    >>> did_you_mean("jina-embedings-v3", ["jina-embeddings-v3", "jina-clip-v2"])
    'did you mean jina-embeddings-v3?'
    """
    near = difflib.get_close_matches(str(name), list(known), n=1, cutoff=0.6)
    return f"did you mean {near[0]}?" if near else ""
