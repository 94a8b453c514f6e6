"""A change of keys goes on while people work, can be killed and gone on with, and leaves nothing that needs the old key."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select, update

from engine import audit, documents, rekeying, search_index
from engine.access import SYSTEM
from engine.anchoring import anchor_daily
from engine.commands.cases import start_case
from engine.commands.keys import announce_key
from engine.commands.papers import add_paper
from engine.commands.signing import Reauthentication
from engine.commands.teams import exclude
from engine.database import Database
from engine.errors import Forbidden
from engine.fields import KeysMissing, KeyState, Vault
from engine.jobs_asking import Stopped
from engine.keyring import KeyFile, new_key
from engine.model import history
from engine.model_filed import blob, blob_piece, form_version
from engine.queries import search
from engine.runtime import Runtime
from engine.unit_of_work import unit_of_work
from tests.workflows.processes.loan import examples
from tests.workflows.processes.loan.house import KEY, LoanHouse, prepare
from workflows import inventory, schema
from workflows import rekeying as change
from workflows.federation_rules import FederationRules
from workflows.glass import ask_glass, refuse_glass
from workflows.organisation import person_hash
from workflows.processes.loan.register import loan_register

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class House(LoanHouse):
    """The loan house with its keys in a file, and a job's view of itself."""

    def __init__(self, url: str, keys: Path) -> None:
        super().__init__(url)
        if not keys.exists():
            keys.write_bytes(KEY + b"\n")
        self.file = KeyFile(keys)
        self.runtime.vault = Vault.from_file(keys)
        self.runtime.rules = FederationRules(self.runtime.vault)
        self.told: list[tuple[int, int | None]] = []
        self.stop_after = 10**9
        self.id, self.ids = 0, {}

    def progress(self, done: int, total: int | None = None) -> None:
        self.told.append((done, total))
        if len(self.told) > self.stop_after:
            raise Stopped

    def announce(self) -> str:
        """A new key in the file, announced by the keeper of the machine; its id."""
        made = new_key()
        self.file.save([made, *self.runtime.vault.keys])
        self.runtime.vault.reload()
        self.act(announce_key, "sysadmin", key_id=made.id)
        return made.id

    def rekey(self) -> None:
        change.rekey(self.runtime, self)

    def found(self, **sought: str) -> list[int]:
        with self.runtime.reading() as connection:
            page = search.find(self.runtime, connection, self.actor("v1chair"), search.Sought(**sought))
        return [row.id for row in page.rows]

    def genuine(self) -> bool:
        with self.runtime.reading() as connection:
            return audit.verify(connection, self.runtime.vault).genuine


@pytest.fixture
def url(databases: Any) -> Iterator[str]:
    made = databases.create(prepare)
    yield made
    databases.drop(made)


@pytest.fixture
def house(url: str, tmp_path: Path) -> Iterator[House]:
    """One application with its papers."""
    made = House(url, tmp_path / "keys")
    made.applied()
    yield made
    made.close()


@pytest.fixture
def lite(sqlite_databases: Any, tmp_path: Path) -> Iterator[House]:
    """The same on SQLite, where what is asked does not depend on the database."""
    made = House(sqlite_databases.create(prepare), tmp_path / "keys")
    made.applied()
    yield made
    made.close()


def test_after_a_change_of_keys_all_is_as_before_and_the_old_key_opens_nothing(house: House, tmp_path: Path) -> None:
    person = examples.application()
    anchor_daily(house.runtime)
    old, new = house.runtime.vault.current, house.announce()
    idle = House(str(house.runtime.database.engine.url.render_as_string(hide_password=False)), tmp_path / "keys")
    assert idle.found(subject_hash=person_hash(idle.runtime.vault, person["idcard"])) == [1]
    house.rekey()
    assert house.runtime.vault.current == new
    assert house.told[-1][0] == house.told[-1][1]
    assert (house.told[-1][1] or 0) > 15
    assert house.genuine()
    with house.runtime.reading() as connection:
        assert change.remaining(connection, house.runtime.vault) == 0
    need = change.need_of(house.runtime, old)
    assert (need.rows, need.damaged) == ({}, ())
    for each in (house, idle):  # the other process was never told, and has to take up the key by itself
        assert each.found(words=person["name"]) == [1]
        assert each.found(subject_hash=person_hash(each.runtime.vault, person["idcard"])) == [1]
        assert each.genuine()
    thief = Vault([KEY])  # who once stole the old key, and steals the database today
    with house.runtime.reading() as connection:
        for column in inventory.columns(schema.metadata(), inventory.Kept.SEALED):
            for value in connection.execute(select(column).where(column.is_not(None))).scalars():
                with pytest.raises(Exception, match="加密内容无法读取"):
                    thief.open(value)
        stored = connection.execute(select(loan_register.c.subject_hash)).scalar()
        assert stored == house.case(1).subject_hash != person_hash(thief, person["idcard"])
        assert house.runtime.vault.raised(person_hash(thief, person["idcard"])) == stored
    idle.close()


