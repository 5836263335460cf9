"""The decoder gives the same states in one go, after a kept prompt, and in slices."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from jina_notebook.families.checkpoint import Checkpoint, read_json
from jina_notebook.families.qwen import Body, build, expected
from jina_notebook.inference.decoder import Decoder
from jina_notebook.inference.packing import pack
from jina_notebook.inference.placement import place
from jina_notebook.testing import tiny_checkpoint

CPU = torch.device("cpu")


@pytest.fixture(params=["jina-reranker-v3", "jina-reranker-v3.5"])
def decoder(request: pytest.FixtureRequest, tmp_path: Path) -> Decoder:
    """Full attention, and layers with a window of 32 tokens."""
    folder = tiny_checkpoint(request.param, tmp_path / request.param)
    body = Body.read(read_json(folder / "config.json"), qkv_bias=False, head_norms=True)
    weights = Checkpoint(folder)
    assert set(expected(body, "model.")) <= set(weights.shapes)
    return build(weights, body, place("cpu", "float32"), "model.")


def ids(count: int, seed: int = 0) -> np.ndarray[tuple[int], np.dtype[np.int32]]:
    return np.random.default_rng(seed).integers(0, 300, count).astype(np.int32)


def test_slices_give_the_states_of_one_go(decoder: Decoder) -> None:
    packed = pack([ids(150)], CPU)
    whole = decoder(packed)
    for step in (16, 50, 149, 1000):
        torch.testing.assert_close(decoder.long(packed, step=step), whole, rtol=0, atol=2e-5)


def test_wanted_rows_alone_have_the_states_of_all(decoder: Decoder) -> None:
    packed = pack([ids(50), ids(3, 1), ids(70, 2)], CPU)
    assert packed.firsts.tolist() == [0, 50, 53]
    assert packed.lasts.tolist() == [49, 52, 122]
    torch.testing.assert_close(decoder(packed, rows=packed.lasts), decoder(packed)[packed.lasts], rtol=0, atol=1e-5)

    alone, rows = pack([ids(150)], CPU), torch.tensor([0, 15, 16, 149])
    for step in (16, 40, 1000):
        torch.testing.assert_close(decoder.long(alone, rows=rows, step=step), decoder(alone)[rows], rtol=0, atol=2e-5)


def test_a_kept_prompt_gives_the_states_of_the_whole_text(decoder: Decoder) -> None:
    prompt, texts = ids(40), [ids(12, 1), ids(12, 2), ids(5, 3)]
    kept = decoder.keep(pack([prompt], CPU))
    after = decoder(pack(texts, CPU, start=40), before=kept)
    whole = decoder(pack([np.concatenate((prompt, text)) for text in texts], CPU))
    own = torch.cat([whole[40:52], whole[92:104], whole[144:149]])
    torch.testing.assert_close(after, own, rtol=0, atol=2e-5)
