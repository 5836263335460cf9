from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell

import jina_notebook as jn
from jina_notebook import indexing
from jina_notebook.errors import InputError, OptionError, TemplateError, UnknownModelError
from jina_notebook.families import weights as weights_of
from jina_notebook.results import Embeddings, IndexReport
from tests.magics.conftest import Ran, RecordingModel
from tests.results.samples import hits, ranking, report

Run = Callable[[str], Ran]
Models = dict[str, RecordingModel]
V3 = "jina-embeddings-v3"


def test_the_lines_of_a_cell_are_embedded(run: Run, models: Models) -> None:
    ran = run(f"%%jina_embed --model {V3} --task separation --dimensions 64\ngreen tea\n\nblack coffee\n")
    assert models[V3].calls == [("embed", ["green tea", "black coffee"], {"task": "separation", "dimensions": 64})]
    assert isinstance(ran.value, Embeddings)
    assert "2 embeddings" in ran.out


def test_every_option_reaches_the_model_under_its_own_name(run: Run, models: Models) -> None:
    run(
        f"%%jina_embed --model {V3} --return-multivector --late-chunking --truncate false --batch-tokens 512 "
        "--device cpu --dtype float32 --revision abc --path ckpt\ntea\n"
    )
    assert models[V3].calls[0][2] == {
        "return_multivector": True,
        "late_chunking": True,
        "truncate": False,
        "batch_tokens": 512,
    }
    assert models[V3].loaded_with == {"path": "ckpt", "device": "cpu", "dtype": "float32", "revision": "abc"}


@pytest.mark.parametrize(
    "text",
    [
        "{v: k for k, v in d.items()}  # don't touch {this} or $HOME, 100%",
        'it\'s a "quote"; and another;',
        "%matplotlib inline",
        "!ls $PATH",
        "print?",
        "日本語 🍵 {{}}",
        "  leading blanks",
        '{"level": "info", "message": "it\'s {{}}"}',
    ],
)
def test_a_body_means_what_it_says(text: str, run: Run, models: Models) -> None:
    assert run(f"%%jina_embed --model {V3}\n{text}\n").error is None
    assert models[V3].calls[0][1] == [text]


def test_a_real_model_gives_the_vector_of_the_same_string_in_python(run: Run, shell: InteractiveShell) -> None:
    text = "{v: k for k, v in d.items()}  # don't touch {this} or $HOME, 100%"
    ran = run(f"%%jina_embed --model offline-minilm --out e\n{text}\n")
    assert ran.error is None
    same = jn.load("offline-minilm").embed(text).vectors
    assert np.array_equal(shell.user_ns["e"].vectors, same)
    assert "offline-minilm, a stand-in: not a Jina model" in ran.out


def test_out_stores_what_is_also_returned(run: Run, models: Models, shell: InteractiveShell) -> None:
    ran = run(f"%%jina_embed --model {V3} --out e\ntea\n")
    assert shell.user_ns["e"] is ran.value


@pytest.mark.parametrize("name", ["2e", "a-b", "class", "a b", ""])
def test_out_must_be_a_name(name: str, run: Run, models: Models) -> None:
    ran = run(f"%%jina_embed --model {V3} --out '{name}'\ntea\n")
    assert isinstance(ran.error, OptionError)
    assert not models.get(V3)


def test_a_trailing_semicolon_is_silent_and_still_stores(run: Run, models: Models, shell: InteractiveShell) -> None:
    ran = run(f"%%jina_embed --model {V3} --out e;\ntea;\n")
    assert ran.value is None
    assert ran.out == ""
    assert shell.user_ns["e"].inputs == ("tea;",)


def test_the_line_form_embeds_the_words_and_can_be_assigned(run: Run, models: Models, shell: InteractiveShell) -> None:
    run(f"e = %jina_embed green tea --model {V3}")
    assert models[V3].calls[0][1] == ["green tea"]
    assert shell.user_ns["e"].inputs == ("green tea",)


def test_the_whole_cell_can_be_one_item(run: Run, models: Models) -> None:
    run(f"%%jina_embed --model {V3} --whole\ndef f(x):\n\n    return x\n")
    assert models[V3].calls[0][1] == ["def f(x):\n\n    return x"]


@pytest.mark.parametrize(
    ("value", "inputs"),
    [
        (["a", "b"], ["a", "b"]),
        (("a",), ["a"]),
        ("one text", ["one text"]),
        (np.array(["a", "b"]), ["a", "b"]),
        (hits("green tea", "coffee"), ["green tea", "coffee"]),
        (ranking("soup"), ["soup"]),
        ([{"text": "a", "id": 1}], ["a"]),
    ],
    ids=["list", "tuple", "text", "array", "hits", "ranking", "dicts"],
)
def test_a_python_object_gives_its_items(
    value: Any, inputs: list[str], run: Run, models: Models, shell: InteractiveShell
) -> None:
    shell.user_ns["things"] = value
    assert run(f"%jina_embed --input things --model {V3}").error is None
    assert models[V3].calls[0][1] == inputs


