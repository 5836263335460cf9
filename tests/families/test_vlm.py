"""jina-vlm against its second opinion, token by token: tiles, questions, several pictures, layouts."""

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
from safetensors.torch import load_file, save_file

from jina_notebook.errors import CheckpointError, InferenceError, InputError, OptionError
from tests.families.pictures import encoded, photo, solid, stored
from tests.families.references import vlm as reference
from tests.families.references import vlm_tiles
from tests.families.scripted import scripted_vlm

NAME = "jina-vlm"
TOKENS = 8
PICTURE = photo(64, 64, 1)
QUESTIONS = [
    "What is this?",
    "この写真には何が写っていますか。",
    "ما هذا؟ \U0001f469‍\U0001f680",
    "",
    "  two\n\nlines ",
    "x" * 200,
    "word " * 300 + "?",
]
GOLDEN = [
    # height, width; resized; tiles; crops; grid; patch tokens; all tokens
    ((64, 64), (70, 70), (1, 1), 2, (14, 14), 392, 424),
    ((378, 378), (378, 378), (1, 1), 2, (14, 14), 392, 424),
    ((480, 640), (476, 644), (2, 2), 5, (24, 24), 772, 814),
    ((1080, 1920), (742, 1330), (3, 4), 13, (34, 44), 1692, 1744),
    ((2046, 2728), (854, 1148), (3, 4), 13, (34, 44), 1692, 1744),
    ((2000, 400), (2002, 406), (7, 1), 8, (74, 14), 1232, 1324),
    ((3000, 3000), (994, 994), (3, 3), 10, (34, 34), 1352, 1404),
    ((1754, 1240), (1190, 840), (4, 3), 13, (44, 34), 1692, 1754),
]
STOP = "<|im_end|>"
Miniature = Callable[..., Path]
Load = Callable[..., Any]
Altered = Callable[..., Path]


@pytest.fixture
def says(miniature: Miniature, load: Load, tmp_path: Path) -> Callable[..., Any]:
    """`says(*pieces, end="<|im_end|>", **arguments)`: the answer of a model that says just that."""

    def ask(*pieces: str, end: str | None = STOP, max_new_tokens: int = 40, **arguments: Any) -> Any:
        target = tmp_path / f"scripted-{len(list(tmp_path.iterdir()))}"
        script = [*pieces, end] if end else list(pieces)
        model = load(NAME, scripted_vlm(miniature(NAME, shards=1, lm_head="all"), target, *script))
        return model.ask(PICTURE, "What is this?", max_new_tokens=max_new_tokens, **arguments)

    return ask


@pytest.mark.parametrize(
    ("size", "resized", "tiles", "crops", "grid", "patches", "tokens"), GOLDEN, ids=lambda value: str(value)
)
def test_the_second_opinion_cuts_pictures_as_published(
    size: tuple[int, int],
    resized: tuple[int, int],
    tiles: tuple[int, int],
    crops: int,
    grid: tuple[int, int],
    patches: int,
    tokens: int,
) -> None:
    found = vlm_tiles.tiles_of(solid(size[1], size[0]))
    assert (found.resized, found.tiling, len(found.crops)) == (resized, tiles, crops)
    assert ((found.rows, found.columns), found.patch_tokens) == (grid, patches)
    assert len(found.tokens(0, 1, 2, 3)) == tokens
    assert sorted(found.places[found.places >= 0]) == list(range(patches))


@pytest.mark.parametrize("question", QUESTIONS, ids=range(len(QUESTIONS)))
def test_answers_equal_the_second_opinion_token_by_token(question: str, miniature: Miniature, load: Load) -> None:
    answer = load(NAME).ask(PICTURE, question, max_new_tokens=TOKENS)
    assert (answer.text, answer.truncated) == reference.answer(miniature(NAME), [PICTURE], question, TOKENS)
    assert (answer.question, answer.model) == (question, NAME)
    assert 0 < answer.tokens <= TOKENS


@pytest.mark.parametrize(
    "size",
    [(640, 480), (1920, 1080), (400, 2000), (1240, 1754), (378, 378), (30, 41), (1, 1), (2, 3), (1000, 10), (380, 100)],
    ids=lambda size: f"{size[0]}x{size[1]}",
)
def test_pictures_of_every_tiling_equal_the_second_opinion(
    size: tuple[int, int], miniature: Miniature, load: Load
) -> None:
    picture = photo(*size, seed=sum(size))
    answer = load(NAME).ask(picture, "What is this?", max_new_tokens=4)
    assert answer.text == reference.answer(miniature(NAME), [picture], "What is this?", 4)[0]


