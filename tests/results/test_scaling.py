"""What a run on many machines says of itself."""

from __future__ import annotations

import json

import pytest

from jina_notebook.results import BlockFailure, Failure, IndexReport, ScaleReport


def report(**changes: object) -> ScaleReport:
    values: dict[str, object] = {
        "index": "kb",
        "model": "jina-embeddings-v3",
        "revision": "ab036b",
        "dimensions": 1024,
        "indexed": 90,
        "skipped": 5,
        "failed": (Failure("a.jsonl line 3", "text is missing", "text"),),
        "tokens": 9000,
        "embed_seconds": 45.0,
        "write_seconds": 9.0,
        "seconds": 15.0,
        "blocks": 12,
        "failed_blocks": (BlockFailure(7, 4, "ValueError: no such column"),),
        "workers": 3,
        "nodes": 2,
        "lost": 1,
    }
    return ScaleReport(**(values | changes))  # type: ignore[arg-type]


def test_documents_are_counted_once_those_of_failed_blocks_too() -> None:
    assert report().documents == 90 + 5 + 1 + 4
    assert isinstance(report(), IndexReport)


def test_rates_are_those_of_one_worker() -> None:
    assert report().embed_tokens_per_second == 200
    assert report().write_docs_per_second == 10
    assert report().bottleneck == "embed"


def test_text_and_html_say_what_failed_and_who_was_lost() -> None:
    for shown in (str(report()), report()._repr_html_()):
        assert "kb: 90 indexed, 5 skipped (already there), 1 failed, 1 block failed" in shown
        assert "3 on 2 nodes" in shown
        assert "ValueError: no such column" in shown
        assert "a.jsonl line 3" in shown
        assert "1 worker lost on the way" in shown


def test_a_run_without_trouble_does_not_speak_of_it() -> None:
    text = str(report(failed=(), failed_blocks=(), lost=0, done="embedded"))
    assert "90 embedded" in text
    assert "block failed" not in text
    assert "lost" not in text


def test_the_frame_lists_documents_and_blocks_that_are_not_stored() -> None:
    frame = report().to_frame()
    assert list(frame["id"]) == ["a.jsonl line 3", "block 7"]
    assert list(frame["reason"]) == ["text is missing", "ValueError: no such column"]


@pytest.mark.parametrize("kind", ["scale-report"])
def test_the_vendor_json_names_its_kind(kind: str) -> None:
    bundle = report()._repr_mimebundle_()
    data = next(value for key, value in bundle.items() if "jina" in key)
    assert kind in json.dumps(data)
