from __future__ import annotations

from typing import Any

import pytest

from jina_notebook.elastic.capabilities import Capabilities
from jina_notebook.elastic.fields import VectorField
from jina_notebook.elastic.queries import (
    Dialect,
    affordable,
    among,
    documents_body,
    exact_body,
    filters_of,
    knobs,
    lexical_body,
    linear_body,
    marked_body,
    maxsim_body,
    places_only,
    rrf_body,
    vector_body,
)
from jina_notebook.errors import CapabilityError, OptionError

FIELD = VectorField("vector", 2)
FRENCH = {"term": {"lang": "fr"}}
HIGHLIGHT = {
    "pre_tags": ["\ue000"],
    "post_tags": ["\ue001"],
    "fragment_size": 160,
    "number_of_fragments": 2,
    "max_analyzed_offset": 100_000,
    "highlight_query": {"match": {"text": {"query": "green tea"}}},
    "fields": {"text": {}},
}
ELASTICSEARCH_8_14 = Dialect(version=(8, 14))
ELASTICSEARCH_9_4 = Dialect(version=(9, 4))
RELEASES = [(8, 14), (8, 18), (8, 19), (9, 0), (9, 1), (9, 2), (9, 3), (9, 4), (9, 5)]


def lexical(**changes: Any) -> dict[str, Any]:
    return lexical_body("green tea", ["text"], **{"size": 50, "hide": ["vector"], **changes})


def nearest(dialect: Dialect = ELASTICSEARCH_9_4, **changes: Any) -> dict[str, Any]:
    options = {"k": 50, "num_candidates": 200, "hide": ["vector"], **changes}
    return vector_body([0.6, 0.8], FIELD, dialect=dialect, **options)


def test_a_lexical_search_matches_the_words_and_leaves_the_vectors_out() -> None:
    assert lexical(size=7) == {
        "size": 7,
        "query": {"match": {"text": {"query": "green tea"}}},
        "track_total_hits": False,
        "_source": {"excludes": ["vector"]},
        "highlight": HIGHLIGHT,
    }


def test_the_words_are_looked_for_in_the_best_of_several_text_fields() -> None:
    body = lexical_body("tea", ["title", "text"], size=3)
    assert body["query"] == {"multi_match": {"query": "tea", "fields": ["title", "text"]}}
    assert body["highlight"]["fields"] == {"title": {}, "text": {}}


def test_a_filter_restricts_a_lexical_search_without_scoring() -> None:
    assert lexical(filters=[FRENCH])["query"] == {
        "bool": {"must": [{"match": {"text": {"query": "green tea"}}}], "filter": [FRENCH]}
    }


def test_documents_without_the_words_can_follow_those_with() -> None:
    assert lexical(also_unmatched=True, filters=[FRENCH])["query"] == {
        "bool": {
            "must": [
                {
                    "bool": {
                        "should": [{"match": {"text": {"query": "green tea"}}}],
                        "must": [{"match_all": {"boost": 0}}],
                    }
                }
            ],
            "filter": [FRENCH],
        }
    }


def test_a_vector_search_filters_before_the_neighbours_are_chosen() -> None:
    assert nearest(filters=[FRENCH]) == {
        "size": 50,
        "knn": {
            "field": "vector",
            "query_vector": [0.6, 0.8],
            "k": 50,
            "num_candidates": 200,
            "filter": [FRENCH],
        },
        "track_total_hits": False,
        "_source": {"excludes": ["vector"]},
    }


def test_a_vector_search_marks_the_words_it_shares_with_the_query() -> None:
    assert nearest(text="green tea", fields=["text"])["highlight"] == HIGHLIGHT


@pytest.mark.parametrize("release", RELEASES)
def test_every_version_leaves_vectors_out_of_the_source(release: tuple[int, int]) -> None:
    assert nearest(Dialect(version=release))["_source"] == {"excludes": ["vector"]}