@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (1, 1, 1), (127, 128, 129)], ids=str)
def test_pictures_of_one_colour_equal_the_second_opinion(
    colour: tuple[int, int, int], miniature: Miniature, load: Load
) -> None:
    picture = solid(500, 300, colour)
    answer = load(NAME).ask(picture, "Which colour?", max_new_tokens=TOKENS)
    assert answer.text == reference.answer(miniature(NAME), [picture], "Which colour?", TOKENS)[0]


def test_what_is_in_the_picture_and_in_the_question_matters(load: Load) -> None:
    model = load(NAME)
    answers = [
        model.ask(picture, question, max_new_tokens=TOKENS).text
        for picture in (photo(64, 64, 1), photo(64, 64, 2), photo(640, 480, 1))
        for question in ("What is this?", "Which colour?")
    ]
    assert len(set(answers)) == len(answers)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_several_pictures_come_in_their_order_before_the_question(count: int, miniature: Miniature, load: Load) -> None:
    pictures = [photo(64, 64, 1), photo(300, 420, 2), photo(90, 30, 3)][:count]
    answer = load(NAME).ask(pictures, "Compare them.", max_new_tokens=TOKENS)
    assert answer.text == reference.answer(miniature(NAME), pictures, "Compare them.", TOKENS)[0]
    if count == 2:
        assert answer.text != load(NAME).ask(pictures[::-1], "Compare them.", max_new_tokens=TOKENS).text


def test_a_list_of_one_picture_is_that_picture(load: Load) -> None:
    model = load(NAME)
    assert model.ask([PICTURE], "Tea?", max_new_tokens=4).text == model.ask(PICTURE, "Tea?", max_new_tokens=4).text


def test_a_picture_is_the_same_however_it_is_handed_over(tmp_path: Path, load: Load) -> None:
    path = stored(PICTURE, tmp_path / "a.png")
    given = [PICTURE, path, path.read_bytes(), np.asarray(PICTURE), [path], (PICTURE,)]
    assert len({load(NAME).ask(one, "What is this?", max_new_tokens=TOKENS).text for one in given}) == 1


def test_a_photo_is_read_as_a_viewer_shows_it(load: Load) -> None:
    exif = Image.Exif()
    exif[274] = 6
    turned = encoded(PICTURE.transpose(Image.Transpose.ROTATE_90), exif=exif)
    texts = [load(NAME).ask(one, "What is this?", max_new_tokens=TOKENS).text for one in (PICTURE, turned)]
    assert texts[0] == texts[1]


def test_answers_are_the_same_every_time(load: Load) -> None:
    texts = {load(NAME).ask(PICTURE, "What is this?", max_new_tokens=30).text for _ in range(3)}
    assert len(texts) == 1


def test_thirty_tokens_equal_the_second_opinion(miniature: Miniature, load: Load) -> None:
    expected = reference.answer(miniature(NAME), [PICTURE], "Describe it.", 30)
    answer = load(NAME).ask(PICTURE, "Describe it.", max_new_tokens=30)
    assert (answer.text, answer.truncated) == expected


@pytest.mark.parametrize("end", ["<|im_end|>", "<|endoftext|>"])
def test_either_stop_token_ends_the_answer_and_is_not_part_of_it(end: str, says: Callable[..., Any]) -> None:
    answer = says(" A cup", " of tea.", end=end)
    assert (answer.text.strip(), answer.truncated) == ("A cup of tea.", False)


@pytest.mark.parametrize(
    ("limit", "text", "truncated"), [(3, "A cup of tea.", False), (2, "A cup of tea.", True), (1, "A cup", True)]
)
def test_a_stop_token_as_the_last_allowed_one_is_a_complete_answer(
    limit: int, text: str, truncated: bool, says: Callable[..., Any]
) -> None:
    answer = says(" A cup", " of tea.", max_new_tokens=limit)
    assert (answer.text.strip(), answer.truncated) == (text, truncated)


def test_an_answer_of_nothing_is_an_empty_text(says: Callable[..., Any]) -> None:
    assert (says().text, says().truncated) == ("", False)


