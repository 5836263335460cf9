"""A model's own tokenizer.json, loaded as it is: nothing added, nothing rewritten, safe to share between threads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from jina_notebook.errors import CheckpointError

if TYPE_CHECKING:
    from tokenizers import Encoding

__all__ = ["Encoded", "Tokenizer"]

BATCH = 1024  # texts handed to the native tokenizer at once


@dataclass(frozen=True, slots=True)
class Encoded:
    """The ids the network sees, int32 `(tokens,)`; `full` is how many there were before truncation."""

    ids: NDArray[np.int32]
    full: int

    @property
    def truncated(self) -> bool:
        return self.full > len(self.ids)


class Tokenizer:
    """Text to ids. Truncation and padding stay off in the native object, whose state is shared: we cut ourselves."""

    def __init__(self, folder: Path) -> None:
        from tokenizers import Tokenizer as Native

        file = folder / "tokenizer.json"
        if not file.exists():
            raise CheckpointError(
                f"The checkpoint {str(folder)!r} has no tokenizer.json.",
                hint="Download the tokenizer files of the model's repository into the same folder.",
            )
        try:
            self._native = Native.from_file(str(file))
        except Exception as cause:  # the native part raises plain Exception for everything
            raise CheckpointError(
                f"{str(file)!r} is not a tokenizer: {cause}.", hint="Download the file again."
            ) from None
        self._native.no_truncation()
        self._native.no_padding()
        self.specials = self._native.num_special_tokens_to_add(False)

    def id_of(self, token: str) -> int:
        """The id of a token that the model needs.

        Raises `CheckpointError` where the tokenizer does not have it.
        """
        number = self._native.token_to_id(token)
        if number is None:
            raise CheckpointError(f"The tokenizer has no token {token!r}, which this model needs.")
        return int(number)

    def encode(self, texts: Sequence[str], *, limit: int | None = None) -> list[Encoded]:
        """Ids with the special tokens that tokenizer.json adds, cut on the right to `limit` ids; specials stay."""
        encoded: list[Encoded] = []
        for start in range(0, len(texts), BATCH):
            batch = list(texts[start : start + BATCH])
            natives = self._native.encode_batch(batch, add_special_tokens=True)
            encoded += [self._cut(native, text, limit) for native, text in zip(natives, batch, strict=True)]
        return encoded

    def _cut(self, encoding: Encoding, text: str, limit: int | None) -> Encoded:
        full = len(encoding.ids)
        if limit is None or full <= limit:
            return Encoded(np.array(encoding.ids, dtype=np.int32), full)
        plain = self._native.encode(text, add_special_tokens=False)
        plain.truncate(limit - self.specials)
        return Encoded(np.array(self._native.post_process(plain).ids, dtype=np.int32), full)

    def plain(self, text: str) -> NDArray[np.int32]:
        """Ids without special tokens, uncut."""
        return np.array(self._native.encode(text, add_special_tokens=False).ids, dtype=np.int32)

    def plain_batch(self, texts: Sequence[str]) -> list[NDArray[np.int32]]:
        """Ids without special tokens, uncut, of several texts."""
        return [
            np.array(e.ids, dtype=np.int32) for e in self._native.encode_batch(list(texts), add_special_tokens=False)
        ]

    def spans(self, text: str) -> tuple[NDArray[np.int32], list[tuple[int, int]]]:
        """Ids with special tokens, and for each the characters `(start, stop)` it covers ((0, 0) for specials)."""
        encoding: Any = self._native.encode(text, add_special_tokens=True)
        return np.array(encoding.ids, dtype=np.int32), list(encoding.offsets)

    def special_mask(self, text: str) -> list[int]:
        """1 for each id of `text` that is a special token added by tokenizer.json."""
        return list(self._native.encode(text, add_special_tokens=True).special_tokens_mask)

    def decode(self, ids: Sequence[int], *, skip_special: bool = True) -> str:
        """Text of ids."""
        return str(self._native.decode(list(ids), skip_special_tokens=skip_special))

    def pieces(self, ids: Sequence[int]) -> list[str]:
        """The text of every single id, for showing tokens."""
        return [str(self._native.id_to_token(int(i))) for i in ids]
