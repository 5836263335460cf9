"""Parts of `make bench-models` for the models that see and write: published sizes, random weights, bfloat16.

Their weights are drawn in memory: a checkpoint of jina-embeddings-v4 alone would fill 7.5 GB of disk.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from benchmarks.checkpoints import V4_TEXT, V4_VISION, random_tensor
from benchmarks.timing import interleave, table
from benchmarks.yardsticks import cosine_drift, gemm_rate, lengths
from jina_notebook.families import eva, qwen, qwen_vision
from jina_notebook.families.qwen import Body
from jina_notebook.inference.generation import Prompt, Writer
from jina_notebook.inference.packing import fill, pack
from jina_notebook.inference.placement import place
from jina_notebook.progress import reporting

CPU = torch.device("cpu")
BODY = {"rms_norm_eps": 1e-6, "rope_theta": 1e6, "max_position_embeddings": 32768}
CLIP_VISION = {"width": 1024, "layers": 24, "head_width": 64, "mlp_ratio": 2.6667, "image_size": 512, "patch_size": 14,
               "pt_hw_seq_len": 16}  # fmt: skip
READER = {**BODY, "hidden_size": 1536, "num_hidden_layers": 28, "num_attention_heads": 12, "num_key_value_heads": 2,
          "intermediate_size": 8960, "vocab_size": 151936}  # fmt: skip
ROUNDS = 3
PROMPT_TOKENS, NEW_TOKENS = 1024, 32
PROMPT_OF_A_PAGE = 12  # tokens beside the picture's own
PAGE = (60, 44)
"""Rows and columns of patches of a page of 840 by 616 pixels."""


class Drawn:
    """Stands where a checkpoint does: tensors of the shapes that a family expects, drawn as they are asked for."""

    def __init__(self, shapes: Mapping[str, tuple[int, ...]]) -> None:
        self.shapes = dict(shapes)

    def tensor(self, name: str, placement: Any, *, dtype: torch.dtype | None = None) -> torch.Tensor:
        generator = torch.Generator().manual_seed(sum(name.encode()) + len(name))
        return random_tensor(name, self.shapes[name], generator).to(dtype or placement.dtype)

    def stacked(self, names: Sequence[str], placement: Any) -> torch.Tensor:
        return torch.cat([self.tensor(name, placement) for name in names])


def linear_numbers(shapes: Mapping[str, tuple[int, ...]]) -> int:
    """Numbers in matrices that every token is multiplied by."""
    return sum(int(np.prod(shape)) for name, shape in shapes.items() if len(shape) == 2 and "embed" not in name)


def peer_of(kind: Any, config: Mapping[str, Any], drawn: Drawn, placement: Any, *, prefix: str) -> Any:
    """transformers' network with the same weights."""
    from transformers import Qwen2Config

    with torch.device("meta"):
        network = kind(Qwen2Config(**config, tie_word_embeddings=True)).eval()
    wanted = {prefix + name.removeprefix("model."): name for name in drawn.shapes}
    state = {name: drawn.tensor(own, placement) for name, own in wanted.items()}
    network.load_state_dict(state, strict=False, assign=True)
    for module in network.modules():  # tables that no checkpoint holds
        if hasattr(module, "inv_freq"):
            module.__init__(network.config)
    if hasattr(network, "lm_head"):
        network.tie_weights()
    return network


def v4_towers(placement: Any) -> tuple[Any, Any, Drawn]:
    """v4's text tower here, as transformers' network, and its weights."""
    from transformers import Qwen2Model

    config = BODY | V4_TEXT
    body = Body.read(config, qkv_bias=True, head_norms=False)
    drawn = Drawn(qwen.expected(body, "model."))
    decoder = qwen.build(drawn, body, placement, "model.")  # type: ignore[arg-type]
    return decoder, peer_of(Qwen2Model, config, drawn, placement, prefix=""), drawn