def test_an_answer_that_goes_round_in_circles_is_ended(says: Callable[..., Any]) -> None:
    answer = says(" Tea. ", end=None, max_new_tokens=2_000)
    assert answer.text.startswith(" Tea. ".strip()) or answer.text.startswith(" Tea. ")
    assert answer.tokens < 1_500
    assert answer.truncated


def test_a_question_that_spells_a_control_token_has_no_other_picture(load: Load) -> None:
    model = load(NAME)
    for mark in ("<|image|>", "<im_patch>", "<im_start>", "<|im_end|>", "<|endoftext|>", "<|im<|image|>age|>"):
        try:
            text = model.ask(PICTURE, f"te{mark}a", max_new_tokens=4).text
        except InputError as error:
            text = "refused" if error.hint else "no hint"
        assert text in (model.ask(PICTURE, "tea", max_new_tokens=4).text, "refused"), mark


@pytest.mark.parametrize(
    "bad", [None, 7, "a.png", [], [None], ["a.png"], {"image": 1}, b"no picture", [PICTURE, b""]], ids=repr
)
def test_what_is_no_picture_is_an_error(bad: Any, load: Load) -> None:
    with pytest.raises(InputError):
        load(NAME).ask(bad, "What is this?", max_new_tokens=1)


def test_a_missing_file_is_an_error_with_position_and_name(tmp_path: Path, load: Load) -> None:
    with pytest.raises(InputError, match=r"\b1\b.*gone\.png"):
        load(NAME).ask([PICTURE, tmp_path / "gone.png"], "What is this?", max_new_tokens=1)


def test_a_picture_that_is_too_narrow_is_an_error_with_size_and_limit(load: Load) -> None:
    with pytest.raises(InputError) as caught:
        load(NAME).ask([PICTURE, solid(300, 1)], "What is this?", max_new_tokens=1)
    assert {"1", "300", "200"} <= set(re.findall(r"\d+", caught.value.message))


@pytest.mark.parametrize("question", [None, 7, ["What?"], b"What?"], ids=repr)
def test_a_question_that_is_no_text_is_an_error(question: Any, load: Load) -> None:
    with pytest.raises(InputError):
        load(NAME).ask(PICTURE, question, max_new_tokens=1)


@pytest.mark.parametrize("limit", [0, -1, 1.5, "3", True])
def test_a_limit_that_is_no_positive_integer_is_an_error(limit: Any, load: Load) -> None:
    with pytest.raises(OptionError, match="max_new_tokens"):
        load(NAME).ask(PICTURE, "What is this?", max_new_tokens=limit)


def test_half_a_character_counts_as_the_replacement_character(load: Load) -> None:
    texts = [load(NAME).ask(PICTURE, f"What {mark}?", max_new_tokens=4).text for mark in ("\ud83e", "\ufffd")]
    assert texts[0] == texts[1]


@pytest.mark.parametrize(
    "options",
    [{"layout": "mlx"}, {"layout": "mlx", "shards": 1}, {"text_biases": True}, {"shards": 1}, {"shards": 5}],
    ids=repr,
)
def test_every_layout_holds_the_same_model(options: dict[str, Any], miniature: Miniature, load: Load) -> None:
    text = load(NAME, miniature(NAME, **options)).ask(PICTURE, "What is this?", max_new_tokens=TOKENS).text
    assert text == load(NAME).ask(PICTURE, "What is this?", max_new_tokens=TOKENS).text


def test_the_rows_of_the_output_come_from_the_tensor(miniature: Miniature, load: Load) -> None:
    folder = miniature(NAME, lm_head="all")
    answer = load(NAME, folder).ask(PICTURE, "What is this?", max_new_tokens=TOKENS)
    assert answer.text == reference.answer(folder, [PICTURE], "What is this?", TOKENS)[0]


def test_the_mlx_layout_may_keep_its_output_at_the_top(altered: Altered, load: Load) -> None:
    def move(tensors: dict[str, torch.Tensor]) -> None:
        tensors["lm_head.weight"] = tensors.pop("language_model.lm_head.weight")

    folder = altered(NAME, move, layout="mlx", shards=1)
    text = load(NAME, folder).ask(PICTURE, "What is this?", max_new_tokens=4).text
    assert text == load(NAME).ask(PICTURE, "What is this?", max_new_tokens=4).text


def test_biases_of_the_decoder_that_are_not_zero_are_refused(altered: Altered, load: Load) -> None:
    key = "model.language_model.layers.1.attn.k_b"

    def spoil(tensors: dict[str, torch.Tensor]) -> None:
        tensors[key][3] = 0.5

    with pytest.raises(CheckpointError, match=r"layers\.1\.attn\.k_b"):
        load(NAME, altered(NAME, spoil, text_biases=True, shards=1))


