"""`jina-notebook doctor`."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from jina_notebook import doctor
from jina_notebook.results.listing import Listing
from tests.cli.conftest import Shell, documented, shape

Found = Callable[..., None]
NAMES = ("device", "disk", "Java", "Elasticsearch", "model hub", "offline stand-in")


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> Found:
    """Everything works but what is named."""

    def set_to(**states: str) -> None:
        given = {name.replace("_", " "): state for name, state in states.items()}
        rows = [(name, given.get(name, "works"), "something", "do something") for name in NAMES]
        listing = Listing(
            "doctor", "checks", doctor.COLUMNS, tuple(dict(zip(doctor.COLUMNS, row, strict=True)) for row in rows)
        )
        monkeypatch.setattr(doctor, "examine", lambda: listing)

    return set_to


def test_a_sound_machine_exits_with_0(shell: Shell, found: Found) -> None:
    found()
    ended = shell("doctor")
    assert (ended.status, ended.err) == (0, "")
    assert "do something" in ended.out


def test_json_has_every_documented_field(shell: Shell, found: Found) -> None:
    found(device="missing")
    ended = shell("doctor", "--json")
    (record,) = ended.records
    assert ended.status == 1
    assert shape(record) == shape(documented("doctor"))
    assert record["broken"] == ["device"]
    assert record["checks"][0] == {
        "check": "device",
        "state": "missing",
        "found": "something",
        "what_to_do": "do something",
    }


@pytest.mark.parametrize(
    ("states", "status"),
    [
        ({"Java": "missing"}, 0),
        ({"Java": "missing", "Elasticsearch": "limited"}, 1),
        ({"Elasticsearch": "missing"}, 1),
        ({"Elasticsearch": "limited"}, 0),
        ({"model_hub": "missing"}, 0),
        ({"offline stand-in": "missing", "model_hub": "limited"}, 0),
        ({"offline stand-in": "missing", "model_hub": "missing"}, 1),
        ({"disk": "missing"}, 1),
    ],
)
def test_only_what_is_needed_breaks(states: dict[str, str], status: int, shell: Shell, found: Found) -> None:
    found(**states)
    ended = shell("doctor")
    assert ended.status == status
    assert ("Broken: " in ended.err) == bool(status)
