"""The small tokenizers: kinds, control tokens, and that no text is lost."""

from __future__ import annotations

import pytest
from tokenizers import Tokenizer

from jina_notebook.testing.tokenizers import QWEN2_SPECIALS, QWEN3_SPECIALS, eurobert, qwen, xlm_roberta

TEXTS = [
    "def f(x):\n\treturn x + 1  # 100%",
    "日本語のテキスト、中文，한국어",
    "שלום עולם مرحبا",
    "\U0001f469‍\U0001f680 and \U0001f1f5\U0001f1f9",
    "NUL \x00 and \ufffd and \u200b",
    "a" * 500,
]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("tokenizer", [qwen(QWEN2_SPECIALS), eurobert()], ids=["qwen", "eurobert"])
def test_a_byte_level_tokenizer_gives_every_text_back(tokenizer: Tokenizer, text: str) -> None:
    assert tokenizer.decode(tokenizer.encode(text).ids) == text


@pytest.mark.parametrize("text", TEXTS)
def test_the_unigram_tokenizer_knows_every_text(text: str) -> None:
    ids = xlm_roberta().encode(text).ids
    assert len(ids) > 2
    assert xlm_roberta().token_to_id("<unk>") not in ids


def number(tokenizer: Tokenizer, token: str) -> int:
    found = tokenizer.token_to_id(token)
    assert found is not None
    return found


def test_different_scripts_get_different_ids() -> None:
    tokenizer = xlm_roberta()
    assert len({tuple(tokenizer.encode(text).ids) for text in TEXTS}) == len(TEXTS)


def test_the_qwen_kind_adds_nothing_to_a_text() -> None:
    tokenizer = qwen(QWEN3_SPECIALS)
    assert tokenizer.encode("").ids == []
    assert tokenizer.encode("the query").tokens == ["the", "Ġquery"]


def test_the_qwen_kind_numbers_its_control_tokens_in_the_published_order() -> None:
    tokenizer = qwen(QWEN3_SPECIALS)
    first = number(tokenizer, "<|endoftext|>")
    assert [number(tokenizer, token) - first for token in QWEN3_SPECIALS] == list(range(len(QWEN3_SPECIALS)))
    assert first + len(QWEN3_SPECIALS) == tokenizer.get_vocab_size()


def test_the_eurobert_kind_ends_every_text_also_when_it_is_cut() -> None:
    tokenizer = eurobert()
    end = tokenizer.token_to_id("<|end_of_text|>")
    assert tokenizer.encode("").ids == [end]
    tokenizer.enable_truncation(4)
    ids = tokenizer.encode("the query of the city").ids
    assert len(ids) == 4
    assert ids[-1] == end


def test_the_xlm_roberta_kind_has_its_specials_where_the_published_one_has_them() -> None:
    tokenizer = xlm_roberta(["[QueryMarker]", "[DocumentMarker]"])
    assert [tokenizer.token_to_id(token) for token in ("<s>", "<pad>", "</s>", "<unk>")] == [0, 1, 2, 3]
    mask = number(tokenizer, "<mask>")
    assert tokenizer.token_to_id("[QueryMarker]") == mask + 1
    assert tokenizer.token_to_id("[DocumentMarker]") == mask + 2
    assert tokenizer.get_vocab_size() == mask + 3


def test_the_xlm_roberta_kind_wraps_texts_and_pairs() -> None:
    tokenizer = xlm_roberta()
    assert tokenizer.encode("").tokens == ["<s>", "</s>"]
    assert tokenizer.encode("red", "tea").tokens == ["<s>", "▁red", "</s>", "</s>", "▁tea", "</s>"]


def test_some_marks_begin_with_a_lone_word_boundary_and_some_do_not() -> None:
    tokenizer = xlm_roberta()
    assert tokenizer.encode(",", add_special_tokens=False).tokens == ["▁", ","]
    assert tokenizer.encode("(", add_special_tokens=False).tokens == ["▁("]