def test_a_generator_gives_its_items(run: Run, models: Models, shell: InteractiveShell) -> None:
    shell.user_ns["things"] = (text for text in ("a", "b"))
    run(f"%jina_embed --input things --model {V3}")
    assert models[V3].calls[0][1] == ["a", "b"]


def test_a_column_of_a_table_is_named_with_a_dot(run: Run, models: Models, shell: InteractiveShell) -> None:
    import pandas as pd

    shell.user_ns["frame"] = pd.DataFrame({"text": ["soup", "tea"], "size": [1, 2]}, index=[7, 7])
    run(f"%jina_embed --input frame.text --model {V3}")
    assert models[V3].calls[0][1] == ["soup", "tea"]
    whole = run(f"%jina_embed --input frame --model {V3}")
    assert isinstance(whole.error, InputError)
    assert "--input frame.text" in whole.hint
    wrong = run(f"%jina_embed --input frame.txt --model {V3}")
    assert wrong.hint == "did you mean text?"


def test_pictures_and_paths_are_handed_on_as_they_are(run: Run, models: Models, shell: InteractiveShell) -> None:
    from pathlib import Path

    from PIL import Image

    pictures = [Image.new("RGB", (2, 2)), Path("cat.jpg")]
    shell.user_ns["pictures"] = pictures
    run("%jina_embed --input pictures --model jina-clip-v2")
    assert models["jina-clip-v2"].calls[0][1] == pictures


@pytest.mark.parametrize("value", [{"a": 1}, {"a", "b"}], ids=["dict", "set"])
def test_keys_are_never_embedded(value: Any, run: Run, models: Models, shell: InteractiveShell) -> None:
    shell.user_ns["things"] = value
    ran = run(f"%jina_embed --input things --model {V3}")
    assert isinstance(ran.error, InputError)
    assert not models.get(V3)


def test_a_missing_variable_is_named_with_a_near_one(run: Run, models: Models, shell: InteractiveShell) -> None:
    shell.user_ns["documents"] = ["a"]
    ran = run(f"%jina_embed --input document --model {V3}")
    assert isinstance(ran.error, OptionError)
    assert ran.hint == "did you mean documents?"


@pytest.mark.parametrize("cell", ["%%jina_embed", "%%jina_embed\n", "%%jina_embed\n\n  \n", "%jina_embed"])
def test_an_empty_cell_is_one_clear_sentence(cell: str, run: Run, models: Models) -> None:
    ran = run(cell)
    assert isinstance(ran.error, InputError)
    assert "nothing to work on" in ran.out
    assert "one text per line" in ran.out
    assert "Traceback" not in ran.out


def test_two_sources_of_items_are_refused(run: Run, models: Models, shell: InteractiveShell) -> None:
    shell.user_ns["things"] = ["a"]
    assert isinstance(run(f"%%jina_embed --input things --model {V3}\nb\n").error, InputError)
    assert isinstance(run(f"%%jina_embed words --model {V3}\nb\n").error, InputError)


def test_names_in_double_braces_are_expanded_in_line_and_body(
    run: Run, models: Models, shell: InteractiveShell
) -> None:
    shell.user_ns |= {"name": V3, "city": 'León, it\'s "here"\nand there'}
    run("%%jina_embed --model {{ name }}\nhotels in {{ city }}\n{city}\n")
    assert models[V3].calls[0][1] == ['hotels in León, it\'s "here"\nand there', "{city}"]


def test_an_undefined_name_stops_before_a_model_is_loaded(run: Run, models: Models) -> None:
    for cell in ("%%jina_embed --model {{ nam }}\ntea\n", f"%%jina_embed --model {V3}\nin {{{{ citty }}}}\n"):
        assert isinstance(run(cell).error, TemplateError)
    assert models == {}


def test_raw_leaves_braces_alone(run: Run, models: Models) -> None:
    run(f"%%jina_embed --model {V3} --raw\n<p>{{{{ user.name }}}}</p>\n")
    assert models[V3].calls[0][1] == ["<p>{{ user.name }}</p>"]


def test_an_error_is_a_sentence_and_a_hint_without_frames(run: Run) -> None:
    ran = run("%%jina_embed --model jina-embedings-v3\ntea\n")
    assert isinstance(ran.error, UnknownModelError)
    assert ran.out.strip().splitlines() == [
        "UnknownModelError: There is no model named 'jina-embedings-v3'.",
        "Hint: did you mean jina-embeddings-v3?",
    ]


def test_a_model_that_cannot_embed_is_refused_with_those_that_can(run: Run, models: Models) -> None:
    ran = run("%%jina_embed --model jina-reranker-m0\ntea\n")
    assert isinstance(ran.error, OptionError)
    assert "reranker" in ran.out
    assert "jina-clip-v2" in ran.hint
    assert models == {}


