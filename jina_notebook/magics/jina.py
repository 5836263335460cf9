"""`%jina`: what is loaded, what there is, what works."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jina_notebook.errors import OptionError, did_you_mean
from jina_notebook.magics.options import Command, Option
from jina_notebook.magics.running import Act, run
from jina_notebook.render.clean import counted

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from jina_notebook.catalog import Catalogue, ModelCard
    from jina_notebook.elastic.connection import Connection
    from jina_notebook.loading import Loaded
    from jina_notebook.magics.request import Request
    from jina_notebook.results.listing import Listing
    from jina_notebook.serving.server import Server

__all__ = ["COMMAND", "SUBCOMMANDS", "run_jina"]

KEY = Option(name="api-key", help="encoded API key; from a variable: --api-key {{ key }}")
AUTH = Option(name="basic-auth", help="user:password; from a variable: --basic-auth {{ auth }}")


def status(_: Request) -> Listing:
    """Models in memory, and where they are served."""
    from jina_notebook import endpoints
    from jina_notebook.loading import loaded
    from jina_notebook.results.listing import Listing

    rows = tuple(
        {
            "model": key.name,
            "device": key.device,
            "dtype": key.dtype,
            "memory": _size(key),
            "revision": key.revision[:12],
            "from": key.path,
        }
        for key in loaded()
    )
    columns = ("model", "device", "dtype", "memory", "revision", "from")
    served = tuple(f"Serving {', '.join(one.models)} at {one.url}." for one in endpoints.running())
    return Listing("status", "models in memory", columns, rows, "no models are loaded", served)


def models(request: Request) -> Catalogue | ModelCard:
    """The catalogue, or one model's record."""
    from jina_notebook.catalog import CATALOGUE

    return CATALOGUE[request.words] if request.words else CATALOGUE


def doctor(_: Request) -> Listing:
    """What works on this machine."""
    from jina_notebook.doctor import examine

    return examine()


def settings(_: Request) -> Listing:
    """Every setting and where its value came from."""
    from jina_notebook.settings import current

    return current().overview()


def connect(request: Request) -> Connection:
    """Connects to a server."""
    from jina_notebook.elastic.connection import connect
    from jina_notebook.settings import current

    options = request.only("api_key", "cloud_id", "ca_certs", "name")
    if "basic_auth" in request.options:
        user, _, password = request.options["basic_auth"].partition(":")
        options["basic_auth"] = (user, password)
    url = request.words or (None if "cloud_id" in options else current().elasticsearch_url or None)
    return connect(url, **options)


def connections(_: Request) -> Listing:
    """Connections made."""
    from jina_notebook.elastic.connection import connections
    from jina_notebook.results.listing import Listing

    rows = tuple({"name": c.name, "address": c.url, "server": c.capabilities.title} for c in connections())
    return Listing(
        "connections", "connections", ("name", "address", "server"), rows, "no connections; %jina connect makes one"
    )


def serve(request: Request) -> Server | Listing:
    """Serves models over HTTP, or stops every server of this session."""
    from jina_notebook.serving import server

    names = request.words.split()
    if request.options.get("stop"):
        return _stopped(names)
    return server.serve([_served(request, name) for name in names], **request.only("host", "port"))


def _stopped(names: list[str]) -> Listing:
    from jina_notebook.results.listing import Listing
    from jina_notebook.serving import server

    if names:
        raise OptionError(f"--stop stops every server, and was given {' '.join(names)!r}.", hint="Leave the names out.")
    rows = tuple({"address": one.url, "models": ", ".join(one.models)} for one in server.stop_all())
    return Listing("stopped", "servers stopped", ("address", "models"), rows, "none was running")


