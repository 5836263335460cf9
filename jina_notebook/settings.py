"""Settings in one place: argument > `%config` > environment > `[tool.jina-notebook]` in a pyproject.toml > default.

An argument wins where it is given, so functions read a setting only for what they were not told.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from traitlets import All, Bool, Enum, Float, Int, TraitError, TraitType, Unicode, observe, validate
from traitlets.config import Config, SingletonConfigurable

from jina_notebook.catalog import CATALOGUE
from jina_notebook.errors import OptionError, did_you_mean

if TYPE_CHECKING:
    from jina_notebook.results.listing import Listing

__all__ = ["Settings", "current"]

PREFIX = "JINA_NOTEBOOK_"
TABLE = "jina-notebook"
DEFAULT, CONFIG = "default", "%config"


class Origin(NamedTuple):
    """A value as one source gives it, and the words that name the source."""

    value: Any
    source: str


class Settings(SingletonConfigurable):
    """What every call uses that was not told otherwise."""

    model = Unicode("jina-embeddings-v5-text-nano", help="model that embeds").tag(config=True)
    reranker = Unicode("jina-reranker-v2-base-multilingual", help="model that reranks").tag(config=True)
    device = Unicode("auto", help="auto, cpu, cuda, cuda:1 or mps").tag(config=True)
    dtype = Enum(("auto", "float32", "bfloat16", "float16"), "auto", help="precision of the weights").tag(config=True)
    batch_tokens = Int(0, min=0, help="tokens per batch; 0 chooses by itself").tag(config=True)
    weights = Unicode("auto", help="auto, hub, tiny (miniatures for trying out) or a folder").tag(config=True)
    elasticsearch_url = Unicode("", help="server to connect to; empty is the local one").tag(config=True)
    cache_dir = Unicode("", help="folder of what we download; empty is the system's").tag(config=True)
    hub_timeout = Float(3.0, min=0.1, help="seconds the model hub may take to answer").tag(config=True)
    show_progress = Bool(True, help="whether long work shows its progress").tag(config=True)

    def __init__(self, **kwargs: Any) -> None:
        self._origins: dict[str, str] = {}
        self._refused: OptionError | None = None
        self._following = False
        super().__init__(**kwargs)

    def follow(self) -> Settings:
        """Takes up what the environment and the pyproject.toml say now. Values set with `%config` stay.

        Raises `OptionError` for a value that does not fit or a key that is not known, and for what `%config` was last
        given where that did not fit: IPython only prints it.
        """
        if self._refused:
            raise self._refused
        given = _pyproject(Path.cwd()) | _environment(os.environ)
        self._following = True
        try:
            for name in NAMES:
                if self._origins.get(name) == CONFIG:
                    continue
                origin = given.get(name, Origin(_trait(name).default(), DEFAULT))
                self._take(name, origin)
                self._origins[name] = origin.source
        finally:
            self._following = False
        return self

    def origin(self, name: str) -> str:
        """Where the value of a setting came from: `"default"`, `"%config"`, a variable or a file."""
        _check(name, "asked for")
        return self._origins.get(name, DEFAULT)

    def overview(self) -> Listing:
        """Every setting with its value and where that came from."""
        from jina_notebook.results.listing import Listing

        rows = tuple(
            {
                "setting": name,
                "value": _shown(getattr(self, name)),
                "from": self.origin(name),
                "meaning": _trait(name).help,
            }
            for name in NAMES
        )
        columns = ("setting", "value", "from", "meaning")
        title = "settings: argument > %config > environment > pyproject.toml > default"
        return Listing("settings", title, columns, rows, notes=tuple(_unknown_variables(os.environ)))

    def _take(self, name: str, origin: Origin) -> None:
        trait = _trait(name)
        try:
            # from_string reads what stands in the environment; other sources give typed values
            typed = trait.from_string(origin.value) if origin.source.startswith(PREFIX) else origin.value
            setattr(self, name, typed)
        except (TraitError, ValueError) as error:
            raise _misfit(name, origin.value, origin.source) from error

    def _load_config(
        self, cfg: Config, section_names: list[str] | None = None, traits: dict[str, TraitType[Any, Any]] | None = None
    ) -> None:
        """What `%config` and configuration files end in; an unknown key is refused instead of logged."""
        self._refused = None
        section = cfg.get(type(self).__name__, {})
        try:
            for name in section:
                _check(name, "set with %config")
            super()._load_config(cfg, section_names, traits)
        except TraitError as error:
            name, value = _culprit(section)
            self._refused = _misfit(name, value, CONFIG)
            raise self._refused from error
        except OptionError as error:
            self._refused = error
            raise

    @validate("model", "reranker")
    def _known_model(self, proposal: Mapping[str, Any]) -> str:
        name = str(proposal["value"])
        if name not in CATALOGUE.names:
            setting = proposal["trait"].name
            raise OptionError(
                f"The setting {setting} is {name!r}, which is no model of the catalogue.",
                hint=did_you_mean(name, CATALOGUE.names) or f"Known models: {', '.join(CATALOGUE.names)}.",
            )
        return name

    @observe(All)
    def _changed(self, change: Mapping[str, Any]) -> None:
        if change["name"] in NAMES and not self._following:
            self._origins[change["name"]] = CONFIG


NAMES = tuple(name for name in vars(Settings) if isinstance(vars(Settings)[name], TraitType))


def current() -> Settings:
    """The settings as they are now."""
    return Settings.instance().follow()


def _shown(value: Any) -> Any:
    return f"{value:g}" if isinstance(value, float) else value


def _trait(name: str) -> TraitType[Any, Any]:
    return cast("TraitType[Any, Any]", vars(Settings)[name])


def _check(name: str, done: str) -> None:
    if name not in NAMES:
        raise OptionError(
            f"There is no setting {name!r}, which was {done}.",
            hint=did_you_mean(name, NAMES) or f"Settings: {', '.join(NAMES)}.",
        )


def _misfit(name: str, value: Any, source: str) -> OptionError:
    trait = _trait(name)
    return OptionError(
        f"The setting {name} is {value!r} (from {source}), it must be {trait.info()}.",
        hint=f"It means: {trait.help}.",
    )


def _culprit(section: Mapping[str, Any]) -> tuple[str, Any]:
    """Which of several values does not fit."""
    for name, value in section.items():
        try:
            _trait(name)._validate(Settings.instance(), value)
        except TraitError:
            return name, value
    return next(iter(section.items()))


def _environment(environ: Mapping[str, str]) -> dict[str, Origin]:
    variables = {name: PREFIX + name.upper() for name in NAMES}
    return {name: Origin(environ[v], v) for name, v in variables.items() if environ.get(v)}


def _unknown_variables(environ: Mapping[str, str]) -> Iterator[str]:
    """Only a sentence: other parts of the package and other programs may use the prefix as well."""
    for variable in sorted(environ):
        name = variable.removeprefix(PREFIX).lower()
        near = did_you_mean(name, NAMES)
        if variable.startswith(PREFIX) and name not in NAMES and near and not name.startswith("test_"):
            meant = near.removeprefix("did you mean ").removesuffix("?")
            yield f"The variable {variable} is no setting; did you mean {PREFIX}{meant.upper()}?"


def _pyproject(folder: Path) -> dict[str, Origin]:
    """The nearest `[tool.jina-notebook]` table, from `folder` upwards."""
    for parent in (folder, *folder.parents):
        path = parent / "pyproject.toml"
        if not path.is_file():
            continue
        text = path.read_text("utf-8", "replace")
        if TABLE not in text:
            continue
        try:
            table = tomllib.loads(text).get("tool", {}).get(TABLE)
        except tomllib.TOMLDecodeError as error:
            raise OptionError(f"{path} is not valid TOML: {error}.", hint="Mend it, or take its table out.") from error
        if table is not None:
            return {_setting(key, path): Origin(value, str(path)) for key, value in table.items()}
    return {}


def _setting(key: str, path: Path) -> str:
    name = key.replace("-", "_")
    _check(name, f"set in {path}")
    return name
