from __future__ import annotations

import pytest

import jina_notebook as jn
from jina_notebook.errors import InputError
from jina_notebook.planning import SAMPLE, plan
from tests.magics.conftest import RecordingModel


def estimates(model: RecordingModel, count: int, **options: object) -> dict[str, object]:
    rows = plan(model, [f"text {i}" for i in range(count)], options)  # type: ignore[arg-type]
    return {str(row["what"]): row["estimate"] for row in rows}


@pytest.fixture
def model() -> RecordingModel:
    return RecordingModel(jn.models()["jina-embeddings-v3"])


def test_a_few_inputs_stand_for_all(model: RecordingModel) -> None:
    told = estimates(model, 1600, task="separation")
    assert told["inputs"] == "1,600"
    assert told["tokens"] == "about 4,800"  # the model counts three tokens per text
    assert told["vectors"] == "51.2 kB as float32, 8 dimensions"
    sample = model.calls[-1][1]
    assert len(sample) == SAMPLE
    assert (sample[0], sample[-1]) == ("text 0", "text 1500")
    assert model.calls[-1][2] == {"task": "separation", "progress": False}


def test_fewer_inputs_than_a_sample_are_all_used(model: RecordingModel) -> None:
    assert estimates(model, 3)["tokens"] == "about 9"
    assert len(model.calls[-1][1]) == 3


def test_no_inputs_are_refused(model: RecordingModel) -> None:
    with pytest.raises(InputError):
        plan(model, [])  # type: ignore[arg-type]
    assert model.calls == []


def test_a_real_model_says_time_and_rate() -> None:
    listing = plan(jn.load("offline-minilm"), ["green tea"] * 50)
    told = {row["what"]: str(row["estimate"]) for row in listing}
    assert told["tokens"] == "about 200"
    assert "tokens/s" in told["time"]
    assert told["vectors"] == "76.8 kB as float32, 384 dimensions"
    assert "offline-minilm" in listing.title


def test_inputs_beyond_the_limit_are_counted() -> None:
    listing = plan(jn.load("offline-minilm"), ["word " * 1000, "short"])
    assert "about 1" in {row["what"]: str(row["estimate"]) for row in listing}["truncated"]
