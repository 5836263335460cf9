"""Miniatures of the XLM-R encoders in the flash-attention layout: v3 with its adapters, ColBERT, the cross-encoder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jina_notebook.errors import OptionError
from jina_notebook.testing.tokenizers import added_tokens, xlm_roberta

if TYPE_CHECKING:
    from tokenizers import Tokenizer

    from jina_notebook.testing.draft import Draft

__all__ = [
    "add_adapters",
    "add_encoder",
    "add_xlm_roberta_tokenizer",
    "colbert",
    "embeddings_v3",
    "reranker_v2",
]

HEADS = (128, 96, 64)
V3_TASKS = ("retrieval.query", "retrieval.passage", "separation", "classification", "text-matching")
V3_INSTRUCTIONS = {
    "retrieval.query": "Represent the query for retrieving evidence documents: ",
    "retrieval.passage": "Represent the document for retrieval: ",
    "separation": "",
    "classification": "",
    "text-matching": "",
}
REMOTE = "jinaai/xlm-roberta-flash-implementation--"
COMMON = {
    "attention_probs_dropout_prob": 0.1,
    "bos_token_id": 0,
    "eos_token_id": 2,
    "hidden_act": "gelu",
    "hidden_dropout_prob": 0.1,
    "initializer_range": 0.02,
    "layer_norm_eps": 1e-05,
    "output_past": True,
    "pad_token_id": 1,
    "type_vocab_size": 1,
    "use_flash_attn": True,
}


def reranker_v2(draft: Draft) -> None:
    """jina-reranker-v2-base-multilingual: absolute positions (1026 rows, 1024 tokens), no `model_type`."""
    tokenizer = xlm_roberta()
    config = {
        "architectures": ["XLMRobertaForSequenceClassification"],
        "auto_map": {
            "AutoConfig": "configuration_xlm_roberta.XLMRobertaFlashConfig",
            "AutoModel": "modeling_xlm_roberta.XLMRobertaModel",
            "AutoModelForSequenceClassification": "modeling_xlm_roberta.XLMRobertaForSequenceClassification",
        },
        **COMMON,
        "classifier_dropout": None,
        "emb_pooler": None,
        "hidden_size": 64,
        "id2label": {"0": "LABEL_0"},
        "intermediate_size": 128,
        "label2id": {"LABEL_0": 0},
        "max_position_embeddings": 1026,
        "num_attention_heads": 4,
        "num_hidden_layers": 3,
        "position_embedding_type": "absolute",
        "torch_dtype": draft.dtype,
        "transformers_version": "4.40.0",
        "use_cache": False,
        "vocab_size": tokenizer.get_vocab_size(),
    }
    draft.json("config.json", config)
    draft.normal("roberta.embeddings.position_embeddings.weight", 1026, 64, std=0.3)
    add_encoder(draft, config)
    draft.linear("classifier.dense", 64, 64, bias=True)
    draft.linear("classifier.out_proj", 1, 64, bias=True, gain=2.0)
    add_xlm_roberta_tokenizer(draft, tokenizer, limit=1024)


def embeddings_v3(draft: Draft) -> None:
    """jina-embeddings-v3: rotary positions, five rank-4 adapters on every Linear and both embeddings."""
    tokenizer = xlm_roberta()
    config = {
        "architectures": ["XLMRobertaModel"],
        "auto_map": {
            "AutoConfig": f"{REMOTE}configuration_xlm_roberta.XLMRobertaFlashConfig",
            "AutoModel": f"{REMOTE}modeling_lora.XLMRobertaLoRA",
            "AutoModelForMaskedLM": f"{REMOTE}modeling_xlm_roberta.XLMRobertaForMaskedLM",
        },
        **COMMON,
        "emb_pooler": None,
        "hidden_size": 128,
        "intermediate_size": 192,
        "load_trained_adapters": True,
        "lora_adaptations": list(V3_TASKS),
        "lora_alpha": 1,
        "lora_dropout_p": 0.0,
        "lora_main_params_trainable": False,
        "lora_rank": 4,
        "matryoshka_dimensions": [32, 64, 128],
        "max_position_embeddings": 8194,
        "num_attention_heads": 4,
        "num_hidden_layers": 2,
        "position_embedding_type": "rotary",
        "rotary_emb_base": 20000.0,
        "task_instructions": V3_INSTRUCTIONS,
        "torch_dtype": draft.dtype,
        "transformers_version": "4.30.2",
        "truncate_dim": None,
        "use_cache": True,
        "vocab_size": tokenizer.get_vocab_size(),
    }
    draft.json("config.json", config)
    add_encoder(draft, config)
    draft.linear("roberta.pooler.dense", 128, 128, bias=True)
    add_adapters(draft, adapters=len(V3_TASKS), rank=4)
    add_xlm_roberta_tokenizer(draft, tokenizer, limit=8194)
    names = ("custom_st.Transformer", "sentence_transformers.models.Pooling", "sentence_transformers.models.Normalize")
    paths = ("", "1_Pooling", "2_Normalize")
    draft.json(
        "modules.json",
        [
            {"idx": number, "name": str(number), "path": path, "type": kind}
            for number, (path, kind) in enumerate(zip(paths, names, strict=True))
        ],
    )
    draft.json(
        "1_Pooling/config.json",
        {"word_embedding_dimension": 128, "pooling_mode_cls_token": False, "pooling_mode_mean_tokens": True},
    )


def colbert(draft: Draft, *, head: int = 128, pooler: bool = False) -> None:
    """jina-colbert-v2 and its -96 and -64 repositories: v3's encoder with another rotary base, and `linear`."""
    if head not in HEADS:
        raise OptionError(f"jina-colbert-v2 has no head of {head!r}.", hint="Allowed: 128, 96, 64.")
    tokenizer = xlm_roberta(["[QueryMarker]", "[DocumentMarker]"])
    config = {
        "architectures": ["HF_ColBERT"],
        "auto_map": {
            "AutoConfig": f"{REMOTE}configuration_xlm_roberta.XLMRobertaFlashConfig",
            "AutoModel": f"{REMOTE}modeling_xlm_roberta.XLMRobertaModel",
        },
        **COMMON,
        "emb_pooler": None,
        "hidden_size": 64,
        "intermediate_size": 128,
        "lora_adaptations": None,
        "lora_rank": 4,
        "matryoshka_dimensions": None,
        "max_position_embeddings": 8194,
        "num_attention_heads": 4,
        "num_hidden_layers": 2,
        "position_embedding_type": "rotary",
        "rotary_emb_base": 10000.0,
        "torch_dtype": draft.dtype,
        "transformers_version": "4.43.2",
        "truncate_dim": None,
        "use_cache": True,
        "vocab_size": tokenizer.get_vocab_size(),
    }
    draft.json("config.json", config)
    add_encoder(draft, config)
    if pooler:
        draft.linear("roberta.pooler.dense", 64, 64, bias=True)
    draft.linear("linear", head, 64)
    add_xlm_roberta_tokenizer(draft, tokenizer, limit=8194, markers=["[QueryMarker]", "[DocumentMarker]"])
    metadata = {
        "attend_to_mask_tokens": True,
        "dim": head,
        "doc_maxlen": 300,
        "interaction": "colbert",
        "mask_punctuation": True,
        "model_name": "jinaai/jina-colbert-v2",
        "query_maxlen": 32,
        "similarity": "cosine",
    }
    draft.json("artifact.metadata", metadata)


