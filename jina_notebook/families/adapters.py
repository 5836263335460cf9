"""Adapters in peft's layout: a folder each beside the weights, a config and a safetensors file in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from jina_notebook.errors import CheckpointError
from jina_notebook.families.checkpoint import Checkpoint, field, read_json
from jina_notebook.families.qwen import PROJECTIONS, Body, expected

if TYPE_CHECKING:
    from jina_notebook.inference.linear import LowRank
    from jina_notebook.inference.placement import Placement

__all__ = ["PeftAdapters"]

STEM = "base_model.model."
FOREIGN = ("use_dora", "use_rslora", "rank_pattern", "alpha_pattern", "fan_in_fan_out")


class PeftAdapters:
    """One folder per adapter; every projection of every layer is adapted."""

    def __init__(self, folder: Path, names: Sequence[str], body: Body) -> None:
        self._files: dict[str, tuple[Checkpoint, float]] = {}
        shapes = expected(body, "")
        for name in names:
            config = read_json(folder / name / "adapter_config.json")
            foreign = [key for key in FOREIGN if config.get(key)]
            if foreign:
                raise CheckpointError(
                    f"The adapter {name!r} uses {', '.join(foreign)}, which this model's adapters do not.",
                    hint="Use the adapters of the model's own repository.",
                )
            rank = field(config, "r", int)
            weights = Checkpoint(folder / name, stem="adapter_model")
            wanted: dict[str, tuple[int, ...]] = {}
            for tensor, shape in shapes.items():
                projection = tensor.removesuffix(".weight")
                if projection.split(".", 2)[-1] in PROJECTIONS:
                    wanted[f"{STEM}{projection}.lora_A.weight"] = (rank, shape[1])
                    wanted[f"{STEM}{projection}.lora_B.weight"] = (shape[0], rank)
            weights.expect(wanted)
            self._files[name] = (weights, field(config, "lora_alpha", float) / rank)

    def stack(self, layer: int, names: Sequence[str], placement: Placement) -> Mapping[str, LowRank]:
        """The adapters of projections fused in one matrix: downs stacked, ups on a block diagonal."""
        import torch

        from jina_notebook.inference.linear import LowRank

        fused = {}
        for task, (weights, scale) in self._files.items():
            stems = [f"{STEM}layers.{layer}.{name}" for name in names]
            downs = [weights.tensor(f"{stem}.lora_A.weight", placement) for stem in stems]
            ups = [weights.tensor(f"{stem}.lora_B.weight", placement) * scale for stem in stems]
            fused[task] = LowRank(torch.cat(downs), torch.block_diag(*ups))  # type: ignore[no-untyped-call]
        return fused