def v4_text() -> None:
    """v4's text tower, 8 documents of mean 130 tokens, against padded transformers in bfloat16."""
    decoder, peer, drawn = v4_towers(place("cpu", "bfloat16"))
    counts = lengths(8, 130, 512).tolist()
    generator = np.random.default_rng(0)
    ids = [generator.integers(0, 150_000, n).astype(np.int32) for n in counts]
    longest = max(counts)
    padded, mask = torch.zeros(len(ids), longest, dtype=torch.long), torch.zeros(len(ids), longest, dtype=torch.long)
    for i, one in enumerate(ids):
        padded[i, : len(one)], mask[i, : len(one)] = torch.from_numpy(one.astype(np.int64)), 1

    def theirs() -> Any:
        with torch.inference_mode():
            states = peer(input_ids=padded, attention_mask=mask).last_hidden_state.float()
        return torch.stack([states[i, : len(one)].mean(0) for i, one in enumerate(ids)]).numpy()

    def ours() -> Any:
        rows: dict[int, Any] = {}
        for group in fill(counts, 2048):
            packed = pack([ids[i] for i in group], CPU)
            parts = decoder(packed).float().split(list(packed.lengths))
            rows |= {i: part.mean(0) for i, part in zip(group, parts, strict=True)}
        return torch.stack([rows[i] for i in range(len(ids))]).numpy()

    rows = interleave({"transformers, bfloat16, padded": theirs, "jina-notebook, bfloat16": ours}, rounds=ROUNDS,
                      drift=cosine_drift)  # fmt: skip
    tokens = sum(counts)
    print(table(f"Text tower of jina-embeddings-v4's size, 8 documents, {tokens} tokens", rows, unit="tokens",
                amount=tokens))  # fmt: skip
    _share("text tower", 2 * linear_numbers(drawn.shapes) * tokens / rows[1].seconds)


def pages() -> None:
    """v4's two towers, a batch of two pages, against transformers in bfloat16: pixels to one vector a page."""
    placement = place("cpu", "bfloat16")
    decoder, text_peer, _ = v4_towers(placement)
    tower, drawn = _v4_tower(placement)
    peer = _tower_peer(drawn, placement)
    seen = PAGE[0] * PAGE[1] // tower.merge**2
    ids = np.concatenate([np.arange(PROMPT_OF_A_PAGE), np.zeros(seen)]).astype(np.int32)
    patches = torch.randn(2 * PAGE[0] * PAGE[1], tower.patch.in_features).to(torch.bfloat16)
    packed = pack([ids, ids], CPU)
    places = torch.cat([torch.arange(PROMPT_OF_A_PAGE, len(ids)) + len(ids) * page for page in range(2)])

    def theirs() -> Any:
        with torch.inference_mode():
            features = peer(patches, grid_thw=torch.tensor([[1, *PAGE], [1, *PAGE]])).pooler_output
            rows = text_peer.embed_tokens(packed.ids.view(2, -1))
            rows[:, PROMPT_OF_A_PAGE:] = features.view(2, seen, -1)
            return text_peer(inputs_embeds=rows).last_hidden_state.float().mean(1).numpy()

    def ours() -> Any:
        states = decoder(replace(packed, places=places, features=tower(patches, [PAGE, PAGE])))
        return states.float().view(2, len(ids), -1).mean(1).numpy()

    rows = interleave({"transformers, bfloat16": theirs, "jina-notebook, bfloat16": ours}, rounds=ROUNDS,
                      drift=cosine_drift)  # fmt: skip
    print(table(f"Two pages by jina-embeddings-v4's size, {packed.tokens:,} tokens of {len(patches):,} patches", rows,
                unit="pages", amount=2))  # fmt: skip


def _tower_peer(drawn: Drawn, placement: Any) -> Any:
    from transformers.models.qwen2_5_vl import modeling_qwen2_5_vl as modeling
    from transformers.models.qwen2_5_vl.configuration_qwen2_5_vl import Qwen2_5_VLVisionConfig

    with torch.device("meta"):
        network: Any = modeling.Qwen2_5_VisionTransformerPretrainedModel(Qwen2_5_VLVisionConfig(**V4_VISION))
    network.load_state_dict({name: drawn.tensor(name, placement) for name in drawn.shapes}, strict=True, assign=True)
    turning = network.rotary_pos_emb  # its table is in no checkpoint
    turning.__init__(turning.config)
    return network.eval()


def _share(what: str, rate: float) -> None:
    share = 100 * rate / gemm_rate(torch.bfloat16)
    print(f"  {what}: {rate / 1e9:.0f} GFLOP/s in linear layers, {share:.0f} % of a GEMM in bfloat16")


def vision() -> None:
    """The vision towers of jina-embeddings-v4 (two pages) and jina-clip-v2 (four pictures): share of a GEMM."""
    _v4_share()
    gc.collect()
    _clip_share()


