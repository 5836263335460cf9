"""What is on record about a server, and whether a process is still the one on record."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from jina_notebook.elastic.local.account import Account
from jina_notebook.elastic.local.folders import ServerFolders
from jina_notebook.elastic.local.state import (
    Record,
    find_launcher,
    find_process,
    forget,
    read_record,
    write_record,
    written_url,
)


@pytest.fixture
def folders(tmp_path: Path) -> ServerFolders:
    folders = ServerFolders(tmp_path)
    for folder in (folders.logs, folders.temporary):
        folder.mkdir()
    return folders


@pytest.fixture
def process(folders: ServerFolders) -> Iterator[psutil.Process]:
    """One whose command line is that of this server."""
    code = "import time; print('up', flush=True); time.sleep(600)"
    command = [sys.executable, "-c", code, f"-Djava.io.tmpdir={folders.temporary}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as started:
        assert started.stdout is not None
        assert started.stdout.readline() == b"up\n"  # before that, the system may not show its command line yet
        yield psutil.Process(started.pid)
        started.kill()


def on_record(process: psutil.Process) -> Record:
    return Record(
        name="a",
        home="/h",
        heap="256m",
        launcher=process.pid,
        launcher_created=process.create_time(),
        pid=process.pid,
        created=process.create_time(),
    )


def test_a_record_comes_back_as_it_was_written(folders: ServerFolders, process: psutil.Process) -> None:
    record = on_record(process)
    write_record(folders, record)
    assert read_record(folders) == record
    forget(folders)
    assert read_record(folders) is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"name": "a"}', '{"unknown": 1}'])
def test_a_file_that_is_no_record_counts_as_none(folders: ServerFolders, text: str) -> None:
    folders.record.write_text(text)
    assert read_record(folders) is None


def test_a_living_process_is_found_and_a_dead_one_is_not(folders: ServerFolders, process: psutil.Process) -> None:
    record = on_record(process)
    assert find_process(folders, record, None) == process
    assert find_launcher(record) == process
    process.kill()
    process.wait()
    assert find_process(folders, record, None) is None
    assert find_launcher(record) is None


def test_a_process_that_was_given_the_same_id_later_is_another_one(
    folders: ServerFolders, process: psutil.Process
) -> None:
    record = replace(
        on_record(process), created=process.create_time() - 60, launcher_created=process.create_time() - 60
    )
    assert find_process(folders, record, None) is None
    assert find_launcher(record) is None


def test_a_process_without_this_servers_folder_on_its_command_line_is_another_one(folders: ServerFolders) -> None:
    assert find_process(folders, on_record(psutil.Process()), None) is None


def test_a_process_of_another_user_than_the_servers_is_another_one(
    folders: ServerFolders, process: psutil.Process
) -> None:
    mine = Account("me", os.getuid(), os.getgid())
    assert find_process(folders, on_record(process), mine) == process
    assert find_process(folders, on_record(process), replace(mine, uid=mine.uid + 1)) is None


def test_before_its_first_answer_the_id_comes_from_the_file_that_the_server_writes(
    folders: ServerFolders, process: psutil.Process
) -> None:
    record = replace(on_record(process), pid=0, created=0.0)
    assert find_process(folders, record, None) is None
    folders.pid_file.write_text("not yet")
    assert find_process(folders, record, None) is None
    folders.pid_file.write_text(f"{process.pid}\n")
    assert find_process(folders, record, None) == process


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("127.0.0.1:9203\n", "http://127.0.0.1:9203"),
        ("[::1]:9200\n127.0.0.1:9201\n", "http://127.0.0.1:9201"),
        ("", None),
    ],
)
def test_the_address_comes_from_the_file_that_the_server_writes(
    folders: ServerFolders, text: str, url: str | None
) -> None:
    assert written_url(folders) is None
    folders.ports_file.write_text(text)
    assert written_url(folders) == url
