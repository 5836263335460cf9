"""The tables can be created, and the questions say which of them are needed."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing

import pytest

from jina_notebook import data


@pytest.fixture(scope="module")
def tables() -> data.Collection:
    return data.load("tables")


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:")) as opened:
        opened.execute("PRAGMA foreign_keys = ON")
        yield opened


def test_three_databases_have_ten_tables_each(tables: data.Collection) -> None:
    assert Counter(table["database"] for table in tables.corpus) == {"shop": 10, "clinic": 10, "transit": 10}
    assert len({table["title"] for table in tables.corpus}) == 30
    assert len(tables.queries) == 26


@pytest.mark.parametrize("database", ["shop", "clinic", "transit"])
def test_the_statements_of_a_database_run_in_order_and_make_the_columns_listed(
    tables: data.Collection, connection: sqlite3.Connection, database: str
) -> None:
    made = [table for table in tables.corpus if table["database"] == database]
    for table in made:
        connection.execute(table["text"])
        columns = connection.execute("SELECT name FROM pragma_table_info(?)", (table["title"],))
        assert [name for (name,) in columns] == table["columns"]
    names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    assert {name for (name,) in names} == {table["title"] for table in made}


def test_references_are_between_tables_of_the_same_database(
    tables: data.Collection, connection: sqlite3.Connection
) -> None:
    database = {table["title"]: table["database"] for table in tables.corpus}
    for table in tables.corpus:
        connection.execute(table["text"])
    for name in database:
        for (target,) in connection.execute('SELECT "table" FROM pragma_foreign_key_list(?)', (name,)):
            assert database[target] == database[name]


def test_checks_keep_wrong_rows_out(tables: data.Collection, connection: sqlite3.Connection) -> None:
    for table in tables.corpus:
        connection.execute(table["text"])
    connection.execute("INSERT INTO vouchers VALUES ('SPRING', 20, '2026-06-30', NULL)")
    with pytest.raises(sqlite3.IntegrityError, match="CHECK"):
        connection.execute("INSERT INTO vouchers VALUES ('GIFT', 101, '2026-06-30', NULL)")


def test_the_tables_that_answer_are_in_the_database_of_the_question(tables: data.Collection) -> None:
    database = {table["_id"]: table["database"] for table in tables.corpus}
    needed: Counter[int] = Counter()
    for query, fields in tables.query_fields.items():
        answers = [name for name, grade in tables.qrels[query].items() if grade == 2]
        needed[len(answers)] += 1
        assert {database[name] for name in answers} == {fields["database"]}
    assert set(needed) == {1, 2, 3}
