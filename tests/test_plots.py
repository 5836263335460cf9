"""Figures: what they show, in colours and in words, and what they leave alone."""

from __future__ import annotations

import base64
import subprocess
import sys
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from jina_notebook.errors import InputError
from jina_notebook.plots import (
    PALETTE,
    canvas,
    fonts,
    heat_map,
    late_interaction,
    lines,
    metric_bars,
    pictures,
    rank_changes,
    recall_by_dimensions,
)
from jina_notebook.results import Evaluation
from tests.render.reading import read
from tests.results.samples import evaluation, hits, ranking

FIGURES: dict[str, Any] = {
    "bars": lambda: metric_bars(evaluation()),
    "ranks": lambda: rank_changes(["a", "b", "c"], ["c", "b", "a"]),
    "recall": lambda: recall_by_dimensions({64: 0.7, 1024: 0.9}),
    "table": lambda: heat_map({"en": {"en": 0.9, "de": 0.7}, "de": {"en": 0.6, "de": 0.8}}, label="nDCG@10"),
    "pictures": lambda: pictures([np.zeros((4, 6, 3), dtype=np.uint8)], ["a black one, six pixels wide and four high"]),
    "lines": lambda: lines({"hybrid": {5: 0.7, 10: 0.8}}, x="k", y="recall"),
    "heat map": lambda: late_interaction(
        [[0.1, 0.9], [0.8, 0.2]], query_tokens=["green", "tea"], document_tokens=["tea", "green"]
    ),
}


@pytest.mark.parametrize("kind", FIGURES)
def test_a_figure_shows_itself_with_its_text_alternative(kind: str) -> None:
    figure = FIGURES[kind]()
    bundle = figure._repr_mimebundle_()
    assert base64.b64decode(bundle["image/png"]).startswith(b"\x89PNG")
    assert read(bundle["text/html"]).all("img")[0].attributes["alt"] == figure.alt_text == bundle["text/plain"]
    assert len(figure.alt_text) > 30


@pytest.mark.parametrize("kind", FIGURES)
def test_nothing_global_changes_and_no_window_opens(kind: str) -> None:
    import matplotlib as mpl
    from matplotlib import _pylab_helpers

    before = dict(mpl.rcParams)
    FIGURES[kind]()._repr_mimebundle_()
    assert dict(mpl.rcParams) == before
    assert _pylab_helpers.Gcf.get_all_fig_managers() == []


def test_matplotlib_is_imported_only_for_a_figure() -> None:
    code = "import jina_notebook.plots, sys; print('matplotlib' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "False\n"


def test_bars_have_the_values_of_the_evaluation() -> None:
    axes = metric_bars(evaluation()).axes[0]
    heights = [round(bar.get_height(), 3) for bar in axes.patches]  # type: ignore[attr-defined]
    assert heights == [0.5, 0.75, 0.625, 0.75]
    assert [text.get_text() for text in axes.texts] == ["0.500", "0.750", "0.625", "0.750"]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["lexical", "vector"]  # type: ignore[union-attr]


def test_the_alternative_of_bars_names_every_value() -> None:
    assert (
        "lexical: nDCG@10 0.500, RR@10 0.750; vector: nDCG@10 0.625, RR@10 0.750" in metric_bars(evaluation()).alt_text
    )  # type: ignore[attr-defined]


def test_more_runs_than_colours_are_told_apart_by_patterns() -> None:
    runs = {f"run {i}": {"RR": i / 10} for i in range(10)}
    axes = metric_bars(Evaluation(metrics=runs, per_query={}, queries=1)).axes[0]
    looks = [(bar.get_facecolor(), bar.get_hatch()) for bar in axes.patches]
    assert len(set(looks)) == 10


def test_ranks_go_from_old_to_new() -> None:
    axes = rank_changes(["a", "b", "c"], ["c", "b", "a"]).axes[0]
    assert sorted(tuple(map(int, line.get_ydata())) for line in axes.lines) == [(1, 3), (2, 2), (3, 1)]  # type: ignore[arg-type]
    assert {line.get_linestyle() for line in axes.lines} == {"-", "--", ":"}
    assert "1 up (solid), 1 down (dashed)" in axes.get_title(loc="left")


def test_hits_are_compared_with_a_ranking_of_those_hits_by_their_ids() -> None:
    found = hits("a", "b")
    turned = ranking(*reversed(found))
    text = rank_changes(found, turned).alt_text  # type: ignore[attr-defined]
    assert "id-2 from 2 to 1" in text
    assert "id-1 from 1 to 2" in text


