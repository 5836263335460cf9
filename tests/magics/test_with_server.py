"""The main job through the magics, on a real Elasticsearch with a real model."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from IPython.core.interactiveshell import InteractiveShell

from jina_notebook.elastic import connection
from jina_notebook.errors import IndexFitError
from jina_notebook.magics.completion import suggestions
from jina_notebook.magics.search import COMMAND
from tests.magics.conftest import Ran
from tests.render.reading import read

Run = Callable[[str], Ran]
pytestmark = pytest.mark.server


@pytest.fixture(autouse=True)
def connected(elasticsearch_url: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(connection, "_known", {})
    assert run(f"%jina connect {elasticsearch_url};").error is None
    yield
    for known in connection.connections():
        known.close()


def test_what_is_embedded_with_index_is_found_and_reranked(run: Run, shell: InteractiveShell, index_name: str) -> None:
    stored = run(
        f"%%jina_embed --model offline-minilm --index {index_name} --id sku --out e\n"
        '{"sku": "mug", "text": "A double-walled mug keeps tea warm for hours.", "price": 12}\n'
        '{"sku": "lamp", "text": "A desk lamp with three brightness levels.", "price": 30}\n'
        '{"sku": "hose", "text": "A garden hose of fifteen metres.", "price": 25}\n'
    )
    assert stored.error is None, stored.out
    assert shell.user_ns["e"].report.indexed == 3
    run(f"hits = %jina_search something to drink from --index {index_name} --mode vector --k 2")
    found = shell.user_ns["hits"]
    assert found[0].id == "mug"
    assert len(found) == 2
    assert found[0].source["price"] == 12
    best = run("%jina_rerank warm --input hits --model offline-minilm").value
    assert best[0].document.id == "mug"
    filtered = run(f'%jina_search light --index {index_name} --filter \'{{"range": {{"price": {{"lt": 20}}}}}}\'').value
    assert [hit.id for hit in filtered] == ["mug"]


def test_several_queries_in_one_cell_and_a_variable_as_documents(
    run: Run, shell: InteractiveShell, index_name: str
) -> None:
    shell.user_ns["docs"] = [{"id": str(i), "text": text} for i, text in enumerate(["green tea", "black coffee"])]
    report = run(f"%jina_index docs --index {index_name} --model offline-minilm --id id").value
    assert report.indexed == 2
    again = run(f"%jina_index docs --index {index_name} --model offline-minilm --id id").value
    assert (again.indexed, again.skipped) == (0, 2)
    found = run(f"%%jina_search --index {index_name} --mode lexical --k 1\ntea\ncoffee\n").value
    assert [hits[0].id for hits in found] == ["0", "1"]


def test_markup_in_a_document_is_shown_as_text(run: Run, index_name: str) -> None:
    text = "<img src=x onerror=alert(1)> </td> \u202egnp"
    run(f"%%jina_embed --model offline-minilm --index {index_name} --id id;\n" + f'{{"id": "1", "text": "{text}"}}\n')
    tree = read(run(f"%jina_search img --index {index_name} --mode lexical").value._repr_html_())
    assert tree.all("img") == []
    assert not [name for element in tree.all() for name in element.attributes if name.startswith("on")]
    (only,) = tree.all("tbody")[0].all("tr")
    assert "<img src=x onerror=alert(1)> </td> [U+202E]gnp" in only.text
    assert [mark.text for mark in only.all("mark")] == ["img"]


def test_documents_that_the_server_refuses_are_a_table(run: Run, index_name: str) -> None:
    line = f"%%jina_embed --model offline-minilm --index {index_name} --id id"
    run(f'{line}\n{{"id": "1", "text": "tea", "price": 3}}\n')
    ran = run(f'{line}\n{{"id": "2", "text": "mug", "price": "ask us"}}\n')
    table = read(ran.value._repr_html_()).all("table")[-1]
    assert table.all("caption")[0].text == "Not stored"
    assert [cell.text for cell in table.all("td")][:2] == ["2", "price"]


def test_a_missing_index_is_one_sentence(run: Run, index_name: str) -> None:
    ran = run(f"%jina_search tea --index {index_name}-missing")
    assert isinstance(ran.error, IndexFitError)
    assert len(ran.out.strip().splitlines()) == 2


def test_indices_complete_and_connections_are_listed(run: Run, index_name: str, elasticsearch_url: str) -> None:
    run(f"%%jina_embed --model offline-minilm --index {index_name};\ntea\n")
    offered = suggestions("%jina_search tea --index ", {"jina_search": COMMAND}, {}, {})
    assert index_name in [suggestion.text for suggestion in offered]
    (row,) = run("%jina connections").value
    assert (row["name"], row["address"]) == ("default", elasticsearch_url)


def test_a_dry_run_stores_nothing(run: Run, index_name: str) -> None:
    ran = run(f"%%jina_embed --model offline-minilm --index {index_name} --dry-run\ntea\n")
    assert ran.error is None, ran.out
    assert isinstance(run(f"%jina_search tea --index {index_name}").error, IndexFitError)
