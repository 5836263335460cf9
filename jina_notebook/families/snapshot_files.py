"""Which files of a hub repository are a checkpoint, and whether a folder holds all of them."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase as fnmatch
from pathlib import Path
from typing import Any

__all__ = ["ALLOWED", "IGNORED", "is_wanted", "missing_files"]

ALLOWED = (
    "*.safetensors",
    "*.safetensors.index.json",
    "config.json",
    "config_*.json",
    "*/config.json",
    "*_config.json",
    "modules.json",
    "tokenizer.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.json",
    "vocab.txt",
    "merges.txt",
    "chat_template*",
    "artifact.metadata",
    "adapters/*.json",
    "adapters/*.safetensors",
)
"""Shell patterns, matched against the whole path inside the repository (`*` also matches `/`)."""

IGNORED = (
    "*.bin",
    "*.py",
    "*.pt",
    "*.pth",
    "*.gguf",
    "*.onnx*",
    "onnx/*",
    "openvino/*",
    "coreml/*",
    "gguf/*",
    "mlx/*",
    ".*",
)
"""Never fetched: pickled weights, remote code, other runtimes' exports."""


def is_wanted(name: str) -> bool:
    """Whether a file of the repository is fetched."""
    return any(fnmatch(name, pattern) for pattern in ALLOWED) and not any(fnmatch(name, pattern) for pattern in IGNORED)


def missing_files(folder: Path) -> list[str]:
    """Names of the files without which no model can be loaded from `folder`; empty where it is complete.

    Shards are those that the index names, adapters those of the configuration's `task_names`.
    """
    wanted = ["config.json", "tokenizer.json"]
    indices = sorted(folder.glob("*.safetensors.index.json"))
    if indices:
        for index in indices:
            wanted += sorted({str(shard) for shard in _json(index).get("weight_map", {}).values()})
    elif not any(folder.glob("*.safetensors")):
        wanted.append("model.safetensors")
    config = folder / "config.json"
    if config.is_file() and not (folder / "adapters" / "adapter_model.safetensors").is_file():
        for task in _json(config).get("task_names") or ():
            wanted += [f"adapters/{task}/adapter_config.json", f"adapters/{task}/adapter_model.safetensors"]
    return [name for name in wanted if not (folder / name).is_file()]


def _json(file: Path) -> dict[str, Any]:
    """The file's object, or an empty one where it cannot be read as such: loading says what is wrong with it."""
    try:
        value = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return value if isinstance(value, dict) else {}
