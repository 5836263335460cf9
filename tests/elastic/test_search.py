"""Which requests go out for which server, and how their answers become one ranking."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from jina_notebook.elastic.fields import fields_of
from jina_notebook.elastic.first_stage import Leg, Plan
from jina_notebook.elastic.queries import Dialect, knobs
from jina_notebook.elastic.search import Found, find
from jina_notebook.elastic.targets import Target
from jina_notebook.errors import CapabilityError, IndexFitError, RequestError
from tests.elastic.doubles import WordModel, meta_of
from tests.elastic.stub import StubServer, refused, shown, unknown

DENSE = {"type": "dense_vector", "dims": 2, "similarity": "cosine"}
META = meta_of(WordModel(size=2))
MAPPING = {"properties": {"text": {"type": "text"}, "lang": {"type": "keyword"}, "vector": DENSE}}
TARGET = Target(path=("shop",), indices=("shop",), fields=fields_of(MAPPING, META), meta=META)
LEG = Leg(target=TARGET, vector=(0.6, 0.8))
LEXICAL, VECTOR = "bacdf", "cedba"


def plan(mode: Any = "hybrid", **changes: Any) -> Plan:
    return replace(Plan(mode=mode, knobs=knobs(5, None), read=10, text="green tea", weights={}), **changes)


def fused_by_hand(lexical: str, vector: str) -> list[str]:
    totals = {i: sum(1 / (61 + ids.index(i)) for ids in (lexical, vector) if i in ids) for i in {*lexical, *vector}}
    return sorted(totals, key=lambda i: (-round(totals[i], 9), i))


def shop(body: dict[str, Any]) -> dict[str, Any]:
    """A server that ranks by the script; it breaks ties of its fusion the other way round, as a server may."""
    if "retriever" in body:
        ids = fused_by_hand(LEXICAL, VECTOR)
        answer = shown(ids)
        scores = {i: sum(1 / (61 + r.index(i)) for r in (LEXICAL, VECTOR) if i in r) for i in ids}
        for hit in answer["hits"]["hits"]:
            hit["_score"] = scores[hit["_id"]]
        answer["hits"]["hits"].sort(key=lambda hit: (-round(hit["_score"], 9), -ord(hit["_id"])))
        return answer
    return shown(VECTOR if "knn" in body else LEXICAL)


def ids(found: Found) -> str:
    return "".join(key[0] for key, _ in found.order)


def dialect(version: str) -> Dialect:
    major, minor = version.split(".")[:2]
    return Dialect(version=(int(major), int(minor)))


@pytest.mark.parametrize("version", ["8.18.0", "8.19.2", "9.0.1", "9.1.0", "9.2.0", "9.4.3", "9.5.1"])
@pytest.mark.parametrize("licence", ["enterprise", "trial"])
def test_with_a_licence_rrf_runs_on_the_server(version: str, licence: str) -> None:
    server = StubServer(search=shop)
    found = find(server.connection(version, licence), [LEG], plan(dialect=dialect(version)))
    assert server.requests == [("POST", "/_msearch"), ("POST", "/shop/_search")]
    fused, lexical, vector = server.sent
    assert fused["retriever"]["rrf"]["retrievers"] == [
        {"standard": {"query": lexical["query"]}},
        {"knn": vector["knn"]},
    ]
    assert fused["_source"] is lexical["_source"] is vector["_source"] is False
    assert found.notes == ()


def test_the_server_and_the_client_fuse_alike() -> None:
    licensed, basic = StubServer(search=shop), StubServer(search=shop)
    there = find(licensed.connection(licence="trial"), [LEG], plan())
    here = find(basic.connection(), [LEG], plan(on_client="licence basic"))
    assert ids(there) == ids(here) == "".join(fused_by_hand(LEXICAL, VECTOR))
    assert [s for _, s in there.order] == pytest.approx([s for _, s in here.order], abs=1e-7)
    assert [(name, [k for k, _ in places]) for name, places in there.lists] == [
        (name, [k for k, _ in places]) for name, places in here.lists
    ]
    assert here.notes == ("rrf runs on the client: licence basic",)
    assert len(basic.sent) == 2


@pytest.mark.parametrize("answer", [unknown("rrf"), refused("Reciprocal Rank Fusion (RRF)")])
def test_a_server_that_turns_out_to_lack_rrf_is_searched_again_and_remembered(answer: dict[str, Any]) -> None:
    server = StubServer(search=lambda body: answer if "retriever" in body else shop(body))
    connection = server.connection(licence="trial")
    found = find(connection, [LEG], plan())
    assert ids(found) == "".join(fused_by_hand(LEXICAL, VECTOR))
    assert len(found.notes) == 1
    assert found.notes[0].startswith("rrf runs on the client: ")
    assert not connection.capabilities.allows("rrf")


def test_any_other_refusal_of_the_fused_search_is_an_error() -> None:
    error = {"error": {"type": "illegal_argument_exception", "reason": "no such thing"}, "status": 400}
    server = StubServer(search=lambda body: error if "retriever" in body else shop(body))
    with pytest.raises(RequestError, match=r"could not search shop: no such thing \(status 400\)"):
        find(server.connection(licence="trial"), [LEG], plan())


def test_linear_fusion_goes_to_the_server_with_its_weights() -> None:
    server = StubServer(search=shop)
    weights = {"lexical": 0.3, "vector": 0.7}
    find(server.connection(licence="trial"), [LEG], plan(fusion="linear", weights=weights))
    entries = server.sent[0]["retriever"]["linear"]["retrievers"]
    assert [entry["weight"] for entry in entries] == [0.3, 0.7]


def test_linear_fusion_on_the_client_scales_the_scores() -> None:
    server = StubServer(search=shop)
    weights = {"lexical": 0.0, "vector": 1.0}
    found = find(server.connection(), [LEG], plan(fusion="linear", weights=weights, on_client="licence basic"))
    assert ids(found) == "cedbaf"
    assert found.order[0][1] == 1.0
    assert found.notes == ("linear runs on the client: licence basic",)


def test_every_stage_keeps_its_places() -> None:
    found = find(StubServer(search=shop).connection(), [LEG], plan(on_client="licence basic"))
    assert [name for name, _ in found.lists] == ["lexical", "vector", "fusion"]
    assert [key[0] for key, _ in found.lists[0][1]] == list(LEXICAL)
    assert [key[0] for key, _ in found.lists[1][1]] == list(VECTOR)
    assert list(found.latency) == ["search", "fusion", "fetch"]


@pytest.mark.parametrize(("mode", "expected"), [("vector", VECTOR), ("exact", LEXICAL), ("lexical", LEXICAL)])
def test_one_list_is_one_request_and_needs_no_fusion(mode: str, expected: str) -> None:
    server = StubServer(search=shop)
    leg = replace(LEG, vector=None) if mode == "lexical" else LEG
    found = find(server.connection(), [leg], plan(mode))
    assert ids(found) == expected
    assert [path for _, path in server.requests] == ["/shop/_search"]
    assert server.sent[0]["size"] == 5
    assert [name for name, _ in found.lists] == ["lexical" if mode == "lexical" else "vector"]


def test_the_filter_is_in_every_search() -> None:
    server = StubServer(search=shop)
    term = {"term": {"lang": "fr"}}
    find(server.connection(), [LEG], plan(filters=(term,), on_client="x"))
    assert server.sent[0]["query"]["bool"]["filter"] == [term]
    assert server.sent[1]["knn"]["filter"] == [term]


def test_an_image_is_searched_by_its_vector_alone_and_a_note_says_so() -> None:
    server = StubServer(search=shop)
    found = find(server.connection(), [LEG], plan(text=None))
    assert len(server.sent) == 1
    assert "highlight" not in server.sent[0]
    assert found.notes == ("an image has no words: only the vector search ran",)


def test_an_index_without_text_is_searched_by_vectors_alone_and_a_note_says_so() -> None:
    bare = replace(TARGET, fields=replace(TARGET.fields, texts=()))
    found = find(StubServer(search=shop).connection(), [replace(LEG, target=bare)], plan())
    assert found.notes == ("shop has no text field: only the vector search ran",)
    with pytest.raises(IndexFitError, match="shop has no text field to search in"):
        find(StubServer(search=shop).connection(), [Leg(target=bare)], plan("lexical"))


def test_a_vector_field_without_an_index_is_searched_exactly_and_a_note_says_so() -> None:
    mapping = {"properties": {"text": {"type": "text"}, "vector": {**DENSE, "index": False}}}
    leg = replace(LEG, target=replace(TARGET, fields=fields_of(mapping, META)))
    server = StubServer(search=shop)
    found = find(server.connection(licence="trial"), [leg], plan())
    assert "script_score" in server.sent[1]["query"]
    assert found.notes == (
        "vector of shop has no vector index: every vector was compared",
        "rrf runs on the client: the server fuses indexed vectors of whole documents only",
    )


def test_a_query_of_very_many_words_is_cut_and_a_note_says_so() -> None:
    server = StubServer(search=shop)
    found = find(server.connection(), [replace(LEG, vector=None)], plan("lexical", text="word " * 2000))
    assert len(server.sent[0]["query"]["match"]["text"]["query"].split()) == 1024
    assert found.notes == ("lexical search read the first 1,024 words of the query",)


def test_two_groups_of_indices_are_fused_over_their_union() -> None:
    other = replace(TARGET, path=("docs",), indices=("docs",))
    server = StubServer(
        search=lambda body: shown("ab", index="shop" if body["knn"]["query_vector"][0] > 0.5 else "docs")
    )
    legs = [LEG, Leg(target=other, vector=(0.1, 0.9))]
    found = find(server.connection(licence="trial"), legs, plan("vector"))
    assert server.paths == ["shop", "docs", "shop", "docs"]  # places, then documents
    assert [key for key, _ in found.order] == [("a", "docs"), ("a", "shop"), ("b", "docs"), ("b", "shop")]


def test_only_the_documents_on_top_are_read_whole() -> None:
    server = StubServer(search=shop)
    found = find(server.connection(), [LEG], plan(read=2, on_client="x"))
    assert [body["_source"] for body in server.sent] == [False, False]
    assert all("highlight" not in body for body in server.sent)
    assert server.fetched == [["c", "b"]]
    assert ids(found) == "cb"
    assert found.documents["c", "shop"].source == {"text": "text of c"}


def test_a_document_that_is_deleted_during_the_search_is_no_hit() -> None:
    server = StubServer(search=shop)
    server.gone = {"b"}
    found = find(server.connection(), [LEG], plan(on_client="x"))
    assert "b" not in ids(found)
    assert set(found.documents) == {key for key, _ in found.order}


def test_missing_shards_and_time_limits_are_noted() -> None:
    def partial(body: dict[str, Any]) -> dict[str, Any]:
        failure = {"shard": 0, "reason": {"type": "x", "reason": "disk on fire"}}
        return {**shop(body), "timed_out": True, "_shards": {"total": 3, "failed": 1, "failures": [failure]}}

    found = find(StubServer(search=partial).connection(), [LEG], plan("vector"))
    assert found.notes == (
        "hits are missing: 1 of 3 shards failed (disk on fire)",
        "hits are missing: the search ran out of its time limit",
    )


def test_a_refused_search_among_several_is_an_error_with_its_reason() -> None:
    inner = {"type": "query_shard_exception", "reason": "failed to create query", "caused_by": {"reason": "bad dims"}}
    error = {
        "error": {
            "type": "search_phase_execution_exception",
            "reason": "all shards failed",
            "failed_shards": [{"index": "shop", "reason": inner}],
        },
        "status": 400,
    }
    server = StubServer(search=lambda body: error if "knn" in body else shop(body))
    with pytest.raises(RequestError, match="failed to create query: bad dims"):
        find(server.connection(), [LEG], plan(on_client="x"))


def test_late_interaction_without_token_vectors_is_an_error() -> None:
    with pytest.raises(IndexFitError, match="stores no token vectors"):
        find(StubServer(search=shop).connection(), [LEG], plan("late-interaction"))


def test_oversample_on_a_server_that_is_too_old_is_an_error() -> None:
    with pytest.raises(CapabilityError, match=r"8\.18 or newer"):
        find(
            StubServer(search=shop).connection("8.14.0"),
            [LEG],
            plan("vector", dialect=Dialect(version=(8, 14)), oversample=3.0),
        )


def test_maxsim_falls_back_to_the_client_where_the_licence_has_run_out() -> None:
    mapping = {"properties": {**MAPPING["properties"], "tok": {"type": "rank_vectors", "dims": 2}}}
    meta = replace(META, token_field="tok", token_storage="rank_vectors")
    target = replace(TARGET, fields=fields_of(mapping, meta), meta=meta)

    def expired(body: dict[str, Any]) -> dict[str, Any]:
        if "script_score" in body.get("query", {}):
            return {**refused("Rank Vectors"), "status": 400}
        if body["_source"] == ["tok"]:
            answer = shown("ce")
            for hit, tokens in zip(answer["hits"]["hits"], ([[0.0, 1.0]], [[1.0, 0.0]]), strict=True):
                hit["_source"] = {"tok": tokens}
            return answer
        return shown("ce")

    leg = Leg(target=target, vector=(0.6, 0.8), tokens=np.array([[1.0, 0.0]], dtype=np.float32))
    found = find(StubServer(search=expired).connection(), [leg], plan("late-interaction"))
    assert [(key[0], score) for key, score in found.order] == [("e", 1.0), ("c", 0.0)]
    assert found.notes == ("maxsim runs on the client: The licence of this server does not include Rank Vectors.",)
