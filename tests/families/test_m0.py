"""jina-reranker-m0 against its second opinion: texts and pictures on either side."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from jina_notebook.errors import CheckpointError, InferenceError, InputError
from tests.families.cases import BLANK_TEXTS, TEXTS
from tests.families.pictures import encoded, photo, solid, stored
from tests.families.references import reranker_m0 as reference
from tests.families.references.network import tokenizer_of
from tests.families.references.qwen_vision import RESAMPLERS

NAME = "jina-reranker-m0"
EQUAL = 1e-5
EXACT = [photo(84, 56, 1), photo(140, 112, 2), solid(28, 56, (210, 34, 159)), solid(1, 1, (200, 30, 30)), solid(2, 3)]
RESIZED = [photo(131, 90, 3), photo(300, 200, 4), photo(61, 93, 5)]
Miniature = Callable[..., Path]
Load = Callable[..., Any]
Altered = Callable[..., Path]


def difference(left: Any, right: Any) -> float:
    left, right = np.asarray(left), np.asarray(right)
    assert left.shape == right.shape
    return float(np.abs(left - right).max())


def expected(folder: Path, query: Any, documents: list[Any]) -> list[float]:
    return [reference.score(folder, query, document) for document in documents]


@pytest.mark.parametrize(
    "query", ["warm soup", "", "日本語", EXACT[0], EXACT[3]], ids=["text", "empty", "japanese", "photo", "pixel"]
)
def test_texts_and_pictures_on_either_side_equal_the_second_opinion(
    query: Any, miniature: Miniature, load: Load
) -> None:
    documents = [*TEXTS, EXACT[0], *BLANK_TEXTS, *EXACT[1:]]
    ranking = load(NAME).rerank(query, documents)
    assert ranking.scores.dtype == np.float32
    assert difference(ranking.scores, expected(miniature(NAME), query, documents)) <= EQUAL
    assert 0 < ranking.scores.min() < ranking.scores.max() < 1
    assert np.ptp(ranking.scores) > 0.01


@pytest.mark.parametrize("query", ["tea", EXACT[1], RESIZED[0]], ids=["text", "exact", "resized"])
def test_resized_pictures_equal_one_of_two_opinions(query: Any, miniature: Miniature, load: Load) -> None:
    scores = load(NAME).rerank(query, RESIZED).scores
    for picture, score in zip(RESIZED, scores, strict=True):
        opinions = [reference.score(miniature(NAME), query, picture, resampler) for resampler in RESAMPLERS]
        assert min(abs(opinion - float(score)) for opinion in opinions) <= EQUAL


def test_a_score_does_not_depend_on_the_other_documents(load: Load) -> None:
    model = load(NAME)
    documents = ["tea", RESIZED[0], "word " * 300, EXACT[0], "", EXACT[1], "soup"]
    together = model.rerank("warm soup", documents).scores
    assert difference(together, [model.rerank("warm soup", [one]).scores[0] for one in documents]) <= EQUAL
    assert difference(together[::-1], model.rerank("warm soup", documents[::-1]).scores) <= EQUAL


def test_which_side_a_picture_is_on_matters(load: Load) -> None:
    model = load(NAME)
    there, back = model.rerank(EXACT[0], [EXACT[1]]).scores[0], model.rerank(EXACT[1], [EXACT[0]]).scores[0]
    assert abs(float(there - back)) > 1e-4


def test_a_ranking_keeps_the_callers_pictures(tmp_path: Path, load: Load) -> None:
    path = stored(EXACT[0], tmp_path / "a.png")
    documents = [EXACT[0], path, path.read_bytes(), "soup"]
    ranking = load(NAME).rerank("warm soup", documents)
    assert all(item.document is documents[item.index] for item in ranking)
    assert [item.rank for item in ranking] == [1, 2, 3, 4]
    assert ranking.scores[0] == ranking.scores[1] == ranking.scores[2]
    assert [item.index for item in ranking if item.index < 3] == [0, 1, 2]
    assert len(load(NAME).rerank("warm soup", documents, top_n=2)) == 2


def test_the_query_may_be_a_file_or_bytes(tmp_path: Path, load: Load) -> None:
    path = stored(EXACT[0], tmp_path / "a.png")
    scores = [load(NAME).rerank(query, ["tea", EXACT[1]]).scores for query in (EXACT[0], path, encoded(EXACT[0]))]
    assert difference(scores[0], scores[1]) == difference(scores[0], scores[2]) == 0


def test_a_lone_picture_as_documents_is_one_document_or_an_error(load: Load) -> None:
    try:
        count = len(load(NAME).rerank("tea", EXACT[0]))
    except InputError:
        count = 1
    assert count == 1


@pytest.mark.parametrize("query", [RESIZED[1], "tea"], ids=["picture", "text"])
def test_pictures_that_cannot_be_taken_are_errors_with_their_position(query: Any, tmp_path: Path, load: Load) -> None:
    for bad in (solid(300, 1), tmp_path / "gone.png", b"no picture"):
        with pytest.raises(InputError, match=r"\b2\b"):
            load(NAME).rerank(query, ["tea", EXACT[0], bad])
    with pytest.raises(InputError, match=r"(?i)query"):
        load(NAME).rerank(tmp_path / "gone.png", ["tea"])
    with pytest.raises(InputError, match=r"(?i)query.*300.*200"):
        load(NAME).rerank(solid(300, 1), ["tea"])


def test_a_page_of_many_pixels_becomes_at_most_768_tokens(miniature: Miniature, load: Load) -> None:
    page = solid(2480, 3508, (240, 240, 250))
    ids, _ = reference.prompt_ids(miniature(NAME), "tea", page)
    assert 740 < len(ids) < 800
    scores = load(NAME).rerank("tea", [page]).scores
    assert difference(scores, expected(miniature(NAME), "tea", [page])) <= EQUAL


def scores_or_refusal(model: Any, query: str, documents: list[Any]) -> Any:
    """The scores, or the error where a text that spells the picture token is refused."""
    try:
        return model.rerank(query, documents).scores
    except InputError as error:
        return error


def test_the_picture_token_in_a_text_is_dropped_or_refused(load: Load) -> None:
    spelled = ["a<|image_pad|>b", "<|vision_start|>a<|image_pad|><|vision_end|>b", EXACT[0]]
    plain = load(NAME).rerank("tea", ["ab", "ab", EXACT[0]]).scores
    for query in ("te<|image_pad|>a", "tea"):
        answer = scores_or_refusal(load(NAME), query, spelled)
        assert answer.hint if isinstance(answer, InputError) else difference(answer, plain) <= EQUAL


def test_removing_a_picture_token_never_makes_another(load: Load) -> None:
    nested = "<|image_<|image_pad|>pad|> tea <|vision_<|vision_start|>start|>"
    answer = scores_or_refusal(load(NAME), "tea", [nested, EXACT[0]])
    alone = load(NAME).rerank("tea", [EXACT[0]]).scores
    assert answer.hint if isinstance(answer, InputError) else difference(answer[1:], alone) <= EQUAL


@pytest.mark.slow
def test_a_document_of_more_than_9728_tokens_is_cut_there(miniature: Miniature, load: Load) -> None:
    document = "tea " * 9_000 + "soup " * 2_000
    folder = miniature(NAME)
    assert len(reference.cut_document(folder, document)) < len(document)
    scores = load(NAME).rerank("warm soup", [document]).scores
    assert difference(scores, expected(folder, "warm soup", [document])) <= EQUAL


@pytest.mark.slow
def test_a_cut_inside_a_character_leaves_the_replacement_character(miniature: Miniature, load: Load) -> None:
    folder = miniature(NAME)
    offset = next(n for n in range(3) if reference.cut_document(folder, "a" * n + "日" * 4_000).endswith("\ufffd"))
    document = "a" * offset + "日" * 4_000
    scores = load(NAME).rerank("日", [document]).scores
    assert difference(scores, expected(folder, "日", [document])) <= EQUAL


def test_a_query_of_more_than_512_tokens_is_kept_whole_where_the_prompt_has_room(
    miniature: Miniature, load: Load
) -> None:
    query = "red apple " * 400 + "soup"
    documents = ["green tea", EXACT[0], "word " * 5_000]
    scores = load(NAME).rerank(query, documents).scores
    assert difference(scores, expected(miniature(NAME), query, documents)) <= EQUAL
    cut = load(NAME).rerank("red apple " * 256, documents[:2]).scores
    assert difference(scores[:2], cut) > 1e-4


@pytest.mark.slow
def test_beyond_the_longest_prompt_the_query_is_cut_to_512_tokens_and_the_document_to_what_is_left(
    miniature: Miniature, load: Load
) -> None:
    tokenizer = tokenizer_of(miniature(NAME))
    query, document = "apple red " * 300 + "soup", "tea " * 9_900
    short = tokenizer.decode(tokenizer.encode(query).ids[:512], skip_special_tokens=False)
    assert len(tokenizer.encode(query).ids) > 600
    scores = load(NAME).rerank(query, [document]).scores
    assert 0 < scores[0] < 1
    assert difference(scores, load(NAME).rerank(short, [document]).scores) <= EQUAL


@pytest.mark.parametrize(
    "options", [{"layout": "new"}, {"lm_head": False}, {"layout": "new", "lm_head": False}, {"shards": 2}], ids=repr
)
def test_every_layout_holds_the_same_model(options: dict[str, Any], miniature: Miniature, load: Load) -> None:
    documents = ["green tea", EXACT[0]]
    scores = load(NAME, miniature(NAME, **options)).rerank("tea", documents).scores
    assert difference(scores, load(NAME).rerank("tea", documents).scores) == 0


def test_a_configuration_with_nested_text_fields_is_read_the_same(
    miniature: Miniature, altered: Altered, load: Load
) -> None:
    fields = json.loads((miniature(NAME) / "config.json").read_text(encoding="utf-8"))
    top = ("architectures", "auto_map", "model_type", "vision_config", "tie_word_embeddings", "torch_dtype")
    nested = {
        key: value
        for key, value in fields.items()
        if key not in (*top, "_name_or_path") and not key.endswith("_token_id")
    }
    removed = dict.fromkeys(nested)
    rope = {"mrope_section": nested["rope_scaling"]["mrope_section"], "rope_type": "default", "rope_theta": 1000000.0}
    text = {key: value for key, value in nested.items() if not key.startswith("rope_")} | {"rope_parameters": rope}
    folder = altered(NAME, config={**removed, "text_config": text | {"model_type": "qwen2_vl_text"}}, layout="new")
    documents = ["green tea", EXACT[0]]
    scores = load(NAME, folder).rerank("tea", documents).scores
    assert difference(scores, load(NAME).rerank("tea", documents).scores) == 0


def test_the_number_of_labels_in_the_configuration_is_not_trusted(altered: Altered, load: Load) -> None:
    labels = {"num_labels": 2, "id2label": {"0": "A", "1": "B"}}
    scores = load(NAME, altered(NAME, config=labels)).rerank("tea", ["green tea"]).scores
    assert difference(scores, load(NAME).rerank("tea", ["green tea"]).scores) == 0


@pytest.mark.parametrize(
    "key", ["score.0.weight", "score.2.bias", "visual.blocks.1.mlp.fc2.bias", "model.layers.2.self_attn.k_proj.bias"]
)
def test_a_missing_tensor_is_an_error_that_names_it(key: str, altered: Altered, load: Load) -> None:
    with pytest.raises(CheckpointError, match=re.escape(key.removeprefix("model."))):
        load(NAME, altered(NAME, lambda tensors: tensors.pop(key)))


def test_an_unknown_tensor_is_an_error_that_names_it(altered: Altered, load: Load) -> None:
    def add(tensors: dict[str, torch.Tensor]) -> None:
        tensors["score.4.weight"] = torch.zeros(1, 1)

    with pytest.raises(CheckpointError, match=r"score\.4\.weight"):
        load(NAME, altered(NAME, add))


@pytest.mark.parametrize("stored_as", ["float32", "float16"])
def test_other_weights_in_another_dtype_equal_their_second_opinion(
    stored_as: str, miniature: Miniature, load: Load
) -> None:
    folder = miniature(NAME, dtype=stored_as, seed=2)
    documents = ["green tea", EXACT[1]]
    assert difference(load(NAME, folder).rerank("tea", documents).scores, expected(folder, "tea", documents)) <= EQUAL


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_half_precision_scores_are_float32_and_near_the_exact_ones(dtype: str, load: Load) -> None:
    documents: list[str | Image.Image] = [*TEXTS, *EXACT, *RESIZED]
    exact = load(NAME).rerank("red apple", documents).scores
    half = load(NAME, dtype=dtype).rerank("red apple", documents).scores
    assert half.dtype == np.float32
    assert 0 < np.abs(half - exact).max() < 0.05


def test_scores_that_are_not_finite_never_leave(altered: Altered, load: Load) -> None:
    def spoil(tensors: dict[str, torch.Tensor]) -> None:
        tensors["visual.merger.mlp.2.bias"][3] = float("inf")

    model = load(NAME, altered(NAME, spoil))
    with pytest.raises(InferenceError, match=NAME):
        model.rerank("tea", ["soup", EXACT[0]])
    assert np.isfinite(model.rerank("tea", ["soup"]).scores).all()
