"""Names, aliases, patterns and data streams become groups of indices that one request can search."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from jina_notebook.elastic.connection import Connection
from jina_notebook.elastic.targets import check_filters, names_of, resolve
from jina_notebook.errors import IndexFitError, OptionError
from tests.elastic.doubles import WordModel, connected, fill, meta_of
from tests.elastic.stub import StubServer, mapping, shown

ONE, OTHER = WordModel("model-one", size=64), WordModel("model-two", size=32)
DENSE = {"type": "dense_vector", "dims": 64}


@pytest.fixture
def server(elasticsearch_url: str) -> Iterator[Connection]:
    with connected(elasticsearch_url) as connection:
        yield connection


@pytest.mark.parametrize(
    ("index", "expected"),
    [("a", ("a",)), ("a, b", ("a", "b")), (["a", "b", "a"], ("a", "b")), (("x-*",), ("x-*",)), (" a ", ("a",))],
)
def test_one_name_or_several_are_taken(index: Any, expected: tuple[str, ...]) -> None:
    assert names_of(index) == expected


@pytest.mark.parametrize("index", ["", " ", "a,,b", [], ["a", ""], ["a", None], None, 7, {"a": 1}])
def test_anything_else_names_no_index(index: Any) -> None:
    with pytest.raises(OptionError, match="names no index"):
        names_of(index)


def stub(**mappings: Any) -> Connection:
    return StubServer(search=lambda _: shown(""), mappings=mappings).connection()


def test_indices_of_one_model_are_one_target_under_the_names_given() -> None:
    connection = stub(a=mapping(meta_of(ONE), vector=DENSE), b=mapping(meta_of(ONE, version="9"), vector=DENSE))
    (target,) = resolve(connection.client, ["all"])
    assert target.path == ("all",)
    assert target.indices == ("a", "b")
    assert target.meta is not None
    assert target.meta.model == "model-one"


def test_indices_of_different_models_are_searched_apart() -> None:
    connection = StubServer(
        search=lambda _: shown(""),
        mappings={"a": mapping(meta_of(ONE)), "b": mapping(meta_of(OTHER)), "c": mapping(meta_of(ONE))},
        other=lambda _, path: (200, {"a": {"aliases": {}}}) if "_alias" in path else None,
    ).connection()
    targets = resolve(connection.client, ["a", "b", "c"])
    assert [target.path for target in targets] == [("a", "c"), ("b",)]


def test_lexical_search_needs_no_more_than_the_same_text_fields() -> None:
    connection = stub(a=mapping(meta_of(ONE)), b=mapping(meta_of(OTHER)))
    assert len(resolve(connection.client, ["a", "b"], by_texts=True)) == 1


@pytest.mark.server
def test_a_missing_index_is_an_error_that_suggests_a_name(server: Connection, index_name: str) -> None:
    fill(server, index_name, [], model=None, properties={})
    with pytest.raises(IndexFitError) as caught:
        resolve(server.client, [index_name[:-1]])
    assert caught.value.hint == f"did you mean {index_name}?"
    with pytest.raises(IndexFitError, match="There is no index"):
        resolve(server.client, [f"{index_name}-none-*"])


@pytest.mark.server
def test_an_alias_stays_an_alias_where_its_indices_fit_together(server: Connection, index_name: str) -> None:
    fill(server, index_name, [], model=ONE)
    server.client.indices.put_alias(index=index_name, name=f"{index_name}-alias")
    (target,) = resolve(server.client, [f"{index_name}-alias"])
    assert (target.path, target.indices) == ((f"{index_name}-alias",), (index_name,))
    assert target.filters == ()


@pytest.mark.server
def test_the_filter_of_an_alias_over_different_models_is_kept(server: Connection, index_name: str) -> None:
    term = {"term": {"lang": "fr"}}
    for model, name in ((ONE, f"{index_name}-1"), (OTHER, f"{index_name}-2")):
        fill(server, name, [], model=model)
        server.client.indices.put_alias(index=name, name=f"{index_name}-all", filter=term)
    targets = resolve(server.client, [f"{index_name}-all"])
    assert [target.path for target in targets] == [(f"{index_name}-1",), (f"{index_name}-2",)]
    assert [list(target.filters) for target in targets] == [[term], [term]]


def test_an_index_that_is_named_itself_is_searched_whole_whatever_its_aliases_filter() -> None:
    aliases = {"kb": {"filter": {"term": {"lang": "fr"}}}}
    connection = StubServer(
        search=lambda _: shown(""),
        mappings={"a-1": mapping(meta_of(ONE)), "b-1": mapping(meta_of(OTHER))},
        other=lambda _, path: (200, {n: {"aliases": aliases} for n in ("a-1", "b-1")}) if "_alias" in path else None,
    ).connection()
    filters = [target.filters for target in resolve(connection.client, ["a-*", "kb"])]
    assert filters == [(), ({"term": {"lang": "fr"}},)]


def test_a_login_that_may_search_but_not_read_mappings_still_finds_the_fields() -> None:
    denied = {"error": {"type": "security_exception", "reason": "action is unauthorized"}, "status": 403}
    types = {"text": {"text": {}}, "vector": {"dense_vector": {}}, "lang": {"keyword": {}}, "_id": {"_id": {}}}

    def other(_: str, path: str) -> Any:
        if path.endswith("/_mapping"):
            return 403, denied
        return (200, {"indices": ["shop"], "fields": types}) if path.endswith("/_field_caps") else None

    connection = StubServer(search=lambda _: shown(""), other=other).connection()
    (target,) = resolve(connection.client, ["shop"])
    assert target.fields.texts == ("text",)
    assert [v.path for v in target.fields.vectors] == ["vector"]
    assert target.meta is None
    assert "may not read mappings" in target.notes[0]


def test_a_filter_on_an_unknown_field_is_refused_with_the_nearest_name() -> None:
    (target,) = resolve(stub(shop=mapping(meta_of(ONE), vector=DENSE)).client, ["shop"])
    with pytest.raises(IndexFitError) as caught:
        check_filters([target], [{"bool": {"must": [{"term": {"lnag": "fr"}}]}}])
    assert caught.value.message == "The filter names the field 'lnag', which shop does not have."
    assert caught.value.hint == "did you mean lang?"
    with pytest.raises(IndexFitError) as caught:
        check_filters([target], [{"exists": {"field": "zzzzzzz"}}])
    assert caught.value.hint == "Its fields: lang, text."


def test_a_filter_may_name_a_field_of_any_of_the_indices() -> None:
    fits = mapping(meta_of(ONE), price={"type": "float"})
    (target,) = resolve(stub(a=mapping(meta_of(ONE)), b=fits).client, ["a", "b"])
    check_filters([target], [{"range": {"price": {"lt": 3}}}])
    assert target.fields.knows("price")


def test_a_filter_without_a_kind_of_match_shows_how_to_write_it() -> None:
    (target,) = resolve(stub(shop=mapping(meta_of(ONE))).client, ["shop"])
    with pytest.raises(OptionError, match=r"names the field 'lang' without saying how") as caught:
        check_filters([target], [{"lang": "fr"}])
    assert '{"term": {"lang": ' in str(caught.value.hint)
