"""Attention over packs equals attention of each sequence alone, by every path."""

from __future__ import annotations

import pytest
import torch

from jina_notebook.inference import attention
from jina_notebook.inference.attention import attend, attend_after, attend_last, attend_padded

LENGTHS = (5, 5, 5, 3, 1, 9)
HEADS, KV_HEADS, SIZE = 4, 2, 8


def draw(tokens: int, heads: int, seed: int) -> torch.Tensor:
    return torch.randn(tokens, heads, SIZE, generator=torch.Generator().manual_seed(seed))


def by_hand(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, *, causal: bool, window: int | None = None
) -> torch.Tensor:
    """Softmax attention of one sequence, head by head; the last query sees the last key."""
    out = torch.empty_like(q)
    ahead = k.shape[0] - q.shape[0]
    for head in range(q.shape[1]):
        own = head * k.shape[1] // q.shape[1]
        scores = q[:, head] @ k[:, own].T / SIZE**0.5
        for row in range(q.shape[0]):
            for column in range(k.shape[0]):
                hidden = causal and column > row + ahead
                if hidden or (window is not None and column <= row + ahead - window):
                    scores[row, column] = float("-inf")
        out[:, head] = scores.softmax(-1) @ v[:, own]
    return out.flatten(1)


def split(x: torch.Tensor) -> tuple[torch.Tensor, ...]:
    return x.split(list(LENGTHS))


@pytest.mark.parametrize("causal", [True, False])
@pytest.mark.parametrize("path", [attend, attend_padded])
def test_a_pack_gives_what_each_sequence_alone_gives(path: object, causal: bool) -> None:
    q, k, v = draw(sum(LENGTHS), HEADS, 1), draw(sum(LENGTHS), KV_HEADS, 2), draw(sum(LENGTHS), KV_HEADS, 3)
    alone = torch.cat([by_hand(*part, causal=causal) for part in zip(split(q), split(k), split(v), strict=True)])
    assert callable(path)
    torch.testing.assert_close(path(q, k, v, LENGTHS, causal=causal), alone, rtol=0, atol=1e-5)


@pytest.mark.parametrize("window", [1, 2, 4, 100])
def test_a_window_hides_tokens_that_are_further_back(window: int) -> None:
    q, k, v = draw(sum(LENGTHS), HEADS, 1), draw(sum(LENGTHS), KV_HEADS, 2), draw(sum(LENGTHS), KV_HEADS, 3)
    parts = zip(split(q), split(k), split(v), strict=True)
    alone = torch.cat([by_hand(*part, causal=True, window=window) for part in parts])
    torch.testing.assert_close(attend(q, k, v, LENGTHS, causal=True, window=window), alone, rtol=0, atol=1e-5)


@pytest.mark.parametrize("window", [None, 3])
def test_kept_keys_and_values_stand_before_every_sequence(window: int | None) -> None:
    q, k, v = draw(sum(LENGTHS), HEADS, 1), draw(sum(LENGTHS), KV_HEADS, 2), draw(sum(LENGTHS), KV_HEADS, 3)
    old_k, old_v = draw(6, KV_HEADS, 4), draw(6, KV_HEADS, 5)
    alone = torch.cat(
        [
            by_hand(own_q, torch.cat((old_k, own_k)), torch.cat((old_v, own_v)), causal=True, window=window)
            for own_q, own_k, own_v in zip(split(q), split(k), split(v), strict=True)
        ]
    )
    torch.testing.assert_close(attend_after(q, k, v, LENGTHS, old_k, old_v, window=window), alone, rtol=0, atol=1e-5)


@pytest.mark.parametrize("window", [None, 1, 4, 11, 64])
@pytest.mark.parametrize("tokens", [1, 3, 19, 20])
@pytest.mark.parametrize("kernel", ["the CPU's own", "with a mask"])
def test_the_last_tokens_see_all_that_came_before(
    tokens: int, window: int | None, kernel: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kernel == "with a mask":
        monkeypatch.setattr(attention, "_sums_given", lambda dtype: False)
    q, k, v = draw(tokens, HEADS, 1), draw(20, KV_HEADS, 2), draw(20, KV_HEADS, 3)
    cached = [torch.cat((x, x)).transpose(0, 1).contiguous()[:, :20] for x in (k, v)]
    alone = by_hand(q, k, v, causal=True, window=window)
    torch.testing.assert_close(attend_last(q, *cached, window=window), alone, rtol=0, atol=1e-5)


def test_the_last_tokens_in_bfloat16_are_near() -> None:
    q, k, v = draw(5, HEADS, 1), draw(20, KV_HEADS, 2), draw(20, KV_HEADS, 3)
    half = attend_last(q.bfloat16(), *(x.transpose(0, 1).bfloat16() for x in (k, v)))
    assert half.dtype == torch.bfloat16
    torch.testing.assert_close(half.float(), by_hand(q, k, v, causal=True), rtol=0, atol=3e-2)
