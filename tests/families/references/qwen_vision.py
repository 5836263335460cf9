"""What the references of the Qwen-VL models share: patches of a picture, expanded prompts, one forward pass."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F
from transformers import Qwen2VLImageProcessorPil
from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import smart_resize

from tests.families.references.network import config, tokenizer_of

MIN_PIXELS, MAX_PIXELS = 3136, 602112
PICTURE = "<|vision_start|><|image_pad|><|vision_end|>"
RESAMPLERS = ("pil", "torch")
"""The two ways in which the publishers' processors resize: on PIL images, or on uint8 tensors as torchvision does.

They differ by one level in some values; where nothing is resized they are the same.
"""


@lru_cache(maxsize=1)
def processor() -> Any:
    return Qwen2VLImageProcessorPil(size={"shortest_edge": MIN_PIXELS, "longest_edge": MAX_PIXELS})


def plain(fields: dict[str, Any]) -> dict[str, Any]:
    """A configuration without what would load other code or another precision, nested ones too."""
    dropped = ("auto_map", "architectures", "torch_dtype")
    return {
        key: plain(value) if isinstance(value, dict) else value for key, value in fields.items() if key not in dropped
    }


def resized(picture: Image.Image, resampler: str = "pil") -> Image.Image:
    """The RGB picture in the size the network takes it."""
    rgb = picture.convert("RGB")
    height, width = smart_resize(rgb.height, rgb.width, 28, MIN_PIXELS, MAX_PIXELS)
    if resampler == "pil" or (height, width) == (rgb.height, rgb.width):
        return rgb.resize((width, height), Image.Resampling.BICUBIC)
    levels = torch.from_numpy(np.array(rgb)).permute(2, 0, 1)[None]
    scaled = F.interpolate(levels, size=(height, width), mode="bicubic", align_corners=False, antialias=True)
    return Image.fromarray(scaled[0].permute(1, 2, 0).contiguous().numpy())


def patches(picture: Image.Image, resampler: str = "pil") -> tuple[torch.Tensor, torch.Tensor]:
    """Pixels `(patches, 1176)` and the grid `(1, 3)`."""
    made = processor()(resized(picture, resampler), return_tensors="pt")
    return made["pixel_values"], made["image_grid_thw"]


def image_tokens(picture: Image.Image) -> int:
    """How many tokens a picture becomes."""
    height, width = smart_resize(picture.height, picture.width, 28, MIN_PIXELS, MAX_PIXELS)
    return int(height * width // 28 // 28)


def expanded_ids(directory: Path, prompt: str, pictures: Sequence[Image.Image]) -> list[int]:
    """Ids of a prompt in which every `<|image_pad|>` stands for one of the pictures."""
    parts = prompt.split("<|image_pad|>")
    assert len(parts) == len(pictures) + 1
    text = parts[0]
    for picture, part in zip(pictures, parts[1:], strict=True):
        text += "<|image_pad|>" * image_tokens(picture) + part
    return list(tokenizer_of(directory).encode(text, add_special_tokens=False).ids)


def states(
    directory: Path, model: Any, ids: list[int], pictures: Sequence[Image.Image] = (), resampler: str = "pil"
) -> torch.Tensor:
    """Final hidden states `(tokens, width)` of one sequence, after the last norm."""
    found = torch.tensor([ids])
    inputs: dict[str, torch.Tensor] = {"input_ids": found, "attention_mask": torch.ones_like(found)}
    if pictures:
        made = [patches(picture, resampler) for picture in pictures]
        inputs["pixel_values"] = torch.cat([pixels for pixels, _ in made])
        inputs["image_grid_thw"] = torch.cat([grid for _, grid in made])
        inputs["mm_token_type_ids"] = (found == config(directory)["image_token_id"]).int()
        positions, _ = model.get_rope_index(
            found, mm_token_type_ids=inputs["mm_token_type_ids"], image_grid_thw=inputs["image_grid_thw"]
        )
        assert any(not torch.equal(positions[0], other) for other in positions[1:]), "three-axis positions are in use"
    with torch.inference_mode():
        found_states: torch.Tensor = model(**inputs).last_hidden_state[0]
    assert found_states.dtype == torch.float32
    return found_states
