"""Device and dtype by name."""

from __future__ import annotations

import pytest

from jina_notebook.errors import OptionError
from jina_notebook.inference import placement
from jina_notebook.inference.placement import check_names, place


@pytest.mark.parametrize("device", ["gpu", "cuda:x", "cpu:1", "", "mps:0"])
def test_an_unknown_device_is_refused_with_the_allowed_names(device: str) -> None:
    with pytest.raises(OptionError, match="auto, cpu, cuda"):
        check_names(device, "auto")


def test_an_unknown_dtype_is_refused_with_a_near_name() -> None:
    with pytest.raises(OptionError, match="did you mean bfloat16"):
        place("cpu", "bfloat15")


def test_a_device_that_is_not_there_is_refused() -> None:
    with pytest.raises(OptionError, match="is not there"):
        place("cuda:99", "float32")


@pytest.mark.parametrize(("hardware", "dtype"), [(True, "bfloat16"), (False, "float32")])
def test_auto_takes_bfloat16_only_where_the_cpu_has_it(
    hardware: bool, dtype: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(placement, "cpu_has_bfloat16", lambda: hardware)
    chosen = place("cpu", "auto")
    assert chosen.dtype_name == dtype
    assert dtype in chosen.note
