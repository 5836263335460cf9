"""Adapters in peft's layout, beside the weights: a config and a safetensors file, for one task or for several."""

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

__all__ = ["PeftAdapters", "SharedAdapters"]

STEM = "base_model.model."
FOREIGN = ("use_dora", "use_rslora", "rank_pattern", "alpha_pattern", "fan_in_fan_out")


def _rank_and_scale(folder: Path, what: str) -> tuple[int, float]:
    """Of one adapter_config.json, which must be plain LoRA."""
    config = read_json(folder / "adapter_config.json")
    foreign = [key for key in FOREIGN if config.get(key)]
    if foreign:
        raise CheckpointError(
            f"The adapter {what!r} uses {', '.join(foreign)}, which this model's adapters do not.",
            hint="Use the adapters of the model's own repository.",
        )
    rank = field(config, "r", int)
    if rank < 1:
        raise CheckpointError(f"The adapter {what!r} has the rank r={rank}; a rank is 1 or more.")
    return rank, field(config, "lora_alpha", float) / rank


def _fused(weights: Checkpoint, stems: Sequence[str], ending: str, scale: float, placement: Placement) -> LowRank:
    """The adapters of projections fused in one matrix: downs stacked, ups on a block diagonal."""
    import torch

    from jina_notebook.inference.linear import LowRank

    downs = [weights.tensor(f"{stem}.lora_A{ending}.weight", placement) for stem in stems]
    ups = [weights.tensor(f"{stem}.lora_B{ending}.weight", placement) * scale for stem in stems]
    return LowRank(torch.cat(downs), torch.block_diag(*ups))  # type: ignore[no-untyped-call]


class PeftAdapters:
    """One folder per adapter; every projection of every layer is adapted."""

    def __init__(self, folder: Path, names: Sequence[str], body: Body) -> None:
        self._files: dict[str, tuple[Checkpoint, float]] = {}
        shapes = expected(body, "")
        for name in names:
            rank, scale = _rank_and_scale(folder / name, name)
            weights = Checkpoint(folder / name, stem="adapter_model")
            wanted: dict[str, tuple[int, ...]] = {}
            for tensor, shape in shapes.items():
                projection = tensor.removesuffix(".weight")
                if projection.split(".", 2)[-1] in PROJECTIONS:
                    wanted[f"{STEM}{projection}.lora_A.weight"] = (rank, shape[1])
                    wanted[f"{STEM}{projection}.lora_B.weight"] = (shape[0], rank)
            weights.expect(wanted)
            self._files[name] = (weights, scale)

    def stack(self, layer: int, names: Sequence[str], placement: Placement) -> Mapping[str, LowRank]:
        """The adapters of projections fused in one matrix, by task."""
        stems = [f"{STEM}layers.{layer}.{name}" for name in names]
        return {task: _fused(weights, stems, "", scale, placement) for task, (weights, scale) in self._files.items()}


class SharedAdapters:
    """One file for the adapters of all tasks, whose names stand in those of the tensors.

    `targets`: names and shapes `(out, in)` of the layers that are adapted.
    """

    def __init__(self, folder: Path, tasks: Sequence[str], targets: Mapping[str, tuple[int, int]]) -> None:
        rank, self._scale = _rank_and_scale(folder, folder.name)
        self._tasks = tuple(tasks)
        self._weights = Checkpoint(folder, stem="adapter_model")
        wanted: dict[str, tuple[int, ...]] = {}
        for name, (out, into) in targets.items():
            for task in tasks:
                wanted[f"{STEM}{name}.lora_A.{task}.weight"] = (rank, into)
                wanted[f"{STEM}{name}.lora_B.{task}.weight"] = (out, rank)
        self._weights.expect(wanted)

    def stack(self, names: Sequence[str], placement: Placement) -> Mapping[str, LowRank]:
        """The adapters of layers fused in one matrix, by task."""
        stems = [f"{STEM}{name}" for name in names]
        return {task: _fused(self._weights, stems, f".{task}", self._scale, placement) for task in self._tasks}
