"""The embedding stage: a document that a model refuses is named, the others get the vectors they always get."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from jina_notebook.elastic.embedding import EmbeddingStage
from jina_notebook.elastic.records import Document
from jina_notebook.errors import InferenceError, InputError, JinaNotebookError, MemoryLimitError, OptionError
from tests.elastic.doubles import WordModel


class Picky(WordModel):
    """Refuses every call in which a text holds the word "bad"."""

    def __init__(self, error: type[JinaNotebookError] = InputError, **options: Any) -> None:
        super().__init__(**options)
        self.error = error

    def embed(self, inputs: Any, **options: Any) -> Any:
        bad = [i for i, text in enumerate(inputs) if "bad" in text.split()]
        if bad:
            raise self.error(f"Input {bad[0]} of {len(inputs)} is refused.")
        return super().embed(inputs, **options)


def documents(*texts: str) -> list[Document]:
    return [Document(str(i), b"{}", text, "") for i, text in enumerate(texts)]


def stage(model: WordModel, **options: Any) -> EmbeddingStage:
    return EmbeddingStage(model, **{"task": "t", "dimensions": None, "dense": True, "tokens": False, **options})


@pytest.mark.parametrize("error", [InputError, InferenceError, MemoryLimitError])
def test_documents_that_a_model_refuses_are_named_and_the_others_keep_their_vectors(error: Any) -> None:
    texts = [f"word{i}" for i in range(20)]
    texts[3] = texts[11] = texts[12] = "bad"
    made = stage(Picky(error))
    result = made.embed(documents(*texts))
    assert [f.id for f in made.failures] == ["3", "11", "12"]
    assert "is refused" in made.failures[0].reason
    assert [d.id for d in result.documents] == [str(i) for i in range(20) if texts[i] != "bad"]
    assert result.vectors is not None
    expected = WordModel().embed([d.content for d in result.documents]).vectors
    assert np.array_equal(result.vectors, expected)
    assert made.token_count == 17


def test_when_all_are_refused_nothing_is_left() -> None:
    made = stage(Picky())
    assert made.embed(documents("bad", "bad")).documents == []
    assert len(made.failures) == 2


def test_what_is_not_the_fault_of_a_document_is_raised() -> None:
    with pytest.raises(OptionError):
        stage(Picky(OptionError)).embed(documents("a", "bad"))


def test_an_interrupt_goes_through_and_its_time_is_counted() -> None:
    class Stopped(WordModel):
        def embed(self, inputs: Any, **options: Any) -> Any:
            raise KeyboardInterrupt

    made = stage(Stopped())
    with pytest.raises(KeyboardInterrupt):
        made.embed(documents("a"))
    assert made.seconds > 0


def test_dense_and_token_vectors_are_asked_for_separately() -> None:
    model = WordModel(size=8)
    result = stage(model, tokens=True, dimensions=8).embed(documents("green tea", "cup"))
    assert result.tokens is not None
    assert [matrix.shape for matrix in result.tokens] == [(2, 8), (1, 8)]
    assert [call.get("return_multivector") for call in model.calls] == [None, True]
    assert [call.get("dimensions") for call in model.calls] == [8, None]


def test_token_vectors_alone_take_the_size() -> None:
    model = WordModel(size=8, sizes=(4, 8))
    result = stage(model, dense=False, tokens=True, dimensions=4).embed(documents("green tea"))
    assert result.vectors is None
    assert result.tokens is not None
    assert result.tokens[0].shape == (2, 4)


def test_the_task_is_passed_on_and_the_model_shows_no_progress_of_its_own() -> None:
    model = WordModel()
    stage(model, task="retrieval.passage").embed(documents("a"))
    assert model.calls[0]["task"] == "retrieval.passage"
    assert model.calls[0]["progress"] is False


def test_batches_grow_while_the_model_is_quick() -> None:
    made = stage(WordModel())
    first = made.batch
    made.embed(documents(*["a"] * first))
    assert made.batch == 2 * first
    made.embed(documents("a"))
    assert made.batch == 2 * first
