"""Reception days: P22 (the leader is absent) and P23 (first asked is who received, P-13); who may be planned, and until when."""

from __future__ import annotations

import io
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from pypdf import PdfReader

from engine.commands.absences import register_absence
from engine.errors import Forbidden, InvalidAnswers, NotFound, NotNow
from tests.scenarios.reading import told
from tests.webui.visitors import Visitor, open_site
from tests.workflows.processes.petition.examples import idcard
from workflows import organisation_log, reception_list
from workflows.model_reception import reception_day
from workflows.reception import call_off, name_substitute, note_absent, plan_day
from workflows.reception_notices import note_roster, waiting
from workflows.reception_rounds import note_missed, note_no_show, reports, settle_days

if TYPE_CHECKING:
    from tests.workflows.processes.petition.house import PetitionHouse

DAY = "2026-06-18"


def plan(house: PetitionHouse, receiver: str = "countychair", by: str = "rightshead", **changes: Any) -> int:
    """The chair receives on the Thursday, from nine to half past eleven."""
    told = {"kind": "CHAIR", "held_on": DAY, "starts": "09:00", "ends": "11:30", "place": "县妇联一楼", "capacity": "8"}
    unit = house.unit(changes.pop("unit", "C1"))
    who = house.actor(receiver).id
    return int(house.act(plan_day, by, unit_id=unit, receiver_id=who, **{**told, **changes})["day_id"])


def state(house: PetitionHouse, day_id: int) -> str:
    return str(house.row(reception_day.select().where(reception_day.c.id == day_id)).state)


def told_of(house: PetitionHouse, login: str) -> list[int]:
    with house.runtime.reading() as connection:
        return [row.id for row in reports(connection, house.actor(login))]


def notices(house: PetitionHouse, login: str) -> list[tuple[int, str]]:
    with house.runtime.reading() as connection:
        return [(row.id, row.told) for row in waiting(connection, house.actor(login))]


def test_whoever_is_on_a_roster_is_told_a_volunteer_lawyer_too_and_whoever_is_off_it(rights: PetitionHouse) -> None:
    day = plan(rights, "lawyer", kind="LAWYER")
    chairs = plan(rights, starts="13:00", ends="14:00")
    assert notices(rights, "lawyer") == [(day, "receives")]
    assert notices(rights, "rightshead") == []
    rights.act(note_roster, "lawyer", day_id=day)
    with pytest.raises(NotFound):
        rights.act(note_roster, "lawyer", day_id=day)
    for login, other in (("rightshead", "loanhead"), ("loanhead", "rightshead")):
        rights.act(name_substitute, "rightsworker", day_id=chairs, account_id=rights.actor(login).id)
        assert notices(rights, login) == [(chairs, "substitutes")]
        assert notices(rights, other) in ([], [(chairs, "released")])
    rights.act(call_off, "rightsworker", day_id=day)
    assert notices(rights, "lawyer") == [(day, "cancelled")]
    assert notices(rights, "rightshead") == [(chairs, "released")]


def test_a_leader_who_does_not_come_without_a_word_has_missed_her_day(rights: PetitionHouse) -> None:
    empty, kept = plan(rights), plan(rights, starts="13:00", ends="14:00")
    with pytest.raises(NotNow):
        rights.act(note_no_show, "rightshead", day_id=empty)
    rights.on(DAY, 15)
    settle_days(rights.runtime)
    rights.registered(channel="RECEPTION", receptionDay=kept)
    for day, login, why in (
        (empty, "countychair", Forbidden),
        (empty, "loanhead", Forbidden),
        (kept, "rightshead", NotNow),
    ):
        with pytest.raises(why):
            rights.act(note_no_show, login, day_id=day)
    rights.act(note_no_show, "rightshead", day_id=empty)
    assert (state(rights, empty), state(rights, kept)) == ("missed", "held")
    assert told_of(rights, "countychair") == [empty]
    with pytest.raises(NotNow):
        rights.act(note_no_show, "rightshead", day_id=empty)
    rights.on("2026-06-26")
    with pytest.raises(NotNow):
        rights.act(note_no_show, "rightshead", day_id=kept)


def refusal(house: PetitionHouse, **changes: Any) -> str:
    with pytest.raises(InvalidAnswers) as wrong:
        plan(house, **changes)
    return told(wrong.value.problems)


def test_p22_an_absent_leader_without_a_substitute_is_a_missed_day_reported_for_ever(rights: PetitionHouse) -> None:
    alone, replaced, both_away, there = (
        plan(rights, starts=at, ends=end)
        for at, end in (("09:00", "09:30"), ("09:30", "10:00"), ("10:00", "10:30"), ("10:30", "11:00"))
    )
    for day in (alone, replaced, both_away):
        rights.act(note_absent, "countychair", day_id=day)
    for day, login in ((replaced, "rightshead"), (both_away, "loanhead")):
        rights.act(name_substitute, "rightsworker", day_id=day, account_id=rights.actor(login).id)
    deputy = rights.actor("loanworker").id
    rights.act(register_absence, "loanhead", deputy_id=deputy, since=DAY, until=DAY)
    rights.on(DAY, 8, 59)
    assert (settle_days(rights.runtime), state(rights, alone)) == (0, "planned")
    rights.on(DAY, 9)
    with pytest.raises(NotNow):
        rights.act(name_substitute, "rightshead", day_id=alone, account_id=rights.actor("rightshead").id)
    assert (settle_days(rights.runtime), settle_days(rights.runtime)) == (1, 0)
    rights.on(DAY, 11)
    assert settle_days(rights.runtime) == 1
    assert [state(rights, day) for day in (alone, replaced, both_away, there)] == ["missed", "held", "missed", "held"]
    assert told_of(rights, "rightshead") == told_of(rights, "countychair") == [both_away, alone]
    assert told_of(rights, "rightsworker") == []
    rights.act(note_missed, "rightshead", day_id=alone)
    with pytest.raises(NotFound):
        rights.act(note_missed, "rightsworker", day_id=both_away)
    assert (told_of(rights, "rightshead"), state(rights, alone)) == ([both_away], "missed")
    with rights.runtime.reading() as connection:
        acts = [row["act"] for row in organisation_log.JOURNAL.rows(connection)]
    assert acts.count("reception.missed") == 2


