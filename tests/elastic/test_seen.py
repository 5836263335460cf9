"""A set of ids that stays small."""

from __future__ import annotations

import random

from jina_notebook.elastic.seen import SeenIds


def test_what_was_added_is_known_and_nothing_else() -> None:
    seen = SeenIds()
    known: set[str] = set()
    source = random.Random(7)
    for _ in range(60):
        batch = [f"id-{source.randrange(5000)}" for _ in range(source.randrange(1, 80))]
        batch = list(dict.fromkeys(batch))
        assert seen.known(batch).tolist() == [key in known for key in batch]
        fresh = [key for key in batch if key not in known]
        seen.add(fresh)
        known.update(fresh)
    assert len(seen) == len(known)


def test_an_empty_set_knows_nothing_and_takes_nothing() -> None:
    seen = SeenIds()
    seen.add([])
    assert seen.known([]).tolist() == []
    assert "x" not in seen


def test_ids_of_any_script_and_length_are_told_apart() -> None:
    seen = SeenIds()
    ids = ["a", "A", "ä", "日本", "x" * 500, "x" * 499, " ", "1", "1.0"]
    seen.add(ids)
    assert seen.known(ids).all()
    assert "x" * 498 not in seen


def test_a_hundred_thousand_ids_take_sixteen_bytes_each() -> None:
    seen = SeenIds()
    for start in range(0, 100_000, 1000):
        seen.add([f"a rather long identifier of a document, number {i}" for i in range(start, start + 1000)])
    held = sum(first.nbytes + second.nbytes for first, second in seen._runs)
    assert held == 16 * 100_000
    assert len(seen._runs) < 12
