"""Which cluster, how many workers, and what each of them gets; decided before anything runs."""

from __future__ import annotations

import builtins
from typing import Any

import pytest

import jina_notebook as jn
from jina_notebook.errors import ClusterError, MissingExtraError, OptionError
from jina_notebook.scale.cluster import Cluster, Share, connected, share_of


def of(cpus: float, gpus: float = 0, **asked: Any) -> Share:
    options = {"workers": None, "num_cpus": None, "num_gpus": None, **asked}
    return share_of(Cluster(None, cpus, gpus, "here"), **options)


@pytest.mark.parametrize(
    ("cpus", "gpus", "asked", "share"),
    [
        (2, 0, {}, Share(1, 1, 0)),
        (8, 0, {}, Share(1, 4, 0)),
        (64, 0, {}, Share(15, 4, 0)),
        (64, 8, {}, Share(8, 1, 1)),
        (64, 8, {"num_gpus": 0.5}, Share(16, 1, 0.5)),
        (64, 8, {"num_gpus": 0}, Share(15, 4, 0)),
        (4, 8, {}, Share(3, 1, 1)),
        (64, 8, {"workers": 2}, Share(2, 1, 1)),
        (4, 0, {"num_cpus": 1}, Share(3, 1, 0)),
        (1, 0, {}, Share(1, 1, 0)),
    ],
)
def test_one_worker_a_gpu_else_one_for_four_cores_and_a_core_stays_free(
    cpus: float, gpus: float, asked: dict[str, Any], share: Share
) -> None:
    assert of(cpus, gpus, **asked) == share


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"workers": 0}, "workers=0 is not a whole number from 1 on."),
        ({"workers": 1.5}, "workers=1.5 is not a whole number from 1 on."),
        ({"num_cpus": -1}, "num_cpus=-1 is not a number from 0 on."),
        ({"num_gpus": "1"}, "num_gpus='1' is not a number from 0 on."),
        ({"num_gpus": True}, "num_gpus=True is not a number from 0 on."),
    ],
)
def test_values_that_are_no_share_are_refused(asked: dict[str, Any], sentence: str) -> None:
    with pytest.raises(OptionError) as refused:
        of(4, **asked)
    assert refused.value.message == sentence


def test_more_than_the_cluster_has_is_refused() -> None:
    with pytest.raises(
        ClusterError, match="A worker of 1 CPUs and 1 GPUs does not fit: the cluster has 4 CPUs and 0 GPUs"
    ):
        of(4, num_gpus=1)


def test_without_a_cluster_the_sentence_says_how_to_name_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    with pytest.raises(ClusterError, match="connected to no Ray cluster") as refused, connected(None):
        pass
    assert 'address="local"' in str(refused.value.hint)


def test_a_ray_client_address_is_refused() -> None:
    with pytest.raises(ClusterError, match=r"address='ray://head:10001' cannot be used"), connected("ray://head:10001"):
        pass


def test_without_ray_the_sentence_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def without_ray(name: str, *arguments: Any, **options: Any) -> Any:
        if name.split(".")[0] == "ray":
            raise ModuleNotFoundError("No module named 'ray'", name="ray")
        return real(name, *arguments, **options)

    monkeypatch.setattr(builtins, "__import__", without_ray)
    with pytest.raises(MissingExtraError) as refused:
        jn.scale.embed("corpus.jsonl", model="jina-embeddings-v3", output="vectors")
    assert refused.value.message == "Working on many machines needs ray, which is not installed."
    assert 'pip install "jina-notebook[scale]"' in str(refused.value.hint)


def test_importing_the_room_imports_neither_ray_nor_torch() -> None:
    import subprocess
    import sys

    code = "import sys, jina_notebook as jn; jn.scale.plan; print([m for m in ('ray', 'torch') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
