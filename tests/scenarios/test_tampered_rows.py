"""Nobody lets himself into a case by writing rows: each row that decides who sees a case is held against what was told of it."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import JSON, Boolean, delete, insert, select, update

from engine import audit, told_rows
from engine.adopting import AlreadyAdopted, adopt
from engine.clock import SHANGHAI
from engine.columns import TOLD, WATCHED
from engine.commands.classes import ask_lowering, decide_lowering, raise_class
from engine.commands.contact import ask_contact, record_contact, set_contact
from engine.commands.disclosing import give_information, record_consent, withdraw_consent
from engine.commands.teams import add_member, appoint_manager, end_exclusion, end_member, exclude
from engine.guard import Role
from engine.journal import Journal, journals
from engine.model import case_file
from engine.model_contact import contact_permit
from engine.model_disclosure import consent
from engine.model_teams import case_exclusion, case_member, class_change
from engine.walking import Extent, walk
from tests.engine.anchored import without_keys
from tests.scenarios import auditing
from tests.scenarios.test_break_glass import ask, confirm, proof
from workflows import records, schema
from workflows.audit_batches import ask_batch, cancel_batch
from workflows.bare_prints import ask_bare_print
from workflows.engagements import end_engagement
from workflows.glass import end_glass
from workflows.grant_log import JOURNAL
from workflows.model_engagement import engagement
from workflows.model_glass import glass
from workflows.successions import ask_succession
from workflows.unled import handle_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sqlalchemy import Connection, Table

    from tests.scenarios.county import County

WHY = "须由权益部共同办理，另有专人"
HOURS = "1-7 00:00-23:59"


def lived(county: County) -> tuple[int, int]:
    """A C3 case with something in each table, and a plain one of another village."""
    case_id, other = county.applied(), auditing.begun(county, 1, "v2chair")[0]
    plain = {"case_id": case_id}
    number = {"channel": "PHONE", "number": "13800000005"}
    county.act(set_contact, "v1chair", **plain, block={**number, "windows": HOURS})
    permit = county.act(ask_contact, "v1chair", **plain, **number)["permit"]
    county.act(record_contact, "v1chair", **plain, permit_id=permit, outcome="reached")
    about = {"recipient": "SHELTER", "purpose": "REFERRAL", "kinds": ["IDENTITY"]}
    today = date.fromisoformat(county.today)
    days = {"given_on": today.isoformat(), "expires_on": (today + timedelta(days=30)).isoformat()}
    given = [county.act(record_consent, "v1chair", **plain, **about, **days)["consent"] for _ in range(2)]
    county.act(give_information, "v1chair", **plain, **about)
    county.act(withdraw_consent, "v1chair", **plain, consent_id=given[0])
    _guarded(county, case_id)
    _let_in(county, case_id)
    return case_id, other


def _guarded(county: County, case_id: int) -> None:
    auditing.to_c3(county, case_id)
    person = auditing.number_of
    about = {"case_id": case_id, "reason": WHY}
    left = county.act(add_member, "rightshead", **about, account_id=person(county, "t1chair"))["member_id"]
    county.act(add_member, "rightshead", **about, account_id=person(county, "t2chair"), until="2026-12-31")
    county.act(end_member, "rightshead", **about, member_id=left)
    two = [
        county.act(exclude, "rightshead", **about, unit_id=county.unit(code))["exclusion_id"] for code in ("V2", "T2")
    ]
    county.act(end_exclusion, "rightshead", **about, exclusion_id=two[0])
    county.act(appoint_manager, "rightshead", **about, account_id=person(county, "rightsworker"))
    change = county.act(ask_lowering, "rightshead", **about, to="C2", proof=proof(county, "rightshead"))["change_id"]
    county.act(
        decide_lowering,
        "rightsworker",
        case_id=case_id,
        change_id=change,
        agree=False,
        proof=proof(county, "rightsworker"),
    )


def _let_in(county: County, case_id: int) -> None:
    ended = auditing.approved(county)
    county.act(end_engagement, auditing.AUDITOR, engagement_id=ended)
    running = auditing.approved(county, confidential=True)
    county.act(
        ask_bare_print, auditing.AUDITOR, engagement_id=running, case_id=case_id, reason="须核对当事人身份是否一致"
    )
    request = ask(county, county.case(case_id).number)["request_id"]
    assert confirm(county, request)
    county.act(end_glass, "countychair", request_id=request)
    _without_anybody(county)
    batches = [county.act(ask_batch, auditing.AUDITOR, engagement_id=running, case_ids=[case_id]) for _ in range(2)]
    county.act(cancel_batch, auditing.AUDITOR, batch_id=batches[0]["batch_id"])


def _without_anybody(county: County) -> None:
    """A third case whose only possible leader is kept from it: somebody is asked for."""
    lost = auditing.begun(county, 1, "v3chair")[0]
    county.act(raise_class, "v3chair", case_id=lost, to="C3", reason=WHY)
    county.act(exclude, "v3chair", case_id=lost, reason=WHY, account_id=auditing.number_of(county, "rightshead"))
    asked = {"account_id": auditing.number_of(county, "rightsworker"), "reason": WHY}
    asked |= {"handle": handle_of(county.runtime.vault, lost), "proof": proof(county, "countychair")}
    county.act(ask_succession, "countychair", **asked)


def found(county: County, *acts: Callable[[Connection], object]) -> list[str]:
    """What verification finds after a tampering, which is then undone."""
    with county.runtime.database.engine.connect() as connection:
        without_keys(connection)
        for act in acts:
            act(connection)
        outcome = audit.verify(connection, county.runtime.vault, papers=False)
        connection.rollback()
    return [f"{fault.case_id} {fault.why}" for fault in outcome.faults]


def execute(statement: Any) -> Callable[[Connection], object]:
    return lambda connection: connection.execute(statement)


def other(value: Any, column: Any) -> Any:
    """A value of the same kind that is not this one; an end taken off, or put on."""
    kind = column.type
    if isinstance(kind, JSON):
        return [1, 2]
    if isinstance(kind, Boolean):
        return not value
    if isinstance(value, datetime | date):
        return value + timedelta(days=1)
    if isinstance(value, bytes):
        return value[:-8] + b"AAAAAAA="
    made = {"str": "C1", "int": 7, "bytes": b"x", "date": date(2027, 1, 1)}
    if value is None:
        return made.get(kind.python_type.__name__, datetime(2027, 1, 1, tzinfo=SHANGHAI))
    return value + 1000 if isinstance(value, int) else (value + "x")[-2:]


def tampered(connection: Connection, table: Table, elsewhere: int) -> Iterator[tuple[str, Any]]:
    """Every column of a row changed by itself, an end taken off; a row taken away, put in, given to another case."""
    rows = [dict(row) for row in connection.execute(select(table).order_by(table.c.id)).mappings()]
    assert rows, table.name
    row = rows[-1]
    here = table.c.id == row["id"]
    for column in table.c:
        if column.name not in {"id", *table.info.get(WATCHED, ())}:
            changed = {column.name: other(row[column.name], column)}
            yield f"{table.name}: {changed}", update(table).where(here).values(changed)
    unique = {"number": 9} if table.name in ("safe_contact", "print_batch") else {}
    copied = {**row, "id": row["id"] + 50, **unique}
    if "number" in copied and not unique:
        copied["number"] = "C1-AU-2026-099"
    yield f"{table.name}: another row", insert(table).values(copied)
    yield f"{table.name}: another id", update(table).where(here).values(id=row["id"] + 50)
    yield f"{table.name}: a row less", delete(table).where(here)
    if "case_id" in table.c:
        yield f"{table.name}: to another case", update(table).where(here).values(case_id=elsewhere)
    for end in ("ended_at", "withdrawn_at"):
        if end in table.c:
            (closed, *_) = [each["id"] for each in rows if each[end] is not None]
            yield f"{table.name}: reopened", update(table).where(table.c.id == closed).values({end: None})


def is_seen(county: County, table: Table, statement: Any) -> bool:
    """Whether the part of verification that is about a table sees a tampering, which is then undone."""
    vault = county.runtime.vault
    with county.runtime.database.engine.connect() as connection:
        without_keys(connection)
        connection.execute(statement)
        if table in JOURNAL.tells:
            seen = any(JOURNAL.differences(connection, vault, {}))
        else:
            seen = bool(walk(connection, vault, Extent(1, 3, papers=False)).faults)
        connection.rollback()
    return seen


def test_a_row_written_behind_the_back_of_the_house_is_found_in_every_table(county: County) -> None:
    adopt(county.runtime)
    _, elsewhere = lived(county)
    assert found(county) == []
    tables = [*told_rows.told_of_cases(), *JOURNAL.tells]
    with county.runtime.reading() as connection:
        listed = [(table, *each) for table in tables for each in tampered(connection, table, elsewhere)]
    assert len(listed) > 120
    if not county.runtime.database.is_sqlite:  # the same code, at more than the cost: every third will do
        listed = listed[::3]
    assert [name for table, name, statement in listed if not is_seen(county, table, statement)] == []


def test_the_row_that_was_tampered_with_is_named(desk: County) -> None:
    case_id, elsewhere = lived(desk)
    member = {"case_id": case_id, "account_id": 1, "role": str(Role.MEMBER), "added_by": 1, "since": desk.clock.now()}
    himself = insert(case_member).values(**member, reason_sealed=b"x", id=77)
    assert found(desk, execute(himself)) == [f"{case_id} 团队成员 77 与历史记录不符"]
    longer = update(engagement).where(engagement.c.id == 2).values(until=date(2027, 1, 1))
    assert found(desk, execute(longer)) == ["0 审计委托 2 与授权记录不符"]
    for table, told in ((contact_permit, "联系许可 1"), (consent, "单独同意 2")):
        moved = update(table).where(table.c.id == int(told[-1])).values(case_id=elsewhere)
        assert found(desk, execute(moved)) == [f"{at} {told} 与历史记录不符" for at in (case_id, elsewhere)]
    swapped = [update(glass).values(until=glass.c.asked_at)]
    assert found(desk, *map(execute, swapped)) == ["0 紧急查阅 1 与授权记录不符"]


def test_an_exclusion_whose_token_is_exchanged_or_that_is_a_copy_of_another_is_found(desk: County) -> None:
    case_id, _ = lived(desk)
    vault = desk.runtime.vault
    nobody = update(case_exclusion).where(case_exclusion.c.id == 2).values(token=vault.lookup("exclusion", "unit:999"))
    assert found(desk, execute(nobody)) == [f"{case_id} 回避登记 2 与历史记录不符"]
    with desk.runtime.reading() as connection:
        row = connection.execute(select(case_exclusion).where(case_exclusion.c.id == 1)).one()
    copied = {"token": row.token, "who_sealed": row.who_sealed}
    assert found(desk, execute(update(case_exclusion).where(case_exclusion.c.id == 2).values(copied)))
    sealed = vault.seal_json({"account": 1, "reason": WHY})
    sealed_anew = update(case_exclusion).where(case_exclusion.c.id == 2).values(who_sealed=sealed)
    assert found(desk, execute(sealed_anew))


def test_the_class_of_a_case_its_unit_and_that_it_is_its_teams_alone_are_held_against_its_history(
    desk: County,
) -> None:
    case_id, elsewhere = lived(desk)

    def put(which: int, **values: Any) -> list[str]:
        return found(desk, execute(update(case_file).where(case_file.c.id == which).values(values)))

    assert put(case_id, confidentiality="C1") == [f"{case_id} 密级 {case_id} 与历史记录不符"]
    assert put(elsewhere, confidentiality="C0") == [f"{elsewhere} 密级 {elsewhere} 与历史记录不符"]
    assert put(case_id, guarded=False) == [f"{case_id} 限定知悉的标记 {case_id} 与历史记录不符"]
    unit = desk.unit("T2")
    for changed in ({"unit_id": unit}, {"path": desk.case(case_id).path + f"{unit}."}):
        assert f"{elsewhere} 所属机构 {elsewhere} 与历史记录不符" in put(elsewhere, **changed)
    lowered = update(class_change).where(class_change.c.state == "refused").values(state="done")
    assert len(found(desk, execute(lowered))) == 1


def test_what_nothing_told_of_is_a_finding_until_it_was_taken_in_once_and_never_again(
    desk: County, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as before:  # entries as they were written before they told of rows
        before.setattr(told_rows, "digests", lambda *_: {})
        before.setattr(Journal, "told_of", lambda *_: {told_rows.KEY: {}})
        case_id, _ = lived(desk)
    assert found(desk)
    assert adopt(desk.runtime) == 2
    assert found(desk) == []
    assert found(desk, execute(update(case_member).where(case_member.c.id == 1).values(account_id=99)))
    assert found(desk, execute(update(glass).values(until=None))) == ["0 紧急查阅 1 与授权记录不符"]
    member = {"case_id": case_id, "account_id": 1, "role": "member", "added_by": 1, "since": desk.clock.now()}
    himself = insert(case_member).values(**member, reason_sealed=desk.runtime.vault.seal(b""), id=77)
    with desk.runtime.database.engine.begin() as connection:
        connection.execute(himself)
    with pytest.raises(AlreadyAdopted):
        adopt(desk.runtime)
    assert found(desk) == [f"{case_id} 团队成员 77 与历史记录不符"]
    with desk.runtime.database.engine.begin() as connection:
        connection.execute(delete(case_member).where(case_member.c.id == 77))


def test_every_chained_record_and_every_table_with_told_rows_is_known_wherever_the_log_is_verified() -> None:
    every = schema.metadata().sorted_tables
    chained = {table.name for table in every if {"seq", "act", "previous", "hash", "mac"} <= set(table.c.keys())}
    assert {journal.table.name for journal in records.known()} == chained
    assert {table.name for table in records.TOLD_OF} == {table.name for table in every if TOLD in table.info}
    assert {journal.name for journal in journals()} == {journal.name for journal in records.known()}