def test_the_old_key_is_needed_until_everything_is_brought_over(lite: House) -> None:
    old = lite.runtime.vault.current
    lite.announce()
    change.change_over(lite.runtime)
    need = change.need_of(lite.runtime, old)
    sealed = {"form_version.answers_sealed", "history.content_sealed", "history.mac", "case_file.last_mac"}
    assert sealed <= need.rows.keys()
    assert {"blob.key_sealed", "blob.sealed, search_pair.pair", "document.name_sealed"} <= need.rows.keys()
    assert lite.genuine(), "both keys are there"
    assert lite.found(words=examples.application()["name"]) == [1], "words are asked for by both"
    lite.rekey()
    assert change.need_of(lite.runtime, old).rows == {}


@pytest.mark.parametrize("stop_after", [0, 1, 5])
def test_a_change_that_was_stopped_goes_on_where_it_was(lite: House, stop_after: int) -> None:
    lite.announce()
    lite.stop_after = stop_after
    with pytest.raises(Stopped):
        lite.rekey()
    lite.stop_after = 10**9
    assert lite.genuine()
    lite.rekey()
    with lite.runtime.reading() as connection:
        assert change.remaining(connection, lite.runtime.vault) == 0


def test_people_go_on_working_while_keys_change(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rekeying, "AT_ONCE", 3)
    monkeypatch.setattr(rekeying, "ENOUGH", 900)
    old, ended, faults = house.runtime.vault.current, threading.Event(), []

    def work() -> None:
        while not ended.is_set():
            try:
                opened = house.act(start_case, "v1chair", kind="loan")
                house.act(
                    add_paper, "v1chair", task_id=opened["task_id"], field="idCard", name="b.png", content=examples.PNG
                )
            except Exception as fault:  # noqa: BLE001 - told by the test
                faults.append(fault)

    person = threading.Thread(target=work)
    person.start()
    house.announce()
    house.rekey()
    house.rekey()
    ended.set()
    person.join(60)
    assert not person.is_alive()
    assert faults == []
    assert house.genuine()
    house.rekey()
    assert change.need_of(house.runtime, old).rows == {}


def test_a_row_that_somebody_changed_meanwhile_is_left_alone(house: House) -> None:
    house.announce()
    change.change_over(house.runtime)
    target = rekeying.sealed(form_version.c.answers_sealed)
    vault, mine = house.runtime.vault, b""

    def meanwhile(_: Vault, row: Any) -> bytes:
        nonlocal mine
        mine = vault.seal(b'{"changed":1}')
        with unit_of_work(house.runtime, SYSTEM) as work:
            work.connection.execute(update(form_version).values(answers_sealed=mine))
        return vault.seal(b"{}")

    list(rekeying.bring_over(house.runtime, rekeying.Target(target.column, target.behind, meanwhile)))
    with house.runtime.reading() as connection:
        assert bytes(connection.execute(select(form_version.c.answers_sealed)).scalar_one()) == mine


def test_what_no_key_opens_is_told_and_holds_nothing_up(lite: House) -> None:
    with unit_of_work(lite.runtime, SYSTEM) as work:
        work.connection.execute(
            update(history).where(history.c.seq == 1).values(content_sealed=b"x" * 80, mac="f" * 64)
        )
    old = lite.runtime.vault.current
    lite.announce()
    lite.rekey()
    need = change.need_of(lite.runtime, old)
    assert need.rows == {}
    assert sorted(need.damaged) == ["history.content_sealed (1,)", "history.mac (1,)"]
    assert not lite.genuine(), "nobody has vouched anew for what was not genuine"