def add_encoder(draft: Draft, config: dict[str, Any]) -> None:
    """Adds the tensors of an encoder in the flash-attention layout; sizes come from its configuration."""
    hidden, intermediate = config["hidden_size"], config["intermediate_size"]
    draft.normal("roberta.embeddings.word_embeddings.weight", config["vocab_size"], hidden, std=1.0)
    draft.normal("roberta.embeddings.token_type_embeddings.weight", 1, hidden, std=0.3)
    draft.norm("roberta.emb_ln", hidden, bias=True)
    for number in range(config["num_hidden_layers"]):
        layer = f"roberta.encoder.layers.{number}"
        draft.linear(f"{layer}.mixer.Wqkv", 3 * hidden, hidden, bias=True, gain=1.4)
        draft.linear(f"{layer}.mixer.out_proj", hidden, hidden, bias=True)
        draft.norm(f"{layer}.norm1", hidden, bias=True)
        draft.linear(f"{layer}.mlp.fc1", intermediate, hidden, bias=True, gain=1.4)
        draft.linear(f"{layer}.mlp.fc2", hidden, intermediate, bias=True, gain=0.7)
        draft.norm(f"{layer}.norm2", hidden, bias=True)


def add_adapters(draft: Draft, *, adapters: int, rank: int) -> None:
    """Turns every matrix `X.weight` into `X.parametrizations.weight.original` with its low-rank factors.

    Linear: A `(adapters, rank, inputs)`, B `(adapters, outputs, rank)`. Embedding: A `(adapters, rows, rank)`,
    B `(adapters, rank, width)`. B is never zero, and large enough for tasks to differ clearly.
    """
    for key in [key for key in draft.tensors if key.endswith(".weight")]:
        matrix = draft.tensors[key]
        if matrix.ndim != 2:
            continue
        del draft.tensors[key]
        place = key.removesuffix("weight") + "parametrizations.weight"
        draft.tensors[f"{place}.original"] = matrix
        rows, columns = matrix.shape
        if key.endswith("_embeddings.weight"):
            draft.normal(f"{place}.0.lora_A", adapters, rows, rank, std=1.0)
            draft.normal(f"{place}.0.lora_B", adapters, rank, columns, std=0.8)
        else:
            draft.normal(f"{place}.0.lora_A", adapters, rank, columns, std=columns**-0.5)
            draft.normal(f"{place}.0.lora_B", adapters, rows, rank, std=0.8)


def add_xlm_roberta_tokenizer(
    draft: Draft, tokenizer: Tokenizer, *, limit: int, markers: list[str] | None = None
) -> None:
    """Adds `tokenizer.json` and the two files that the XLM-R repositories keep beside it."""
    names = {
        "bos_token": "<s>",
        "cls_token": "<s>",
        "eos_token": "</s>",
        "mask_token": "<mask>",
        "pad_token": "<pad>",
        "sep_token": "</s>",
        "unk_token": "<unk>",
    }
    extra = {"additional_special_tokens": markers} if markers else {}
    config = {
        "added_tokens_decoder": added_tokens(tokenizer),
        **extra,
        **names,
        "clean_up_tokenization_spaces": True,
        "model_max_length": limit,
        "tokenizer_class": "XLMRobertaTokenizer",
    }
    special = names | extra | {"mask_token": {"content": "<mask>", "lstrip": True, "normalized": False}}
    draft.tokenizer(tokenizer, config, special)
