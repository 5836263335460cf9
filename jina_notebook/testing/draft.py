"""A checkpoint under construction: reproducible random tensors, and the files they are written to."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from jina_notebook.errors import OptionError

if TYPE_CHECKING:
    import torch
    from tokenizers import Tokenizer

__all__ = ["DTYPES", "Draft"]

DTYPES = ("bfloat16", "float32", "float16")
MARK = "jina-notebook miniature of "
"""Begins `_name_or_path` in config.json, a field that the official files have or may have."""


@dataclass
class Draft:
    """What a recipe fills: tensors by their official key, small files by their path inside the checkpoint.

    Every tensor is drawn from its own generator, seeded by `seed`, `name` and the key, so that adding a tensor never
    changes another. Linear weights have standard deviation `gain / sqrt(inputs)`: activations keep their size.
    """

    name: str
    seed: int = 0
    dtype: str = "bfloat16"
    shards: int = 1
    tensors: dict[str, torch.Tensor] = field(default_factory=dict)
    files: dict[str, str] = field(default_factory=dict)

    def normal(self, key: str, *shape: int, std: float, mean: float = 0.0) -> torch.Tensor:
        """Adds a float32 tensor of independent normal values and gives it back."""
        import torch

        digest = hashlib.sha256(f"{self.seed}/{self.name}/{key}".encode()).digest()
        generator = np.random.default_rng(np.frombuffer(digest, dtype=np.uint32))
        values = generator.normal(mean, std, size=shape).astype(np.float32)
        self.tensors[key] = torch.from_numpy(values)
        return self.tensors[key]

    def linear(self, key: str, outputs: int, inputs: int, *, bias: bool = False, gain: float = 1.0) -> None:
        """Adds `key.weight (outputs, inputs)`, and `key.bias (outputs,)`."""
        self.normal(f"{key}.weight", outputs, inputs, std=gain / inputs**0.5)
        if bias:
            self.normal(f"{key}.bias", outputs, std=0.1)

    def norm(self, key: str, size: int, *, bias: bool = False, gain: float = 1.0) -> None:
        """Adds `key.weight (size,)` of clearly uneven gains, and `key.bias (size,)`.

        With even gains a loader that mixes up two norms would still give almost the right vectors.
        """
        weight = self.normal(f"{key}.weight", size, std=0.35)
        weight.exp_().mul_(gain)
        if bias:
            self.normal(f"{key}.bias", size, std=0.1)

    def json(self, path: str, content: object) -> None:
        """Adds a JSON file."""
        self.files[path] = json.dumps(content, indent=2, ensure_ascii=False) + "\n"

    def tokenizer(self, tokenizer: Tokenizer, config: dict[str, Any], special_tokens: dict[str, Any]) -> None:
        """Adds `tokenizer.json` and the two small files beside it."""
        self.files["tokenizer.json"] = tokenizer.to_str(pretty=True)
        self.json("tokenizer_config.json", config)
        self.json("special_tokens_map.json", special_tokens)

    def write(self, path: Path) -> None:
        """Writes everything; what an earlier miniature left there is removed first.

        Raises `OptionError` where the folder holds weights that are not a miniature, or is a file.
        """
        clear(path)
        self.json("config.json", {"_name_or_path": f"{MARK}{self.name}", **json.loads(self.files["config.json"])})
        for name, text in self.files.items():
            target = path / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        adapters = {key for key in self.tensors if key.startswith("adapters/")}
        self._write_model(path, {key: t for key, t in self.tensors.items() if key not in adapters})
        for file in sorted({key.partition("::")[0] for key in adapters}):
            part = {key.partition("::")[2]: self.tensors[key] for key in adapters if key.startswith(f"{file}::")}
            self._save(path / file, part)

    def _write_model(self, path: Path, tensors: dict[str, torch.Tensor]) -> None:
        if self.shards == 1:
            self._save(path / "model.safetensors", tensors)
            return
        keys = list(tensors)
        where: dict[str, str] = {}
        size = 0
        for number in range(self.shards):
            file = f"model-{number + 1:05}-of-{self.shards:05}.safetensors"
            part = keys[number * len(keys) // self.shards : (number + 1) * len(keys) // self.shards]
            size += self._save(path / file, {key: tensors[key] for key in part})
            where |= dict.fromkeys(part, file)
        index = {"metadata": {"total_size": size}, "weight_map": dict(sorted(where.items()))}
        (path / "model.safetensors.index.json").write_text(json.dumps(index, indent=2) + "\n", encoding="utf-8")

    def _save(self, file: Path, tensors: dict[str, torch.Tensor]) -> int:
        import torch
        from safetensors.torch import save_file

        kept = {key: value.to(getattr(torch, self.dtype)).contiguous() for key, value in tensors.items()}
        file.parent.mkdir(parents=True, exist_ok=True)
        save_file(kept, file, metadata={"format": "pt"})
        return sum(value.nbytes for value in kept.values())


def clear(path: Path) -> None:
    """Makes the folder, and removes the weight files of an earlier miniature from it; anything else is left alone."""
    if path.exists() and not path.is_dir():
        raise OptionError(f"A miniature checkpoint is a folder, but {path} is a file.", hint="Name another folder.")
    path.mkdir(parents=True, exist_ok=True)
    old = [*path.glob("*.safetensors"), *path.glob("adapters/**/*.safetensors")]
    if old and not _is_miniature(path):
        raise OptionError(
            f"{path} already holds weights that are not a miniature ({old[0].relative_to(path)}).",
            hint="Name an empty folder.",
        )
    for file in old:
        file.unlink()
    (path / "model.safetensors.index.json").unlink(missing_ok=True)


def _is_miniature(path: Path) -> bool:
    config = path / "config.json"
    if not config.is_file():
        return False
    # read as bytes: a foreign file may hold anything
    return f'"_name_or_path": "{MARK}'.encode() in config.read_bytes()