def test_a_paper_from_before_files_had_keys_is_brought_into_pieces(lite: House) -> None:
    with unit_of_work(lite.runtime, SYSTEM) as work:
        work.connection.execute(blob_piece.delete())
        whole = {"sealed": lite.runtime.vault.seal(examples.PNG), "key_sealed": None, "pieces": 0}
        work.connection.execute(update(blob).values(**whole))
    lite.announce()
    lite.rekey()
    with lite.runtime.reading() as connection:
        assert (
            connection.execute(select(func.count()).select_from(blob).where(blob.c.sealed.is_not(None))).scalar() == 0
        )
        paper = documents.find(connection, lite.runtime.vault, 1)
        assert b"".join(documents.content(connection, lite.runtime.vault, paper)) == examples.PNG


def test_a_woman_with_an_open_application_is_still_known_after_the_change(house: House) -> None:
    house.announce()
    house.rekey()
    second = house.applied()
    assert house.row(select(loan_register.c.state).where(loan_register.c.case_id == second)).state == "duplicate"


def test_a_second_change_follows_the_first_and_a_rested_key_still_hashes(lite: House) -> None:
    person, first = examples.application(), lite.runtime.vault.current
    lite.act(exclude, "t1chair", case_id=1, unit_id=lite.unit("V2"), reason="与当事人有亲属关系")
    fresh = Reauthentication(lite.actor("t1chair").id, lite.clock.now())
    lite.act(ask_glass, "t1chair", number="V2-2026-L-0009", reason="当事人来电求助，经办人联系不上", proof=fresh)
    for _ in range(2):
        lite.announce()
        lite.rekey()
    assert change.need_of(lite.runtime, first).rows == {}
    keys = [key.at_rest() if key.id == first else key for key in lite.runtime.vault.keys]
    lite.file.save(keys)
    lite.runtime.vault.reload()
    assert lite.genuine()
    lite.act(exclude, "t1chair", case_id=1, unit_id=lite.unit("V3"), reason="与当事人有亲属关系")
    lite.act(refuse_glass, "countychair", request_id=1)
    assert lite.genuine(), "rows told of under one key, and under the next"
    assert lite.found(subject_hash=person_hash(lite.runtime.vault, person["idcard"])) == [1]
    assert lite.found(words=person["name"]) == [1]
    lite.file.save([key for key in keys if key.id != first])
    again = Runtime(Database(lite.runtime.database.engine.url.render_as_string(hide_password=False)),
                    Vault.from_file(lite.file.path), lite.runtime.rules, lite.runtime.catalogue)  # fmt: skip
    with pytest.raises(KeysMissing), again.reading():
        pass
    again.database.dispose()


def test_only_the_keeper_of_the_machine_announces_a_key(lite: House) -> None:
    with pytest.raises(Forbidden):
        lite.act(announce_key, "v1chair", key_id=new_key().id)


def test_nothing_is_brought_over_while_a_column_is_not_in_the_inventory(
    lite: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = {name: kept for name, kept in inventory.COLUMNS.items() if name != "comment.text_sealed"}
    monkeypatch.setattr(inventory, "COLUMNS", listed)
    lite.announce()
    with pytest.raises(change.NotListed, match=r"comment\.text_sealed"):
        lite.rekey()
    assert lite.genuine()
    assert lite.runtime.vault.current != lite.runtime.vault.keys[0].id
    assert {use.state for use in lite.runtime.vault.uses} <= {KeyState.CURRENT, KeyState.ANNOUNCED}
    with pytest.raises(change.NotListed):
        change.need_of(lite.runtime, "x")


def test_steps_of_search_do_not_meet() -> None:
    vault = Vault([KEY])
    (only,) = search_index.pairs_by_step(vault, "name", "王小明")
    assert max(only) < 1 << 48
    assert only == search_index.pairs(vault, "name", "王小明")