def _v4_tower(placement: Any) -> tuple[Any, Drawn]:
    layout = qwen_vision.VisionLayout.read(V4_VISION, outputs=2048, gated=True)
    drawn = Drawn(qwen_vision.expected(layout, ""))
    return qwen_vision.build(drawn, layout, placement, ""), drawn  # type: ignore[arg-type]


def _v4_share() -> None:
    tower, drawn = _v4_tower(place("cpu", "bfloat16"))
    patches = torch.randn(2 * PAGE[0] * PAGE[1], tower.patch.in_features).to(torch.bfloat16)
    seconds = _median(lambda: tower(patches, [PAGE, PAGE]))
    print(f"\nVision tower of jina-embeddings-v4's size, 2 pages, {len(patches):,} patches: {seconds:.2f} s")
    merger = {name: shape for name, shape in drawn.shapes.items() if "merger" in name}
    numbers = linear_numbers(drawn.shapes) - linear_numbers(merger) * (1 - 1 / tower.merge**2)
    _share("v4 tower", 2 * numbers * len(patches) / seconds)


def _clip_share() -> None:
    placement = place("cpu", "bfloat16")
    small = eva.TowerLayout.read(CLIP_VISION)
    drawn = Drawn(eva.expected(small, ""))
    clip = eva.build(drawn, small, placement, "")  # type: ignore[arg-type]
    count = small.grid**2
    pictures = torch.randn(4, count, clip.patch.in_features).to(torch.bfloat16)
    seconds = _median(lambda: clip(pictures))
    print(f"\nVision tower of jina-clip-v2's size, 4 pictures, {4 * (count + 1):,} patches: {seconds:.2f} s")
    _share("clip tower", 2 * linear_numbers(drawn.shapes) * 4 * (count + 1) / seconds)


def reader() -> None:
    """ReaderLM-v2's size: tokens/s of reading a prompt and of writing, against transformers' generate, bfloat16."""
    from transformers import GenerationConfig, Qwen2ForCausalLM

    placement = place("cpu", "bfloat16")
    body = Body.read(READER, qkv_bias=True, head_norms=False)
    drawn = Drawn(qwen.expected(body, "model."))
    decoder = qwen.build(drawn, body, placement, "model.")  # type: ignore[arg-type]
    words = decoder.words.weight
    writer = Writer(decoder, lambda states: torch.nn.functional.linear(states, words), stops=[], penalty=1.08)
    peer = peer_of(Qwen2ForCausalLM, READER, drawn, placement, prefix="model.")
    ids = np.random.default_rng(0).integers(0, 150_000, PROMPT_TOKENS).astype(np.int32)
    prompt = torch.from_numpy(ids.astype(np.int64))[None]

    def theirs(count: int) -> Any:
        settings = GenerationConfig(max_new_tokens=count, min_new_tokens=count, do_sample=False,
                                    repetition_penalty=1.08, pad_token_id=0)  # type: ignore[no-untyped-call]  # fmt: skip
        with torch.inference_mode():
            return peer.generate(prompt, attention_mask=torch.ones_like(prompt), generation_config=settings)

    def ours(count: int) -> Any:
        with reporting(False, total=0, unit="tokens", label="") as report:
            return writer.write([Prompt(ids)], [count], report)

    variants: dict[str, Callable[[], Any]] = {
        "generate, prompt and 1 token": lambda: theirs(1),
        "jina-notebook, prompt and 1 token": lambda: ours(1),
        "generate, and 32 more": lambda: theirs(1 + NEW_TOKENS),
        "jina-notebook, and 32 more": lambda: ours(1 + NEW_TOKENS),
    }
    seconds = {row.name: row.seconds for row in interleave(variants, rounds=ROUNDS)}
    print(f"\nReaderLM-v2's size, bfloat16, a prompt of {PROMPT_TOKENS} tokens, then {NEW_TOKENS} written one by one")
    for who in ("generate", "jina-notebook"):
        first = seconds[f"{who}, prompt and 1 token"]
        rest = seconds[f"{who}, and 32 more"] - first
        print(f"  {who:14} reads {PROMPT_TOKENS / first:7,.0f} tokens/s, writes {NEW_TOKENS / rest:6.1f} tokens/s")


def _median(call: Callable[[], object]) -> float:
    call()
    seconds = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        call()
        seconds.append(time.perf_counter() - started)
    return sorted(seconds)[len(seconds) // 2]


PARTS = {"v4-text": v4_text, "v4-pages": pages, "vision": vision, "reader": reader}
"""By name, for `python -m benchmarks.models`."""
