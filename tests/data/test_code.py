"""The code corpus is a small code base that runs, with questions about it."""

from __future__ import annotations

import ast
import importlib
import io
import sqlite3
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest

from jina_notebook import data

SCHEMA = """
CREATE TABLE member (id INTEGER PRIMARY KEY, name TEXT, email TEXT);
CREATE TABLE book (id INTEGER PRIMARY KEY, title TEXT);
CREATE TABLE copy (barcode TEXT PRIMARY KEY, book_id INTEGER REFERENCES book (id));
CREATE TABLE loan (member_id INTEGER, barcode TEXT, lent_on TEXT, due_on TEXT, returned_on TEXT);
CREATE TABLE subject (id INTEGER PRIMARY KEY, name TEXT, parent_id INTEGER);
CREATE TABLE visit (day TEXT PRIMARY KEY, visitors INTEGER);
INSERT INTO member VALUES (1, 'Ada', 'ada@example.org');
INSERT INTO book VALUES (7, 'Mosses'), (8, 'Maps');
INSERT INTO copy VALUES ('m1', 7), ('a1', 8);
INSERT INTO loan VALUES (1, 'm1', DATE('now', '-30 days'), DATE('now', '-9 days'), NULL);
INSERT INTO subject VALUES (1, 'Nature', NULL), (2, 'Plants', 1), (3, 'Mosses', 2), (4, 'History', NULL);
"""


@pytest.fixture(scope="module")
def code() -> data.Collection:
    return data.load("code")


