from __future__ import annotations

import pytest

from jina_notebook.render.blocks import Passage, Trail
from jina_notebook.results import Hit, Hits, Stage
from jina_notebook.results.highlights import Highlight
from jina_notebook.results.searches import Searches
from tests.render.reading import read
from tests.results.samples import hits


def rows(result: Hits) -> tuple[tuple[object, ...], ...]:
    table = result.page().blocks[0]
    assert hasattr(table, "rows")
    return tuple(table.rows)


def test_hits_are_a_sequence() -> None:
    result = hits("a", "b", "c")
    assert len(result) == 3
    assert [hit.id for hit in result] == ["id-1", "id-2", "id-3"]
    assert result[0].id == "id-1"
    assert result[-1].rank == 3
    with pytest.raises(IndexError):
        result[3]


def test_a_slice_of_hits_still_shows_as_hits() -> None:
    part = hits("a", "b", "c")[1:]
    assert isinstance(part, Hits)
    assert [hit.id for hit in part] == ["id-2", "id-3"]
    assert "2 hits" in repr(part)


def test_there_is_one_row_per_hit_whatever_the_text() -> None:
    tree = read(hits("</td></tr><tr><td>\n\n<tr>", "b", "c")._repr_html_())
    assert len(tree.all("tbody")[0].all("tr")) == 3


def test_the_way_through_the_stages_is_shown_in_order() -> None:
    assert rows(hits("a"))[0][-1] == Trail((("lexical", 2), ("vector", 1)))
    assert "lexical 2, vector 1" in repr(hits("a"))


def test_without_stages_there_is_no_column_for_them() -> None:
    result = Hits(items=(Hit("1", "shop", 1.0, 1, {"text": "a"}),), query="a", mode="lexical")
    assert "stages" not in repr(result)


def test_the_querys_words_are_marked_in_the_passage() -> None:
    assert rows(hits("Fresh green tea"))[0][4] == Passage("Fresh green tea", ((6, 11), (12, 15)))


def test_words_that_the_server_marked_win_over_a_comparison_of_ours() -> None:
    hit = Hit("1", "shop", 1.0, 1, {"text": "two mugs, one tea"}, highlights=(Highlight("mugs, one", ((0, 4),)),))
    result = Hits(items=(hit,), query="mug tea", mode="lexical")
    assert rows(result)[0][4] == Passage("two mugs, one tea", ((4, 8),))


def test_a_fragment_of_another_field_marks_nothing() -> None:
    hit = Hit("1", "shop", 1.0, 1, {"text": "two cups"}, highlights=(Highlight("a title", ((0, 1),)),))
    assert rows(Hits(items=(hit,), query="x", mode="lexical"))[0][4] == Passage("two cups")


def test_the_chunk_that_matched_stands_for_the_document() -> None:
    hit = Hit("1", "shop", 1.0, 1, {"text": "a whole book"}, passage="the page")
    assert rows(Hits(items=(hit,), query="x", mode="vector"))[0][4] == Passage("the page")


def test_a_document_without_the_text_field_shows_its_fields() -> None:
    hit = Hit("1", "shop", 1.0, 1, {"price": 5, "name": "mug"})
    assert '{"price": 5, "name": "mug"}' in repr(Hits(items=(hit,), query="mug", mode="lexical"))


def test_a_picture_without_a_text_is_known_by_its_title() -> None:
    hit = Hit("1", "photos", 1.0, 1, {"title": "A red bicycle", "image": "bicycle.jpg"})
    assert rows(Hits(items=(hit,), query="x", mode="vector"))[0][4] == Passage("A red bicycle")


def test_no_hits_are_said() -> None:
    empty = hits()
    assert "no hits" in repr(empty)
    assert list(empty.to_frame().columns) == ["rank", "score", "id", "index"]
    assert read(empty._repr_html_()).all("table") == []


def test_a_frame_has_stages_and_fields() -> None:
    frame = hits("a", "b").to_frame()
    assert list(frame.columns) == ["rank", "score", "id", "index", "lexical_rank", "vector_rank", "text"]
    assert frame["text"].tolist() == ["a", "b"]
    assert frame["lexical_rank"].tolist() == [2, 3]


def test_a_field_with_a_taken_name_gets_another() -> None:
    hit = Hit("1", "shop", 1.0, 1, {"id": "own", "score": 3}, (Stage("vector", 1, 0.5),))
    frame = Hits(items=(hit,), query="x", mode="vector").to_frame()
    assert frame["id"].tolist() == ["1"]
    assert frame["source.id"].tolist() == ["own"]


def test_one_hit_prints_on_one_line() -> None:
    text = repr(Hit("1\n2", "shop", 0.5, 1, {"text": "x\n" * 100_000}))
    assert "\n" not in text
    assert len(text) < 250


def test_notes_say_what_degraded() -> None:
    assert "Fused on the client." in repr(hits("a", notes=("Fused on the client.",)))


def test_times_are_shown_by_stage() -> None:
    assert "time: embed 4 ms, request 12 ms" in repr(hits("a", latency={"embed": 0.004, "request": 0.012}))


def test_a_picture_as_query_is_named_by_its_size() -> None:
    from PIL import Image

    assert "1 hit for image 64 x 32" in repr(hits("a", query=Image.new("RGB", (64, 32))))


def test_several_searches_show_a_table_each() -> None:
    result = Searches((hits("green tea"), hits("soup", "stew", query="soup")))
    assert [len(found) for found in result] == [1, 2]
    assert [caption.text for caption in read(result._repr_html_()).all("caption")] == [
        '1 hit for "green tea"',
        '2 hits for "soup"',
    ]
    assert result.to_frame()["query"].tolist() == ["green tea", "soup", "soup"]
    assert len(result[1:]) == 1
