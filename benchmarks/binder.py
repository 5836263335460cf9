"""`make bench-binder`: what a Binder session takes of its 2 GB while it runs the quickstart, process by process.

    python -m benchmarks.binder [stand-in nano reranker both] [--folder F]

`binder/start` starts JupyterLab as Binder does; a kernel of it runs the quickstart's own cells, from the models to the
reranked hits. Counted are JupyterLab, the kernel and Elasticsearch, five times a second: the sum of RSS (pages that two
of them share count twice, and pages of files count that the system could drop, so the container's own count is below
it) and the sum of USS (psutil's, the pages of that process alone). PSS would not do: it shares out libraries among
everybody who has them open on this machine. Random weights stand for the real ones, with a tokenizer of the real size.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import nbformat
import psutil

ROOT = Path(__file__).parent.parent
NOTEBOOK = ROOT / "notebooks" / "00-start" / "quickstart.ipynb"
BUDGET = 2_000_000_000  # bytes
EVERY_S = 0.2
START_TIMEOUT_S = 180.0
CELL_TIMEOUT_S = 1500
ROLES = ("JupyterLab", "kernel", "Elasticsearch")


class Case(NamedTuple):
    """What is loaded: catalogue names, "" for the stand-in; `until` is the last cell that runs.

    `size` is the quickstart's own: how much is indexed. Memory goes by the batch, not by the number of documents.
    """

    title: str
    embedder: str = ""
    reranker: str = ""
    until: str = "rerank"
    size: str = "tiny"


CASES = {
    "stand-in": Case("the stand-in, for both models", size="full"),
    "nano": Case("v5-text-nano's size (239M), and the stand-in that reranks", "jina-embeddings-v5-text-nano"),
    "reranker": Case(
        "reranker-v2's size (278M), and the stand-in that embeds", reranker="jina-reranker-v2-base-multilingual"
    ),
    "both": Case(
        "v5-text-nano's and reranker-v2's size (517M)",
        "jina-embeddings-v5-text-nano",
        "jina-reranker-v2-base-multilingual",
    ),
}


@dataclass
class Peak:
    """The moment of the largest sum of RSS: bytes by role, the cell that ran, and the largest sum of USS of any."""

    rss: dict[str, int] = field(default_factory=dict)
    cell: str = "start"
    uss: int = 0

    @property
    def total(self) -> int:
        return sum(self.rss.values())


class Watch:
    """Measures in a thread of its own until it is stopped; `cell` is what runs."""

    def __init__(self, lab: int, folder: Path) -> None:
        self.peak = Peak()
        self.cell = "start"
        self._lab, self._folder = lab, str(folder)
        self._server: psutil.Process | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def stop(self) -> Peak:
        self._ended.set()
        self._thread.join()
        return self.peak

    def _work(self) -> None:
        while not self._ended.wait(EVERY_S):
            cell = self.cell
            rss, uss = dict.fromkeys(ROLES, 0), 0
            for process in self._processes():
                try:
                    memory = process.memory_full_info()
                    rss[self._role(process)] += memory.rss
                except (psutil.NoSuchProcess, psutil.AccessDenied):  # it has just ended
                    continue
                uss += memory.uss
            self.peak.uss = max(self.peak.uss, uss)
            if sum(rss.values()) > self.peak.total:
                self.peak.rss, self.peak.cell = rss, cell

    def _processes(self) -> list[psutil.Process]:
        """JupyterLab with its children, and the server, which has left them."""
        try:
            lab = psutil.Process(self._lab)
            found = [lab, *lab.children(recursive=True)]
        except psutil.NoSuchProcess:
            return []
        if self._server is None or not self._server.is_running():
            self._server = next((one for one in psutil.process_iter() if self._is_server(one)), None)
        known = {one.pid for one in found}
        return [*found, *([self._server] if self._server and self._server.pid not in known else [])]

    def _is_server(self, process: psutil.Process) -> bool:
        try:
            command = process.cmdline()
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            return False
        return bool(command) and command[0].endswith("java") and any(self._folder in word for word in command)

    def _role(self, process: psutil.Process) -> str:
        command = process.cmdline()
        if command and command[0].endswith("java"):
            return "Elasticsearch"
        return "kernel" if any("ipykernel" in word for word in command) else "JupyterLab"


def environment(folder: Path) -> dict[str, str]:
    """A visitor's: folders of its own, no model in the cache, the Elasticsearch that is installed here."""
    from jina_notebook.elastic.local import server

    dropped = ("ELASTICSEARCH_", "JINA_NOTEBOOK_", "JUPYTER", "HF_", "OMP_", "MEM_LIMIT", "MALLOC_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(dropped)}
    return kept | {
        "ES_HOME": str(server.install()),
        "JINA_NOTEBOOK_CACHE": str(folder / "cache"),
        "HF_HUB_CACHE": str(folder / "hub"),
        "JUPYTER_RUNTIME_DIR": str(folder / "runtime"),
        "JUPYTER_CONFIG_DIR": str(folder / "config"),
        "JUPYTER_DATA_DIR": str(folder / "data"),
        "IPYTHONDIR": str(folder / "ipython"),
        "JINA_NOTEBOOK_DTYPE": "bfloat16",
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    }


@contextmanager
def session(folder: Path) -> Iterator[tuple[subprocess.Popen[bytes], Mapping[str, str]]]:
    """JupyterLab as `binder/start` starts it, and its Elasticsearch; both are stopped at the end."""
    environ = environment(folder)
    command = ["bash", str(ROOT / "binder" / "start"), "jupyter", "lab", "--no-browser", "--ip=127.0.0.1", "--port=0"]
    with (folder / "log").open("wb") as log:
        lab = subprocess.Popen(
            [*command, "--allow-root", f"--ServerApp.root_dir={ROOT}"],
            stdout=log, stderr=subprocess.STDOUT, env=environ, cwd=ROOT,
        )  # fmt: skip
        try:
            yield lab, environ
        finally:
            lab.send_signal(signal.SIGTERM)
            lab.wait(60)
            stop = [str(Path(sys.executable).with_name("jina-notebook")), "elasticsearch", "stop", "--delete-data"]
            subprocess.run(stop, env=environ, stdout=log, stderr=log, check=True)


def kernel_file(lab: subprocess.Popen[bytes], folder: Path) -> Path:
    """Has that JupyterLab start a kernel; gives the file that says how to reach it."""
    until = time.monotonic() + START_TIMEOUT_S
    while (made := _kernel(folder / "runtime")) is None:
        if lab.poll() is not None or time.monotonic() > until:
            raise RuntimeError(f"JupyterLab did not start:\n{(folder / 'log').read_text()}")
        time.sleep(0.1)
    return folder / "runtime" / f"kernel-{made}.json"


def _kernel(runtime: Path) -> str | None:
    """The id of a new kernel; None while JupyterLab does not answer yet: it says where before it listens."""
    try:
        address = json.loads(next(runtime.glob("jpserver-*.json")).read_text())
        request = urllib.request.Request(  # noqa: S310 - the address of the JupyterLab started here
            f"{address['url']}api/kernels?token={address['token']}", b'{"name": "python3"}', method="POST"
        )
        with urllib.request.urlopen(request, timeout=START_TIMEOUT_S) as answer:  # noqa: S310
            return str(json.load(answer)["id"])
    except (StopIteration, json.JSONDecodeError, urllib.error.URLError):
        return None


def cells(case: Case, parameters: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The quickstart's code, with these parameters after its own."""
    for cell in nbformat.read(NOTEBOOK, as_version=4).cells:  # type: ignore[no-untyped-call]
        if cell.cell_type == "code":
            yield cell.id, cell.source
        if cell.id == "parameters":
            yield "given", "\n".join(f"{name} = {value!r}" for name, value in parameters.items())
        if cell.id == case.until:
            return


def run_cells(client: Any, given: Iterator[tuple[str, str]], watch: Watch) -> None:
    """Runs them in that kernel; raises `RuntimeError` with the cell and what it said."""
    client.wait_for_ready(timeout=START_TIMEOUT_S)
    for name, source in given:
        watch.cell = name
        print(f"  {name}", file=sys.stderr, flush=True)
        reply = client.execute_interactive(source, timeout=CELL_TIMEOUT_S, output_hook=lambda _: None)["content"]
        if reply["status"] != "ok":
            raise RuntimeError(f"The cell {name!r} failed: {reply.get('ename')}: {reply.get('evalue')}")


def measure(case: Case, folder: Path, weights: Path) -> Peak:
    """One session from start to end. `weights` holds checkpoints, and gets those that it lacks."""
    from jupyter_client.blocking.client import BlockingKernelClient

    folder.chmod(0o755)  # as root the server runs as another user
    parameters: dict[str, Any] = {"size": case.size}
    for model, (name, place) in zip((case.embedder, case.reranker), PARAMETERS, strict=True):
        if model:
            parameters |= {name: model, place: str(checkpoint(model, weights))}
    with session(folder) as (lab, _):
        watch = Watch(lab.pid, folder)
        client = BlockingKernelClient(connection_file=str(kernel_file(lab, folder)))
        client.load_connection_file()
        client.start_channels(hb=False)  # a kernel that is slow to start on a busy machine is not a dead one
        try:
            run_cells(client, cells(case, parameters), watch)
        finally:
            client.stop_channels()
            peak = watch.stop()
    return peak


PARAMETERS = (("model", "weights"), ("reranker", "reranker_weights"))


def checkpoint(model: str, weights: Path) -> Path:
    """Written by a process of its own, once."""
    path = weights / model
    if not (path / "wide").exists():
        code = (
            "import sys; from pathlib import Path; from benchmarks.checkpoints import real_size, widen_tokenizer;"
            "path = real_size(sys.argv[1], Path(sys.argv[2])); widen_tokenizer(path); (path / 'wide').touch()"
        )
        subprocess.run([sys.executable, "-c", code, model, str(weights)], cwd=ROOT, check=True)
    return path


def row(title: str, peak: Peak) -> str:
    """A row of the README's table, in MB."""
    by_role = " | ".join(f"{peak.rss[role] / 1e6:,.0f}" for role in ROLES)
    fits = "yes" if peak.total < BUDGET else "no"
    return f"| {title} | {by_role} | **{peak.total / 1e6:,.0f}** | {peak.uss / 1e6:,.0f} | {peak.cell} | {fits} |"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"of {', '.join(CASES)}; all of them without one")
    parser.add_argument("--folder", type=Path, help="where checkpoints of the real sizes are kept")
    asked = parser.parse_args(arguments)
    unknown = [name for name in asked.cases if name not in CASES]
    if unknown:
        parser.error(f"there is no case {unknown[0]!r}; there are {', '.join(CASES)}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that what was started is stopped
    print(f"| loaded | {' | '.join(ROLES)} | RSS, sum | USS, sum | at the cell | under 2 GB |")
    print(f"| --- | {'---: | ' * len(ROLES)}---: | ---: | --- | --- |")
    with tempfile.TemporaryDirectory(prefix="jina-binder-") as scratch:
        weights = asked.folder or Path(scratch) / "weights"
        for name in asked.cases or CASES:
            folder = Path(scratch) / name
            folder.mkdir()
            Path(scratch).chmod(0o755)
            print(row(CASES[name].title, measure(CASES[name], folder, weights)), flush=True)


if __name__ == "__main__":
    main()
