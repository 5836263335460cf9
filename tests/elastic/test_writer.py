"""The writing threads: everything put is stored, refused, or the cause of an error; nothing is lost in between."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

import pytest

from jina_notebook.elastic.bulk import Answer
from jina_notebook.elastic.records import Item
from jina_notebook.elastic.writer import Patience, Writer
from jina_notebook.errors import ConnectError, JinaNotebookError, RequestError
from jina_notebook.results import Failure

QUICK = Patience(first=0.001, most=0.002, total=0.3)


def items(count: int, size: int = 10, start: int = 0) -> list[Item]:
    return [Item(str(i), b"x" * size) for i in range(start, start + count)]


class Server:
    """Stores what `rule` lets through: it gives an answer, or None to store all."""

    def __init__(self, rule: Callable[[Sequence[Item]], Answer | None] = lambda items: None) -> None:
        self.rule = rule
        self.lock = threading.Lock()
        self.stored: list[str] = []
        self.requests: list[int] = []

    def __call__(self, part: Sequence[Item]) -> Answer:
        with self.lock:
            self.requests.append(sum(len(i.lines) for i in part))
            answer = self.rule(part)
            if answer is None:
                answer = Answer(stored=len(part))
            refused = {i.id for i in answer.refused} | {f.id for f in answer.failures}
            self.stored += [i.id for i in part if i.id not in refused]
            return answer


def run(server: Server, put: Sequence[Item], patience: Patience = QUICK) -> Writer:
    writer = Writer(server, patience=patience)
    writer.put(put)
    writer.finish()
    return writer


def times(count: int, answer: Callable[[Sequence[Item]], Answer]) -> Callable[[Sequence[Item]], Answer | None]:
    """A rule that holds for the first `count` requests."""
    left = [count]

    def rule(part: Sequence[Item]) -> Answer | None:
        left[0] -= 1
        return answer(part) if left[0] >= 0 else None

    return rule


def test_everything_put_is_stored_once() -> None:
    server = Server()
    writer = Writer(server)
    for start in range(0, 5000, 500):
        writer.put(items(500, start=start))
    writer.finish()
    assert sorted(server.stored, key=int) == [str(i) for i in range(5000)]
    assert writer.confirmed == 5000
    assert writer.bytes_sent == 50_000
    assert writer.failures == []


def test_memory_is_bounded_because_put_waits() -> None:
    let_go = threading.Event()

    def slow(part: Sequence[Item]) -> None:
        let_go.wait(20)

    server = Server()
    writer = Writer(lambda part: (slow(part), server(part))[1])
    done: list[int] = []

    def feed() -> None:
        for start in range(20):
            writer.put(items(1, start=start))
            done.append(start)

    thread = threading.Thread(target=feed)
    thread.start()
    deadline = time.monotonic() + 10
    while len(done) < 5 and time.monotonic() < deadline:
        time.sleep(0.01)
    time.sleep(0.2)
    assert len(done) <= 7  # two under way, four in the queue, one waiting
    let_go.set()
    thread.join()
    writer.finish()
    assert writer.confirmed == 20


def test_only_refused_documents_are_sent_again() -> None:
    rule = times(2, lambda part: Answer(stored=len(part) - 2, refused=list(part[:2]), why="busy (status 429)"))
    server = Server(rule)
    writer = run(server, items(100))
    assert sorted(server.stored, key=int) == [str(i) for i in range(100)]
    assert writer.confirmed == 100
    assert server.requests[:2] == [1000, 20]


def test_a_body_that_is_too_much_gets_smaller_and_later_ones_too() -> None:
    def rule(part: Sequence[Item]) -> Answer | None:
        if sum(len(i.lines) for i in part) > 200_000:
            return Answer(refused=list(part), smaller=True, oversize=True, why="(status 413)")
        return None

    server = Server(rule)
    writer = Writer(server, patience=QUICK)
    writer.put(items(100, size=10_000))
    writer.finish()
    assert len(server.stored) == 100
    second = Writer(server, patience=QUICK)
    second._most_bytes = writer._most_bytes
    before = len(server.requests)
    second.put(items(50, size=10_000, start=200))
    second.finish()
    assert max(server.requests[before:]) <= 250_000


def test_one_document_that_no_request_can_hold_is_named() -> None:
    def rule(part: Sequence[Item]) -> Answer | None:
        if any(i.id == "3" for i in part):
            return Answer(refused=list(part), smaller=True, oversize=True, why="(status 413)")
        return None

    writer = run(Server(rule), items(8))
    assert writer.confirmed == 7
    assert [f.id for f in writer.failures] == ["3"]
    assert "too large for the server: 10 bytes" in writer.failures[0].reason


def test_a_large_document_that_a_server_never_has_memory_for_is_named() -> None:
    def rule(part: Sequence[Item]) -> Answer | None:
        if any(i.id == "0" for i in part):
            return Answer(refused=list(part), smaller=True, why="rejected execution (status 429)")
        return None

    writer = run(Server(rule), [Item("0", b"x" * 2_000_000), *items(3, start=1)], Patience(0.001, 0.002, 30))
    assert [f.id for f in writer.failures] == ["0"]
    assert writer.confirmed == 3


def test_failures_of_single_documents_are_collected() -> None:
    writer = run(Server(times(1, lambda part: Answer(stored=1, failures=[Failure(part[0].id, "bad")]))), items(2))
    assert writer.confirmed == 1
    assert writer.failures == [Failure("0", "bad")]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (lambda part: Answer(refused=list(part), lost=True, why="Connection refused."), ConnectError),
        (lambda part: Answer(refused=list(part), why="busy (status 503)"), RequestError),
    ],
)
def test_a_server_that_stays_away_is_an_error_after_the_patience(
    answer: Callable[[Sequence[Item]], Answer], kind: type[JinaNotebookError]
) -> None:
    with pytest.raises(kind, match="no document could be stored") as refused:
        run(Server(answer), items(10))
    assert "Run the cell again" in str(refused.value.hint)


def test_a_server_that_comes_back_gets_everything() -> None:
    server = Server(times(20, lambda part: Answer(refused=list(part), lost=True, why="gone")))
    writer = run(server, items(10), Patience(0.001, 0.002, 30))
    assert writer.confirmed == 10


def test_patience_counts_from_the_first_refusal_and_not_from_a_long_embedding_before() -> None:
    server = Server()
    writer = Writer(server, patience=Patience(0.001, 0.002, 0.2))
    writer.put(items(1))
    time.sleep(0.4)
    server.rule = times(3, lambda part: Answer(refused=list(part), why="busy (status 429)"))
    writer.put(items(1, start=1))
    writer.finish()
    assert writer.confirmed == 2


def test_what_ends_the_writing_comes_out_of_put() -> None:
    error = RequestError("The disk is full.")
    writer = Writer(Server(lambda part: Answer(refused=list(part), fatal=error)))

    def feed() -> None:
        for start in range(10_000):
            writer.put(items(1, start=start))

    with pytest.raises(RequestError, match="disk is full"):
        feed()
    writer.flush()
    assert writer.confirmed == 0


def test_an_unexpected_error_in_a_thread_comes_out_of_finish() -> None:
    def broken(part: Sequence[Item]) -> Answer:
        raise ZeroDivisionError("bug")

    writer = Writer(broken)
    writer.put(items(1))
    with pytest.raises(ZeroDivisionError):
        writer.finish()


def test_after_an_interrupt_what_was_put_is_still_written() -> None:
    server = Server()
    writer = Writer(lambda part: (time.sleep(0.05), server(part))[1])
    for start in range(4):
        writer.put(items(1, start=start))
    writer.flush()
    assert sorted(server.stored) == ["0", "1", "2", "3"]


def test_after_an_interrupt_a_busy_server_is_not_waited_for() -> None:
    asked = threading.Event()

    def gone(part: Sequence[Item]) -> Answer:
        asked.set()
        return Answer(refused=list(part), lost=True, why="gone")

    server = Server(gone)
    writer = Writer(server, patience=Patience(3600, 3600, 10_000))
    writer.put(items(1))
    assert asked.wait(20)
    writer.flush()
    assert writer.confirmed == 0
    assert len(server.requests) <= 2


def test_the_busy_time_of_two_threads_counts_once() -> None:
    both = threading.Barrier(2)
    spent: list[float] = []

    def store(part: Sequence[Item]) -> Answer:
        started = time.monotonic()
        both.wait(20)
        time.sleep(0.05)
        spent.append(time.monotonic() - started)
        return Answer(stored=len(part))

    writer = Writer(store)
    writer.put(items(1))
    writer.put(items(1, start=1))
    writer.finish()
    assert max(spent) <= writer.busy_seconds < sum(spent)


def test_pauses_grow_and_are_spread() -> None:
    patience = Patience(first=1.0, most=8.0)
    for attempt, base in enumerate([1, 2, 4, 8, 8]):
        pauses = {patience.pause(attempt) for _ in range(20)}
        assert all(0.75 * base <= pause <= 1.25 * base for pause in pauses)
        assert len(pauses) > 1