def _served(request: Request, name: str) -> Any:
    """The loaded model in the variable of that name, or the catalogue's model from where the settings say."""
    from jina_notebook.families.weights import choose_weights
    from jina_notebook.loading import load
    from jina_notebook.settings import current

    value = request.namespace.get(name)
    if hasattr(value, "card"):
        return value
    weights = current().weights
    if weights == "auto":
        return load(name)
    choice = choose_weights(name, weights=weights)
    return load(choice.name, path=choice.path)


def unload(request: Request) -> Listing:
    """Drops models from memory."""
    from jina_notebook.loading import loaded, unload
    from jina_notebook.results.listing import Listing

    name = request.words or None
    if name is not None and name not in {key.name for key in loaded()}:
        names = [key.name for key in loaded()]
        hint = did_you_mean(name, names) or (f"Loaded: {', '.join(names)}." if names else "%jina models lists all.")
        raise OptionError(f"{name!r} is not loaded.", hint=hint)
    rows = tuple({"model": gone} for gone in unload(name))
    return Listing("unloaded", f"{counted(len(rows), 'model')} unloaded", ("model",), rows, "none was loaded")


def _size(key: Loaded) -> str | None:
    """What the weights take in memory, by the checkpoint's own count; nothing where its folder is gone."""
    from jina_notebook.loading import memory_of
    from jina_notebook.results.indexing import in_bytes

    size = memory_of(key)
    return None if size is None else in_bytes(size)


def _declared(act: Act, summary: str, *options: Option, words: str = "", source: Any = "") -> tuple[Command, Act]:
    name = f"jina {act.__name__}"
    return Command(name=name, summary=summary, options=options, words=words, words_source=source), act


SUBCOMMANDS: dict[str, tuple[Command, Act]] = {
    command.name.removeprefix("jina "): (command, act)
    for command, act in (
        _declared(status, "models in memory, with device, precision and size"),
        _declared(models, "every model of the catalogue, or one", words="[NAME]", source="models"),
        _declared(doctor, "what works on this machine, and what to do about what does not"),
        _declared(settings, "every setting and where its value came from"),
        _declared(
            connect,
            "connects to Elasticsearch: an address, else ELASTICSEARCH_URL, else a local server",
            Option(name="name", help="name to remember the connection by"),
            KEY,
            AUTH,
            Option(name="cloud-id", help="Elastic Cloud deployment"),
            Option(name="ca-certs", help="file with the certificate to trust"),
            words="[URL]",
        ),
        _declared(connections, "the connections made"),
        _declared(
            serve,
            "serves models over HTTP: to Elasticsearch, to clients of Jina, OpenAI and Cohere",
            Option(name="port", help="port to listen on; 0 takes a free one", kind="number"),
            Option(name="host", help="address to listen on; only this machine unless given"),
            Option(name="stop", help="stops every server of this session", kind="bool"),
            words="NAME...",
            source="models",
        ),
        _declared(unload, "drops a model from memory, or all", words="[NAME]", source="loaded"),
    )
}

COMMAND = Command(
    name="jina",
    summary="what is loaded, what there is, what works",
    words="COMMAND",
    options=(),
    parts=tuple((f"{name} {command.words}".rstrip(), command.summary) for name, (command, _) in SUBCOMMANDS.items()),
)


def run_jina(shell: InteractiveShell, line: str, cell: str | None) -> Any:
    """Runs the subcommand that the line begins with; `status` where there is none."""
    name, _, rest = line.strip().partition(" ")
    silent = ";" if name.endswith(";") else ""
    name = name.removesuffix(";")
    if name.startswith("-"):
        name, rest = ("", line) if name != "--help" else ("--help", "")
    if name == "--help":
        return COMMAND.help()
    known = SUBCOMMANDS.get(name or "status")
    if known is None:
        near = did_you_mean(name, SUBCOMMANDS)
        raise OptionError(
            f"%jina has no command {name!r}.", hint=near or f"Commands: {', '.join(SUBCOMMANDS)}; %jina --help."
        )
    command, act = known
    return run(shell, command, act, rest + silent, cell)
