from __future__ import annotations

from collections.abc import Iterator

import pytest

from jina_notebook.elastic.connection import Connection
from jina_notebook.elastic.neighbours import stored_vector
from jina_notebook.elastic.targets import resolve
from jina_notebook.errors import IndexFitError, InputError
from tests.elastic.doubles import WordModel, add, connected, fill

MODEL = WordModel(size=64)

pytestmark = pytest.mark.server


@pytest.fixture
def server(elasticsearch_url: str) -> Iterator[Connection]:
    with connected(elasticsearch_url) as connection:
        yield connection


def test_the_vector_of_a_stored_document_is_read_back(server: Connection, index_name: str) -> None:
    fill(server, index_name, [{"id": "a", "text": "green tea"}], model=MODEL)
    origin = stored_vector(server.client, resolve(server.client, [index_name]), "a")
    assert origin.index == index_name
    assert origin.vector == pytest.approx(MODEL.embed("green tea").vectors[0].tolist(), abs=1e-6)


def test_a_document_that_is_not_there_or_has_no_vector_is_an_error(server: Connection, index_name: str) -> None:
    fill(server, index_name, [{"id": "a", "text": "green tea"}], model=MODEL)
    add(server, index_name, [{"id": "bare"}], model=MODEL)
    targets = resolve(server.client, [index_name])
    with pytest.raises(InputError, match=f"There is no document 'b' in {index_name}"):
        stored_vector(server.client, targets, "b")
    with pytest.raises(InputError, match=r"The document 'bare' .* has no vector of its own"):
        stored_vector(server.client, targets, "bare")


def test_an_id_in_several_indices_has_to_be_told_apart(server: Connection, index_name: str) -> None:
    for name in (f"{index_name}-1", f"{index_name}-2"):
        fill(server, name, [{"id": "a", "text": "green tea"}], model=MODEL)
    with pytest.raises(InputError, match=f"'a' is in several indices: {index_name}-1, {index_name}-2"):
        stored_vector(server.client, resolve(server.client, [f"{index_name}-*"]), "a")


def test_an_index_without_vectors_has_no_neighbours(server: Connection, index_name: str) -> None:
    fill(server, index_name, [{"id": "a", "text": "green tea"}], model=None)
    with pytest.raises(InputError, match="has no vector of its own"):
        stored_vector(server.client, resolve(server.client, [index_name]), "a")


def test_an_index_of_another_model_is_refused(server: Connection, index_name: str) -> None:
    fill(server, f"{index_name}-1", [{"id": "a", "text": "green tea"}], model=MODEL)
    fill(server, f"{index_name}-2", [], model=WordModel("other", size=64))
    origin = stored_vector(server.client, resolve(server.client, [f"{index_name}-1"]), "a")
    (other,) = resolve(server.client, [f"{index_name}-2"])
    with pytest.raises(IndexFitError, match=r"offline-minilm, 64 dimensions.*is of other, 64 dimensions"):
        origin.leg(other)
