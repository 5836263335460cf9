"""Writing equals the plain way of doing it: the whole text computed again for every token."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import psutil
import pytest
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

from jina_notebook.errors import MemoryLimitError
from jina_notebook.families.checkpoint import Checkpoint, read_json
from jina_notebook.families.qwen import Body, build, expected
from jina_notebook.inference import generation
from jina_notebook.inference.decoder import Decoder
from jina_notebook.inference.generation import Loop, Prompt, Writer, WritingInterrupted, loop_in
from jina_notebook.inference.packing import pack
from jina_notebook.inference.placement import place
from jina_notebook.progress import Reporter, reporting
from jina_notebook.testing import tiny_checkpoint

CPU = torch.device("cpu")
STOP = 7
Ids = NDArray[np.int32]


def decoder_of(name: str, folder: Path, *, qwen2: bool) -> Decoder:
    path = tiny_checkpoint(name, folder / name)
    body = Body.read(read_json(path / "config.json"), qkv_bias=qwen2, head_norms=not qwen2)
    weights = Checkpoint(path)
    assert set(expected(body, "model.")) <= set(weights.shapes)
    return build(weights, body, place("cpu", "float32"), "model.")


@pytest.fixture(scope="module", params=["ReaderLM-v2", "jina-reranker-v3.5"])
def decoder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Decoder:
    """Full attention, and layers that see 32 tokens."""
    return decoder_of(request.param, tmp_path_factory.mktemp("weights"), qwen2=request.param == "ReaderLM-v2")


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Decoder:
    return decoder_of("ReaderLM-v2", tmp_path_factory.mktemp("weights"), qwen2=True)


def tied(decoder: Decoder) -> Callable[[torch.Tensor], torch.Tensor]:
    return lambda states: F.linear(states, decoder.words.weight)


def ids(count: int, seed: int = 0) -> Ids:
    return np.random.default_rng(seed).integers(0, 300, count).astype(np.int32)


@contextmanager
def silent(total: int = 0) -> Iterator[Reporter]:
    with reporting(False, total=total, unit="tokens", label="") as report:
        yield report


def write(writer: Writer, prompts: list[Ids], limit: int) -> list[generation.Written]:
    with silent() as report:
        return writer.write([Prompt(one) for one in prompts], [limit] * len(prompts), report)


def plainly(decoder: Decoder, prompt: Ids, limit: int, *, penalty: float = 1.0, stop: int | None = None) -> list[int]:
    """Without a cache, one token after the other."""
    text = prompt.tolist()
    new: list[int] = []
    while len(new) < limit:
        states = decoder(pack([np.array(text, dtype=np.int32)], CPU))
        scores = tied(decoder)(states[-1:])[0].float()
        for seen in set(text):
            scores[seen] = scores[seen] * penalty if scores[seen] < 0 else scores[seen] / penalty
        token = int(scores.argmax())
        if token == stop:
            break
        new.append(token)
        text.append(token)
    return new


@pytest.mark.parametrize("penalty", [1.0, 1.08, 1.5])
@pytest.mark.parametrize("length", [1, 5, 31, 40])
def test_what_is_written_is_what_computing_all_again_gives(decoder: Decoder, length: int, penalty: float) -> None:
    writer = Writer(decoder, tied(decoder), stops=[], penalty=penalty)
    (written,) = write(writer, [ids(length)], 12)
    assert written.ids == plainly(decoder, ids(length), 12, penalty=penalty)
    assert written.ending == "limit"


def test_slices_of_a_long_prompt_give_what_one_go_gives(decoder: Decoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generation, "SLICE", 16)
    (written,) = write(Writer(decoder, tied(decoder), stops=[]), [ids(150)], 6)
    assert written.ids == plainly(decoder, ids(150), 6)


def test_a_cache_that_grows_keeps_what_it_had(decoder: Decoder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(generation, "ROOM", 2)
    (written,) = write(Writer(decoder, tied(decoder), stops=[], penalty=1.3), [ids(3)], 20)
    assert written.ids == plainly(decoder, ids(3), 20, penalty=1.3)


def test_prompts_written_together_are_written_as_alone(reader: Decoder) -> None:
    prompts = [ids(count, seed) for seed, count in enumerate([3, 40, 1, 17, 9, 25, 2, 30, 4, 12, 6])]
    writer = Writer(reader, tied(reader), stops=[], penalty=1.2)
    together = [one.ids for one in write(writer, prompts, 9)]
    assert together == [write(writer, [prompt], 9)[0].ids for prompt in prompts]
    assert len({tuple(one) for one in together}) > 5


def test_a_text_that_ends_lets_the_others_go_on(reader: Decoder) -> None:
    prompts = [ids(5, 1), ids(8, 2), ids(6, 3)]
    free = [plainly(reader, prompt, 10, penalty=1.3) for prompt in prompts]
    stop = free[1][3]
    stopped = [plainly(reader, prompt, 10, penalty=1.3, stop=stop) for prompt in prompts]
    written = write(Writer(reader, tied(reader), stops=[stop, 1215], penalty=1.3), prompts, 10)
    assert [one.ids for one in written] == stopped
    assert written[1].ending == "stop"
    assert len(written[1].ids) <= 3


def test_each_prompt_has_its_own_limit(reader: Decoder) -> None:
    with silent() as report:
        written = Writer(reader, tied(reader), stops=[]).write([Prompt(ids(4)), Prompt(ids(4))], [2, 5], report)
    assert [len(one.ids) for one in written] == [2, 5]
    assert written[1].ids[:2] == written[0].ids


def test_a_stop_token_as_the_last_allowed_one_is_an_end(reader: Decoder) -> None:
    writer = Writer(reader, scripted([3, 4, STOP]), stops=[STOP])
    (written,) = write(writer, [ids(4)], 3)
    assert (written.ids, written.ending) == ([3, 4], "stop")
    (cut,) = write(Writer(reader, scripted([3, 4, STOP]), stops=[STOP]), [ids(4)], 2)
    assert (cut.ids, cut.ending) == ([3, 4], "limit")


def scripted(tokens: list[int], rows: int = 300) -> Callable[[torch.Tensor], torch.Tensor]:
    """A head that says these tokens, then the last one for ever."""
    left = list(tokens)

    def head(states: torch.Tensor) -> torch.Tensor:
        logits = torch.zeros(states.shape[0], rows)
        logits[:, left.pop(0) if len(left) > 1 else left[0]] = 1.0
        return logits

    return head


def test_the_penalty_divides_what_is_above_zero_and_multiplies_what_is_below(reader: Decoder) -> None:
    def choose(values: dict[int, float], prompt: list[int]) -> int:
        logits = torch.full((1, 300), -9.0)
        for token, value in values.items():
            logits[0, token] = value
        writer = Writer(reader, lambda _: logits, stops=[], penalty=2.0)
        return write(writer, [np.array(prompt, dtype=np.int32)], 1)[0].ids[0]

    assert choose({5: 1.0, 6: 0.6}, [9]) == 5
    assert choose({5: 1.0, 6: 0.6}, [5]) == 6, "a token of the prompt counts"
    assert choose({5: -0.4, 6: -0.7}, [9]) == 5
    assert choose({5: -0.4, 6: -0.7}, [5]) == 6


def test_ids_without_a_logit_are_not_penalised(reader: Decoder) -> None:
    writer = Writer(reader, scripted([3, 3], rows=100), stops=[], penalty=1.1)
    assert write(writer, [np.array([250, 4], dtype=np.int32)], 1)[0].ids == [3]


def test_rows_take_the_place_of_looked_up_words(reader: Decoder) -> None:
    prompt, other = ids(6, 1), ids(6, 2)
    rows = reader.words(torch.from_numpy(other.astype(np.int64)))
    writer = Writer(reader, tied(reader), stops=[])
    with silent() as report:
        (seen,) = writer.write([Prompt(prompt, rows)], [5], report)
    assert seen.ids == plainly(reader, other, 5)
    assert seen.ids != plainly(reader, prompt, 5)


def test_progress_counts_what_is_read_and_written(reader: Decoder) -> None:
    calls: list[tuple[int, int]] = []
    with reporting(lambda *x: calls.append(x), total=4 + 50, unit="tokens", label="") as report:
        Writer(reader, scripted([3, 4, 5, STOP]), stops=[STOP]).write([Prompt(ids(4))], [50], report)
    assert calls[0] == (4, 54)
    assert calls[-1] == (8, 8), "what is not needed is taken off"
    assert [done for done, _ in calls] == sorted(done for done, _ in calls)


def test_an_interrupt_keeps_what_was_written(reader: Decoder) -> None:
    def stop(done: int, total: int) -> None:
        if done >= 9:
            raise KeyboardInterrupt

    prompts = [Prompt(ids(4)), Prompt(ids(2))]
    with (
        pytest.raises(WritingInterrupted) as caught,
        reporting(stop, total=0, unit="tokens", label="") as report,
    ):
        Writer(reader, tied(reader), stops=[]).write(prompts, [50, 50], report)
    first, second = caught.value.written
    assert isinstance(caught.value, KeyboardInterrupt)
    assert first.ids == plainly(reader, ids(4), len(first.ids))
    assert (len(first.ids), len(second.ids)) == (2, 2)
    assert {first.ending, second.ending} == {"interrupt"}


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_numbers_that_are_none_end_the_writing(value: float, reader: Decoder) -> None:
    with pytest.raises(FloatingPointError):
        write(Writer(reader, lambda states: torch.full((states.shape[0], 9), value), stops=[]), [ids(3)], 2)


def test_a_prompt_that_cannot_fit_is_refused_with_both_figures(
    reader: Decoder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(psutil, "virtual_memory", lambda: SimpleNamespace(available=1e6))
    with pytest.raises(MemoryLimitError, match=r"1,900 tokens, needs about 0\.0 GB; 0\.0 GB are free"):
        write(Writer(reader, tied(reader), stops=[]), [ids(1000)], 900)


@pytest.mark.parametrize(
    ("tail", "loop"),
    [
        ([1] * 512, Loop(9, 1, 512)),
        ([1, 2, 3] * 171, Loop(9, 3, 171)),
        ([1, 2, 3] * 171 + [1], Loop(9, 3, 171)),
        (list(range(100)) * 8, Loop(9, 100, 8)),
        (list(range(256)) * 8, Loop(9, 256, 8)),
        ([1] * 511, None),
        (list(range(100)) * 7, None),
        (list(range(257)) * 9, None),
        ([1] * 600 + [2], None),
    ],
)
def test_a_loop_is_a_block_that_repeats_long_enough_at_the_end(tail: list[int], loop: Loop | None) -> None:
    assert loop_in([*range(1000, 1009), *tail]) == loop


def test_a_loop_ends_the_text_and_stands_in_it_once(reader: Decoder) -> None:
    (written,) = write(Writer(reader, scripted([3, 4, 5, 6]), stops=[]), [ids(4)], 5000)
    assert written.ending == "loop"
    assert written.ids == [3, 4, 5, 6]
    assert written.loop is not None
    assert written.loop.times >= 512
