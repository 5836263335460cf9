"""The only place that reads checkpoints: safetensors, single or sharded, and the JSON files beside them.

Strict by construction: a family states every tensor it expects, with its shape; anything missing, unknown or misshapen
is one error that names it, before a byte of weights is read.
"""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from jina_notebook.errors import CheckpointError

if TYPE_CHECKING:
    import torch

    from jina_notebook.inference.placement import Placement

__all__ = ["Checkpoint", "field", "read_json"]

T = TypeVar("T")

NAMED = 6  # names listed in an error before "and N more"


def read_json(path: Path) -> dict[str, Any]:
    """A JSON object from a checkpoint's folder.

    Raises `CheckpointError` where the file is missing or holds no JSON object.
    """
    try:
        value = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise CheckpointError(
            f"The checkpoint {str(path.parent)!r} has no {path.name}.",
            hint="Give path= the folder as downloaded from the hub, with all its files.",
        ) from None
    except (OSError, ValueError) as cause:
        raise CheckpointError(
            f"{str(path)!r} cannot be read as JSON: {cause}.", hint="Download the file again."
        ) from None
    if not isinstance(value, dict):
        raise CheckpointError(f"{str(path)!r} holds {type(value).__name__}, not a JSON object.")
    return value


def field(config: Mapping[str, Any], name: str, kind: Callable[[Any], T], *, default: Any = None) -> T:
    """One field of a configuration, as a number or a text.

    Raises `CheckpointError` naming a field that is missing or of another kind.
    """
    value = config.get(name, default)
    if value is None:
        raise CheckpointError(f"config.json lacks the field {name!r}, which this model needs.")
    try:
        return kind(value)
    except (TypeError, ValueError):
        raise CheckpointError(f"The field {name!r} of config.json is {value!r}, which does not fit.") from None


def _named(names: Iterable[str]) -> str:
    names = sorted(names)
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


class Checkpoint:
    """One folder in a model's official layout.

    >>> weights = Checkpoint(folder)
    >>> weights.expect({"norm.weight": (64,)}, ignore=("lm_head.weight",))
    >>> weights.tensor("norm.weight", placement)
    """

    def __init__(self, folder: Path, *, stem: str = "model") -> None:
        self.folder = folder
        self._files = _weight_files(folder, stem)
        self.shapes: dict[str, tuple[int, ...]] = {}
        self._homes: dict[str, Path] = {}
        for file in self._files:
            for name, shape in _header(file).items():
                self.shapes[name] = shape
                self._homes[name] = file
        self._check_index(stem)

    def _check_index(self, stem: str) -> None:
        index = self.folder / f"{stem}.safetensors.index.json"
        if index.exists():
            listed = read_json(index).get("weight_map", {})
            absent = set(listed) - set(self.shapes)
            if absent:
                raise CheckpointError(
                    f"The shards in {str(self.folder)!r} lack tensors that their index lists: {_named(absent)}.",
                    hint="Download the checkpoint again; a shard is incomplete.",
                )

    def expect(self, shapes: Mapping[str, Sequence[int]], *, ignore: Iterable[str] = ()) -> None:
        """Checks names and shapes against what a family needs; `ignore` holds patterns of tensors it may do without.

        Raises `CheckpointError` naming every tensor that is missing, unknown or of another shape.
        """
        missing = set(shapes) - set(self.shapes)
        unknown = {n for n in set(self.shapes) - set(shapes) if not any(fnmatch.fnmatchcase(n, p) for p in ignore)}
        misshapen = [
            f"{name} is {self.shapes[name]}, expected {tuple(shape)}"
            for name, shape in shapes.items()
            if name in self.shapes and self.shapes[name] != tuple(shape)
        ]
        faults = []
        if missing:
            faults.append(f"{len(missing)} missing: {_named(missing)}")
        if unknown:
            faults.append(f"{len(unknown)} unknown: {_named(unknown)}")
        if misshapen:
            faults.append(f"{len(misshapen)} of another shape: {_named(misshapen)}")
        if faults:
            raise CheckpointError(
                f"The tensors in {str(self.folder)!r} are not those of this model: {'; '.join(faults)}.",
                hint="Check that path= holds this model's own checkpoint, complete and unchanged.",
            )

    def tensor(self, name: str, placement: Placement, *, dtype: torch.dtype | None = None) -> torch.Tensor:
        """One tensor in its final dtype on its device.

        Where the stored dtype is the final one on a CPU this is a view of the memory-mapped file; else a converted
        copy, and the map of the file is let go at once, so that weights are never held twice.
        """
        from safetensors import safe_open

        final = dtype or placement.dtype
        with safe_open(self._homes[name], framework="pt") as file:
            stored: torch.Tensor = file.get_tensor(name)
        return stored.to(device=placement.device, dtype=final)

    def equal(self, first: str, second: str) -> bool:
        """Whether two tensors hold the same numbers, compared as they are stored: nothing is converted or copied."""
        import torch
        from safetensors import safe_open

        with (
            safe_open(self._homes[first], framework="pt") as one,
            safe_open(self._homes[second], framework="pt") as two,
        ):
            return torch.equal(one.get_tensor(first), two.get_tensor(second))

    def stacked(self, names: Sequence[str], placement: Placement) -> torch.Tensor:
        """Several tensors in one, stacked along the first dimension (q, k and v)."""
        import torch

        if len(names) == 1:
            return self.tensor(names[0], placement)
        shape = (sum(self.shapes[n][0] for n in names), *self.shapes[names[0]][1:])
        out = torch.empty(shape, dtype=placement.dtype, device=placement.device)
        row = 0
        for name in names:
            rows = self.shapes[name][0]
            out[row : row + rows].copy_(self.tensor(name, placement))
            row += rows
        return out


def _weight_files(folder: Path, stem: str) -> list[Path]:
    if not folder.is_dir():
        raise CheckpointError(
            f"There is no folder {str(folder)!r}.", hint="Give path= a local folder that holds the model's checkpoint."
        )
    index = folder / f"{stem}.safetensors.index.json"
    if index.exists():
        names = {str(name) for name in read_json(index).get("weight_map", {}).values()}
        outside = [name for name in names if Path(name).name != name]
        if outside:
            raise CheckpointError(
                f"The index of {str(folder)!r} names files outside the folder: {_named(outside)}.",
                hint="Download the checkpoint again, from its own repository.",
            )
        files = sorted(folder / name for name in names)
        absent = [file.name for file in files if not file.exists()]
        if absent or not files:
            raise CheckpointError(
                f"The checkpoint {str(folder)!r} lacks the shard{'s' if len(absent) > 1 else ''} {_named(absent)}.",
                hint="Download the missing file; every shard that the index names is needed.",
            )
        return files
    single = folder / f"{stem}.safetensors"
    if not single.exists():
        raise CheckpointError(
            f"The checkpoint {str(folder)!r} has no {single.name}.",
            hint="Only safetensors are read; download the file of that name from the model's repository.",
        )
    return [single]


def _header(file: Path) -> dict[str, tuple[int, ...]]:
    from safetensors import SafetensorError, safe_open

    try:
        with safe_open(file, framework="pt") as content:
            return {name: tuple(content.get_slice(name).get_shape()) for name in content.keys()}  # noqa: SIM118 - not a dict
    except (SafetensorError, OSError) as cause:
        raise CheckpointError(
            f"{str(file)!r} is not a complete safetensors file: {cause}.",
            hint="Download the file again; it is cut off or of another format.",
        ) from None
