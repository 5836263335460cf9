"""Linear layers: prepacked or plain, with and without an adapter."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from jina_notebook.inference import linear as module
from jina_notebook.inference.linear import Embedding, Linear, LowRank


def draw(*shape: int, seed: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


@pytest.fixture(params=[True, False], ids=["prepacked", "plain"])
def prepacking(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    monkeypatch.setattr(module, "_prepacking_pays", lambda *_: request.param)
    return bool(request.param)


@pytest.mark.parametrize("times", [False, True])
@pytest.mark.parametrize("activation", ["none", "gelu", "silu", "tanh"])
@pytest.mark.parametrize("adapter", [None, "task"])
def test_a_layer_is_its_formula(prepacking: bool, adapter: str | None, activation: str, times: bool) -> None:
    weight, bias, x = draw(320, 288, seed=1) / 17, draw(320, seed=2), draw(7, 288, seed=3)
    low = LowRank(draw(4, 288, seed=4) / 17, draw(320, 4, seed=5))
    layer = Linear(weight, bias, adapters={"task": low})
    merged = weight + low.up @ low.down if adapter else weight
    expected = {"none": lambda y: y, "gelu": F.gelu, "silu": F.silu, "tanh": torch.tanh}[activation](
        F.linear(x, merged, bias)
    )
    factor = draw(7, 320, seed=6) if times else None
    got = layer(x, adapter=adapter, activation=activation, times=factor)  # type: ignore[arg-type]
    expected = expected if factor is None else expected * factor
    torch.testing.assert_close(got, expected, rtol=1e-5, atol=2e-5)


def test_another_task_leaves_the_base_weight_as_it_was(prepacking: bool) -> None:
    weight, x = draw(320, 288, seed=1) / 17, draw(7, 288, seed=3)
    layer = Linear(weight, adapters={"task": LowRank(draw(4, 288, seed=4), draw(320, 4, seed=5))})
    before = layer(x)
    layer(x, adapter="task")
    assert torch.equal(layer(x), before)


def test_a_table_adds_its_adapter_by_row() -> None:
    table, low = draw(50, 16, seed=1), LowRank(draw(50, 4, seed=2), draw(4, 16, seed=3))
    ids = torch.tensor([3, 49, 3])
    merged = (table + low.down @ low.up)[ids]
    torch.testing.assert_close(Embedding(table, adapters={"task": low})(ids, adapter="task"), merged)


def test_the_probe_gives_a_verdict_for_a_cpu_and_refuses_half_precision() -> None:
    assert isinstance(module._prepacking_pays(torch.device("cpu"), torch.float32), bool)
    assert module._prepacking_pays(torch.device("cpu"), torch.float16) is False


@pytest.mark.parametrize("adapter", [None, "task"])
def test_a_row_has_the_same_bits_whatever_other_rows_there_are(prepacking: bool, adapter: str | None) -> None:
    weight, bias, x = draw(320, 288, seed=1) / 17, draw(320, seed=2), draw(600, 288, seed=3)
    low = LowRank(draw(4, 288, seed=4) / 17, draw(320, 4, seed=5))
    layer = Linear(weight, bias, adapters={"task": low})
    whole = layer(x, adapter=adapter)
    for count in (2, 3, 4, 5, 7, 8, 64, 599):
        assert torch.equal(layer(x[:count], adapter=adapter), whole[:count])
        assert torch.equal(layer(x[-count:], adapter=adapter), whole[-count:])


def test_what_another_process_chose_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_prepacking_pays", lambda *_: False)
    monkeypatch.setattr(module, "_PINNED", {})
    where = torch.device("cpu")
    module.pin_prepacking(where, torch.float32, True)
    assert module.prepacks(where, torch.float32)
    assert not module.prepacks(where, torch.bfloat16)
    assert Linear(draw(320, 288, seed=1))._packed