def test_fewer_neighbours_are_asked_for_where_the_candidates_are_fewer() -> None:
    clause = nearest(k=50, num_candidates=20)["knn"]
    assert (clause["k"], clause["num_candidates"]) == (20, 20)


@pytest.mark.parametrize(
    ("release", "serverless", "expected"),
    [
        ((8, 18), False, {"oversample": 3.0}),
        ((8, 19), False, {"oversample": 3.0}),
        ((9, 0), False, {"oversample": 3.0}),
        ((9, 5), False, {"oversample": 3.0}),
        ((9, 5), True, {"oversample": 3.0}),
    ],
)
def test_oversample_asks_for_scoring_again(release: tuple[int, int], serverless: bool, expected: dict) -> None:
    body = nearest(Dialect(version=release, serverless=serverless), oversample=3)
    assert body["knn"]["rescore_vector"] == expected


@pytest.mark.parametrize(
    ("release", "sent"),
    [((8, 18), False), ((8, 19), True), ((9, 0), False), ((9, 1), True), ((9, 5), True)],
)
def test_oversample_zero_is_sent_where_it_is_understood_and_needless_elsewhere(
    release: tuple[int, int], sent: bool
) -> None:
    assert ("rescore_vector" in nearest(Dialect(version=release), oversample=0)["knn"]) is sent


def test_oversample_on_an_old_server_names_the_version_it_needs() -> None:
    with pytest.raises(CapabilityError, match=r"oversample=3 needs Elasticsearch 8\.18 or newer; this server is 8\.14"):
        nearest(ELASTICSEARCH_8_14, oversample=3)


@pytest.mark.parametrize("value", [0.5, -1, True, "3", float("nan"), float("inf")])
def test_an_oversample_out_of_its_limits_is_an_error_that_names_them(value: Any) -> None:
    with pytest.raises(OptionError, match=r"oversample=.* is not allowed: it is 0"):
        nearest(oversample=value)


def test_a_nested_vector_brings_the_text_of_its_best_chunk() -> None:
    body = vector_body(
        [0.6, 0.8],
        VectorField("chunks.vec", 2, nested="chunks"),
        k=3,
        num_candidates=100,
        dialect=ELASTICSEARCH_9_4,
        passage="chunks.text",
    )
    assert body["knn"]["inner_hits"] == {"size": 1, "_source": False, "fields": ["chunks.text"]}


def test_exact_search_scores_every_filtered_document_on_the_scale_of_the_approximate_one() -> None:
    assert exact_body([0.6, 0.8], FIELD, size=5, filters=[FRENCH]) == {
        "size": 5,
        "query": {
            "script_score": {
                "query": {"bool": {"filter": [{"exists": {"field": "vector"}}, FRENCH]}},
                "script": {
                    "source": "(cosineSimilarity(params.q, 'vector') + 1.0) / 2.0",
                    "params": {"q": [0.6, 0.8]},
                },
            }
        },
        "track_total_hits": False,
    }


def test_exact_search_takes_the_best_chunk_of_each_document() -> None:
    field = VectorField("c.v", 1, nested="c")
    query = exact_body([1.0], field, size=5, filters=[FRENCH], passage="c.text")["query"]
    nested = query["bool"]["must"][0]["nested"]
    assert (nested["path"], nested["score_mode"]) == ("c", "max")
    assert nested["inner_hits"]["fields"] == ["c.text"]
    assert query["bool"]["filter"] == [FRENCH]


def test_a_field_name_cannot_break_out_of_the_script() -> None:
    source = exact_body([1.0], VectorField("a'b\\c", 1), size=1)["query"]["script_score"]["script"]["source"]
    assert "'a\\'b\\\\c'" in source