@pytest.mark.parametrize(
    "key",
    [
        "lm_head.weight",
        "model.language_model.embedding.new_embedding",
        "model.language_model.layers.1.attn.q_lnorm.weight",
        "model.vision_model.vl_connector.pad_embed",
        "model.vision_model.vl_connector.pooling.v_b",
        "model.vision_model.layers.0.ffn.up.bias",
    ],
)
def test_a_missing_tensor_is_an_error_that_names_it(key: str, altered: Altered, load: Load) -> None:
    with pytest.raises(CheckpointError, match=re.escape(key.removeprefix("model."))):
        load(NAME, altered(NAME, lambda tensors: tensors.pop(key), shards=1))


def test_an_unknown_tensor_is_an_error_that_names_it(altered: Altered, load: Load) -> None:
    def add(tensors: dict[str, torch.Tensor]) -> None:
        tensors["model.vision_model.cls_token"] = torch.zeros(1, 48)

    with pytest.raises(CheckpointError, match="cls_token"):
        load(NAME, altered(NAME, add, shards=1))


def test_a_missing_shard_is_an_error_that_names_it(altered: Altered, load: Load) -> None:
    folder = altered(NAME)
    (folder / "model-00002-of-00003.safetensors").unlink()
    with pytest.raises(CheckpointError, match="model-00002-of-00003"):
        load(NAME, folder)


@pytest.mark.parametrize("stored_as", ["float32", "float16"])
def test_other_weights_in_another_dtype_equal_their_second_opinion(
    stored_as: str, miniature: Miniature, load: Load
) -> None:
    folder = miniature(NAME, dtype=stored_as, seed=2)
    answer = load(NAME, folder).ask(PICTURE, "What is this?", max_new_tokens=TOKENS)
    assert answer.text == reference.answer(folder, [PICTURE], "What is this?", TOKENS)[0]


def test_layers_and_template_come_from_the_checkpoint(miniature: Miniature, altered: Altered, load: Load) -> None:
    vision = json.loads((miniature(NAME) / "config.json").read_text(encoding="utf-8"))["vision_config"]
    folder = altered(NAME, config={"vision_config": vision | {"vit_layers": [-2, -7]}})
    template = (folder / "chat_template.jinja").read_text(encoding="utf-8").replace("Assistant:", "Answer:")
    (folder / "chat_template.jinja").write_text(template, encoding="utf-8")
    answer = load(NAME, folder).ask(PICTURE, "What is this?", max_new_tokens=TOKENS)
    assert answer.text == reference.answer(folder, [PICTURE], "What is this?", TOKENS)[0]
    assert answer.text != load(NAME).ask(PICTURE, "What is this?", max_new_tokens=TOKENS).text


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_half_precision_answers_too(dtype: str, miniature: Miniature, load: Load, tmp_path: Path) -> None:
    folder = scripted_vlm(miniature(NAME, shards=1, lm_head="all"), tmp_path / "scripted", " Green", " tea.", STOP)
    answer = load(NAME, folder, dtype=dtype).ask(PICTURE, "What is this?", max_new_tokens=9)
    assert (answer.text.strip(), answer.truncated) == ("Green tea.", False)


def test_a_picture_that_gives_no_usable_numbers_is_an_error(miniature: Miniature, altered: Altered, load: Load) -> None:
    folder = altered(NAME, shards=1)
    state = load_file(folder / "model.safetensors")
    state["model.vision_model.vl_connector.projector.down.weight"][3] = float("inf")
    save_file(state, folder / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(InferenceError, match=NAME):
        load(NAME, folder).ask(PICTURE, "What is this?", max_new_tokens=2)


def test_progress_grows_and_an_interrupt_keeps_what_was_written(load: Load) -> None:
    seen: list[int] = []

    def watch(done: int, total: int) -> None:
        assert done <= total
        seen.append(done)
        if len(seen) == 9:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt) as caught:
        load(NAME).ask(PICTURE, "What is this?", max_new_tokens=30, progress=watch)
    assert seen == sorted(seen)
    stop: Any = caught.value
    partial = stop.partial
    assert partial.truncated
    assert load(NAME).ask(PICTURE, "What is this?", max_new_tokens=30).text.startswith(partial.text.rstrip("\ufffd"))