def test_an_unexpected_exception_keeps_its_frames(run: Run, models: Models, shell: InteractiveShell) -> None:
    class Broken(RecordingModel):
        def embed(self, inputs: Any, **options: Any) -> Embeddings:
            raise ZeroDivisionError("a fault of ours")

    shell.user_ns["broken"] = Broken(jn.models()[V3])
    ran = run("%%jina_embed --model broken\ntea\n")
    assert isinstance(ran.error, ZeroDivisionError)
    assert "Traceback" in ran.out


def test_a_variable_may_stand_for_a_loaded_model(run: Run, models: Models, shell: InteractiveShell) -> None:
    shell.user_ns["mine"] = RecordingModel(jn.models()["jina-clip-v2"])
    run("%%jina_embed --model mine\ntea\n")
    assert shell.user_ns["mine"].calls[0][1] == ["tea"]
    assert models == {}


def test_the_setting_model_stands_in_for_the_option(run: Run, models: Models) -> None:
    run(f"%config Settings.model = '{V3}'")
    assert run("%%jina_embed\ntea\n").error is None
    assert models[V3].loaded_with == {}


@pytest.fixture
def chosen(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What is asked about weights; the answer is always the stand-in."""
    asked: list[tuple[str, str]] = []

    def choose(name: str, *, weights: str) -> weights_of.Choice:
        asked.append((name, weights))
        return weights_of.Choice("offline-minilm", None, "")

    monkeypatch.setattr(weights_of, "choose_weights", choose)
    return asked


def test_only_a_model_that_nobody_named_may_be_replaced(
    run: Run, models: Models, chosen: list[tuple[str, str]]
) -> None:
    run(f"%%jina_embed --model {V3}\ntea\n")
    assert (list(models), chosen) == ([V3], [])
    run("%%jina_embed\ntea\n")
    assert list(models) == [V3, "offline-minilm"]
    assert [weights for _, weights in chosen] == ["auto"]


@pytest.mark.parametrize("weights", ["hub", "tiny", "ckpt"])
def test_the_setting_weights_is_followed_for_every_model(
    weights: str, run: Run, models: Models, chosen: list[tuple[str, str]]
) -> None:
    run(f"%config Settings.weights = '{weights}'")
    run(f"%%jina_embed --model {V3}\ntea\n")
    run(f"%%jina_embed --model {V3} --path own\ntea\n")
    assert chosen == [(V3, weights)]
    assert models[V3].loaded_with == {"path": "own"}


class Indexing:
    """Stands where `jn.index` stands."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, str, dict[str, Any]]] = []

    def index(self, documents: Any, index: str, **options: Any) -> IndexReport:
        self.calls.append((documents, index, options))
        return report(index=index)


@pytest.fixture
def indexed(monkeypatch: pytest.MonkeyPatch) -> Indexing:
    stand_in = Indexing()
    monkeypatch.setattr(indexing, "index", stand_in.index)
    return stand_in


def test_index_stores_what_was_embedded_without_embedding_again(run: Run, models: Models, indexed: Indexing) -> None:
    ran = run(f"%%jina_embed --model {V3} --index shop --connection other\ngreen tea\n")
    assert len(models[V3].calls) == 1
    assert models[V3].calls[0][2] == {"task": "retrieval.passage"}
    ((given, name, options),) = indexed.calls
    assert isinstance(given, Embeddings)
    assert (name, options) == ("shop", {"model": models[V3], "connection": "other"})
    assert isinstance(ran.value, Embeddings)
    assert ran.value.report is not None
    assert "shop: 97 indexed" in ran.out


def test_json_lines_are_stored_with_their_fields_and_ids(run: Run, models: Models, indexed: Indexing) -> None:
    lines = '{"sku": "a", "text": "tea"}\n{"sku": "b", "text": "mug"}\n'
    run(f"%%jina_embed --model {V3} --index shop --id sku\n{lines}")
    ((given, _, options),) = indexed.calls
    assert [(d["sku"], d["text"], list(d["vector"][:2])) for d in given] == [("a", "tea", [1, 0]), ("b", "mug", [0, 1])]
    assert options == {"model": models[V3], "id": "sku", "vector": "vector"}


def test_late_chunks_cannot_be_indexed(run: Run, models: Models, indexed: Indexing) -> None:
    ran = run(f"%%jina_embed --model {V3} --index shop --late-chunking\ntea\n")
    assert isinstance(ran.error, OptionError)
    assert indexed.calls == []
    assert models[V3].calls == []


def test_a_dry_run_says_what_it_would_take_and_stores_nothing(run: Run, models: Models, indexed: Indexing) -> None:
    ran = run(f"%%jina_embed --model {V3} --task separation --dry-run\ngreen tea\nmug\n")
    assert [row["what"] for row in ran.value] == ["inputs", "tokens", "time", "vectors"]
    assert indexed.calls == []
    run(f"%%jina_embed --model {V3} --index shop --dry-run\ngreen tea\n")
    ((documents, name, options),) = indexed.calls
    assert (documents, name, options["estimate"]) == ([{"text": "green tea"}], "shop", True)