def test_rrf_on_the_server_fuses_the_two_searches_and_brings_places_only() -> None:
    body = rrf_body(lexical(filters=[FRENCH]), nearest(filters=[FRENCH]), window=50, dialect=ELASTICSEARCH_9_4)
    assert body == {
        "size": 50,
        "retriever": {
            "rrf": {
                "rank_constant": 60,
                "rank_window_size": 50,
                "retrievers": [
                    {
                        "standard": {
                            "query": {
                                "bool": {"must": [{"match": {"text": {"query": "green tea"}}}], "filter": [FRENCH]}
                            }
                        }
                    },
                    {
                        "knn": {
                            "field": "vector",
                            "query_vector": [0.6, 0.8],
                            "k": 50,
                            "num_candidates": 200,
                            "filter": [FRENCH],
                        }
                    },
                ],
            }
        },
        "_source": False,
    }


def test_weights_alike_leave_rrf_in_the_form_that_every_version_takes() -> None:
    plain = rrf_body(lexical(), nearest(), window=50, dialect=Dialect(version=(8, 18)))
    assert rrf_body(lexical(), nearest(), window=50, weights=[1, 1], dialect=Dialect(version=(8, 18))) == plain


def test_weights_in_rrf_stand_beside_each_retriever_from_9_2_on() -> None:
    body = rrf_body(lexical(), nearest(), window=50, weights=[2, 1], dialect=Dialect(version=(9, 2)))
    entries = body["retriever"]["rrf"]["retrievers"]
    assert [(list(entry["retriever"]), entry["weight"]) for entry in entries] == [(["standard"], 2), (["knn"], 1)]


@pytest.mark.parametrize("release", [(8, 18), (9, 0), (9, 1)])
def test_weights_in_rrf_are_refused_before_9_2(release: tuple[int, int]) -> None:
    with pytest.raises(CapabilityError, match=r"9\.2"):
        rrf_body(lexical(), nearest(), window=50, weights=[2, 1], dialect=Dialect(version=release))


def test_linear_on_the_server_scales_and_weighs_each_list() -> None:
    body = linear_body(lexical(), nearest(), window=80, weights=[0.3, 0.7])
    linear = body["retriever"]["linear"]
    assert linear["rank_window_size"] == body["size"] == 80
    assert [(e["weight"], e["normalizer"], list(e["retriever"])) for e in linear["retrievers"]] == [
        (0.3, "minmax", ["standard"]),
        (0.7, "minmax", ["knn"]),
    ]


def test_places_only_drops_all_content_and_keeps_the_search() -> None:
    bare = places_only(lexical())
    assert bare["_source"] is False
    assert "highlight" not in bare
    assert bare["query"] == lexical()["query"]


def test_maxsim_on_the_server_cannot_go_below_zero() -> None:
    which = among({"shop": ["a", "b"]})
    assert maxsim_body([[1.0, 0.0], [0.0, 1.0]], "tok", which, size=2) == {
        "size": 2,
        "query": {
            "script_score": {
                "query": {"bool": {"filter": [{"ids": {"values": ["a", "b"]}}, {"exists": {"field": "tok"}}]}},
                "script": {
                    "source": "Math.max(maxSimDotProduct(params.q, 'tok') + params.q.size(), 0)",
                    "params": {"q": [[1.0, 0.0], [0.0, 1.0]]},
                },
            }
        },
        "_source": False,
        "track_total_hits": False,
    }


def test_documents_come_with_the_fields_asked_for() -> None:
    assert documents_body(among({"shop": ["a"]}), size=1, source=["tok"]) == {
        "size": 1,
        "query": {"bool": {"filter": [{"ids": {"values": ["a"]}}]}},
        "_source": ["tok"],
        "track_total_hits": False,
    }


def test_documents_that_came_out_on_top_are_read_with_the_words_marked() -> None:
    which = among({"shop": ["a", "b"]})
    assert marked_body(which, size=2, hide=["vector"], text="green tea", fields=["text"]) == {
        "size": 2,
        "query": {"bool": {"filter": [{"ids": {"values": ["a", "b"]}}]}},
        "track_total_hits": False,
        "_source": {"excludes": ["vector"]},
        "highlight": HIGHLIGHT,
    }


