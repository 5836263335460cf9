"""`make bench-models`: the engine against sentence-transformers and transformers, real sizes, random weights.

python -m benchmarks.models [encoder] [decoder] [cross-encoder] [listwise] [maxsim] [loading]
                            [v4-text] [v4-pages] [vision] [reader]
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import torch

import jina_notebook as jn
from benchmarks import large
from benchmarks.checkpoints import real_size
from benchmarks.timing import interleave, machine, table
from benchmarks.yardsticks import cosine_drift, gemm_rate, lengths

ROUNDS = 5
INSTRUCTION = (  # 48 tokens
    "Search the index of a search engine for a late train, a red car, a red apple and a blue cup of tea "
    "on the road home:\n"
)
FOLDER = Path(os.environ.get("JINA_NOTEBOOK_BENCH", Path(tempfile.gettempdir()) / "jina-notebook-bench"))
WORDS = [
    "red",
    "apple",
    "pear",
    "tea",
    "cup",
    "late",
    "train",
    "blue",
    "car",
    "road",
    "search",
    "engine",
    "vector",
    "index",
    "query",
    "page",
    "code",
    "loop",
]


def texts(
    count: int, mean: float, longest: int, count_tokens: Callable[[str], int], *, spread: float = 0.6
) -> list[str]:
    """Random texts of such `lengths`."""
    generator = np.random.default_rng(0)
    wanted = lengths(count, mean, longest, spread=spread)
    per_word = count_tokens(" ".join(WORDS)) / len(WORDS)
    return [" ".join(generator.choice(WORDS, max(1, round(w / per_word)))) for w in wanted]


def load(name: str, dtype: str) -> Any:
    return jn.load(name, path=real_size(name, FOLDER), device="cpu", dtype=dtype)


def _save_tokenizer(checkpoint: Path, folder: str, *, longest: int) -> None:
    """As a peer reads it."""
    from transformers import PreTrainedTokenizerFast

    made: Any = PreTrainedTokenizerFast
    tokenizer = made(tokenizer_file=str(checkpoint / "tokenizer.json"), pad_token="<pad>", model_max_length=longest)
    tokenizer.save_pretrained(folder)


def encoder() -> None:
    """v3's size, mixed lengths, against sentence-transformers' defaults (float32, batch 32)."""
    from sentence_transformers import SentenceTransformer

    from tests.families.references import embeddings_v3

    name, task = "jina-embeddings-v3", "text-matching"
    path = real_size(name, FOLDER)
    exact, fast = load(name, "float32"), load(name, "bfloat16")
    corpus = texts(32, 128, 512, exact.count_tokens)
    with tempfile.TemporaryDirectory() as folder:
        network = embeddings_v3.network(path, task)
        network.save_pretrained(folder)
        _save_tokenizer(path, folder, longest=8192)
        embeddings_v3.network.cache_clear()
        del network
        peer = SentenceTransformer(folder, device="cpu", trust_remote_code=False)
    peer.max_seq_length = 8192
    variants: dict[str, Callable[[], Any]] = {
        "sentence-transformers, float32, batch 32": lambda: peer.encode(corpus, normalize_embeddings=True),
        "jina-notebook, float32": partial(_embedded, exact, corpus, task),
        "jina-notebook, bfloat16": partial(_embedded, fast, corpus, task),
    }
    rows = interleave(variants, rounds=ROUNDS, drift=cosine_drift)
    tokens = sum(exact.embed(corpus, task=task, progress=False).token_counts)
    print(table(f"Encoder of {name}'s size, {len(corpus)} texts, {tokens} tokens", rows, unit="tokens", amount=tokens))
    for row, dtype in zip(rows[1:], (torch.float32, torch.bfloat16), strict=True):
        rate = 2 * 24 * (4 * 1024**2 + 2 * 1024 * 4096) * tokens / row.seconds
        print(
            f"  {row.name}: {rate / 1e9:.0f} GFLOP/s in linear layers, {100 * rate / gemm_rate(dtype):.0f} % of a GEMM"
        )


def padded_decoder(path: Path, batches: list[list[str]], tokenizer: Any) -> np.ndarray[Any, Any]:
    """Last-token vectors by padded transformers."""
    from tests.families.references import code_embeddings

    network = code_embeddings.network(path)
    rows = []
    for batch in batches:
        ids = [e.ids for e in tokenizer.encode(batch)]
        longest = max(map(len, ids))
        padded = torch.zeros(len(ids), longest, dtype=torch.long)
        mask = torch.zeros_like(padded)
        for i, one in enumerate(ids):
            padded[i, : len(one)] = torch.from_numpy(one.astype(np.int64))
            mask[i, : len(one)] = 1
        with torch.inference_mode():
            states = network(input_ids=padded, attention_mask=mask).last_hidden_state
        rows.append(states[torch.arange(len(ids)), mask.sum(1) - 1])
    return torch.cat(rows).numpy()


def decoder() -> None:
    """code-0.5b's size against padded transformers (float32, batch 32): documents, then queries behind prompts.

    Behind the longest prompt that is published, and behind one as long as an instruction of one's own.
    """
    from jina_notebook.families.code import PROMPTS

    name, made = "jina-code-embeddings-0.5b", "code2code.query"
    path = real_size(name, FOLDER)
    with mock.patch.dict(PROMPTS, {made: INSTRUCTION}):
        exact, fast = load(name, "float32"), load(name, "bfloat16")
        prompts = dict(PROMPTS)
    longest = max(PROMPTS, key=lambda task: exact.count_tokens(PROMPTS[task]))
    queries = texts(64, 12, 24, exact.count_tokens, spread=0.3)
    cases = {"documents of mean 130 tokens": ("nl2code.passage", texts(32, 130, 512, exact.count_tokens))}
    for task in (longest, made):
        cases[f"queries of 12 tokens behind {exact.count_tokens(prompts[task])}"] = (task, queries)
    for title, (task, corpus) in cases.items():
        prompted = [(prompts[task] + text).strip() for text in corpus]
        batches = [prompted[i : i + 32] for i in range(0, len(prompted), 32)]
        variants: dict[str, Callable[[], Any]] = {
            "transformers, float32, padded, batch 32": partial(padded_decoder, path, batches, exact._tokenizer),
            "jina-notebook, float32": partial(_embedded, exact, corpus, task),
            "jina-notebook, bfloat16": partial(_embedded, fast, corpus, task),
        }
        rows = interleave(variants, rounds=ROUNDS, drift=lambda _, a, b: cosine_drift("", a, _unit(b)))
        tokens = sum(exact.embed(corpus, task=task, progress=False).token_counts)
        print(table(f"Decoder of {name}'s size, {title}, {tokens} tokens", rows, unit="tokens", amount=tokens))


def _embedded(model: Any, corpus: list[str], task: str) -> Any:
    return model.embed(corpus, task=task, progress=False).vectors


def _unit(rows: Any) -> Any:
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def cross_encoder() -> None:
    """reranker-v2's size, 100 pairs, against sentence-transformers' CrossEncoder."""
    from sentence_transformers import CrossEncoder

    from tests.families.references import reranker_v2

    name = "jina-reranker-v2-base-multilingual"
    path = real_size(name, FOLDER)
    exact, fast = load(name, "float32"), load(name, "bfloat16")
    query, documents = "red apple tea", texts(100, 130, 512, exact.count_tokens)
    with tempfile.TemporaryDirectory() as folder:
        reranker_v2.network(path).save_pretrained(folder)
        _save_tokenizer(path, folder, longest=1024)
        reranker_v2.network.cache_clear()
        peer = CrossEncoder(folder, device="cpu", trust_remote_code=False)
    pairs = [(query, document) for document in documents]
    variants: dict[str, Callable[[], Any]] = {
        "CrossEncoder, float32, batch 32": lambda: peer.predict(pairs),
        "jina-notebook, float32": lambda: exact.rerank(query, documents, progress=False).scores,
        "jina-notebook, bfloat16": lambda: fast.rerank(query, documents, progress=False).scores,
    }
    print(table(f"Cross-encoder of {name}'s size, 100 pairs", interleave(variants, rounds=ROUNDS, drift=cosine_drift),
                unit="pairs", amount=100))  # fmt: skip


def listwise() -> None:
    """reranker-v3's size, 64 documents of 130 tokens, against transformers in float32."""
    from jina_notebook.families.reranker_v3 import prompt
    from tests.families.references import reranker_v3

    name = "jina-reranker-v3"
    path = real_size(name, FOLDER)
    exact, fast = load(name, "float32"), load(name, "bfloat16")
    query, documents = "red apple tea", texts(64, 130, 512, exact.count_tokens, spread=0.2)
    network, _, _ = reranker_v3.network(path)
    ids = torch.from_numpy(exact._tokenizer.encode([prompt(query, documents)])[0].ids.astype(np.int64))[None]

    def peer() -> Any:
        with torch.inference_mode():
            states = network(input_ids=ids).last_hidden_state[0]
        first, second = exact._projector
        rows = second(torch.relu(first(states[(ids[0] == exact._document_id)])))
        asked = second(torch.relu(first(states[(ids[0] == exact._query_id)])))
        return torch.nn.functional.cosine_similarity(rows, asked).numpy()

    def shorter(block_size: int) -> Any:
        published, fast.block_size = fast.block_size, block_size
        try:
            return fast.rerank(query, documents, progress=False).scores
        finally:
            fast.block_size = published

    variants: dict[str, Callable[[], Any]] = {
        "transformers, float32, one prompt": peer,
        "jina-notebook, float32": lambda: exact.rerank(query, documents, progress=False).scores,
        "jina-notebook, bfloat16": lambda: fast.rerank(query, documents, progress=False).scores,
        "jina-notebook, bfloat16, block_size=16": partial(shorter, 16),
        "jina-notebook, bfloat16, block_size=8": partial(shorter, 8),
    }
    rows = interleave(variants, rounds=1, drift=cosine_drift)  # one of the peer's takes minutes
    print(
        table(f"Listwise {name}'s size, 64 documents, {ids.shape[1]} tokens", rows, unit="tokens", amount=ids.shape[1])
    )


