from __future__ import annotations

import platform
from types import SimpleNamespace

import jina_notebook as jn
from jina_notebook import report


def test_secrets_are_not_recorded() -> None:
    shown = report.provenance(
        parameters={
            "api_key": "s3cret",
            "password": "s3cret",
            "url": "https://elastic:s3cret@search.example:9200",
            "k": 3,
        }
    )

    assert "s3cret" not in str(shown._repr_mimebundle_())
    assert shown.values["parameters"]["url"] == "https://search.example:9200"
    assert shown.values["parameters"]["k"] == 3


def test_versions_and_the_machine_are_recorded() -> None:
    values = report.provenance().values

    assert values["versions"]["python"] == platform.python_version()
    assert values["versions"]["jina-notebook"] == jn.__version__
    assert values["versions"]["torch"][0].isdigit()
    assert values["machine"]["cores"] >= 1


def test_a_model_is_recorded_with_revision_licence_device_and_whether_it_is_a_stand_in() -> None:
    card = jn.models()["offline-minilm"]
    model = SimpleNamespace(card=card, name=card.name, revision="abc", device="cpu", dtype="float32")

    (recorded,) = report.provenance(models=[model]).values["models"]

    assert recorded == {
        "name": "offline-minilm",
        "source": card.hub_id,
        "revision": "abc",
        "licence": "Apache-2.0",
        "stand-in": True,
        "device": "cpu",
        "dtype": "float32",
    }
