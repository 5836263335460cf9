"""Weights are never held twice while a model loads."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from jina_notebook.families import allocation, qwen, xlm_roberta
from jina_notebook.testing import tiny_checkpoint

MEASURE = """
import sys, warnings
from pathlib import Path
import jina_notebook as jn
from jina_notebook.inference import linear
linear._prepacking_pays = lambda *_: True  # the way that needs a second copy of each tensor for a moment
warnings.simplefilter("ignore")
name, warm, folder, dtype = sys.argv[1:]

def status(field):
    line = next(l for l in Path("/proc/self/status").read_text().splitlines() if l.startswith(field))
    return int(line.split()[1]) * 1024

jn.load(name, path=warm, device="cpu", dtype=dtype)
Path("/proc/self/clear_refs").write_text("5")
before = status("VmRSS")
model = jn.load(name, path=folder, device="cpu", dtype=dtype)
print(status("VmHWM") - before)
"""


def enlarge(folder: Path, name: str) -> int:
    """Gives a miniature larger tensors, about 150 million numbers; says how many."""
    file = folder / "config.json"
    if name == "jina-embeddings-v3":
        sizes = {"hidden_size": 768, "intermediate_size": 3072, "num_hidden_layers": 14, "vocab_size": 60_000}
        heads = {"num_attention_heads": 12, "num_key_value_heads": 12}
    else:
        sizes = {"hidden_size": 896, "intermediate_size": 4864, "num_hidden_layers": 8, "vocab_size": 40_000}
        heads = {"num_attention_heads": 14, "num_key_value_heads": 2}
    config = json.loads(file.read_text()) | sizes | heads
    file.write_text(json.dumps(config))
    if name == "jina-embeddings-v3":
        names = tuple(config["lora_adaptations"])
        adapters = xlm_roberta.Adapters(names, config["lora_rank"], config["lora_alpha"] / config["lora_rank"])
        shapes = xlm_roberta.expected(xlm_roberta.Layout.read(config, adapters=adapters), "roberta.")
    else:
        body = qwen.Body.read(config, qkv_bias=True, head_norms=False)
        shapes = qwen.expected(body, "model.")
    tensors = {key: torch.full(shape, 0.01, dtype=torch.bfloat16) for key, shape in shapes.items()}
    save_file(tensors, folder / "model.safetensors")
    return sum(t.numel() for t in tensors.values())


@pytest.mark.parametrize("name", ["jina-embeddings-v3", "jina-code-embeddings-0.5b"])
@pytest.mark.parametrize("dtype", ["float32", "bfloat16"])
def test_peak_memory_while_loading_is_at_most_the_weights_and_fifteen_percent(
    name: str, dtype: str, tmp_path: Path
) -> None:
    warm = tiny_checkpoint(name, tmp_path / "warm")
    folder = tiny_checkpoint(name, tmp_path / "large")
    weights = enlarge(folder, name) * (4 if dtype == "float32" else 2)
    call = [sys.executable, "-c", MEASURE, name, str(warm), str(folder), dtype]
    peak = int(subprocess.run(call, capture_output=True, text=True, check=True).stdout)

    assert 0 < peak <= 1.15 * weights


def test_the_allocator_is_as_before_after_loading_and_left_alone_where_it_was_set(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[tuple[int, int]] = []
    monkeypatch.setattr(allocation, "_mallopt", lambda: lambda option, value: asked.append((option, value)) or 1)

    def stopped() -> None:
        with allocation.blocks_apart():
            assert asked == [(allocation.MMAP_THRESHOLD, 2**20)]
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        stopped()
    assert asked[1:] == [(allocation.MMAP_THRESHOLD, 2**25), (allocation.TRIM_THRESHOLD, 2**26)]

    monkeypatch.undo()
    monkeypatch.setenv("MALLOC_MMAP_THRESHOLD_", "65536")
    allocation._mallopt.cache_clear()
    try:
        assert allocation._mallopt() is None
        with allocation.blocks_apart():
            pass
    finally:
        allocation._mallopt.cache_clear()