def maxsim() -> None:
    """32 query vectors, 1,000 documents of 128 dimensions, against sentence-transformers' maxsim and a numpy loop."""
    from sentence_transformers.util import maxsim as peer

    from jina_notebook.inference.maxsim import PackedVectors
    from jina_notebook.inference.maxsim import maxsim as ours

    generator = np.random.default_rng(0)
    query = _unit(generator.standard_normal((32, 128))).astype(np.float32)
    documents = [
        _unit(generator.standard_normal((int(n), 128))).astype(np.float32) for n in generator.integers(60, 240, 1000)
    ]
    theirs = [torch.from_numpy(d) for d in documents]
    asked, packed = [torch.from_numpy(query)], PackedVectors.of(documents)
    variants: dict[str, Callable[[], Any]] = {
        "sentence-transformers maxsim": lambda: peer(asked, theirs)[0].numpy(),
        "numpy, a loop over documents": lambda: np.array([(query @ d.T).max(1).sum() for d in documents]),
        "jina-notebook, a list": lambda: ours(query, documents),
        "jina-notebook, packed once": lambda: ours(query, packed),
    }
    rows = interleave(variants, rounds=15, drift=cosine_drift)
    print(table("MaxSim, 32 query vectors, 1,000 documents", rows, unit="documents", amount=1000))


