"""`jn.load`: one model in memory for one name, place and precision."""

from __future__ import annotations

import gc
import math
import warnings
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest

import jina_notebook as jn
from jina_notebook import loading
from jina_notebook.errors import InputError, MemoryLimitError, ModelError, OptionError, UnknownModelError
from jina_notebook.testing import tiny_checkpoint

NAME = "jina-code-embeddings-0.5b"


@pytest.fixture(autouse=True)
def _nothing_in_memory() -> None:
    jn.unload()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tiny_checkpoint(NAME, tmp_path / "weights")


def test_the_same_model_is_the_one_already_in_memory(folder: Path) -> None:
    first = jn.load(NAME, path=folder, device="cpu", dtype="float32")
    assert jn.load(NAME, path=str(folder), device="cpu", dtype="float32") is first
    assert [key.name for key in jn.loaded()] == [NAME]


def test_models_are_told_apart_by_path_revision_and_dtype(folder: Path, tmp_path: Path) -> None:
    other = tiny_checkpoint(NAME, tmp_path / "other", seed=1)
    models = [
        jn.load(NAME, path=folder, device="cpu", dtype="float32"),
        jn.load(NAME, path=folder, device="cpu", dtype="bfloat16"),
        jn.load(NAME, path=folder, device="cpu", dtype="float32", revision="mine"),
        jn.load(NAME, path=other, device="cpu", dtype="float32"),
    ]
    assert len({id(model) for model in models}) == 4
    assert models[2].revision == "mine"
    assert models[1].dtype == "bfloat16"


def test_unloading_lets_the_memory_go(folder: Path) -> None:
    gone = weakref.ref(jn.load(NAME, path=folder, device="cpu", dtype="float32"))
    assert jn.unload(NAME) == [NAME]
    gc.collect()
    assert gone() is None
    assert jn.unload(NAME) == []


def test_two_threads_that_load_at_once_get_one_model(folder: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        models = list(pool.map(lambda _: jn.load(NAME, path=folder, device="cpu", dtype="float32"), range(8)))
    assert len({id(model) for model in models}) == 1


def test_the_licence_is_said_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "_NOTICED", set())
    with pytest.warns(loading.LicenceNotice, match="CC-BY-NC-4.0"):
        jn.load(NAME, path=folder, device="cpu", dtype="float32")
    jn.unload()
    with warnings.catch_warnings():
        warnings.simplefilter("error", loading.LicenceNotice)
        jn.load(NAME, path=folder, device="cpu", dtype="float32")


def test_a_misspelt_name_gets_the_near_one() -> None:
    with pytest.raises(UnknownModelError, match="did you mean jina-embeddings-v3"):
        jn.load("jina-embedings-v3")
    with pytest.raises(InputError, match="not a model's name"):
        jn.load(None)  # type: ignore[arg-type]


def test_device_and_dtype_are_checked_before_anything_is_read(tmp_path: Path) -> None:
    with pytest.raises(OptionError, match="dtype='float8'"):
        jn.load(NAME, path=tmp_path / "nowhere", dtype="float8")
    with pytest.raises(OptionError, match="device='tpu'"):
        jn.load(NAME, path=tmp_path / "nowhere", device="tpu")


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="nowhere"):
        jn.load(NAME, path=tmp_path / "nowhere", device="cpu")


def test_a_model_that_does_not_fit_is_refused_with_both_figures(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=1000))
    with pytest.raises(MemoryLimitError, match=r"needs .* GB, and 0\.0 GB are free"):
        jn.load(NAME, path=folder, device="cpu", dtype="float32")


def test_adapters_take_room_and_a_head_that_is_not_read_takes_none(tmp_path: Path) -> None:
    from safetensors import safe_open

    from jina_notebook.families.footprint import weight_bytes
    from jina_notebook.testing import tiny_checkpoint

    def numbers(folder: Path, *left_out: str) -> int:
        total = 0
        for file in folder.rglob("*.safetensors"):
            with safe_open(file, framework="np") as tensors:
                wanted = set(tensors.keys()) - set(left_out)
                total += sum(math.prod(tensors.get_slice(key).get_shape()) for key in wanted)
        return total

    v4 = tiny_checkpoint("jina-embeddings-v4", tmp_path / "v4")
    assert list(v4.glob("adapters/**/*.safetensors"))
    assert weight_bytes(jn.models()["jina-embeddings-v4"], v4, "bfloat16") == 2 * numbers(v4, "lm_head.weight")
    m0 = tiny_checkpoint("jina-reranker-m0", tmp_path / "m0")
    assert weight_bytes(jn.models()["jina-reranker-m0"], m0, "float32") == 4 * numbers(m0, "lm_head.weight")
    writer = tiny_checkpoint("ReaderLM-v2", tmp_path / "reader")
    assert weight_bytes(jn.models()["ReaderLM-v2"], writer, "float32") == 4 * numbers(writer)


def test_the_model_that_is_advised_instead_fits(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from jina_notebook.loading import _largest_that_fits

    card = jn.models()["jina-embeddings-v4"]
    names = {free: _largest_that_fits(card, int(free * 1e9), 2) for free in (0.1, 2.5, 100.0)}
    assert names[0.1] is None
    assert jn.models()[names[2.5] or ""].memory_gb <= 2.5
    assert names[100.0] != card.name


def test_a_model_says_what_it_is_and_where(folder: Path) -> None:
    shown = repr(jn.load(NAME, path=folder, device="cpu", dtype="float32"))
    assert NAME in shown
    assert "cpu in float32" in shown
    assert "CC-BY-NC-4.0" in shown


def test_the_setting_for_the_dtype_counts_where_no_argument_is_given(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JINA_NOTEBOOK_DTYPE", "float32")
    monkeypatch.setenv("JINA_NOTEBOOK_DEVICE", "cpu")
    assert jn.load(NAME, path=folder).dtype == "float32"
    assert jn.load(NAME, path=folder, dtype="bfloat16").dtype == "bfloat16"
