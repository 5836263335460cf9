"""The index that documents go to, on the live server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from jina_notebook.elastic.connection import Connection
from jina_notebook.elastic.destination import Destination
from jina_notebook.elastic.meta import IndexMeta
from jina_notebook.errors import IndexFitError, RequestError
from tests.elastic.doubles import connected
from tests.elastic.proxy import Reply, Request, gate
from tests.elastic.test_mapping import remembered

FLAT = {"type": "flat"}


@pytest.fixture
def es(elasticsearch_url: str) -> Iterator[Connection]:
    with connected(elasticsearch_url) as connection:
        yield connection


def create(destination: Destination, meta: IndexMeta | None = None, **options: Any) -> None:
    settings: dict[str, Any] = {"index_options": FLAT, "automatic": True, "metadata": {}, "analyzer": "standard"}
    destination.create(meta or remembered(dimensions=4), **{**settings, **options})


def settings_of(es: Connection, index: str) -> dict[str, Any]:
    found: dict[str, Any] = es.client.indices.get_settings(index=index)[index]["settings"]["index"]
    return found


def write(es: Connection, index: str, key: str, fingerprint: str) -> None:
    es.client.index(index=index, id=key, document={"text": "a", "vector": [1, 0, 0, 0], "_jina_hash": fingerprint})


def test_a_name_that_is_free_is_vacant(es: Connection, index_name: str) -> None:
    destination = Destination.resolve(es, index_name)
    assert destination.vacant
    assert destination.meta is None
    assert not destination.remembers_hashes


def test_a_name_with_capitals_is_refused_where_no_alias_has_it(es: Connection, index_name: str) -> None:
    with pytest.raises(IndexFitError, match="capital letters"):
        Destination.resolve(es, index_name.upper())


def test_an_alias_with_capitals_is_followed(es: Connection, index_name: str) -> None:
    es.client.indices.create(index=index_name, aliases={index_name.upper(): {}})
    assert Destination.resolve(es, index_name.upper()).index == index_name


def test_a_new_index_is_loaded_without_refresh_and_left_as_the_server_has_it(es: Connection, index_name: str) -> None:
    destination = Destination.resolve(es, index_name)
    create(destination)
    assert destination.created
    assert settings_of(es, index_name)["refresh_interval"] == "-1"
    assert settings_of(es, index_name)["number_of_replicas"] == "0"
    destination.restore()
    assert "refresh_interval" not in settings_of(es, index_name)
    assert settings_of(es, index_name)["auto_expand_replicas"] == "0-1"
    assert es.meta(index_name) == remembered(dimensions=4)


def test_a_run_that_was_killed_is_cleaned_up_by_the_next(es: Connection, index_name: str) -> None:
    create(Destination.resolve(es, index_name))
    Destination.resolve(es, index_name).restore()
    assert "refresh_interval" not in settings_of(es, index_name)
    es.client.indices.put_settings(index=index_name, settings={"index": {"refresh_interval": "30s"}})
    Destination.resolve(es, index_name).restore()
    assert settings_of(es, index_name)["refresh_interval"] == "30s"


def test_a_refresh_interval_that_the_user_set_is_left_alone(es: Connection, index_name: str) -> None:
    es.client.indices.create(index=index_name, settings={"index": {"refresh_interval": "-1"}})
    destination = Destination.resolve(es, index_name)
    destination.adopt(remembered(dimensions=4), index_options=FLAT)
    destination.restore()
    assert settings_of(es, index_name)["refresh_interval"] == "-1"


def test_hashes_of_what_is_there_are_found_and_hits_do_not_show_them(es: Connection, index_name: str) -> None:
    destination = Destination.resolve(es, index_name)
    create(destination)
    write(es, index_name, "1", "f1")
    write(es, index_name, "2", "f2")
    destination.refresh()
    assert destination.hashes(["1", "2", "3"]) == {"1": "f1", "2": "f2"}
    assert destination.hashes([]) == {}
    assert "_jina_hash" not in es.client.get(index=index_name, id="1")["_source"]


def test_a_document_that_someone_else_updated_counts_as_changed(es: Connection, index_name: str) -> None:
    destination = Destination.resolve(es, index_name)
    create(destination)
    write(es, index_name, "1", "f1")
    es.client.update(index=index_name, id="1", doc={"text": "changed"})
    destination.refresh()
    assert destination.hashes(["1"]) == {"1": ""}


def test_an_alias_leads_to_its_index(es: Connection, index_name: str) -> None:
    create(Destination.resolve(es, f"{index_name}-1"))
    es.client.indices.put_alias(index=f"{index_name}-1", name=index_name)
    destination = Destination.resolve(es, index_name)
    assert (destination.asked, destination.index) == (index_name, f"{index_name}-1")
    assert destination.meta == remembered(dimensions=4)


def test_of_an_alias_over_several_indices_the_one_for_writing_is_meant(es: Connection, index_name: str) -> None:
    for number in (1, 2):
        es.client.indices.create(index=f"{index_name}-{number}", aliases={index_name: {"is_write_index": number == 2}})
    assert Destination.resolve(es, index_name).index == f"{index_name}-2"


def test_an_alias_without_an_index_for_writing_is_refused(es: Connection, index_name: str) -> None:
    for number in (1, 2):
        es.client.indices.create(index=f"{index_name}-{number}", aliases={index_name: {}})
    with pytest.raises(IndexFitError, match="none of them is its index for writing"):
        Destination.resolve(es, index_name)


def test_an_alias_that_is_for_reading_only_is_refused(es: Connection, index_name: str) -> None:
    es.client.indices.create(index=f"{index_name}-1", aliases={index_name: {"is_write_index": False}})
    with pytest.raises(IndexFitError, match="is_write_index"):
        Destination.resolve(es, index_name)


def test_replacing_keeps_the_old_index_until_the_new_one_is_made_and_its_aliases_after(
    es: Connection, index_name: str
) -> None:
    create(Destination.resolve(es, f"{index_name}-1"))
    es.client.indices.put_alias(index=f"{index_name}-1", name=index_name, filter={"term": {"lang": "fr"}})
    write(es, f"{index_name}-1", "old", "f")
    destination = Destination.resolve(es, index_name).replaced()
    assert destination.vacant
    es.client.indices.refresh(index=f"{index_name}-1")
    assert es.client.count(index=f"{index_name}-1")["count"] == 1
    create(destination, remembered(dimensions=8))
    assert es.client.count(index=f"{index_name}-1")["count"] == 0
    assert es.meta(index_name) == remembered(dimensions=8)
    aliases = es.client.indices.get_alias(index=f"{index_name}-1")[f"{index_name}-1"]["aliases"]
    assert aliases[index_name]["filter"] == {"term": {"lang": "fr"}}


def test_a_writer_that_finds_the_index_just_made_joins_in(es: Connection, index_name: str) -> None:
    first, second = Destination.resolve(es, index_name), Destination.resolve(es, index_name)
    create(first)
    create(second)
    assert (first.created, second.created) == (True, False)
    assert not second.vacant


def test_an_index_that_was_made_for_nothing_goes_unless_another_writer_joined(es: Connection, index_name: str) -> None:
    destination = Destination.resolve(es, index_name)
    create(destination)
    write(es, index_name, "of-another", "f")
    destination.discard()
    assert es.client.indices.exists(index=index_name)
    es.client.delete(index=index_name, id="of-another")
    destination.discard()
    assert not es.client.indices.exists(index=index_name)


def test_an_index_of_another_tool_keeps_its_own_notes(es: Connection, index_name: str) -> None:
    mappings = {"_meta": {"owner": "search team"}, "properties": {"text": {"type": "text", "analyzer": "french"}}}
    es.client.indices.create(index=index_name, mappings=mappings)
    Destination.resolve(es, index_name).adopt(remembered(dimensions=4), index_options=FLAT)
    mapping = es.client.indices.get_mapping(index=index_name)[index_name]["mappings"]
    assert mapping["_meta"]["owner"] == "search team"
    assert mapping["properties"]["text"]["analyzer"] == "french"
    assert mapping["properties"]["vector"]["dims"] == 4
    assert es.meta(index_name) == remembered(dimensions=4)


def test_an_exact_field_gets_a_graph_and_keeps_its_documents(es: Connection, index_name: str) -> None:
    destination = Destination.resolve(es, index_name)
    create(destination)
    write(es, index_name, "1", "f1")
    destination.grow({"type": "int8_hnsw", "m": 16, "ef_construction": 100}, "vector")
    write(es, index_name, "2", "f2")
    destination.refresh()
    found = es.client.search(index=index_name, knn={"field": "vector", "query_vector": [1, 0, 0, 0], "k": 5})
    assert {hit["_id"] for hit in found["hits"]["hits"]} == {"1", "2"}


def test_a_login_that_may_not_restore_settings_does_not_set_them(es: Connection, index_name: str) -> None:
    def restricted(request: Request) -> Reply | None:
        if request.target.startswith("/_security/user/_has_privileges"):
            return 200, {"has_all_requested": False}
        if request.target.endswith(("/_settings", "/_refresh")):
            return 403, {"error": {"type": "security_exception", "reason": "is unauthorized"}, "status": 403}
        return None

    with gate(restricted, target=es.url) as between, connected(between.url) as weak:
        destination = Destination.resolve(weak, index_name)
        create(destination)
        assert "refresh_interval" not in settings_of(es, index_name)
        destination.restore()
        destination.refresh()
    assert "may not refresh" in destination.notes[0]


def test_a_mapping_that_the_server_refuses_is_a_clear_error(es: Connection, index_name: str) -> None:
    with pytest.raises(RequestError, match=f"could not make the index '{index_name}'"):
        create(Destination.resolve(es, index_name), index_options={"type": "flat", "m": 3})
