"""换届: O01 and O02 of scenarios.md, on both databases: sign-in, tasks, the list, ten days, kin, and what is confidential."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy import select, update

from engine.commands.guarded_work import settle
from engine.commands.signing import Reauthentication
from engine.commands.teams import join
from engine.errors import Forbidden, NotFound, NotNow, SignatureRequired
from engine.events import Event, Kind
from engine.guard import Role
from engine.model import case_file
from engine.model_filed import signature
from engine.queries.case_page import readable_case
from engine.restaffing import restaff
from engine.unit_of_work import unit_of_work
from tests.workflows.organisation.test_appointing import SEC, at, person, term
from tests.workflows.organisation.test_units import record, waiting
from tests.workflows.processes.loan import examples
from workflows import accounts, handover, handover_list, model, organisation
from workflows.appointing import appoint_post, end_term
from workflows.handover import due_on, keep, note_things
from workflows.handover_list import fix_list, note_paper_signature, sign_list
from workflows.handover_prints import print_list, printed, prints, record_list_print
from workflows.model_organisation import handover as table
from workflows.model_organisation import organisation_log
from workflows.organisation_log import JOURNAL

LAST = "2026-06-30"


def another(serial):
    """Another woman with another guarantor."""
    return {
        "idcard": examples.idcard(date(1990, 5, 4), serial=serial),
        "guarantors": [
            examples.payroll(idcard=examples.idcard(date(1980, 3, 12), "M", serial)),
            examples.depositor(idcard=examples.idcard(date(1978, 11, 2), "F", serial)),
        ],
    }


def end(house, login="v1chair", post="VILLAGE_CHAIR", day=LAST):
    house.act(end_term, SEC, holding_id=term(house, login, post), last_day=day)


def succeed(house, login="newchair", since="2026-07-01"):
    new = person(house, login)
    house.act(appoint_post, SEC, account_id=new, post="VILLAGE_CHAIR", unit_id=house.unit("V1"), since=since)
    return new


def only(house):
    with house.runtime.reading() as connection:
        return connection.execute(select(table)).one()


def proof(house, login):
    return Reauthentication(house.actor(login).id, house.clock.now())


def can_open(house, login, case_id):
    with house.runtime.reading() as connection:
        try:
            readable_case(house.runtime, connection, house.actor(login), case_id)
        except NotFound:
            return False
    return True


def reading_list(house, login="t1chair"):
    with house.runtime.reading() as connection:
        row = connection.execute(select(table)).one()
        found = handover_list.matters(house.runtime, connection, house.actor(login), row, house.clock.now().date())
    return [each["number"] for each in found]


def raised_to_c3(house, case_id, login):
    """The case as the team commands leave it when its class was raised."""
    with unit_of_work(house.runtime, house.actor(login)) as work:
        work.change(case_id, update(case_file).where(case_file.c.id == case_id).values(confidentiality="C3"))
        join(work, case_id, house.actor(login).id, Role.MANAGER)
        work.record(Event(Kind.CLASS_RAISED, case_id, content={"old": "C2", "new": "C3"}))
        settle(work, case_id)


def test_o01_a_term_that_ends_takes_sign_in_and_tasks_with_it_and_leaves_signatures_and_confidential_cases(house):
    ordinary, secret = house.applied(), house.applied(**another(1))
    signed = house.applied(**another(2))
    house.submit(signed, "v1chair", examples.village_review())
    raised_to_c3(house, secret, "v1chair")
    end(house)
    assert only(house).due_on == date(2026, 7, 10)
    at(house, (6, 30), 23, 0)
    restaff(house.runtime)
    assert set(waiting(house, "v1chair")) == {ordinary, secret}, "the last day is served"
    at(house, (7, 1), 0, 0)
    restaff(house.runtime)
    assert house.actor("v1chair").posts == ()
    assert house.open_task(ordinary).post == "TOWN_CHAIR"
    assert house.open_task(secret).post == "VILLAGE_CHAIR", "C3 moves by decision of the case manager alone"
    assert not can_open(house, "t1chair", secret)
    assert can_open(house, "t1chair", signed)
    succeed(house)
    restaff(house.runtime)
    assert house.open_task(ordinary).post == "VILLAGE_CHAIR"
    assert not can_open(house, "newchair", secret)
    assert waiting(house, "newchair") == [ordinary]
    with house.runtime.reading() as connection:
        row = connection.execute(select(handover_list.handover)).one()
        assert handover.successor(connection, row) == accounts.account_id(connection, "newchair")
        signatures = [s.signer_id for s in connection.execute(select(signature)).all()]
    assert house.actor("v1chair").id in signatures


def test_o02_a_successor_never_sees_the_case_of_her_cousin(house):
    case_id, other = house.applied(), house.applied(**another(1))
    new = person(house)
    with house.runtime.database.writing() as connection:
        hashed = organisation.person_hash(house.runtime.vault, examples.W)
        organisation.declare_relative(
            connection, account_id=new, id_hash=hashed, relation="COLLATERAL", at=house.clock.now()
        )
        connection.commit()
    end(house, day="2026-06-14")
    house.act(appoint_post, SEC, account_id=new, post="VILLAGE_CHAIR", unit_id=house.unit("V1"), since="2026-06-15")
    assert not can_open(house, "newchair", case_id)
    assert can_open(house, "newchair", other)
    assert waiting(house, "newchair") == [other]
    assert house.open_task(case_id).post == "TOWN_CHAIR"
    assert reading_list(house) == [house.case(other).number], "it is not on the list that she signs either"


def test_a_newcomer_whose_term_begins_later_is_held_against_the_cases_on_that_day(small_house):
    house = small_house
    case_id = house.applied()
    new = person(house)
    end(house)
    house.act(appoint_post, SEC, account_id=new, post="VILLAGE_CHAIR", unit_id=house.unit("V1"), since="2026-07-01")
    with house.runtime.database.writing() as connection:
        hashed = organisation.person_hash(house.runtime.vault, examples.W)
        organisation.declare_relative(
            connection, account_id=new, id_hash=hashed, relation="SIBLING", at=house.clock.now()
        )
        connection.commit()
    at(house, (7, 1), 0, 1)
    keep(house.runtime)
    assert not can_open(house, "newchair", case_id)


@pytest.fixture
def listed(house):
    """A handover whose list the township has fixed; (house, its number)."""
    house.applied()
    end(house)
    succeed(house)
    at(house, (7, 1), 9, 0)
    number = only(house).id
    things = {
        "registers": "妇女基本信息台账（2026 年）\n留守儿童登记表",
        "seals": "杏花村妇联印章一枚",
        "papers": " 1 盒 ",
    }
    house.act(note_things, "t1chair", handover_id=number, seen_version=1, **things, note="")
    with pytest.raises(NotNow):
        house.act(note_things, "t1chair", handover_id=number, seen_version=1, **things)
    for login in ("newchair", "t2chair", "v2chair"):
        with pytest.raises(Forbidden):
            house.act(fix_list, login, handover_id=number, seen_version=2)
    house.act(fix_list, "t1chair", handover_id=number, seen_version=2)
    with pytest.raises(NotNow):
        house.act(fix_list, "t1chair", handover_id=number, seen_version=3)
    return house, number


def test_three_sign_the_list_each_once_and_the_leaver_by_hand(listed):
    house, number = listed
    with pytest.raises(SignatureRequired):
        house.act(sign_list, "newchair", handover_id=number)
    with pytest.raises(NotFound):
        house.act(sign_list, "v2chair", handover_id=number, signature=proof(house, "v2chair"))
    for login in ("newchair", "t1chair"):
        house.act(sign_list, login, handover_id=number, signature=proof(house, login))
    with pytest.raises(NotNow):
        house.act(sign_list, "newchair", handover_id=number, signature=proof(house, "newchair"))
    with pytest.raises(Forbidden):
        house.act(note_paper_signature, "t1chair", handover_id=number, role="SUPERVISOR", signed_on="2026-07-01")
    done = house.act(note_paper_signature, "t1chair", handover_id=number, role="LEAVER", signed_on="2026-07-01")
    assert done["done"]
    with house.runtime.reading() as connection:
        row = connection.execute(select(table)).one()
        assert (row.state, handover_list.faults(house.runtime, connection, row)) == ("done", [])
    assert record(house).count("handover.signed") == 3


def test_the_list_is_printed_for_those_who_have_part_in_it_and_every_print_is_registered(listed):
    house, number = listed
    content = house.runtime.vault.open_json(only(house).list_sealed)
    with house.runtime.reading() as connection:
        pdf, entry = print_list(house.runtime, connection, house.actor("newchair"), number, at=house.clock.now())
        with pytest.raises(NotFound):
            print_list(house.runtime, connection, house.actor("v2chair"), number, at=house.clock.now())
    assert pdf.startswith(b"%PDF")
    assert content["registers"] == ["妇女基本信息台账（2026 年）", "留守儿童登记表"]
    assert [each["number"] for each in content["matters"]] == ["V1-2026-L-0001"]
    house.act(record_list_print, "newchair", **entry)
    with house.runtime.reading() as connection:
        [print_] = prints(connection, number)
        paper, code = only(house).number, entry["digest"][:16].upper()
        for login in ("newchair", "t1chair"):
            [known] = printed(house.runtime, connection, house.actor(login), f" {paper.lower()} ", code)
            assert (known.what, known.by_id) == ("R-13", house.actor("newchair").id)
        for login, number_typed, code_typed in (
            ("v2chair", paper, code), ("t1chair", paper, code[:7]), ("t1chair", paper, "f" * 16), ("t1chair", "V1-2026-YJ-0009", code),
        ):  # fmt: skip
            assert not printed(house.runtime, connection, house.actor(login), number_typed, code_typed)
    assert (print_.file, print_.by_id) == (entry["file"], house.actor("newchair").id)


def test_a_list_or_a_signature_that_was_edited_is_found(small_house):
    house = small_house
    end(house)
    succeed(house)
    at(house, (7, 1), 9, 0)
    number = only(house).id
    house.act(fix_list, "t1chair", handover_id=number, seen_version=1)
    house.act(sign_list, "t1chair", handover_id=number, signature=proof(house, "t1chair"))
    with house.runtime.reading() as connection:
        entry = print_list(house.runtime, connection, house.actor("t1chair"), number, at=house.clock.now())[1]
    house.act(record_list_print, "t1chair", **entry)
    asked = house.actor("t1chair"), only(house).number, entry["digest"]
    with house.runtime.database.writing() as connection:
        assert printed(house.runtime, connection, *asked)
        content = house.runtime.vault.open_json(only(house).list_sealed)
        forged = house.runtime.vault.seal_json({**content, "seals": ["没有"]})
        connection.execute(update(table).values(list_sealed=forged))
        connection.execute(update(handover_list.handover_signature).values(signed_on=date(2026, 7, 2)))
        row = connection.execute(select(table)).one()
        assert len(handover_list.faults(house.runtime, connection, row)) == 2
        assert not printed(house.runtime, connection, *asked), "nobody can say any more that the paper is ours"
        connection.execute(update(organisation_log).values(content={}))
        assert list(JOURNAL.differences(connection, house.runtime.vault, {}))


@pytest.mark.parametrize(("day", "late"), [((7, 10), False), ((7, 11), True)])
def test_a_handover_is_late_on_the_eleventh_day_and_then_told_once(small_house, day, late):
    house = small_house
    end(house)
    assert due_on(date(2026, 6, 30)) == date(2026, 7, 10)
    at(house, day, 1, 0)
    keep(house.runtime)
    keep(house.runtime)
    assert (only(house).escalated_at is not None) is late
    assert record(house).count("handover.late") == late


def test_a_term_with_an_end_from_the_first_day_on_is_handed_over_too_and_a_second_term_is_not(small_house):
    house = small_house
    with house.runtime.database.writing() as connection:
        held = model.post_holding
        connection.execute(
            update(held).where(held.c.id == term(house, "v1chair", "VILLAGE_CHAIR")).values(until=date(2026, 7, 15))
        )
        connection.execute(
            update(held).where(held.c.id == term(house, "v2chair", "VILLAGE_CHAIR")).values(until=date(2026, 7, 16))
        )
        connection.execute(
            update(held).where(held.c.id == term(house, "v3chair", "VILLAGE_CHAIR")).values(until=date(2026, 7, 10))
        )
        organisation.appoint(connection, account_id=accounts.account_id(connection, "v3chair"), post="VILLAGE_CHAIR",
                             unit_id=house.unit("V3"), since=date(2026, 7, 11))  # fmt: skip
        connection.commit()
    keep(house.runtime)
    keep(house.runtime)
    assert only(house).ended_on == date(2026, 7, 15), (
        "thirty days ahead, not thirty-one; and nobody hands over to herself"
    )
    end(house, day="2026-07-05")
    assert only(house).due_on == date(2026, 7, 15)


def test_nobody_supervises_her_own_handover_or_one_of_her_equals(small_house):
    house = small_house
    end(house, "t1chair", "TOWN_CHAIR", "2026-06-20")
    row = only(house)
    with house.runtime.reading() as connection:
        may = {
            login: handover.may_supervise(connection, house.actor(login), row)
            for login in ("t1chair", "t1vice", "t2chair", "countychair", "secadmin", "v1chair")
        }
    assert may == {**dict.fromkeys(may, False), "countychair": True}
