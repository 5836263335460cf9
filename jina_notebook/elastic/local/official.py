"""The official archive for this platform: pinned version, checksum verified, an own JDK inside."""

from __future__ import annotations

import hashlib
import http.client
import os
import platform
import queue
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from pathlib import Path

from jina_notebook.elastic.local.archive import NotAvailable, unpack_tar
from jina_notebook.elastic.local.disk import MIB, disk_faults, require_space
from jina_notebook.elastic.local.folders import make_folder
from jina_notebook.elastic.local.narration import Say

__all__ = ["FOLDER", "VERSION", "fetch"]

VERSION = "9.4.3"
FOLDER = f"{VERSION}-official"
ADDRESS = "https://artifacts.elastic.co/downloads/elasticsearch"
ADDRESS_VARIABLE = "JINA_NOTEBOOK_ELASTICSEARCH_DOWNLOADS"  # a mirror of that folder
DOWNLOAD_MB, UNPACKED_MB = 750, 1500
FIRST_TIMEOUT_S, READ_TIMEOUT_S = 5.0, 30.0
TOLD_EVERY_S = 5.0
CHUNK = 1 << 20


def fetch(target: Path, *, say: Say, environ: Mapping[str, str] = os.environ) -> Path:
    """Fetches the archive, compares its SHA-512 with the published one, and unpacks it as `target`.

    Raises:
        NotAvailable: no archive for this platform, no network, or an archive that is not the published one.
        LocalServerError: the disk is full or cannot be written.
    """
    name = archive_name(sys.platform, platform.machine())
    address = f"{environ.get(ADDRESS_VARIABLE, ADDRESS).rstrip('/')}/{name}"
    published = _published_checksum(address)
    make_folder(target.parent)
    require_space(target.parent, DOWNLOAD_MB + UNPACKED_MB, "fetching the official Elasticsearch")
    say(f"Fetching {address}")
    archive = target.parent / f".{name}"
    try:
        with disk_faults(target.parent, "downloading into"):
            checksum = _download(address, archive, say)
        if checksum != published:
            raise NotAvailable(f"{name} came with another checksum than the published one")
        say(f"Unpacking Elasticsearch into {target}.")
        unpack_tar(archive, target)
    finally:
        archive.unlink(missing_ok=True)
    return target


def archive_name(system: str, machine: str) -> str:
    """`elasticsearch-9.4.3-linux-x86_64.tar.gz`.

    Raises:
        NotAvailable: none is published for this platform.
    """
    systems = {"linux": "linux", "darwin": "darwin"}
    machines = {"x86_64": "x86_64", "amd64": "x86_64", "arm64": "aarch64", "aarch64": "aarch64"}
    if system not in systems or machine.lower() not in machines:
        raise NotAvailable(f"none is published for {system} on {machine}")
    return f"elasticsearch-{VERSION}-{systems[system]}-{machines[machine.lower()]}.tar.gz"


def _published_checksum(address: str) -> str:
    words = _within(FIRST_TIMEOUT_S + 3.0, lambda: _first_bytes(f"{address}.sha512"), address).split()
    if not words or len(words[0]) != 128:
        raise NotAvailable(f"{address}.sha512 holds no checksum")
    return words[0].lower()


def _first_bytes(address: str) -> str:
    try:
        with urllib.request.urlopen(address, timeout=FIRST_TIMEOUT_S) as answer:  # noqa: S310  # https or a mirror given
            return str(answer.read(4096), "ascii", errors="replace")
    except (OSError, http.client.HTTPException) as error:
        raise NotAvailable(_reason(error, address)) from error


def _within(seconds: float, task: Callable[[], str], address: str) -> str:
    """The result of a request, or NotAvailable after so long: a socket time-out does not cover a silent name server."""
    results: queue.Queue[str | Exception] = queue.Queue(1)

    def work() -> None:
        try:
            results.put(task())
        except Exception as error:
            results.put(error)

    threading.Thread(target=work, daemon=True).start()
    try:
        result = results.get(timeout=seconds)
    except queue.Empty:
        raise NotAvailable(f"{address} did not answer in time") from None
    if isinstance(result, Exception):
        raise result
    return result


def _download(address: str, archive: Path, say: Say) -> str:
    digest = hashlib.sha512()
    started = told = time.monotonic()
    done = 0
    try:
        answer = urllib.request.urlopen(address, timeout=READ_TIMEOUT_S)  # noqa: S310  # https or a mirror given
    except (OSError, http.client.HTTPException) as error:
        raise NotAvailable(_reason(error, address)) from error
    with answer, archive.open("wb") as sink:
        total = int(answer.headers.get("Content-Length") or 0)
        while chunk := _read(answer, address):
            sink.write(chunk)
            digest.update(chunk)
            done += len(chunk)
            now = time.monotonic()
            if now - told >= TOLD_EVERY_S:
                told = now
                size = f" of {total // MIB:,}" if total else ""
                say(f"  {done // MIB:,}{size} MB after {now - started:.0f} s")
    return digest.hexdigest()


def _read(answer: http.client.HTTPResponse, address: str) -> bytes:
    try:
        return bytes(answer.read(CHUNK))
    except (OSError, http.client.HTTPException) as error:
        raise NotAvailable(_reason(error, address)) from error


def _reason(error: Exception, address: str) -> str:
    if isinstance(error, urllib.error.HTTPError):
        return f"{address} answered {error.code}"
    cause = getattr(error, "reason", None) or error
    if isinstance(cause, TimeoutError):
        return f"{address} did not answer in time"
    return f"{address} cannot be reached: {getattr(cause, 'strerror', None) or cause}"
