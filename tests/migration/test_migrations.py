"""The tables' history: up, down and up again with rows, on both databases; all or nothing; and code and tables agree."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import JSON, Boolean, Connection, Date, LargeBinary, String, Table, func, insert, inspect, select

from engine.columns import Instant
from engine.database import Database
from engine.reference import reference_state
from engine.unit_of_work import inserted_id
from tests.workflows.conftest import APPLICATION_DATE
from workflows import schema

ROOT = Path(__file__).parents[2]
TABLES = schema.metadata().sorted_tables
#: those that are filled by hand; the mark of the reference tables writes itself
FILLED = [table for table in TABLES if table is not reference_state]

LATER = """
import sqlalchemy as sa
from alembic import op

revision = "29991231_0001"
down_revision = "{newest}"


def upgrade():
    op.create_table("later", sa.Column("id", sa.Integer(), primary_key=True))
    {then}
"""


@pytest.fixture
def opened(database_url):
    database = Database(database_url)
    yield database
    database.dispose()


def names(database):
    with database.reading() as connection:
        return set(inspect(connection).get_table_names()) - {"alembic_version"}


def fill(connection: Connection) -> None:
    """One row in every table."""
    for table in FILLED:
        connection.execute(insert(table), {column.name: value(column) for column in table.columns})
    connection.commit()


def value(column):
    if column.foreign_keys or (column.primary_key and not isinstance(column.type, String | Date)):
        return 1
    for kind, plain in (
        (Instant, APPLICATION_DATE),
        (Date, date(2026, 6, 15)),
        (Boolean, True),
        (LargeBinary, b"x"),
        (JSON, {}),
    ):
        if isinstance(column.type, kind):
            return plain
    return "x" if isinstance(column.type, String) else 1


def count(database, table: Table) -> int:
    with database.reading() as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def test_an_empty_database_is_at_no_revision(database_url):
    assert schema.current(database_url) is None


def test_up_down_and_up_again_with_a_row_in_every_table(database_url, opened):
    schema.upgrade(database_url)
    assert schema.current(database_url) == schema.newest()
    assert names(opened) == {table.name for table in TABLES}
    with opened.writing() as connection:
        fill(connection)
    assert all(count(opened, table) == 1 for table in TABLES)
    schema.downgrade(database_url, "base")
    assert names(opened) == set()
    schema.upgrade(database_url)
    assert all(count(opened, table) == 0 for table in TABLES)


def test_the_tables_are_those_the_code_describes(database_url):
    schema.upgrade(database_url)
    assert schema.differences(database_url) == []


def test_a_missing_index_would_be_seen(database_url, opened):
    schema.upgrade(database_url)
    with opened.writing() as connection:
        connection.exec_driver_sql("DROP INDEX ix_task_pool")
        connection.commit()
    assert [found[0] for found in schema.differences(database_url)] == ["add_index"]


def test_upgrading_twice_keeps_every_row(database_url, opened):
    schema.upgrade(database_url)
    with opened.writing() as connection:
        fill(connection)
    schema.upgrade(database_url)
    assert all(count(opened, table) == 1 for table in TABLES)


def test_rows_are_numbered_by_the_database(database_url, opened):
    schema.upgrade(database_url)
    wanted = [t for t in TABLES if [c.name for c in t.primary_key] == ["id"] and t.autoincrement_column is not None]
    assert len(wanted) > 10
    with opened.writing() as connection:
        for table in FILLED:
            row = {column.name: value(column) for column in table.columns if table not in wanted or column.name != "id"}
            inserted = connection.execute(insert(table), row)
            assert table not in wanted or inserted_id(inserted) == 1


@pytest.fixture
def history(tmp_path, monkeypatch):
    """A copy of the revisions, to which a test may add one that does `then`."""
    copy = tmp_path / "migrations"
    shutil.copytree(ROOT / "workflows" / "migrations", copy)
    monkeypatch.setattr(schema, "_MIGRATIONS", copy)

    def add(then: str) -> str:
        before = schema.newest()
        (copy / "versions" / "29991231_0001_later.py").write_text(LATER.format(newest=before, then=then))
        return before

    return add


def test_a_revision_that_fails_in_the_middle_leaves_nothing_behind(database_url, opened, history):
    schema.upgrade(database_url)
    before = history("raise ValueError('in the middle')")
    assert schema.newest() == "29991231_0001"
    with pytest.raises(ValueError, match="in the middle"):
        schema.upgrade(database_url)
    assert schema.current(database_url) == before
    assert "later" not in names(opened)


def test_a_table_that_others_refer_to_can_be_changed_with_its_rows_in_place(database_url, opened, history):
    schema.upgrade(database_url)
    with opened.writing() as connection:
        fill(connection)
    history("with op.batch_alter_table('unit', recreate='auto') as batch: batch.alter_column('name', nullable=True)")
    schema.upgrade(database_url)
    assert all(count(opened, table) == 1 for table in TABLES)


def test_a_revision_that_loses_rows_others_refer_to_is_rolled_back(database_url, opened, history):
    schema.upgrade(database_url)
    with opened.writing() as connection:
        fill(connection)
    before = history("op.execute('DELETE FROM unit')")
    with pytest.raises(Exception, match=r"post_holding|policy|unit"):
        schema.upgrade(database_url)
    assert schema.current(database_url) == before
    assert all(count(opened, table) == 1 for table in TABLES)


def test_a_drafted_revision_spells_our_column_types_out(database_url, opened, history):
    schema.upgrade(database_url)
    with opened.writing() as connection:
        connection.exec_driver_sql("DROP TABLE read_log")
        connection.commit()
    drafted = schema.draft_revision(database_url, "29991231_0002", "read log")
    text = drafted.read_text("utf-8")
    assert drafted.name == "29991231_0002_read_log.py"
    assert 'sa.BigInteger().with_variant(sa.Integer(), "sqlite")' in text
    assert "sa.DateTime(timezone=True)" in text
    assert "halfsky" not in text
    assert "engine" not in text
    schema.upgrade(database_url)
    assert schema.differences(database_url) == []


def test_two_starts_at_the_same_moment_migrate_once(database_url):
    start = [
        sys.executable,
        "-c",
        "import sys; from workflows import schema; schema.upgrade(sys.argv[1])",
        database_url,
    ]
    both = [subprocess.Popen(start, cwd=ROOT, stderr=subprocess.PIPE) for _ in range(2)]
    said = [process.communicate(timeout=60)[1] for process in both]
    assert [process.returncode for process in both] == [0, 0], said
    assert schema.current(database_url) == schema.newest()


def test_revisions_are_named_by_date_number_and_purpose():
    for path in sorted((ROOT / "workflows" / "migrations" / "versions").glob("*.py")):
        found = re.fullmatch(r"(\d{8}_\d{4})_[a-z_]+", path.stem)
        assert found, path.name
        assert f'revision = "{found[1]}"' in path.read_text("utf-8")


def test_an_installation_without_revisions_is_an_error(tmp_path, monkeypatch):
    (tmp_path / "versions").mkdir()
    monkeypatch.setattr(schema, "_MIGRATIONS", tmp_path)
    with pytest.raises(FileNotFoundError):
        schema.newest()
