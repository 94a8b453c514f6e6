"""Every row by which somebody comes in, and by which units and people are what they are, is held against the record."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from threading import Barrier
from time import sleep
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import Date, String, delete, insert, select, update

from engine import audit, told_rows
from engine.access import SYSTEM
from engine.adopting import AlreadyAdopted, adopt
from engine.columns import Instant
from engine.commands.signing import Reauthentication
from engine.journal import Journal, journals, watched_since
from engine.unit_of_work import unit_of_work
from tests.engine.anchored import without_keys
from tests.workflows.processes.loan import examples
from workflows import model, own_account, single_sign_on
from workflows.accounts import account_id, give_password
from workflows.model_organisation import training
from workflows.model_sign_in import account_identity, api_token
from workflows.organisation_log import JOURNAL
from workflows.passwords import hash_password
from workflows.staff import create_account, set_account_state
from workflows.training import record_training, strike_training
from workflows.units import create_unit, move_unit, rename_unit
from workflows.whereabouts import origin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Table

    from engine.access import Actor
    from tests.workflows.processes.loan.house import LoanHouse

NEW = "guihua-luoman-nanshan-po-8261"


def found(house: LoanHouse, *acts: Any) -> list[str]:
    """What verification finds after a tampering, which is then undone."""
    with house.runtime.database.engine.connect() as connection:
        without_keys(connection)
        for act in acts:
            connection.execute(act)
        faults = [str(why) for _, why in JOURNAL.differences(connection, house.runtime.vault, {})]
        connection.rollback()
    return faults


def lived(house: LoanHouse) -> None:
    """Something in each table, written by whoever writes there."""
    with house.runtime.reading() as connection:
        worker, hotline = account_id(connection, "rightsworker"), account_id(connection, "hotline")
    house.act(
        create_account,
        "sysadmin",
        login_name="newone",
        name="苏新来",
        idcard=examples.idcard(date(1992, 2, 2), serial=8),
    )
    for active in (False, True):
        house.act(set_account_state, "sysadmin", account_id=hotline, active=active)
    house.act(single_sign_on.link, "sysadmin", account_id=hotline, issuer="https://id.example", subject="s")
    house.act(single_sign_on.link, "sysadmin", account_id=worker, issuer="https://id.example", subject="t")
    house.act(single_sign_on.unlink, "sysadmin", account_id=hotline)
    village = house.act(
        create_unit, "sysadmin", kind="VILLAGE", parent_id=house.unit("T1"), code="V9", name="枣林村妇联"
    )
    house.act(rename_unit, "sysadmin", unit_id=village["unit_id"], name="枣林湾村妇联")
    house.act(move_unit, "sysadmin", unit_id=village["unit_id"], parent_id=house.unit("T2"))
    taught = house.act(record_training, "secadmin", account_id=worker, kind="RISK", held_on="2026-06-01")
    house.act(record_training, "secadmin", account_id=hotline, kind="RISK", held_on="2026-06-01")
    house.act(strike_training, "secadmin", training_id=taught["training_id"])
    chair = house.actor("v1chair")
    proof, here = Reauthentication(chair.id, house.clock.now()), origin("", "")
    own_account.change_password(house.runtime, chair, proof, NEW, here="", origin=here)
    own_account.make_token(house.runtime, chair, proof, name="报表", scopes=["inbox.read"], days=30, origin=here)


def tamperings(connection: Connection, table: Table) -> Iterator[tuple[str, Any]]:
    rows = [dict(row) for row in connection.execute(select(table).order_by(table.c.id)).mappings()]
    row, here = rows[-1], table.c.id == rows[-1]["id"]
    for column in table.c:
        if column.name not in {"id", *table.info["watched"]}:
            yield (
                f"{table.name}.{column.name}",
                update(table).where(here).values({column.name: _other(row[column.name], column)}),
            )
    unique = {c.name: _other(row[c.name], c) for c in table.c if c.unique or c.name in ("subject", "path")}
    yield f"{table.name}: another row", insert(table).values({**row, **unique, "id": row["id"] + 50})
    yield f"{table.name}: a row less", delete(table).where(here)


def _other(value: Any, column: Any) -> Any:
    if isinstance(value, bool):
        return not value
    if isinstance(value, date):  # or an instant
        return value + timedelta(days=1)
    if value is not None:
        return value + 1 if isinstance(value, int) else f"{value[:-1]}~"
    return {Date: date(2026, 1, 1), Instant: _NOW, String: "x"}.get(type(column.type), 3)


_NOW = datetime(2026, 6, 1, tzinfo=UTC)


def test_what_was_written_behind_the_back_of_the_house_is_found_in_every_table(house: LoanHouse) -> None:
    adopt(house.runtime)
    lived(house)
    assert found(house) == []
    with house.runtime.reading() as connection:
        listed = [
            each
            for table in (model.account, model.unit, training, account_identity, api_token)
            for each in tamperings(connection, table)
        ]
    assert len(listed) > 35
    assert [name for name, act in listed if not found(house, act)] == []


def test_an_exchanged_password_an_opened_account_and_a_changed_role_are_named(small_house: LoanHouse) -> None:
    house = small_house
    adopt(house.runtime)
    number = house.actor("sysadmin").id
    with unit_of_work(house.runtime, SYSTEM) as work:
        give_password(work.connection, number, NEW)
    here = model.account.c.id == number
    with house.runtime.reading() as connection:
        kept = connection.execute(select(model.account.c.password_hash).where(here)).scalar_one()
        told = [row["content"] for row in JOURNAL.rows(connection)]
    assert kept not in str(told)
    assert found(house, update(model.account).where(here).values(password_hash=hash_password("abc"))) == [
        f"账号 {number} 与机构记录不符"
    ]
    assert found(house, update(model.account).where(here).values(active=False)) == [f"账号 {number} 与机构记录不符"]
    role = update(model.post_holding).where(model.post_holding.c.account_id == number).values(post="COUNTY_CHAIR")
    assert [why.endswith("与机构记录不符") for why in found(house, role)] == [True]
    assert found(house, update(model.account).where(here).values(id_hash="x" * 64)) == [], "changes with the keys"


def test_an_installation_that_was_closed_before_tells_once_of_the_tables_that_are_watched_since(
    small_house: LoanHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    house = small_house
    with monkeypatch.context() as before:  # as it was done before these tables were watched
        before.setattr(told_rows, "watched", list)
        adopt(house.runtime)
    old = {"id": 900, "login": "older", "name": "旧人", "password_hash": "x", "active": True, "start_password": False}
    with house.runtime.database.engine.begin() as connection:
        connection.execute(insert(model.account), old)
    renamed = update(model.account).where(model.account.c.id == 900).values(name="无名")
    assert found(house, renamed) == [], "nothing tells of it yet"
    assert adopt(house.runtime) == 0
    assert found(house) == []
    assert found(house, renamed) == ["账号 900 与机构记录不符"]
    assert found(house, insert(model.account).values({**old, "id": 901, "login": "newer"})) == [
        "账号 901 与机构记录不符"
    ]
    with house.runtime.reading() as connection:
        assert watched_since(connection) == {table.name for table in told_rows.watched()}
        assert audit.verify(connection, house.runtime.vault).faults == ()
    with pytest.raises(AlreadyAdopted):
        adopt(house.runtime)


def test_many_who_make_a_token_at_the_same_moment_all_get_it(house: LoanHouse, monkeypatch: pytest.MonkeyPatch) -> None:
    last = Journal.last

    def slowly(journal: Journal, connection: Connection) -> Any:
        found = last(journal, connection)
        sleep(0.1)  # so that they meet
        return found

    monkeypatch.setattr(Journal, "last", slowly)
    people = [house.actor(login) for login in ("v1chair", "v2chair", "v3chair", "t1chair")]
    together = Barrier(len(people))

    def make(actor: Actor) -> None:
        proof = Reauthentication(actor.id, house.clock.now())
        together.wait(timeout=20)
        wanted: dict[str, Any] = {"name": "报表", "scopes": ["inbox.read"], "days": 30, "origin": origin("", "")}
        own_account.make_token(house.runtime, actor, proof, **wanted)

    with ThreadPoolExecutor(len(people)) as pool:
        for asked in [pool.submit(make, actor) for actor in people]:
            asked.result(timeout=60)
    assert found(house) == []


def test_every_watched_table_is_told_of_by_a_record() -> None:
    assert {table for journal in journals() for table in journal.tells} >= set(told_rows.watched())
