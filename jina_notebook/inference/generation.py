"""Greedy writing: the next token is the likeliest one, until a stop token comes.

Prompts are computed in slices, so that memory grows with their length and not with its square; keys and values stay in
a cache that is filled in place. Several prompts are written together: a step reads the weights once for all of them.
The repetition penalty is the one of transformers (CTRL, https://arxiv.org/abs/1909.05858): it counts the prompt too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np
import torch
from numpy.typing import NDArray

from jina_notebook.inference.attention import attend_last
from jina_notebook.inference.decoder import SLICE
from jina_notebook.inference.runner import check_memory

if TYPE_CHECKING:
    from jina_notebook.inference.decoder import Decoder
    from jina_notebook.progress import Reporter

__all__ = ["Ending", "Head", "Loop", "Prompt", "Writer", "WritingInterrupted", "Written", "loop_in"]

TOGETHER = 8  # prompts written in one batch
TOGETHER_TOKENS = 32_768  # which the cache of one batch may hold; a longer prompt is written alone
ROOM = 1024  # tokens that a cache has room for beyond its prompt; more is made when it is full

LOOP_TOKENS = 512  # a shorter repetition may be the page's own: rows of a table, a ruled line
LOOP_TIMES = 8
LOOP_LONGEST = 256  # tokens of the block that repeats
LOOP_CHECK = 64  # tokens between two looks

Ending = Literal["stop", "limit", "loop", "interrupt"]
Head = Callable[[torch.Tensor], torch.Tensor]


@dataclass(frozen=True, slots=True)
class Prompt:
    """Ids int32 `(tokens,)`; where pictures stand among them, the rows `(tokens, hidden)` the network sees instead."""

    ids: NDArray[np.int32]
    rows: torch.Tensor | None = None


@dataclass(frozen=True, slots=True)
class Loop:
    """The tokens from `start` on are one block of `period` tokens, `times` times (the last may be cut)."""

    start: int
    period: int
    times: int


@dataclass(slots=True)
class Written:
    """What was written after one prompt: ids without the stop token, and why it ended.

    In a `loop` the repetitions are taken off: the block that repeated stands once.
    """

    ids: list[int] = field(default_factory=list)
    ending: Ending | None = None
    loop: Loop | None = None


class WritingInterrupted(KeyboardInterrupt):
    """An interrupt that kept what was written: `written`, one for each prompt; `partial` holds it as a result."""

    def __init__(self, written: Sequence[Written]) -> None:
        tokens = sum(len(one.ids) for one in written)
        super().__init__(f"Interrupted after {tokens:,} tokens were written: what they say is in .partial.")
        self.written = written
        self.partial: object = None


class Cache:
    """Keys and values of one sequence in every layer, `(kv_heads, room, head_dim)` each, filled from the front."""

    def __init__(self, decoder: Decoder, room: int, like: torch.Tensor) -> None:
        shapes = [(block.kv_heads, room, block.head_dim) for block in decoder.blocks]
        self.tokens = 0
        self._k = [like.new_empty(shape) for shape in shapes]
        self._v = [like.new_empty(shape) for shape in shapes]

    def reserve(self, tokens: int) -> None:
        """Makes room for `tokens` in all, half as much again as there was: copies stay linear in the end."""
        room = self._k[0].shape[1]
        if tokens > room:
            more = max(tokens, room + room // 2)
            for part in (self._k, self._v):
                for layer, old in enumerate(part):
                    part[layer] = old.new_empty(old.shape[0], more, old.shape[2])
                    part[layer][:, : self.tokens] = old[:, : self.tokens]

    def put(self, layer: int, k: torch.Tensor, v: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Adds `k` and `v` `(new, kv_heads, head_dim)` behind what is there; gives all of it."""
        stop = self.tokens + k.shape[0]
        self._k[layer][:, self.tokens : stop] = k.transpose(0, 1)
        self._v[layer][:, self.tokens : stop] = v.transpose(0, 1)
        return self._k[layer][:, :stop], self._v[layer][:, :stop]


@dataclass(slots=True)
class Draft:
    """A prompt in work."""

    prompt: Prompt
    limit: int
    written: Written
    cache: Cache
    seen: torch.Tensor | None
    steps: int = 0

    def add(self, token: int, stops: frozenset[int]) -> None:
        """The next token; a stop token ends the text and is not part of it."""
        self.steps += 1
        written = self.written
        if token in stops:
            written.ending = "stop"
            return
        written.ids.append(token)
        if self.seen is not None:
            self.seen[token] = True
        if len(written.ids) % LOOP_CHECK == 0 and (loop := loop_in(written.ids)):
            written.ending, written.loop = "loop", loop
            del written.ids[loop.start + loop.period :]
        elif len(written.ids) >= self.limit:
            written.ending = "limit"


