"""Small tokenizers of the kinds that the official repositories ship.

Their vocabularies are written down, not trained, so that they are the same everywhere. Bytes are covered: every text
has tokens, and different texts have different ones.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tokenizers import Tokenizer

__all__ = ["QWEN2_SPECIALS", "QWEN3_SPECIALS", "added_tokens", "eurobert", "qwen", "xlm_roberta"]

LEXICON = (
    "the of and to in a is for that on with as it be by this are from or an at not have you what which when where how"
    " was can all has more one query document text search find most relevant answer question following given code"
    " passage snippet function return value price red green blue apple pear tea coffee word short long index model"
    " vector rank score number name table paris france capital city warm soup bread user system assistant evidence"
    " represent retrieving documents retrieval de la el que los das der und ist für nicht não uma com"
)
WORDS = LEXICON.split()
SYLLABLES = "ing ed er est ion tion s es ly re un pre con ment able al en ar or te le an in st"
PIECES = SYLLABLES.split()
EUROPEAN = "áéíóúüñçãõäößàè"

QWEN_SPLIT = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)
LLAMA_SPLIT = QWEN_SPLIT.replace(r"|\p{N}|", r"|\p{N}{1,3}|")

QWEN2_SPECIALS = (
    *("<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|object_ref_start|>", "<|object_ref_end|>", "<|box_start|>"),
    *("<|box_end|>", "<|quad_start|>", "<|quad_end|>", "<|vision_start|>", "<|vision_end|>", "<|vision_pad|>"),
    *("<|image_pad|>", "<|video_pad|>", "<tool_call>", "</tool_call>", "<|fim_prefix|>", "<|fim_middle|>"),
    *("<|fim_suffix|>", "<|fim_pad|>", "<|repo_name|>", "<|file_sep|>"),
)
QWEN3_SPECIALS = (*QWEN2_SPECIALS, "<tool_response>", "</tool_response>", "<think>", "</think>")
NOT_SPECIAL = {"<tool_call>", "</tool_call>", "<tool_response>", "</tool_response>", "<think>", "</think>"} | {
    f"<|{name}|>" for name in ("fim_prefix", "fim_middle", "fim_suffix", "fim_pad", "repo_name", "file_sep")
}
"""Control tokens that the Qwen files declare with `"special": false`."""
EUROBERT_SPECIALS = (
    *("<|begin_of_text|>", "<|end_of_text|>", "<|mask|>", "<|reserved_special_token_0|>", "<|pad|>"),
    *("<|reserved_special_token_1|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>"),
)


def byte_level(specials: Sequence[str], *, split: str, nfc: bool, words: Sequence[str] = ()) -> Tokenizer:
    """A byte-level BPE with the control tokens behind its vocabulary; adds no tokens of its own to a text.

    `words`: more that become one token, where the words that all miniatures know do not get in their way.
    """
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

    to_bytes = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    vocabulary = {letter: number for number, letter in enumerate(sorted(pre_tokenizers.ByteLevel.alphabet()))}
    merges: list[tuple[str, str]] = []
    spaced = [f" {word}" for word in WORDS]
    bare = [*WORDS, *(word.capitalize() for word in WORDS if len(word) > 3), *PIECES, *EUROPEAN]
    # words behind a space come first, else merges inside a word would win and none of them could form
    for text in [*spaced, *bare, "    ", "\n\n", *words]:
        letters = to_bytes.pre_tokenize_str(text)[0][0]
        for end in range(1, len(letters)):
            pair = (letters[:end], letters[end])
            if "".join(pair) not in vocabulary:
                vocabulary["".join(pair)] = len(vocabulary)
                merges.append(pair)
    tokenizer = Tokenizer(models.BPE(vocabulary, merges))
    if nfc:
        tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(split), "isolated"), to_bytes])
    tokenizer.post_processor = processors.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False)
    tokenizer.decoder = decoders.ByteLevel()
    for token in specials:
        # one by one: the library numbers special and other added tokens in separate runs
        tokenizer.add_tokens([AddedToken(token, special=token not in NOT_SPECIAL, normalized=False)])
    return tokenizer


def qwen(specials: Sequence[str], words: Sequence[str] = ()) -> Tokenizer:
    """The Qwen kind: NFC, digits one by one, nothing before or behind a text."""
    return byte_level(specials, split=QWEN_SPLIT, nfc=True, words=words)


def eurobert() -> Tokenizer:
    """The Llama-3 kind that EuroBERT uses: digits in threes, `<|end_of_text|>` behind every text, none in front."""
    from tokenizers import processors

    tokenizer = byte_level(EUROBERT_SPECIALS, split=LLAMA_SPLIT, nfc=False)
    end = EUROBERT_SPECIALS[1]
    template = processors.TemplateProcessing(
        single=f"$A {end}", pair=f"$A {end} $B:1 {end}:1", special_tokens=[(end, tokenizer.token_to_id(end))]
    )
    tokenizer.post_processor = processors.Sequence(
        [processors.ByteLevel(add_prefix_space=False, trim_offsets=False, use_regex=False), template]
    )
    return tokenizer


def xlm_roberta(markers: Iterable[str] = ()) -> Tokenizer:
    """The XLM-R kind: Unigram over words marked with U+2581, `<s>` 0, `<pad>` 1, `</s>` 2, `<unk>` 3, `<mask>` last.

    `markers` come behind `<mask>`. Unlike the published vocabulary of 250,002 pieces, which knows every script, this
    one falls back to bytes, or most texts would be nothing but `<unk>`.
    """
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

    tokenizer = Tokenizer(models.Unigram(_pieces(), unk_id=3, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Metaspace(prepend_scheme="always")]
    )
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.add_special_tokens([AddedToken(token, normalized=False) for token in ("<s>", "<pad>", "</s>", "<unk>")])
    tokenizer.add_special_tokens([AddedToken("<mask>", lstrip=True, normalized=False)])
    tokenizer.add_special_tokens([AddedToken(token, normalized=False) for token in markers])
    return tokenizer


def added_tokens(tokenizer: Tokenizer) -> dict[str, dict[str, Any]]:
    """The control tokens as `tokenizer_config.json` lists them, by their number."""
    return {
        str(number): {
            "content": token.content,
            "lstrip": token.lstrip,
            "normalized": token.normalized,
            "rstrip": token.rstrip,
            "single_word": token.single_word,
            "special": token.special,
        }
        for number, token in sorted(tokenizer.get_added_tokens_decoder().items())
    }


def _pieces() -> list[tuple[str, float]]:
    """Pieces with their log probabilities: specials, marks, words, syllables, letters, bytes, `<mask>`.

    Some marks have a piece of their own with the word boundary ("▁("), the others split into "▁" and the mark, as in
    the published vocabulary: rules that look at a mark's first token meet both.
    """
    import string

    pieces: dict[str, float] = dict.fromkeys(("<s>", "<pad>", "</s>", "<unk>"), 0.0)
    pieces |= dict.fromkeys(string.punctuation, -8.0)
    pieces |= {"▁": -5.0}
    pieces |= {f"▁{mark}": -8.5 for mark in '("$#&*+-@['}
    pieces |= {f"▁{word}": -4.0 - rank / 40 for rank, word in enumerate(WORDS)}
    pieces |= {f"▁{word.capitalize()}": -7.0 - rank / 40 for rank, word in enumerate(WORDS) if len(word) > 3}
    pieces |= {word: -7.0 - rank / 40 for rank, word in enumerate(WORDS) if len(word) > 1}
    pieces |= {piece: -6.5 - rank / 40 for rank, piece in enumerate(PIECES)}
    pieces |= dict.fromkeys(string.ascii_letters + string.digits + EUROPEAN, -9.5)
    pieces |= {f"<0x{byte:02X}>": -12.0 for byte in range(256)}
    pieces["<mask>"] = 0.0
    return list(pieces.items())
