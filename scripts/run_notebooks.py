"""Every notebook, unattended, with miniature weights and little data; goes on after a failure, and fails at the end.

    python scripts/run_notebooks.py                          all of them, two at a time, into output/
    python scripts/run_notebooks.py quickstart index-health  these
    python scripts/run_notebooks.py --weights auto --size full --jobs 1

Each goes through `jina-notebook report run` against the Elasticsearch that ELASTICSEARCH_URL names, else the one of
this machine, which is started. Of `weights`, `reranker_weights`, `size` and `history` a notebook gets those that it
declares; `history` is blank, so that what an earlier call left in output/ decides nothing.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import NamedTuple

import papermill

ROOT = Path(__file__).parent.parent
COMMAND = str(Path(sys.executable).with_name("jina-notebook"))
TOLD = 12  # lines of a failed run's standard error that are shown


class Ended(NamedTuple):
    """How the run of one notebook ended; `outcome` is ok, crossed, failed or timed out."""

    name: str
    outcome: str
    seconds: float
    said: str


STATUS = {0: "ok", 4: "crossed"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs what was asked for; 1 where something failed."""
    given = _parser().parse_args(arguments)
    notebooks = _chosen(given.notebooks, given.names)
    if not notebooks:
        print(f"There is no notebook {' or '.join(given.names) or ''} under {given.notebooks}.", file=sys.stderr)
        return 2
    environment = dict(os.environ)
    if given.jobs > 1:
        environment.setdefault("OMP_NUM_THREADS", "1")
    if not environment.get("ELASTICSEARCH_URL") and not given.no_elasticsearch:
        subprocess.run([COMMAND, "elasticsearch", "start"], check=True, stdout=sys.stderr)
    began = time.monotonic()
    ended: list[Ended] = []
    with ThreadPoolExecutor(given.jobs) as workers:
        runs = [workers.submit(_run, path, given, environment) for path in notebooks]
        for run in as_completed(runs):
            ended.append(run.result())
            _tell(ended[-1])
    failed = sorted(end.name for end in ended if end.outcome != "ok")
    total = time.monotonic() - began
    spent = sum(os.times()[2:4])  # of the kernels too, which their parents have waited for
    well = f"{len(ended) - len(failed)} of {len(ended)} notebooks ran well"
    print(f"{well}, in {total:.0f} s, {given.jobs} at a time; {spent:.0f} s of CPU.")
    if failed:
        print(f"Failed: {', '.join(failed)}")
    return 1 if failed else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description="Runs notebooks unattended.")
    parser.add_argument("names", nargs="*", help="names without .ipynb; all of them without one")
    parser.add_argument("--weights", default="tiny", help="tiny, auto, hub or a folder (default: tiny)")
    parser.add_argument("--size", default="tiny", help="tiny or full (default: tiny)")
    parser.add_argument("--jobs", type=int, default=2, help="how many at a time (default: 2)")
    parser.add_argument("--timeout", type=float, default=600, help="seconds that one may take (default: 600)")
    parser.add_argument("--output", type=Path, default=ROOT / "output", help="where to write (default: output)")
    parser.add_argument(
        "--notebooks", type=Path, default=ROOT / "notebooks", help="where they are (default: notebooks)"
    )
    parser.add_argument("--no-elasticsearch", action="store_true", help="start no server")
    return parser


def _chosen(folder: Path, names: Sequence[str]) -> list[Path]:
    found = [path for path in sorted(folder.rglob("*.ipynb")) if ".ipynb_checkpoints" not in path.parts]
    return [path for path in found if not names or path.stem in names]


def _run(path: Path, given: argparse.Namespace, environment: Mapping[str, str]) -> Ended:
    declared = papermill.inspect_notebook(str(path))
    values = {"weights": given.weights, "reranker_weights": given.weights, "size": given.size, "history": ""}
    parameters = [word for name, value in values.items() if name in declared for word in ("-p", f"{name}={value}")]
    command = [COMMAND, "report", "run", str(path), "--output", str(given.output), "--keep", "1", *parameters]
    began = time.monotonic()
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=dict(environment)
    ) as process:
        try:
            said, _ = process.communicate(timeout=given.timeout)
            outcome = STATUS.get(process.returncode, "failed")
        except subprocess.TimeoutExpired:
            process.terminate()  # report run then stops its kernel and writes what there is
            said, _ = process.communicate()
            outcome = "timed out"
    return Ended(f"{path.parent.name}/{path.stem}", outcome, time.monotonic() - began, said)


def _tell(end: Ended) -> None:
    print(f"{end.outcome:<9} {end.seconds:6.1f} s  {end.name}", flush=True)
    if end.outcome != "ok":
        for line in end.said.strip().splitlines()[-TOLD:]:
            print(f"    {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