class Writer:
    """Writes after prompts with one decoder.

    `head` gives logits `(rows, vocabulary)` for final states; `stops` end a text; `penalty` 1.0 is none.
    """

    def __init__(self, decoder: Decoder, head: Head, *, stops: Sequence[int], penalty: float = 1.0) -> None:
        self.decoder = decoder
        self._head = head
        self._stops = frozenset(stops)
        self._penalty = penalty

    @property
    def bytes_per_token(self) -> int:
        """Keys and values of one token in every layer, and its column in a slice's mask where one is needed."""
        item = self.decoder.words.weight.element_size()
        return sum(2 * block.kv_heads * block.head_dim * item for block in self.decoder.blocks) + 5 * SLICE

    @torch.inference_mode()
    def write(self, prompts: Sequence[Prompt], limits: Sequence[int], report: Reporter) -> list[Written]:
        """What follows each prompt, of at most so many tokens; progress counts prompt tokens and written ones.

        Raises `WritingInterrupted` (a `KeyboardInterrupt`) with what there is, `MemoryLimitError` before a prompt that
        cannot fit, `FloatingPointError` where the network gives NaN or infinity.
        """
        written = [Written() for _ in prompts]
        try:
            for members in _batches([len(p.ids) + limit for p, limit in zip(prompts, limits, strict=True)]):
                tokens = sum(len(prompts[i].ids) + min(limits[i], ROOM) for i in members)
                check_memory(tokens, self.bytes_per_token, self.decoder.words.weight.device)
                drafts = [self._begin(prompts[i], limits[i], written[i], report) for i in members]
                self._go_on(drafts, report)
        except KeyboardInterrupt:
            for one in written:
                one.ending = one.ending or "interrupt"
            raise WritingInterrupted(written) from None
        return written

    def _begin(self, prompt: Prompt, limit: int, written: Written, report: Reporter) -> Draft:
        """Reads a prompt slice by slice and writes the first token."""
        words = self.decoder.words
        ids = torch.from_numpy(prompt.ids.astype(np.int64)).to(words.weight.device)
        cache = Cache(self.decoder, len(ids) + min(limit, ROOM), words.weight)
        for start in range(0, len(ids), SLICE):
            part = slice(start, min(start + SLICE, len(ids)))
            rows = words(ids[part]) if prompt.rows is None else prompt.rows[part]
            states = self._advance(rows, [cache], [rows.shape[0]])
            report.advance(rows.shape[0])
        logits = self._head(states)
        seen = None
        if self._penalty != 1.0:
            seen = torch.zeros(logits.shape[1], dtype=torch.bool, device=logits.device)
            seen[ids[ids < logits.shape[1]]] = True
        draft = Draft(prompt, limit, written, cache, seen)
        self._add([draft], logits, report)
        return draft

    def _go_on(self, drafts: Sequence[Draft], report: Reporter) -> None:
        """Token by token, all drafts at once, until the last one has ended."""
        while drafts := [draft for draft in drafts if draft.written.ending is None]:
            last = torch.tensor([draft.written.ids[-1] for draft in drafts])
            rows = self.decoder.words(last.to(self.decoder.words.weight.device))
            for draft in drafts:
                draft.cache.reserve(draft.cache.tokens + 1)
            states = self._advance(rows, [draft.cache for draft in drafts], [1] * len(drafts))
            self._add(drafts, self._head(states), report)

    def _add(self, drafts: Sequence[Draft], logits: torch.Tensor, report: Reporter) -> None:
        scores = logits.float()
        if self._penalty != 1.0:
            seen = torch.stack([draft.seen for draft in drafts if draft.seen is not None])
            scores = torch.where(seen, torch.where(scores < 0, scores * self._penalty, scores / self._penalty), scores)
        best, tokens = scores.max(dim=-1)
        if not bool(torch.isfinite(best).all()):
            raise FloatingPointError
        for draft, token in zip(drafts, tokens.tolist(), strict=True):
            draft.add(token, self._stops)
            if draft.written.ending is not None:
                report.total -= draft.limit - draft.steps  # the rest is not needed
        report.advance(len(drafts))

    def _advance(self, x: torch.Tensor, caches: Sequence[Cache], counts: Sequence[int]) -> torch.Tensor:
        """Final states `(sequences, hidden)` of the last token of each sequence, after `counts` new tokens of each."""
        places = [torch.arange(cache.tokens, cache.tokens + new) for cache, new in zip(caches, counts, strict=True)]
        cos, sin = (t.to(x.device) for t in self.decoder.rotary.tables(torch.cat(places), x.dtype))
        for layer, block in enumerate(self.decoder.blocks):
            q, k, v = block.project(x, (cos, sin))
            mixed = []
            start = 0
            for cache, new in zip(caches, counts, strict=True):
                own = slice(start, start + new)
                keys, values = cache.put(layer, k[own], v[own])
                mixed.append(attend_last(q[own], keys, values, window=block.window))
                start += new
            x = block.finish(x, torch.cat(mixed) if len(mixed) > 1 else mixed[0])
        for cache, new in zip(caches, counts, strict=True):
            cache.tokens += new
        ends = torch.tensor(counts).cumsum(0) - 1
        return self.decoder.norm(x[ends.to(x.device)])


def _batches(tokens: Sequence[int]) -> list[list[int]]:
    """Neighbours that are written together.

    >>> _batches([10, 20_000, 20_000, 5])
    [[0, 1], [2, 3]]
    """
    batches: list[list[int]] = []
    room = 0
    for index, count in enumerate(tokens):
        if not batches or len(batches[-1]) == TOGETHER or count > room:
            batches.append([])
            room = TOGETHER_TOKENS
        batches[-1].append(index)
        room -= count
    return batches


def loop_in(ids: Sequence[int]) -> Loop | None:
    """The repetition in which a text ends: a block of up to 256 tokens, at least 8 times and 512 tokens in all.

    >>> loop_in([7, *[1, 2] * 256])
    Loop(start=1, period=2, times=256)
    """
    if len(ids) < LOOP_TOKENS:
        return None
    tail = np.asarray(ids[-max(LOOP_TOKENS, LOOP_TIMES * LOOP_LONGEST) :])
    for period in range(1, LOOP_LONGEST + 1):
        length = max(LOOP_TOKENS, LOOP_TIMES * period)
        if length > len(tail):
            return None
        if np.array_equal(tail[-length:-period], tail[len(tail) - length + period :]):
            start = len(ids) - length
            while start and ids[start - 1] == ids[start - 1 + period]:
                start -= 1
            return Loop(start, period, (len(ids) - start) // period)
    return None