def loading() -> None:
    """Seconds and peak memory of loading v3's, code-0.5b's and v4's size, each in a process of its own."""
    both = ("jina-notebook float32", "jina-notebook bfloat16")
    for name, ways in {
        "jina-embeddings-v3": both,  # from_pretrained cannot read that layout
        "jina-code-embeddings-0.5b": (*both, "transformers float32"),
        "jina-embeddings-v4": both[1:],
    }.items():
        path = real_size(name, FOLDER)
        size = sum(file.stat().st_size for file in path.rglob("*.safetensors"))
        print(f"\nLoading {name}'s size ({size / 1e9:.2f} GB on disk, bfloat16), and one answer")
        for who in ways:
            call = [sys.executable, "-m", "benchmarks.models", "--load", name, who]
            print("  " + subprocess.run(call, capture_output=True, text=True, check=True).stdout.strip())


def load_once(name: str, who: str) -> None:
    """Loads in this process and prints what it took, beyond the imports; a model of ours also answers."""
    import transformers

    path, dtype = real_size(name, FOLDER), who.rpartition(" ")[2]
    jn.load("offline-minilm", device="cpu", dtype=dtype).embed("a text", progress=False)
    Path("/proc/self/clear_refs").write_text("5")  # starts the peak anew: a child inherits its parent's
    before = _resident("VmRSS")
    started = time.perf_counter()
    ours = not who.startswith("transformers")
    if ours:
        model = jn.load(name, path=path, device="cpu", dtype=dtype)
    else:
        model = transformers.Qwen2Model.from_pretrained(path, dtype=getattr(torch, dtype))
    seconds, peak = time.perf_counter() - started, _resident("VmHWM") - before
    said = f"{who:26} {seconds:6.2f} s, peak memory {peak / 1e6:5.2f} GB above the imports"
    if ours:
        model.embed(" ".join(WORDS * 8), task=model.card.tasks[0], progress=False)
        said += f", {(_resident('VmHWM') - before) / 1e6:.2f} GB with an answer"
    print(said)


def _resident(field: str) -> int:
    """Kilobytes of this process that are in memory now (`VmRSS`) or were at most (`VmHWM`); Linux only."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith(field)).split()[1])


PARTS: dict[str, Callable[[], None]] = {
    "encoder": encoder,
    "decoder": decoder,
    "cross-encoder": cross_encoder,
    "listwise": listwise,
    "maxsim": maxsim,
    "loading": loading,
    **large.PARTS,
}


def main(arguments: list[str]) -> None:
    warnings.simplefilter("ignore")
    if arguments[:1] == ["--load"]:
        load_once(*arguments[1:])
        return
    for name in arguments or PARTS:
        print(machine(), flush=True)
        PARTS[name]()
        sys.stdout.flush()
        jn.unload()
        gc.collect()


if __name__ == "__main__":
    main(sys.argv[1:])
