"""Which files are a checkpoint."""

from __future__ import annotations

from pathlib import Path

import pytest

from jina_notebook.families.snapshot_files import is_wanted, missing_files
from tests.families.test_hub import KEPT, LEFT


@pytest.mark.parametrize("name", sorted(KEPT))
def test_a_checkpoint_file_is_wanted(name: str) -> None:
    assert is_wanted(name)


@pytest.mark.parametrize("name", sorted(LEFT))
def test_another_file_is_not_wanted(name: str) -> None:
    assert not is_wanted(name)


def test_missing_shards_and_adapters_are_named(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text('{"task_names": ["code"]}')
    (tmp_path / "model.safetensors.index.json").write_text(
        '{"weight_map": {"a": "m-1.safetensors", "b": "m-2.safetensors"}}'
    )
    (tmp_path / "m-1.safetensors").touch()
    assert missing_files(tmp_path) == [
        "tokenizer.json",
        "m-2.safetensors",
        "adapters/code/adapter_config.json",
        "adapters/code/adapter_model.safetensors",
    ]
