"""An id belongs to the block that asked first, also when that block is done again."""

from __future__ import annotations

from typing import Any

from jina_notebook.elastic.plan import Columns, Planner
from jina_notebook.elastic.records import Entry
from jina_notebook.scale.claims import ClaimedIds, Ledger


class _Here:
    """Ray's calling convention, in this process."""

    def __init__(self, ledger: Ledger) -> None:
        self.taken = self
        self._ledger = ledger

    def remote(self, ids: list[str], block: int) -> list[bool]:
        return self._ledger.taken(ids, block)

    def get(self, answer: Any) -> Any:
        return answer


def planner(ledger: Ledger, block: int) -> Planner:
    here = _Here(ledger)
    return Planner(Columns(), b"space", seen=ClaimedIds(here, here, block))


def entries(*ids: str) -> list[Entry]:
    return [Entry(f"#{i}", {"_id": id, "text": "tea"}) for i, id in enumerate(ids)]  # noqa: A001


def test_an_id_is_taken_by_the_first_block() -> None:
    ledger = Ledger()
    assert ledger.taken(["a", "b"], 0) == [False, False]
    assert ledger.taken(["b", "c"], 1) == [True, False]


def test_a_block_that_is_done_again_gets_its_ids_again() -> None:
    ledger = Ledger()
    ledger.taken(["a", "b"], 0)
    assert ledger.taken(["a", "b", "c"], 0) == [False, False, False]
    assert ledger.taken(["c"], 1) == [True]


def test_the_same_id_in_two_blocks_is_a_failure_of_the_later_one() -> None:
    ledger = Ledger()
    first, later = planner(ledger, 0), planner(ledger, 1)
    assert [d.id for d in first.plan(entries("a", "b"))] == ["a", "b"]
    assert [d.id for d in later.plan(entries("b", "c"))] == ["c"]
    assert [f.id for f in later.failures] == ["b"]
    again = planner(ledger, 0)
    assert [d.id for d in again.plan(entries("a", "b"))] == ["a", "b"]
    assert again.failures == []


def test_the_same_id_twice_in_one_block_is_a_failure_there() -> None:
    one = planner(Ledger(), 0)
    assert [d.id for d in one.plan(entries("a", "a"))] == ["a"]
    assert [d.id for d in one.plan(entries("a", "b"))] == ["b"]
    assert [f.id for f in one.failures] == ["a", "a"]


def test_the_same_content_in_two_blocks_is_stored_once_and_counted_as_there() -> None:
    ledger = Ledger()
    first, later = planner(ledger, 0), planner(ledger, 1)
    assert len(first.plan([Entry("#0", "green tea")])) == 1
    assert later.plan([Entry("#0", "green tea")]) == []
    assert (later.repeated, later.failures) == (1, [])


def test_nothing_to_plan_asks_nobody() -> None:
    assert ClaimedIds(None, None, 0).known([]).tolist() == []
