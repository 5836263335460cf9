"""Weights are never held twice while a model loads."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from jina_notebook.families import qwen, xlm_roberta
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
    peak = sys.maxsize
    for _ in range(3):  # the allocator's arenas and the kernel's huge pages add to some runs: the least is the loader's
        peak = min(peak, int(subprocess.run(call, capture_output=True, text=True, check=True).stdout))
        if 0 < peak <= 1.15 * weights:
            break
    assert 0 < peak <= 1.15 * weights