def test_p23_nine_items_of_the_chairs_day_were_all_asked_of_her_first_whoever_typed_them(
    rights: PetitionHouse,
) -> None:
    day = plan(rights)
    rights.on(DAY, 9, 30)
    settle_days(rights.runtime)
    chair = rights.actor("countychair").id
    cases = [
        rights.registered(
            "rightsworker" if n % 2 else "countychair",
            channel="RECEPTION",
            receptionDay=day,
            idcard=idcard(date(1980, 1, 1 + n)),
        )
        for n in range(9)
    ]
    lines = [rights.entry(case_id) for case_id in cases]
    assert {(line.first_asked, line.first_post, line.reception_day_id) for line in lines} == {
        (chair, "COUNTY_CHAIR", day)
    }
    with rights.runtime.reading() as connection:
        pdf, entry = reception_list.print_day(
            rights.runtime, connection, rights.actor("rightshead"), day, at=rights.clock.now()
        )
    text = "".join("".join(leaf.extract_text().split()) for leaf in PdfReader(io.BytesIO(pdf)).pages)
    assert "共接待9件" in text
    assert text.count("许婉清（") == 9
    assert all(rights.case(case_id).number in text for case_id in cases)
    assert (entry["sheet"], entry["case_ids"]) == ("P-13", cases)


def test_an_item_belongs_to_a_day_of_its_own_unit_and_date_on_which_somebody_received(
    rights_desk: PetitionHouse,
) -> None:
    house = rights_desk
    absent, held, lawyers = plan(house), plan(house, "rightshead", kind="CADRE"), plan(house, "lawyer", kind="LAWYER")
    house.act(note_absent, "countychair", day_id=absent)
    house.on(DAY, 12)
    settle_days(house.runtime)
    for wrong, field in (
        ({"receptionDay": absent}, "receptionDay"),
        ({"receptionDay": 999}, "receptionDay"),
        ({"receptionDay": held, "receivedOn": "2026-06-17"}, "receivedOn"),
        ({}, "receptionDay"),
    ):
        assert set(house.refused(channel="RECEPTION", **wrong)) == {field}
    case_id = house.registered(channel="RECEPTION", receptionDay=lawyers)
    line = house.entry(case_id)
    assert line.first_asked == house.actor("rightsworker").id, "a lawyer advises; the cadre who typed follows it up"
    assert line.reception_day_id == lawyers


def test_a_day_is_planned_in_time_by_who_may_with_who_holds_the_post(rights_desk: PetitionHouse) -> None:
    house = rights_desk
    assert "2026-06-15" in refusal(house, held_on="2026-06-15")
    assert "现在之后" in refusal(house, held_on="2028-01-01")
    assert "09:00" in refusal(house, ends="09:00")
    assert "“9点”" in refusal(house, starts="9点")
    assert "1 至 200" in refusal(house, capacity="0")
    assert "地点" in refusal(house, place=" ")
    assert "接待人" in refusal(house, receiver="loanworker")
    with pytest.raises(Forbidden):
        plan(house, "v1chair", by="loanhead", unit="V1")
    with pytest.raises(Forbidden):
        plan(house, by="t1chair")
    day = plan(house)
    assert "另一个接待日" in refusal(house, starts="11:00", ends="12:00")
    with pytest.raises(InvalidAnswers):
        house.act(name_substitute, "rightshead", day_id=day, account_id=house.actor("countychair").id)
    house.act(call_off, "rightshead", day_id=day)
    with pytest.raises(NotNow):
        house.act(note_absent, "rightshead", day_id=day)
    assert plan(house, starts="11:00", ends="12:00")


def test_the_page_plans_a_day_keeps_what_was_typed_and_prints_the_register(rights_desk: PetitionHouse) -> None:
    house = rights_desk
    visitor = Visitor(open_site(house)).sign_in("rightshead")
    page = visitor.get("/reception/")
    typed = page.fields("//form[@action='/reception/' and @method='post']")
    wrong = visitor.post("/reception/", {**typed, "held_on": "2026-02-30", "place": "一楼"})
    assert (wrong.status, "2026-02-30" in wrong.text) == (422, True)
    assert wrong.fields("//form[@action='/reception/' and @method='post']")["place"] == "一楼"
    done = visitor.post("/reception/", {**typed, "held_on": DAY, "place": "一楼"})
    assert done.status == 303, done.text
    day = visitor.get("/reception/").all("//main//td//a/@href")[0]
    page = visitor.get(day)
    assert "接待人不能到场" in page.text
    visitor.post(f"{day}/absent", page.fields(f"//form[@action='{day}/absent']"))
    page = visitor.get(day)
    assert "请在开始之前指定替补" in page.text
    pdf = visitor.post(f"{day}/print", page.fields(f"//form[@action='{day}/print']"))
    assert pdf.body.startswith(b"%PDF-")
    house.on(DAY, 9)
    settle_days(house.runtime)
    page = Visitor(open_site(house)).sign_in("rightshead").get("/reception/")
    assert "未接待，须了解" in page.text
