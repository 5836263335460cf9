"""What every result has in common: each of its forms, frames, and hostile text in any of its places."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pytest

import jina_notebook as jn
from jina_notebook.render.vendor import MIME
from jina_notebook.results import Answer, Failure, Listing, Reading
from tests.render.pages import HOSTILE
from tests.render.reading import read
from tests.results.samples import EVERY, embeddings, hits, ranking, report

EVERYTHING: dict[str, Any] = EVERY | {"catalogue": jn.models(), "model-card": jn.models()["jina-clip-v2"]}


@pytest.mark.parametrize("kind", EVERYTHING)
def test_every_result_shows_itself_in_every_form(kind: str) -> None:
    bundle = EVERYTHING[kind]._repr_mimebundle_()
    assert bundle[MIME]["kind"] == kind
    assert json.loads(json.dumps(bundle, allow_nan=False)) == bundle
    title = bundle[MIME]["title"]
    assert title
    assert bundle["text/plain"].startswith(title)
    assert read(bundle["text/html"]).all("strong")[0].text == title


@pytest.mark.parametrize("kind", EVERYTHING)
def test_every_result_is_a_table(kind: str) -> None:
    frame = EVERYTHING[kind].to_frame()
    assert isinstance(frame, pd.DataFrame)
    assert len(frame.columns) >= 1
    assert len(frame) >= 1


FOREIGN: dict[str, Any] = {
    "embeddings": embeddings(inputs=(HOSTILE, "short"), model=HOSTILE, task=HOSTILE),
    "ranking": ranking(HOSTILE, {"text": HOSTILE}, query=HOSTILE),
    "hits": hits(HOSTILE, query=HOSTILE, mode=HOSTILE, notes=(HOSTILE,)),
    "index-report": report(index=HOSTILE, failed=(Failure(HOSTILE, HOSTILE, HOSTILE),), notes=(HOSTILE,)),
    "reading": Reading(text=HOSTILE, model="ReaderLM-v2", notes=(HOSTILE,)),
    "answer": Answer(text=HOSTILE, question=HOSTILE),
    "listing": Listing("status", HOSTILE, (HOSTILE,), ({HOSTILE: HOSTILE},)),
}


@pytest.mark.parametrize("kind", FOREIGN)
def test_foreign_text_is_only_text_in_every_result(kind: str) -> None:
    bundle = FOREIGN[kind]._repr_mimebundle_()
    tree = read(bundle["text/html"])
    assert tree.all("img") == []
    assert not [name for element in tree.all() for name in element.attributes if name.startswith("on")]
    assert "<img src=x onerror=alert(1)> </td> [U+202E]gnp[U+0000]" in tree.text
    for form in ("text/plain", "text/markdown"):
        assert not {"\x00", "\u202e", "\ud83e"} & set(bundle[form])
    json.dumps(bundle, ensure_ascii=False).encode("utf-8")


@pytest.mark.parametrize("kind", ["embeddings", "ranking", "hits"])
def test_a_line_of_a_megabyte_makes_no_large_output(kind: str) -> None:
    long = "x" * 1_000_000
    results: dict[str, Any] = {
        "embeddings": embeddings(inputs=(long, "short")),
        "ranking": ranking(long, query=long),
        "hits": hits(long, query=long),
    }
    for form, value in results[kind]._repr_mimebundle_().items():
        assert len(json.dumps(value)) < 20_000, form
        assert "1,000,000 characters" in json.dumps(value) or form == MIME
    assert "1000000" in json.dumps(results[kind]._repr_mimebundle_()[MIME])


@pytest.mark.parametrize(
    "result",
    [
        embeddings(model="offline-minilm", stand_in=True),
        ranking("a", model="offline-minilm", stand_in=True),
        hits("a", model="offline-minilm", stand_in=True),
        hits("a", model=None, reranker="offline-minilm", stand_in=True),
        report(model="offline-minilm", stand_in=True),
    ],
    ids=lambda result: type(result).__name__,
)
def test_a_stand_in_is_called_one_in_every_form(result: Any) -> None:
    for form, value in result._repr_mimebundle_().items():
        assert "offline-minilm, a stand-in: not a Jina model" in json.dumps(value), form


def test_only_the_model_that_stands_in_is_called_one() -> None:
    text = repr(hits("a", model="jina-embeddings-v3", reranker="offline-minilm", stand_in=True))
    assert "model: jina-embeddings-v3, reranker: offline-minilm, a stand-in" in text


def test_a_jina_model_is_not_called_a_stand_in() -> None:
    assert "stand-in" not in repr(hits("a"))
