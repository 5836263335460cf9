"""Configuration, environment and command line of a server."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from jina_notebook.elastic.local.account import unprivileged
from jina_notebook.elastic.local.distribution import Distribution
from jina_notebook.elastic.local.folders import ServerFolders
from jina_notebook.elastic.local.launch import Plan, environment, launch, log_tail, prepare, require_free_port, settings
from jina_notebook.errors import LocalServerError, OptionError


@pytest.fixture
def plan(folder: Path, elasticsearch_home: Callable[..., Path]) -> Plan:
    home = elasticsearch_home(folder / "home", script='echo "$@"; env | sort')
    return Plan(
        name="a",
        folders=ServerFolders(folder / "servers" / "a"),
        distribution=Distribution(home, "9.4.3", None),
        account=unprivileged(),
        license="basic",
        heap=256,
        port=None,
    )


def test_it_listens_on_loopback_only_without_login_and_never_blocks_writes_on_a_full_disk(plan: Plan) -> None:
    chosen = settings(plan)
    assert chosen["network.host"] == "127.0.0.1"
    assert chosen["discovery.type"] == "single-node"
    assert chosen["xpack.security.enabled"] is False
    assert chosen["cluster.routing.allocation.disk.threshold_enabled"] is False
    assert chosen["xpack.license.self_generated.type"] == "basic"
    assert chosen["path.data"] == str(plan.folders.data)


@pytest.mark.parametrize(
    ("port", "last", "expected"), [(None, None, "9200-9299"), (None, 9205, "9205,9200-9299"), (9300, 9205, "9300")]
)
def test_the_port_is_the_one_asked_for_else_the_last_one_else_the_first_free(
    plan: Plan, port: int | None, last: int | None, expected: str
) -> None:
    assert settings(replace(plan, port=port, last_port=last))["http.port"] == expected


def test_the_database_download_is_switched_off_where_there_is_one_and_not_named_where_there_is_none(plan: Plan) -> None:
    # a setting of a module that is not there stops the start
    assert "ingest.geoip.downloader.enabled" not in settings(plan)
    (plan.distribution.home / "modules" / "ingest-geoip").mkdir(parents=True)
    assert settings(plan)["ingest.geoip.downloader.enabled"] is False


def test_the_configuration_is_the_servers_own_and_what_would_fill_the_disk_is_left_out(plan: Plan) -> None:
    prepare(plan)
    config = plan.folders.config
    assert 'node.name: "a"' in (config / "elasticsearch.yml").read_text().splitlines()
    assert (config / "jvm.options").read_text() == "-XX:+UseG1GC\n-Djava.io.tmpdir=${ES_TMPDIR}\n"
    if plan.account is not None:
        assert {path.stat().st_uid for path in (config, *config.iterdir())} == {plan.account.uid}


def test_a_distribution_that_keeps_its_options_elsewhere_gets_the_least_that_works(plan: Plan) -> None:
    (plan.distribution.home / "config" / "jvm.options").unlink()
    prepare(plan)
    assert "-Djava.io.tmpdir=${ES_TMPDIR}\n" in (plan.folders.config / "jvm.options").read_text()


def test_a_second_start_keeps_the_data_and_sets_the_earlier_log_aside(plan: Plan) -> None:
    prepare(plan)
    (plan.folders.data / "index").touch()
    plan.folders.log.write_text("earlier")
    prepare(plan)
    assert (plan.folders.data / "index").exists()
    assert log_tail(plan.folders) == ""
    assert (plan.folders.logs / "server-before.log").read_text() == "earlier"


def test_the_secrets_of_the_session_stay_out_of_the_servers_environment(plan: Plan) -> None:
    given = {"PATH": "/bin", "ELASTICSEARCH_API_KEY": "secret", "HF_TOKEN": "secret", "ES_JAVA_OPTS": "-Xmx9g"}
    kept = environment(plan, given)
    assert "secret" not in kept.values()
    assert kept["ES_JAVA_OPTS"].startswith("-Xms256m -Xmx256m")
    assert "ES_JAVA_HOME" not in kept


def test_further_java_options_come_after_those_of_the_heap(plan: Plan) -> None:
    kept = environment(replace(plan, java_options="-XX:TieredStopAtLevel=1"), {})
    assert kept["ES_JAVA_OPTS"].endswith("-XX:-AlwaysPreTouch -XX:TieredStopAtLevel=1")


def test_the_launcher_gets_its_folders_and_goes_to_the_background(plan: Plan) -> None:
    with launch(plan) as process:
        process.wait()
    told = plan.folders.console.read_text().splitlines()
    assert told[0] == f"-d -p {plan.folders.pid_file}"
    assert f"ES_PATH_CONF={plan.folders.config}" in told
    assert f"ES_TMPDIR={plan.folders.temporary}" in told


def test_a_program_that_cannot_be_run_is_named(plan: Plan) -> None:
    (plan.distribution.home / "bin" / "elasticsearch").chmod(0o644)
    with pytest.raises(LocalServerError, match="bin/elasticsearch cannot be run: Permission denied"):
        launch(plan)


def test_a_port_that_another_program_listens_on_is_refused() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        with pytest.raises(LocalServerError, match=f"Port {port} is taken by another program") as caught:
            require_free_port(port)
    assert "leave it out" in str(caught.value.hint)


@pytest.mark.parametrize("port", [0, 80, 65536, -1, "9200"])
def test_a_number_that_is_no_port_for_an_ordinary_user_is_refused_with_the_range(port: int) -> None:
    with pytest.raises(OptionError, match="from 1024 to 65535"):
        require_free_port(port)


def test_the_end_of_a_long_log_is_its_last_lines(plan: Plan) -> None:
    prepare(plan)
    plan.folders.console.write_text("from the launcher\n")
    plan.folders.log.write_text("".join(f"{'x' * 500} {n}\n" for n in range(1000)))
    assert [line.split()[-1] for line in log_tail(plan.folders, 3).splitlines()] == ["launcher", "997", "998", "999"]