def test_rankings_of_plain_texts_are_compared_by_position() -> None:
    assert "0 from 1 to 1" in rank_changes(ranking("a", "b"), ranking("a", "b")).alt_text  # type: ignore[attr-defined]


def test_recall_is_drawn_by_size_whatever_the_order_given() -> None:
    figure = recall_by_dimensions({"v3": {1024: 0.9, 64: 0.7}, "v5": {64: 0.6, 1024: 0.95}}, metric="R@100")
    axes = figure.axes[0]
    assert list(axes.lines[0].get_xdata()) == [64, 1024]  # type: ignore[arg-type]
    assert len({line.get_marker() for line in axes.lines}) == 2
    assert "v3: 64 0.700, 1024 0.900" in figure.alt_text  # type: ignore[attr-defined]


def test_the_heat_map_says_each_tokens_best_match() -> None:
    text = FIGURES["heat map"]().alt_text
    assert "green best matches green (0.90)" in text
    assert "tea best matches tea (0.80)" in text


def test_a_table_has_its_numbers_in_its_cells_and_an_empty_place_where_there_is_none() -> None:
    figure = heat_map({"en": {"en": 0.9, "de": float("nan")}, "de": {"en": 0.6}}, label="nDCG@10", rows="query")
    axes = figure.axes[0]
    assert [text.get_text() for text in axes.texts] == ["0.90", "0.60"]
    assert [label.get_text() for label in axes.get_yticklabels()] == ["en", "de"]
    assert "en: en 0.900; de: en 0.600" in figure.alt_text  # type: ignore[attr-defined]


def test_a_table_may_be_a_data_frame() -> None:
    import pandas as pd

    figure = heat_map(pd.DataFrame({"a": [0.25], "b": [0.5]}, index=["x"]), label="share")
    assert "x: a 0.250, b 0.500" in figure.alt_text  # type: ignore[attr-defined]


def test_numbers_are_light_on_dark_cells_and_dark_on_light_ones() -> None:
    axes = heat_map({"x": {"low": 0.0, "high": 1.0}}, label="share").axes[0]
    assert [text.get_color() for text in axes.texts] == ["white", "black"]


def test_one_line_needs_no_legend_and_its_name_is_told_whole() -> None:
    name = "questions with an answer that get one"
    alone = lines({name: {5: 0.7}}, x="k", y="recall")
    assert alone.legends == []
    assert name in alone.alt_text  # type: ignore[attr-defined]
    two = lines({name: {5: 0.7}, "other": {5: 0.8}}, x="k", y="recall").legends[0]
    assert [text.get_text() for text in two.get_texts()] == [name, "other"]


def test_lines_go_through_their_points_in_the_order_of_the_setting() -> None:
    figure = lines({"rrf": {50: 0.8, 5: 0.6}, "linear": {5: 0.5, 50: 0.9}}, x="k", y="recall", log=True)
    axes = figure.axes[0]
    assert list(axes.lines[0].get_xdata()) == [5, 50]  # type: ignore[arg-type]
    assert list(axes.lines[0].get_ydata()) == [0.6, 0.8]  # type: ignore[arg-type]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["5", "50"]
    assert len({(line.get_marker(), line.get_linestyle()) for line in axes.lines}) == 2
    assert "rrf: 5 0.600, 50 0.800" in figure.alt_text  # type: ignore[attr-defined]


def test_a_drawing_of_ones_own_shows_itself_with_its_words() -> None:
    drawn, (left, right) = canvas(width=4, height=2, columns=2)
    left.plot([0, 1], [1, 0])
    right.plot([0, 1], [0, 1])
    drawn.alt_text = "A line that falls, and one that rises."
    bundle = drawn._repr_mimebundle_()
    assert read(bundle["text/html"]).all("img")[0].attributes["alt"] == drawn.alt_text == bundle["text/plain"]
    assert len(canvas(width=4, height=2)[0].axes) == 1


