"""`jina-notebook embed`: inputs, lines, files, refusals."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import jina_notebook as jn
from jina_notebook.catalog import card
from jina_notebook.cli import embed as command
from jina_notebook.inference.runner import Interrupted
from jina_notebook.results import Embeddings
from jina_notebook.testing import tiny_checkpoint
from tests.cli.conftest import Shell, documented, shape

V3 = "jina-embeddings-v3"
MINILM = ("--model", "offline-minilm", "--device", "cpu", "--dtype", "float32")


class Counting:
    """Embeds a text as its length; stops, as the engine does, once it has seen `stop_after` inputs."""

    def __init__(self, stop_after: int | None = None) -> None:
        self.card = card(V3)
        self.name = V3
        self.calls: list[list[Any]] = []
        self.options: dict[str, Any] = {}
        self.stop_after = stop_after

    def embed(self, inputs: Any, **options: Any) -> Embeddings:
        self.options = options
        left = None if self.stop_after is None else self.stop_after - sum(map(len, self.calls))
        self.calls.append(list(inputs))
        if left is not None and left < len(inputs):
            stop = Interrupted(left, len(inputs), [])
            stop.partial = self._result(inputs[:left])
            raise stop
        return self._result(inputs)

    def _result(self, inputs: Any) -> Embeddings:
        return Embeddings(
            vectors=np.array([[len(str(text)), 0] for text in inputs], dtype=np.float32).reshape(-1, 2),
            model=V3,
            revision="r",
            task="text-matching",
            dimensions=2,
            token_counts=(3,) * len(inputs),
            truncated=(False,) * len(inputs),
            inputs=tuple(inputs),
        )


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_checkpoint(V3, tmp_path_factory.mktemp("tiny") / "checkpoint")


@pytest.fixture
def counting(loaded: dict[str, Any]) -> Counting:
    loaded[V3] = Counting()
    model: Counting = loaded[V3]
    return model


def test_words_become_lines_of_json_in_their_order(shell: Shell) -> None:
    ended = shell("embed", "green tea", "black coffee", *MINILM)
    expected = jn.load("offline-minilm", device="cpu", dtype="float32").embed(["green tea", "black coffee"])
    assert (ended.status, ended.err) == (0, "")
    assert [record["index"] for record in ended.records] == [0, 1]
    assert [record["tokens"] for record in ended.records] == list(expected.token_counts)
    assert [record["truncated"] for record in ended.records] == [False, False]
    np.testing.assert_allclose([record["embedding"] for record in ended.records], expected.vectors, atol=1e-6)
    assert shape(ended.records[0]) == shape(documented("embed"))


def test_a_pipe_gives_the_same_as_words(shell: Shell) -> None:
    piped = shell("embed", *MINILM, pipe="green tea\n\nblack coffee\n")
    assert piped.out == shell("embed", "green tea", "black coffee", *MINILM).out
    assert piped.out == shell("embed", "-", *MINILM, pipe="\ufeffgreen tea\r\nblack coffee").out


def test_json_lines_and_files_are_read(shell: Shell, counting: Counting, tmp_path: Path) -> None:
    lines = '{"text": "tea"}\n{"image": "cat.png"}\n"coffee"\n'
    file = tmp_path / "texts.txt"
    file.write_text(lines, "utf-8")
    shell("embed", "--model", V3, pipe=lines)
    shell("embed", "--model", V3, "--input", str(file))
    assert counting.calls == [["tea", Path("cat.png"), "coffee"]] * 2


def test_a_checkpoint_in_a_folder_with_task_and_dimensions(shell: Shell, checkpoint: Path) -> None:
    options = ("--model", V3, "--path", str(checkpoint), "--device", "cpu", "--dtype", "float32")
    ended = shell("embed", "tea", *options, "--task", "retrieval.query", "--dimensions", "32")
    expected = jn.load(V3, path=checkpoint, device="cpu", dtype="float32").embed(
        "tea", task="retrieval.query", dimensions=32
    )
    np.testing.assert_allclose(ended.records[0]["embedding"], expected.vectors[0], atol=1e-6)
    assert "CC-BY-NC-4.0" in ended.err or ended.err == ""  # said once in a process


def test_every_option_arrives_under_its_own_name(shell: Shell, counting: Counting, loaded: dict[str, Any]) -> None:
    shell("embed", "a", "--model", V3, "--late-chunking", "--no-truncate", "--batch-tokens", "64", "--revision", "main")
    assert counting.options == {
        "task": None,
        "dimensions": None,
        "return_multivector": False,
        "late_chunking": True,
        "truncate": False,
        "batch_tokens": 64,
    }
    assert loaded["options"] == {"path": None, "revision": "main", "device": "auto", "dtype": "auto"}


def test_token_vectors_are_lists_of_lists(shell: Shell) -> None:
    (record,) = shell("embed", "green tea", *MINILM, "--return-multivector").records
    assert np.array(record["embedding"]).shape == (record["tokens"], 384)


def test_many_inputs_are_numbered_through(shell: Shell, counting: Counting, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "AT_ONCE", 2)
    ended = shell("embed", "--model", V3, pipe="a\nbb\nccc\ndddd\neeeee\n")
    assert [len(call) for call in counting.calls] == [2, 2, 1]
    assert [(r["index"], r["embedding"][0]) for r in ended.records] == [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5)]


def test_an_error_says_which_inputs_its_position_counts_from(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "AT_ONCE", 2)
    ended = shell("embed", *MINILM, "--no-truncate", pipe=f"a\nb\nc\n{'tea ' * 400}\n")
    assert ended.status == 1
    assert len(ended.records) == 2
    assert "Inputs 2 to 3, counted from 2 on: " in ended.err


def test_chunks_of_one_document_stay_together(
    shell: Shell, counting: Counting, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "AT_ONCE", 2)
    shell("embed", "--model", V3, "--late-chunking", pipe="a\nb\nc\n")
    assert counting.calls == [["a", "b", "c"]]


@pytest.mark.parametrize("at_once", [2, 100])
def test_an_interrupt_leaves_what_was_finished(
    at_once: int, shell: Shell, loaded: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "AT_ONCE", at_once)
    loaded[V3] = Counting(stop_after=3)
    ended = shell("embed", "--model", V3, pipe="a\nbb\nccc\ndddd\n")
    assert ended.status == 130
    assert [record["index"] for record in ended.records] == [0, 1, 2]
    assert "Stopped after 3 of 4 inputs" in ended.err


def test_an_interrupt_writes_the_file_as_far_as_it_came(shell: Shell, loaded: dict[str, Any], tmp_path: Path) -> None:
    loaded[V3] = Counting(stop_after=2)
    ended = shell("embed", "--model", V3, "--output", str(tmp_path / "v.npy"), pipe="a\nbb\nccc\n")
    assert ended.status == 130
    assert np.load(tmp_path / "v.npy").tolist() == [[1, 0], [2, 0]]


@pytest.mark.parametrize("ending", [".npy", ".jsonl", ".parquet"])
def test_output_holds_the_same_vectors_in_every_format(
    ending: str, shell: Shell, counting: Counting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(command, "AT_ONCE", 2)
    file = tmp_path / f"v{ending}"
    ended = shell("embed", "a", "bb", "ccc", "--model", V3, "--output", str(file), "--json")
    assert ended.records == [
        {
            "output": str(file),
            "vectors": 3,
            "dimensions": 2,
            "model": V3,
            "revision": "r",
            "task": "text-matching",
            "tokens": 9,
        }
    ]
    assert shape(ended.records[0]) == shape(documented("embed --output"))
    assert _vectors(file) == [[1, 0], [2, 0], [3, 0]]
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


def _vectors(file: Path) -> Any:
    if file.suffix == ".npy":
        return np.load(file).tolist()
    if file.suffix == ".jsonl":
        return [json.loads(line)["embedding"] for line in file.read_text("utf-8").splitlines()]
    import pandas as pd

    frame = pd.read_parquet(file)
    assert sorted(frame.columns) == ["embedding", "index", "tokens", "truncated"]
    assert list(frame["index"]) == [0, 1, 2]
    return [list(row) for row in frame["embedding"]]


def test_token_vectors_fit_into_parquet(shell: Shell, tmp_path: Path) -> None:
    import pandas as pd

    shell("embed", "green tea", *MINILM, "--return-multivector", "--output", str(tmp_path / "v.parquet"))
    (rows,) = pd.read_parquet(tmp_path / "v.parquet")["embedding"]
    assert len(rows) > 2
    assert all(len(row) == 384 for row in rows)


def test_without_json_a_file_is_told_on_stderr_alone(shell: Shell, counting: Counting, tmp_path: Path) -> None:
    ended = shell("embed", "a", "--model", V3, "-o", str(tmp_path / "v.npy"))
    assert (ended.out, ended.err) == ("", f"1 vector of 2 dimensions in {tmp_path / 'v.npy'}.\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--output", "v.csv"), ".jsonl, .npy, .parquet"),
        (("--output", "no-such-folder/v.npy"), "no folder 'no-such-folder'"),
        (("--output", "v.npy", "--return-multivector"), "one per token"),
    ],
)
def test_a_file_that_cannot_be_written_is_refused_before_anything_is_embedded(
    arguments: tuple[str, ...], said: str, shell: Shell, counting: Counting
) -> None:
    ended = shell("embed", "tea", "--model", V3, *arguments)
    assert (ended.status, ended.out, counting.calls) == (1, "", [])
    assert said in ended.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--model", "jina-embedings-v3"), "did you mean jina-embeddings-v3?"),
        (("--model", "ReaderLM-v2"), "jina-notebook embed cannot use ReaderLM-v2, a reader model."),
        (("--model", "offline-minilm", "--device", "gpu"), "device='gpu'"),
        (("--model", "offline-minilm", "--dimensions", "100"), "384"),
        (("--input", "no-such-file", "--model", "offline-minilm"), "There is no file 'no-such-file'."),
    ],
)
def test_an_expected_failure_is_a_sentence_and_a_hint(arguments: tuple[str, ...], said: str, shell: Shell) -> None:
    words = () if "--input" in arguments else ("tea",)
    ended = shell("embed", *words, *arguments)
    assert (ended.status, ended.out) == (1, "")
    assert said in ended.err
    assert "Traceback" not in ended.err


def test_an_unknown_task_names_the_near_one(shell: Shell, checkpoint: Path) -> None:
    ended = shell("embed", "tea", "--model", V3, "--path", str(checkpoint), "--task", "retrieval.qurey")
    assert ended.status == 1
    assert "retrieval.query" in ended.err


def test_an_empty_pipe_is_an_error_and_a_terminal_is_not_read(shell: Shell, counting: Counting) -> None:
    empty = shell("embed", "--model", V3, pipe="")
    assert (empty.status, empty.err.splitlines()[0]) == (1, "Error: There are no texts in standard input.")
    typed = shell("embed", "--model", V3)
    assert typed.status == 2
    assert "through a pipe" in typed.err
    assert shell("embed", "tea", "--input", "x").status == 2


def test_a_pipe_that_is_not_utf8_is_named(shell: Shell) -> None:
    ended = shell("embed", *MINILM, pipe=b"caf\xe9\n")
    assert ended.status == 1
    assert "Standard input is not UTF-8: byte 0xe9 at position 3" in ended.err


def test_a_dry_run_says_what_it_would_take(shell: Shell) -> None:
    ended = shell("embed", "green tea", "coffee", *MINILM, "--dry-run")
    assert "nothing was stored" in ended.out
    (record,) = shell("embed", "green tea", "coffee", *MINILM, "--dry-run", "--json").records
    assert record["inputs"] == "2"
    assert {"tokens", "time", "vectors"} <= record.keys()


def test_the_stand_in_is_named_where_it_takes_a_models_place(
    shell: Shell, loaded: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from jina_notebook.families import weights

    loaded["offline-minilm"] = Counting()
    replaced = weights.Choice("offline-minilm", None, "It was replaced.")
    monkeypatch.setattr(weights, "choose_weights", lambda *_, **__: replaced)
    ended = shell("embed", "tea")
    assert ended.err == "It was replaced.\n"
    assert len(ended.records) == 1
