"""Reports every night on Apache Airflow 3: one task per report, each exit status with what Airflow has for it.

Goes into the folder of DAGs. `JINA_NOTEBOOK` (the command, of an environment of its own, so that Airflow and torch need
not agree on anything) and `REPORTS` (a folder that stays) are environment variables of the workers, with
`ELASTICSEARCH_URL` and `ELASTICSEARCH_API_KEY`.
"""

from __future__ import annotations

import os
import subprocess

import pendulum
from airflow.sdk import dag, task
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

CROSSED, BUSY = 4, 75

REPORTS = {
    "retrieval-quality": ["-p", "corpus", "/srv/judgments", "-p", "index", "articles", "-p", "fill", "False"],
    "index-health": ["-p", "index", "articles"],
}


@task(retries=2, retry_delay=pendulum.duration(minutes=10), execution_timeout=pendulum.duration(hours=2))
def run_report(name: str, parameters: list[str]) -> str:
    """The summary line; a server that is away is tried again, a threshold that was crossed is not."""
    command = [os.environ.get("JINA_NOTEBOOK", "jina-notebook"), "report", "run", name, *parameters]
    folder = os.environ.get("REPORTS", "reports")
    done = subprocess.run([*command, "--output", folder], stdout=subprocess.PIPE, text=True, check=False)
    print(done.stdout)  # noqa: T201 - into the log of the task
    summary = (done.stdout.strip().splitlines() or [f"{name} was not run"])[-1]
    if done.returncode == BUSY:
        raise AirflowSkipException(f"{name} is running already")
    if done.returncode == CROSSED:
        raise AirflowFailException(summary)
    if done.returncode:
        raise RuntimeError(f"{summary} (exit status {done.returncode})")
    return summary


@dag(
    schedule="15 2 * * *",
    start_date=pendulum.datetime(2026, 1, 1, tz="UTC"),
    catchup=False,
    max_active_runs=1,
    tags=["search"],
)
def search_reports() -> None:
    """Whether search is still as good, and its index as sound, as the night before."""
    for name, parameters in REPORTS.items():
        run_report.override(task_id=name)(name, parameters)


search_reports()