def test_pictures_stand_in_rows_under_their_captions_with_their_boxes_framed() -> None:
    image = np.full((20, 30, 3), 200, dtype=np.uint8)
    figure = pictures([image] * 3, ["one $5", "two", "three"], boxes=[[(1, 2, 3, 4)], [], []], columns=2)
    titles = [axes.get_title() for axes in figure.axes]
    assert titles == [r"one \$5", "two", "three", ""]
    assert [len(axes.images) for axes in figure.axes] == [1, 1, 1, 0]
    assert [patch.get_bbox().bounds for patch in figure.axes[0].patches] == [(1, 2, 3, 4)]
    assert figure.alt_text == "3 pictures: one $5; two; three."  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "draw",
    [
        lambda: metric_bars(Evaluation(metrics={}, per_query={}, queries=0)),
        lambda: rank_changes(["a"], ["b"]),
        lambda: recall_by_dimensions({}),
        lambda: heat_map({}, label="share"),
        lambda: heat_map({"a": {"b": float("nan")}}, label="share"),
        lambda: lines({}, x="k", y="recall"),
        lambda: lines({"a": {}}, x="k", y="recall"),
        lambda: pictures([]),
        lambda: pictures([np.zeros((2, 2))], ["one", "two"]),
        lambda: pictures([np.zeros((2, 2))], boxes=[[], []]),
        lambda: late_interaction(np.zeros((2, 3)), query_tokens=["a"], document_tokens=["b"]),
        lambda: late_interaction(np.zeros((0, 0)), query_tokens=[], document_tokens=[]),
    ],
    ids=[
        "no runs",
        "nothing in common",
        "no dimensions",
        "no cells",
        "empty cells",
        "no lines",
        "no points",
        "no pictures",
        "captions of others",
        "boxes of others",
        "other shape",
        "no tokens",
    ],
)
def test_nothing_to_draw_is_one_clear_sentence(draw: Any) -> None:
    with pytest.raises(InputError):
        draw()


@pytest.mark.parametrize("name", ["costs $5 and $6", r"\frac{", "a_b^c", "漢字 🍵", "x" * 500, "\u202egnp\x00"])
def test_foreign_names_are_labels_and_never_formulas(name: str) -> None:
    figure = metric_bars(Evaluation(metrics={name: {"RR": 0.5}}, per_query={}, queries=1))
    assert figure._repr_mimebundle_()["text/plain"]  # type: ignore[attr-defined]


def test_the_palette_is_told_apart_on_white_and_by_everyone() -> None:
    assert len(set(PALETTE)) == 8
    assert all(colour.startswith("#") and len(colour) == 7 for colour in PALETTE)


@pytest.fixture
def unsaid() -> Iterator[None]:
    fonts._say_once.cache_clear()
    yield
    fonts._say_once.cache_clear()


@pytest.mark.usefixtures("unsaid")
def test_characters_without_a_font_are_said_once_and_with_a_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fonts, "fonts", lambda: (fonts.OWN,))
    figures = [heat_map({name: {name: 0.9}}, label="nDCG@10") for name in ("\u7dd1\u8336", "\u718a\u732b")]

    with pytest.warns(fonts.MissingGlyphs, match=r"fonts-noto-cjk") as said:
        shown = [figure._repr_mimebundle_() for figure in figures]

    assert len(said) == 1
    assert all(bundle["image/png"] for bundle in shown)


def test_letters_that_the_own_font_has_need_no_word(recwarn: pytest.WarningsRecorder) -> None:
    name = "\u0437\u0435\u043b\u0451\u043d\u044b\u0439 \u010daj"

    heat_map({name: {name: 0.9}}, label="nDCG@10")._repr_mimebundle_()

    assert not list(recwarn)


def test_a_text_keeps_the_font_it_was_given_before_all_others() -> None:
    figure, axes = canvas(width=3, height=2)
    text = axes.set_title("green tea", fontfamily="monospace")

    for _ in range(2):
        figure._repr_mimebundle_()

    assert text.get_fontfamily() == ["monospace", *fonts.fonts()]


def test_glyphs_come_from_what_is_installed_after_the_own_font(monkeypatch: pytest.MonkeyPatch) -> None:
    from matplotlib.font_manager import FontEntry, fontManager

    entries = [FontEntry(name=name) for name in (fonts.OTHERS[1], "Somebody's Own", fonts.OWN)]
    monkeypatch.setattr(fontManager, "ttflist", entries)
    fonts.fonts.cache_clear()
    try:
        assert fonts.fonts() == (fonts.OWN, fonts.OTHERS[1])
    finally:
        fonts.fonts.cache_clear()


def test_other_warnings_of_a_drawing_come_through(monkeypatch: pytest.MonkeyPatch) -> None:
    figure = lines({"hybrid": {5: 0.7, 10: 0.8}}, x="k", y="recall")

    def savefig(*_: Any, **__: Any) -> None:
        warnings.warn("the axes are too small", UserWarning, stacklevel=1)

    monkeypatch.setattr(figure, "savefig", savefig)
    with pytest.warns(UserWarning, match="too small"):
        figure._repr_mimebundle_()
