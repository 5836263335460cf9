"""The official archive, from a small HTTP server of the test's own."""

from __future__ import annotations

import hashlib
import http.server
import io
import socket
import tarfile
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from jina_notebook.elastic.local import official
from jina_notebook.elastic.local.archive import NotAvailable
from jina_notebook.errors import LocalServerError

NAME = "elasticsearch-9.4.3-linux-x86_64.tar.gz"


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base class names it so
        del format, args


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Path, dict[str, str]]]:
    """The folder that is served, and the environment that points there."""
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    monkeypatch.setattr("sys.platform", "linux")
    served = tmp_path / "site"
    served.mkdir()
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=str(served))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield served, {official.ADDRESS_VARIABLE: f"http://127.0.0.1:{server.server_port}/"}
        server.shutdown()
        thread.join()


def publish(served: Path, *, checksum: str | None = None) -> None:
    with tarfile.open(served / NAME, "w:gz") as archive:
        entry = tarfile.TarInfo("elasticsearch-9.4.3/bin/elasticsearch")
        entry.size, entry.mode = 4, 0o755
        archive.addfile(entry, io.BytesIO(b"text"))
    right = hashlib.sha512((served / NAME).read_bytes()).hexdigest()
    (served / f"{NAME}.sha512").write_text(f"{checksum or right}  {NAME}\n")


def test_the_archive_is_fetched_compared_and_unpacked(site: tuple[Path, dict[str, str]], tmp_path: Path) -> None:
    served, environ = site
    publish(served)
    said: list[str] = []
    home = official.fetch(tmp_path / "out" / "home", say=said.append, environ=environ)
    assert (home / "bin" / "elasticsearch").read_text() == "text"
    assert [path.name for path in home.parent.iterdir()] == ["home"]
    assert said[0].endswith(NAME)


def test_an_archive_with_another_checksum_is_not_unpacked(site: tuple[Path, dict[str, str]], tmp_path: Path) -> None:
    served, environ = site
    publish(served, checksum="0" * 128)
    with pytest.raises(NotAvailable, match="another checksum than the published one"):
        official.fetch(tmp_path / "out" / "home", say=lambda _: None, environ=environ)
    assert list((tmp_path / "out").iterdir()) == []


def test_what_is_not_published_is_named_with_the_answer(site: tuple[Path, dict[str, str]], tmp_path: Path) -> None:
    _, environ = site
    with pytest.raises(NotAvailable, match=rf"{NAME}\.sha512 answered 404"):
        official.fetch(tmp_path / "home", say=lambda _: None, environ=environ)


def test_a_page_in_place_of_the_checksum_is_no_checksum(site: tuple[Path, dict[str, str]], tmp_path: Path) -> None:
    served, environ = site
    (served / f"{NAME}.sha512").write_text("<html>Please log in</html>")
    with pytest.raises(NotAvailable, match="holds no checksum"):
        official.fetch(tmp_path / "home", say=lambda _: None, environ=environ)


def test_too_little_space_is_said_before_the_download(
    site: tuple[Path, dict[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    served, environ = site
    publish(served)
    monkeypatch.setattr(official, "UNPACKED_MB", 10**9)
    with pytest.raises(LocalServerError, match="fetching the official Elasticsearch needs"):
        official.fetch(tmp_path / "out" / "home", say=lambda _: None, environ=environ)
    assert list((tmp_path / "out").iterdir()) == []


def refuse(listener: socket.socket) -> None:
    listener.close()


def stay_silent(listener: socket.socket) -> None:
    listener.listen()


@pytest.mark.parametrize(
    ("behave", "reason"), [(refuse, "cannot be reached: Connection refused"), (stay_silent, "did not answer in time")]
)
def test_no_network_is_a_reason_after_a_short_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, behave: Callable[[socket.socket], None], reason: str
) -> None:
    monkeypatch.setattr(official, "FIRST_TIMEOUT_S", 0.2)
    monkeypatch.setattr(official, "archive_name", lambda *_: NAME)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        environ = {official.ADDRESS_VARIABLE: f"http://127.0.0.1:{listener.getsockname()[1]}"}
        behave(listener)
        with pytest.raises(NotAvailable, match=reason):
            official.fetch(tmp_path / "home", say=lambda _: None, environ=environ)


def test_a_name_server_that_is_silent_does_not_hold_up_the_next_source(monkeypatch: pytest.MonkeyPatch) -> None:
    released = threading.Event()
    with pytest.raises(NotAvailable, match="did not answer in time"):
        official._within(0.05, lambda: str(released.wait(30)), "https://example.invalid")
    released.set()


@pytest.mark.parametrize(
    ("system", "machine", "name"),
    [
        ("linux", "x86_64", "linux-x86_64"),
        ("linux", "aarch64", "linux-aarch64"),
        ("darwin", "arm64", "darwin-aarch64"),
        ("darwin", "x86_64", "darwin-x86_64"),
    ],
)
def test_each_platform_has_its_archive(system: str, machine: str, name: str) -> None:
    assert official.archive_name(system, machine) == f"elasticsearch-9.4.3-{name}.tar.gz"


@pytest.mark.parametrize(("system", "machine"), [("linux", "riscv64"), ("freebsd14", "amd64")])
def test_a_platform_without_an_archive_is_named(system: str, machine: str) -> None:
    with pytest.raises(NotAvailable, match=f"none is published for {system} on {machine}"):
        official.archive_name(system, machine)
