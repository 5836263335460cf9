"""Finds a JDK that can run Elasticsearch: Java 21 or newer, with modules that a bare runtime does not have."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from jina_notebook.elastic.local.account import Account, run_as
from jina_notebook.errors import LocalServerError

__all__ = ["Java", "examine", "find_jdk"]

OLDEST = 21
MODULES = ("java.compiler", "jdk.attach", "jdk.incubator.vector", "jdk.jdi", "jdk.jlink")

USUAL_FOLDERS = (
    "/usr/lib/jvm/*",
    "/usr/lib64/jvm/*",
    "/usr/java/*",
    "/usr/local/openjdk*",
    "/opt/java/*",
    "/opt/*jdk*",
    "/opt/*java*",
    "/Library/Java/JavaVirtualMachines/*/Contents/Home",
    "/opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home",
    "/usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home",
    "~/Library/Java/JavaVirtualMachines/*/Contents/Home",
    "~/.sdkman/candidates/java/*",
    "~/.jdks/*",
    "~/.local/share/mise/installs/java/*",
    "~/.asdf/installs/java/*",
    "~/.jbang/cache/jdks/*",
)


@dataclass(frozen=True, slots=True)
class Java:
    """One Java on this machine. `version` is `""` where it could not be run; `fault` is then the reason."""

    home: Path
    version: str
    missing: tuple[str, ...] = ()
    fault: str = ""

    @property
    def major(self) -> int:
        """17 for `17.0.15`, 8 for `1.8.0_412`, 0 where it could not be run."""
        numbers = [int(n) for n in re.findall(r"\d+", self.version)[:2]]
        if not numbers:
            return 0
        return numbers[1] if numbers[0] == 1 and len(numbers) > 1 else numbers[0]

    @property
    def fit(self) -> bool:
        return self.major >= OLDEST and not self.missing and not self.fault

    def __str__(self) -> str:
        """`/usr/lib/jvm/java-17 (Java 17.0.15: too old)`."""
        if self.fault:
            return f"{self.home} ({self.fault})"
        if self.major < OLDEST:
            return f"{self.home} (Java {self.version}: too old)"
        if self.missing:
            return f"{self.home} (Java {self.version}: lacks {', '.join(self.missing)})"
        return f"{self.home} (Java {self.version})"


def find_jdk(
    account: Account | None = None,
    *,
    environ: Mapping[str, str] = os.environ,
    usual_folders: Sequence[str] = USUAL_FOLDERS,
) -> Path:
    """The home of the first fit JDK: `ES_JAVA_HOME`, `JAVA_HOME`, `PATH`, then the usual folders.

    With an `account`, it must be one that this user can run.

    Raises:
        LocalServerError: none is fit; names each one found, its version and what is wrong with it.
    """
    found: list[Java] = []
    for home in _homes(environ, usual_folders):
        java = examine(home, account)
        if java.fit:
            return java.home
        found.append(java)
    needed = f"Elasticsearch needs a JDK of Java {OLDEST} or newer with the modules {', '.join(MODULES)}"
    hint = (
        "Install a full JDK (for example `apt-get install openjdk-21-jdk` or `brew install openjdk`), "
        "or set ES_JAVA_HOME to one."
    )
    if not found:
        raise LocalServerError(f"{needed}, and no Java was found on this machine.", hint=hint)
    raise LocalServerError(f"{needed}, and none here is fit: {'; '.join(map(str, found))}.", hint=hint)


def examine(home: Path, account: Account | None = None) -> Java:
    """Runs a Java once to see its version and its modules."""
    program = str(home / "bin" / "java")
    try:
        listed = _run([program, "--list-modules"], account)
        if listed.returncode == 0:
            modules = dict(line.partition("@")[::2] for line in listed.stdout.split() if "@" in line)
            version = modules.get("java.base", "")
            return Java(home, version, tuple(m for m in MODULES if m not in modules))
        told = _run([program, "-version"], account)
    except PermissionError:
        who = f"user {account.name}" if account else "this user"
        return Java(home, "", fault=f"cannot be run by {who}")
    except (OSError, subprocess.SubprocessError) as error:
        return Java(home, "", fault=f"does not run: {error}")
    version_line = re.search(r'version "([^"]+)"', told.stderr + told.stdout)
    if version_line is None:
        return Java(home, "", fault=f"does not run: exit status {told.returncode}")
    return Java(home, version_line[1])


def _run(command: list[str], account: Account | None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, **run_as(account), cwd="/", capture_output=True, text=True, errors="replace", timeout=30, check=False
    )


def _homes(environ: Mapping[str, str], usual_folders: Sequence[str]) -> Iterator[Path]:
    seen: set[Path] = set()
    for home in _candidates(environ, usual_folders):
        program = home / "bin" / "java"
        if not program.is_file():
            continue
        real = program.resolve().parent.parent
        if real not in seen:
            seen.add(real)
            yield home


def _candidates(environ: Mapping[str, str], usual_folders: Sequence[str]) -> Iterator[Path]:
    for variable in ("ES_JAVA_HOME", "JAVA_HOME"):
        if environ.get(variable):
            yield Path(environ[variable]).expanduser()
    for folder in environ.get("PATH", "").split(os.pathsep):
        program = shutil.which("java", path=folder) if folder else None
        if program and not (sys.platform == "darwin" and folder == "/usr/bin"):  # a stub that opens a dialog
            yield Path(program).resolve().parent.parent
    for pattern in usual_folders:
        parent = Path(pattern).expanduser()
        yield from sorted(Path(parent.anchor).glob(str(parent.relative_to(parent.anchor))), reverse=True)