@pytest.fixture
def library(code: data.Collection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The Python files put together from their pieces; the fixture imports one by its name."""
    heads = {
        name: code.queries[query]
        for query, fields in code.query_fields.items()
        if fields["kind"] == "code2completion"
        for name, grade in code.qrels[query].items()
        if grade == 2
    }
    (tmp_path / "shelfmark").mkdir()
    (tmp_path / "shelfmark" / "__init__.py").touch()
    for document in code.corpus:
        if document["lang"] == "python":
            head = heads[document["_id"]] + "\n" if document["part"] == "rest" else ""
            with (tmp_path / document["title"].partition("#")[0]).open("a", encoding="utf-8") as file:
                file.write(f"{head}{document['text']}\n\n\n")
    monkeypatch.syspath_prepend(tmp_path)
    yield lambda name: importlib.import_module(f"shelfmark.{name}")
    for name in [name for name in sys.modules if name.partition(".")[0] == "shelfmark"]:
        del sys.modules[name]


def whole(code: data.Collection, lang: str) -> dict[str, str]:
    """Id to text of the complete snippets in a language."""
    return {
        document["_id"]: document["text"]
        for document in code.corpus
        if document["lang"] == lang and document["part"] == "whole"
    }


def test_it_has_74_documents_in_five_programming_languages_and_english(code: data.Collection) -> None:
    assert Counter(document["lang"] for document in code.corpus) == {
        "python": 28,
        "javascript": 9,
        "sql": 6,
        "go": 5,
        "shell": 4,
        "en": 22,
    }


def test_every_task_has_its_queries(code: data.Collection) -> None:
    assert Counter(fields["kind"] for fields in code.query_fields.values()) == {
        "nl2code": 16,
        "code2code": 9,
        "code2nl": 9,
        "code2completion": 8,
        "qa": 11,
    }


def test_documents_have_the_declared_fields(code: data.Collection) -> None:
    for document in code.corpus:
        assert set(document) == {"_id", "title", "text", "lang", "docstring", "form", "part"}
        assert (document["form"] == "text") == (document["lang"] == "en") == (document["docstring"] == "")
        assert document["part"] in {"whole", "rest"}


def test_each_task_is_answered_in_its_form(code: data.Collection) -> None:
    documents = {document["_id"]: document for document in code.corpus}
    for query, judgments in code.qrels.items():
        fields = code.query_fields[query]
        for answer in (documents[name] for name, grade in judgments.items() if grade == 2):
            assert answer["form"] == ("text" if fields["kind"] in {"code2nl", "qa"} else "code")
            assert (answer["part"] == "rest") == (fields["kind"] == "code2completion")


def test_code_that_is_asked_with_is_in_another_language_than_the_code_that_matches(code: data.Collection) -> None:
    language = {document["_id"]: document["lang"] for document in code.corpus}
    for query, fields in code.query_fields.items():
        if fields["kind"] == "code2code":
            assert fields["lang"] not in {language[name] for name, grade in code.qrels[query].items() if grade == 2}


def test_whole_python_snippets_parse_and_hold_the_name_in_their_title(code: data.Collection) -> None:
    names = {document["_id"]: document["title"].partition("#")[2] for document in code.corpus}
    for identity, text in whole(code, "python").items():
        defined = {node.name for node in ast.parse(text).body if isinstance(node, ast.FunctionDef | ast.ClassDef)}
        assert names[identity] in defined


def test_shell_scripts_parse(code: data.Collection) -> None:
    for text in whole(code, "shell").values():
        assert subprocess.run(["bash", "-n"], input=text, text=True, check=False).returncode == 0


def test_sql_runs_on_a_small_library(code: data.Collection) -> None:
    rows: dict[str, list[tuple[Any, ...]]] = {}
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.executescript(SCHEMA)
        for identity, text in whole(code, "sql").items():
            rows[identity] = connection.execute(text).fetchall()
        with pytest.raises(sqlite3.IntegrityError, match="this copy is out"):
            connection.execute("INSERT INTO loan VALUES (1, 'm1', DATE('now'), DATE('now', '21 days'), NULL)")
    assert rows["sql-overdue"] == [("Ada", "ada@example.org", 1, 9)]
    assert rows["sql-idle"] == [(8, "Maps")]
    assert [path for path, _ in rows["sql-tree"]] == ["Nature", "Nature / Plants", "Nature / Plants / Mosses"]
    assert [row[1:] for row in rows["sql-top"]] == [(1, "Mosses", 1)]


def test_books_are_lent_renewed_and_brought_back(library: Any) -> None:
    loans = library("loans")
    open_loans: list[Any] = []
    loan = loans.lend(open_loans, 1, "m1", date(2026, 3, 1))
    assert loan.due_on == date(2026, 3, 23), "21 days later is a Sunday"
    with pytest.raises(loans.LendingRefused, match="lent to somebody else"):
        loans.lend(open_loans, 2, "m1", date(2026, 3, 2))
    assert loans.overdue(open_loans, date(2026, 3, 30)) == [loan]
    assert library("fines").fine_for(loan, date(2026, 3, 30), price_cents=1500) == 80
    assert loans.renew(loan, date(2026, 3, 20), waiting=0).due_on == date(2026, 4, 13)
    assert loans.bring_back(open_loans, "m1", date(2026, 4, 15)) == 2
    with pytest.raises(loans.LendingRefused, match="already back"):
        loans.renew(loan, date(2026, 4, 15), waiting=0)


def test_numbers_titles_and_shelves_are_handled(library: Any) -> None:
    isbn, catalogue = library("isbn"), library("catalogue")
    assert isbn.is_isbn13("978-3-16-148410-0")
    assert not isbn.is_isbn13("978-3-16-148410-1")
    assert isbn.isbn10_to_isbn13("3-16-148410-X") == "9783161484100"
    assert catalogue.did_you_mean("the elann", ["Élan", "Maps"]) == ["Élan"]
    index = catalogue.WordIndex()
    index.add(1, "Mosses of the north")
    index.add(2, "Maps of the North Sea")
    assert index.search("NORTH sea") == {2}
    assert sorted(["QA 76", "QA 9"], key=library("shelves").shelf_key) == ["QA 9", "QA 76"]
    assert library("fines").format_cents(-123456) == "-1,234.56 EUR"


def test_queues_caches_and_limits_keep_their_promises(library: Any) -> None:
    queue = library("reservations").ReservationQueue()
    assert [queue.join(5), queue.join(6), queue.join(5), queue.next(), queue.next(), queue.next()] == [
        1,
        2,
        1,
        5,
        6,
        None,
    ]
    caching, network = library("caching"), library("network")
    recent = caching.LruCache(2)
    for key in "ab":
        recent.put(key, key)
    recent.get("a")
    recent.put("c", "c")
    assert (recent.get("a"), recent.get("b")) == ("a", None)
    moments = iter([0.0, 0.0, 5.0, 11.0, 11.0])
    covers = caching.ExpiringCache(10, clock=lambda: next(moments))
    answers = iter([b"old", b"new"])
    assert [covers.fetch("x", lambda _: next(answers)) for _ in range(3)] == [b"old", b"old", b"new"]
    bucket = network.TokenBucket(per_second=1, burst=2)
    assert [bucket.allow(0), bucket.allow(0), bucket.allow(0), bucket.allow(1)] == [True, True, False, True]


def test_retrying_ends_with_the_last_error(library: Any) -> None:
    calls: list[int] = []

    def broken() -> None:
        calls.append(1)
        raise ConnectionError("down")

    with pytest.raises(ConnectionError, match="down"):
        library("network").retry(attempts=3, first_wait=0)(broken)()
    assert len(calls) == 3


def test_accounts_imports_pages_and_hours_work(library: Any) -> None:
    accounts = library("accounts")
    stored = accounts.hash_pin("4711")
    assert accounts.pin_matches("4711", stored)
    assert not accounts.pin_matches("4712", stored)
    assert accounts.mask_email("ada@example.org") == "a***@example.org"
    members, problems = library("imports").read_members(io.StringIO("name,email\nAda,ADA@example.org\nBob,bob\n"))
    assert (members, len(problems)) == ([{"name": "Ada", "email": "ada@example.org"}], 1)
    page = library("web").paginate(range(45), 3)
    assert (page["items"], page["previous"], page["next"]) == ([40, 41, 42, 43, 44], 2, None)
    timetable = {0: (time(10), time(18))}
    assert library("hours").is_open(datetime(2026, 3, 2, 17, 59), timetable)
    assert not library("hours").is_open(datetime(2026, 3, 1, 12), timetable)
    assert list(library("mail").batches(["a", "b", "c"], 2)) == [["a", "b"], ["c"]]


def test_a_failed_transaction_leaves_nothing_behind(library: Any, tmp_path: Path) -> None:
    def write(connection: sqlite3.Connection, day: str, then: str) -> None:
        with library("storage").transaction(connection) as cursor:
            cursor.execute("INSERT INTO visit VALUES (?)", (day,))
            cursor.execute(then)

    with closing(sqlite3.connect(tmp_path / "shelfmark.db", isolation_level=None)) as connection:
        connection.execute("CREATE TABLE visit (day TEXT)")
        with pytest.raises(sqlite3.OperationalError, match="no such table"):
            write(connection, "today", "SELECT * FROM closed")
        write(connection, "tomorrow", "SELECT * FROM visit")
        assert connection.execute("SELECT day FROM visit").fetchall() == [("tomorrow",)]