def test_the_same_id_of_two_indices_is_told_apart() -> None:
    assert among({"one": ["a", "b"], "two": ["a"]}) == {
        "bool": {
            "should": [
                {"bool": {"filter": [{"term": {"_index": "one"}}, {"ids": {"values": ["a", "b"]}}]}},
                {"bool": {"filter": [{"term": {"_index": "two"}}, {"ids": {"values": ["a"]}}]}},
            ]
        }
    }


def test_a_query_holds_no_more_words_than_a_small_server_takes() -> None:
    text = " ".join(f"w{i}" for i in range(3000))
    assert len(affordable(text, ["text"]).split()) == 1024
    assert len(affordable(text, ["title", "text"]).split()) == 512
    assert affordable("as  it   is", ["text"]) == "as  it   is"


@pytest.mark.parametrize(
    ("k", "candidates", "depth", "expected"),
    [
        (10, None, 0, (10, 50, 100)),
        (60, None, 0, (60, 120, 600)),
        (2000, None, 0, (2000, 4000, 10_000)),
        (10, None, 50, (50, 100, 100)),
        (10, None, 400, (400, 800, 800)),
        (10, 10, 50, (50, 100, 10)),
        (10_000, 10_000, 0, (10_000, 10_000, 10_000)),
    ],
)
def test_the_knobs_that_are_left_open_follow_k(
    k: int, candidates: int | None, depth: int, expected: tuple[int, int, int]
) -> None:
    chosen = knobs(k, candidates, depth=depth)
    assert (chosen.wanted, chosen.window, chosen.num_candidates) == expected


def test_more_hits_than_candidates_are_refused_with_both_values_and_the_rule() -> None:
    with pytest.raises(OptionError, match=r"k=60 .*num_candidates=20.*k <= num_candidates <= 10,000"):
        knobs(60, 20)


@pytest.mark.parametrize("k", [0, -1, 10_001, 2.5, True, "ten", None])
def test_a_k_that_is_no_count_is_refused(k: Any) -> None:
    with pytest.raises(OptionError, match=r"k=.* is not allowed"):
        knobs(k, None)


@pytest.mark.parametrize("candidates", [0, 10_001, 50.0, False])
def test_num_candidates_out_of_its_limits_is_refused(candidates: Any) -> None:
    with pytest.raises(OptionError, match=r"num_candidates=.* is not allowed"):
        knobs(10, candidates)


@pytest.mark.parametrize(
    ("given", "expected"),
    [(None, []), ({}, []), (FRENCH, [FRENCH]), ([FRENCH, {}], [FRENCH]), ((FRENCH, FRENCH), [FRENCH, FRENCH])],
)
def test_a_filter_is_one_query_or_a_list_of_them(given: Any, expected: list[Any]) -> None:
    assert filters_of(given) == expected


@pytest.mark.parametrize("given", ["lang:fr", 7, ["lang:fr"], [FRENCH, None]])
def test_anything_else_is_no_filter(given: Any) -> None:
    with pytest.raises(OptionError, match="is not a query such as"):
        filters_of(given)


def capabilities(version: str | None, *, serverless: bool = False) -> Capabilities:
    return Capabilities(lambda *_: (200, {}), version=version, licence="basic", serverless=serverless)


def test_the_dialect_follows_the_server() -> None:
    assert Dialect.of(capabilities("8.18.3")) == Dialect(version=(8, 18))
    assert Dialect.of(capabilities("9.5.0-SNAPSHOT")).weighted_rrf
    assert not Dialect.of(capabilities("9.1.0")).weighted_rrf


def test_serverless_and_a_version_that_may_not_be_read_count_as_the_newest() -> None:
    assert Dialect.of(capabilities("8.11.0", serverless=True)).weighted_rrf
    assert Dialect.of(capabilities(None)).rescoring_can_be_off
