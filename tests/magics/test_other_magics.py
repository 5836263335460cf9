"""`%%jina_rerank`, `%%jina_search`, `%jina_index`, `%%jina_read` and `%%jina_ask`: parse, call, return."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from IPython.core.interactiveshell import InteractiveShell

import jina_notebook as jn
from jina_notebook import indexing, searching
from jina_notebook.elastic.first_stage import FUSIONS, MODES
from jina_notebook.errors import InputError, OptionError
from jina_notebook.magics import search as search_magic
from jina_notebook.results import Hits, IndexReport
from jina_notebook.results.searches import Searches
from tests.magics.conftest import Ran, RecordingModel
from tests.results.samples import hits, report

Run = Callable[[str], Ran]
Models = dict[str, RecordingModel]
M0 = "jina-reranker-m0"


@pytest.fixture
def searched(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    calls: list[tuple[Any, ...]] = []

    def search(query: Any, index: Any, **options: Any) -> Hits:
        calls.append((query, index, options))
        return hits("green tea", query=query)

    monkeypatch.setattr(searching, "search", search)
    return calls


@pytest.fixture
def indexed(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Any, ...]]:
    calls: list[tuple[Any, ...]] = []

    def index(documents: Any, index: str, **options: Any) -> IndexReport:
        calls.append((documents, index, options))
        return report(index=index)

    monkeypatch.setattr(indexing, "index", index)
    return calls


def test_documents_below_are_ranked_for_the_query_on_the_line(run: Run, models: Models) -> None:
    ran = run(
        f'%%jina_rerank "warm to drink" --model {M0} --top-n 1 --return-documents false\niced tea\nhot chocolate\n'
    )
    assert models[M0].calls == [
        ("rerank", "warm to drink", ["iced tea", "hot chocolate"], {"top_n": 1, "return_documents": False})
    ]
    assert "relevance score" in ran.out


def test_hits_are_ranked_as_they_are(run: Run, models: Models, shell: InteractiveShell) -> None:
    found = hits("a", "b")
    shell.user_ns |= {"found": found, "question": "what's warm?"}
    run(f"%jina_rerank {{{{ question }}}} --input found --model {M0} --out best")
    assert models[M0].calls == [("rerank", "what's warm?", list(found), {})]
    assert len(shell.user_ns["best"]) == 2


@pytest.mark.parametrize("line", ["", "tea --query soup"])
def test_a_ranking_needs_exactly_one_query(line: str, run: Run, models: Models) -> None:
    ran = run(f"%%jina_rerank {line} --model {M0}\na\n")
    assert isinstance(ran.error, OptionError)
    assert "query" in ran.out
    assert models == {}


def test_a_ranking_needs_documents(run: Run, models: Models) -> None:
    assert isinstance(run(f"%jina_rerank tea --model {M0}").error, InputError)


def test_json_lines_are_ranked_by_their_text(run: Run, models: Models) -> None:
    run(f'%%jina_rerank tea --model {M0}\n{{"id": 1, "text": "a"}}\n')
    assert models[M0].calls[0][2] == ["a"]


def test_a_line_is_a_query(run: Run, searched: list[Any]) -> None:
    ran = run("%jina_search something warm --index shop --k 3 --mode vector")
    assert searched == [("something warm", "shop", {"k": 3, "mode": "vector"})]
    assert isinstance(ran.value, Hits)


def test_every_option_of_a_search_reaches_it_under_its_own_name(run: Run, searched: list[Any]) -> None:
    run(
        "%%jina_search --index a,b --num-candidates 100 --rerank jina-reranker-v3 --rerank-top 20 --connection other "
        '--fusion linear --model jina-clip-v2 --filter \'{"term": {"lang": "fr"}}\'\nwhat\'s new?\n'
    )
    assert searched == [
        (
            "what's new?",
            ["a", "b"],
            {
                "num_candidates": 100,
                "rerank": "jina-reranker-v3",
                "rerank_top": 20,
                "connection": "other",
                "fusion": "linear",
                "model": "jina-clip-v2",
                "filter": {"term": {"lang": "fr"}},
            },
        )
    ]


def test_a_filter_may_come_from_a_variable(run: Run, searched: list[Any], shell: InteractiveShell) -> None:
    shell.user_ns["only"] = {"terms": {"lang": ["fr", "it's"]}}
    run("%jina_search tea --index shop --filter {{ only }}")
    assert searched[0][2] == {"filter": {"terms": {"lang": ["fr", "it's"]}}}


def test_a_loaded_reranker_may_be_named_by_its_variable(run: Run, searched: list[Any], shell: InteractiveShell) -> None:
    shell.user_ns["mine"] = RecordingModel(jn.models()[M0])
    run("%jina_search tea --index shop --rerank mine")
    assert searched[0][2]["rerank"] is shell.user_ns["mine"]


def test_several_lines_are_several_searches(run: Run, searched: list[Any]) -> None:
    ran = run("%%jina_search --index shop\ntea\ncoffee\n")
    assert [call[0] for call in searched] == ["tea", "coffee"]
    assert isinstance(ran.value, Searches)


def test_an_apostrophe_on_the_line_shows_how_to_quote(run: Run, searched: list[Any]) -> None:
    ran = run("%jina_search what's new --index kb")
    assert isinstance(ran.error, OptionError)
    assert '%jina_search "what\'s new" --index kb' in ran.out
    assert searched == []


@pytest.mark.parametrize(
    "cell",
    [
        "%jina_search what is new? --index kb",
        "%jina_search --index kb what is new?",
        "%%jina_search what is new? --index kb",
    ],
)
def test_a_question_mark_ends_a_query_and_asks_for_no_help(cell: str, run: Run, searched: list[Any]) -> None:
    assert run(cell).error is None
    assert searched == [("what is new?", "kb", {})]


def test_a_search_needs_an_index(run: Run, searched: list[Any]) -> None:
    ran = run("%jina_search tea")
    assert isinstance(ran.error, OptionError)
    assert "--index" in ran.hint


def test_the_choices_are_the_librarys() -> None:
    by_name = {option.name: option for option in search_magic.COMMAND.options}
    assert set(by_name["mode"].choices) == set(MODES)
    assert by_name["fusion"].choices == tuple(FUSIONS)


def test_a_variable_is_indexed_as_it_is(run: Run, models: Models, indexed: list[Any], shell: InteractiveShell) -> None:
    stream = iter([{"sku": 1}])
    shell.user_ns["products"] = stream
    run(
        "%jina_index products --index shop --model jina-clip-v2 --text title --image photo --id sku --dimensions 64 "
        '--multivector --recreate --index-options \'{"type": "int8_hnsw"}\''
    )
    ((documents, index, options),) = indexed
    assert documents is stream
    assert index == "shop"
    assert options == {
        "model": models["jina-clip-v2"],
        "text": "title",
        "image": "photo",
        "id": "sku",
        "dimensions": 64,
        "multivector": True,
        "recreate": True,
        "index_options": {"type": "int8_hnsw"},
    }


def test_a_file_and_a_cells_lines_are_indexed_too(run: Run, models: Models, indexed: list[Any]) -> None:
    Path("corpus.jsonl").write_text("{}")
    run("%jina_index corpus.jsonl --index shop --model jina-clip-v2")
    run('%%jina_index --index shop --model jina-clip-v2\n{"id": "1", "text": "tea"}\n')
    run("%%jina_index --index shop --model jina-clip-v2\ntea\n")
    assert [call[0] for call in indexed] == [Path("corpus.jsonl"), [{"id": "1", "text": "tea"}], [{"text": "tea"}]]


def test_neither_a_variable_nor_a_file_is_named(run: Run, models: Models, indexed: list[Any]) -> None:
    ran = run("%jina_index nothing --index shop")
    assert isinstance(ran.error, OptionError)
    assert "'nothing'" in ran.out
    assert isinstance(run("%jina_index --index shop").error, InputError)
    assert isinstance(run("%jina_index nothing").error, OptionError)


def test_a_page_is_read_from_the_cell_a_file_or_a_variable(run: Run, models: Models, shell: InteractiveShell) -> None:
    Path("page.html").write_text("<p>file</p>")
    shell.user_ns |= {"page": "<p>variable</p>", "wanted": {"type": "object"}}
    run("%%jina_read --instruction 'the price' --max-new-tokens 9\n<p>\n{ cell }</p>\n")
    run("%jina_read page.html")
    run("%jina_read --input page --schema wanted")
    assert models["ReaderLM-v2"].calls == [
        ("read", "<p>\n{ cell }</p>", {"instruction": "the price", "max_new_tokens": 9}),
        ("read", "<p>file</p>", {}),
        ("read", "<p>variable</p>", {"schema": {"type": "object"}}),
    ]


def test_pages_are_not_fetched(run: Run, models: Models) -> None:
    ran = run("%jina_read https://example.com")
    assert isinstance(ran.error, InputError)
    assert "not fetched" in ran.hint


def test_a_question_is_asked_about_a_picture(run: Run, models: Models, shell: InteractiveShell) -> None:
    Path("photo.png").write_bytes(b"x")
    shell.user_ns["photo"] = picture = object()
    run("%jina_ask What is on the table? --image photo")
    run("%%jina_ask --image photo.png --max-new-tokens 5\nWhat is\nthis?\n")
    assert models["jina-vlm"].calls == [
        ("ask", picture, "What is on the table?", {}),
        ("ask", Path("photo.png"), "What is\nthis?", {"max_new_tokens": 5}),
    ]


def test_a_question_needs_a_picture_and_words(run: Run, models: Models) -> None:
    assert isinstance(run("%jina_ask What is this").error, OptionError)
    assert isinstance(run("%jina_ask --image x.png").error, InputError)
    assert models == {}
