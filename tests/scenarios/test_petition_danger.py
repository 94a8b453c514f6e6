"""Protection reaches her whenever danger is seen, and never those who are kept from her item."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from engine.commands.classes import raise_class
from engine.commands.teams import exclude
from engine.errors import NotFound
from engine.model import case_file, notice
from engine.model_contact import safe_contact
from tests.scenarios.test_petition_intake import SCREENED, protection_of
from tests.workflows.processes.loan.examples import idcard
from tests.workflows.processes.petition import examples
from tests.workflows.processes.petition.house import PetitionHouse
from tests.workflows.processes.petition_review.test_review import ASKED, OPINION, under_a_city


def newest(house: PetitionHouse, kind: str) -> Any:
    return house.row(case_file.select().where(case_file.c.kind == kind).order_by(case_file.c.id.desc()))


def sees(house: PetitionHouse, login: str) -> set[str]:
    asked = select(case_file.c.kind).where(house.runtime.rules.visible_cases(house.actor(login)))
    with house.runtime.reading() as connection:
        return set(connection.execute(asked).scalars())


def told(house: PetitionHouse, post: str) -> set[str]:
    with house.runtime.reading() as connection:
        return set(connection.execute(select(notice.c.kind).where(notice.c.post == post)).scalars())


def test_whoever_is_accused_neither_leads_the_protection_nor_hears_of_the_item(rights: PetitionHouse) -> None:
    under_a_city(rights)
    accused = rights.actor("rightshead").id
    case_id = rights.registered("t1chair", violence=True, category="STAFF", accusedStaff=accused, people=6, major=True)
    opened = protection_of(rights, case_id)
    assert rights.place(opened.id, "T_Screen").post == "UPPER_CHAIR"
    assert "dv_case" not in sees(rights, "rightshead") | sees(rights, "countychair")
    assert not told(rights, "RIGHTS_HEAD") & {"petition.collective", "petition.major", "dv_case.opened"}


def test_who_is_kept_out_later_is_kept_from_what_was_opened_before(rights: PetitionHouse) -> None:
    case_id = rights.accepted()
    rights.plan(case_id, mediate=True, conference=True)
    assert {"mediation", "joint_conference"} <= sees(rights, "countychair")
    known = {"case_id": case_id, "reason": "对方的姐姐", "account_id": rights.actor("countychair").id}
    rights.act(exclude, "rightshead", **known)
    assert not sees(rights, "countychair") & {"petition", "mediation", "joint_conference"}
    rights.act(raise_class, "rightshead", case_id=case_id, to="C3", reason="涉及工作人员")
    assert {newest(rights, kind).confidentiality for kind in ("mediation", "joint_conference")} == {"C3"}


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"category": "DV"}, "violence"),
        ({"age": 17, "idcard": "", "phone": ""}, "minorInvolved"),
        ({"idcard": idcard(date(2008, 6, 16)), "age": None}, "minorInvolved"),
        (
            {"age": 17, "idcard": "", "phone": "", "violence": True, "minorInvolved": True, "minorAtRisk": False},
            "minorAtRisk",
        ),
        ({"sex": "M"}, "sex"),
    ],
)
def test_what_would_keep_protection_from_coming_first_is_not_registered(
    rights_desk: PetitionHouse, changes: dict[str, Any], field: str
) -> None:
    assert set(rights_desk.refused(**changes)) == {field}


def test_a_woman_is_no_minor_from_her_eighteenth_birthday_on(rights_desk: PetitionHouse) -> None:
    born = idcard(date(2008, 6, 15))
    rights_desk.registered(idcard=born, age=18)


def test_a_minor_who_suffers_violence_is_never_mediated(rights_desk: PetitionHouse) -> None:
    harmed = {"violence": True, "minorInvolved": True, "minorAtRisk": True}
    case_id = rights_desk.accepted(**harmed)
    with pytest.raises(Exception, match="不得调解"):
        rights_desk.plan(case_id, mediate=True)
    assert newest(rights_desk, "mediation") is None


def test_danger_seen_after_the_first_day_has_the_same_door_and_again_once_the_first_response_is_over(
    rights: PetitionHouse,
) -> None:
    case_id = rights.accepted()
    seen = {"dangerSeen": "VIOLENCE", "dangerFacts": "谈话中发现手臂有旧伤和新伤"}
    rights.plan(case_id, **seen)
    opened = newest(rights, "dv_case")
    assert opened.confidentiality == "C3"
    with rights.runtime.reading() as connection:
        kept = connection.execute(select(safe_contact.c.case_id).where(safe_contact.c.case_id == opened.id)).all()
    assert len(kept) == 1
    rights.decide(case_id, "WITHDRAWN")
    asked = {"dangerSeen": "BOTH", "dangerFacts": "孩子也被打了"}
    rights.submit(case_id, "rightsworker", examples.withdraw_check(rights.today, **asked), "T_WithdrawCheck")
    assert "petition.danger" in told(rights, "RIGHTS_HEAD")
    assert newest(rights, "dv_case").id == opened.id
    assert rights.at(case_id)[-1] == "T_FollowUp"  # nothing is closed at once
    rights.submit(opened.id, "rightshead", SCREENED | {"nextContactOn": rights.today}, "T_Screen")
    rights.on("2026-07-16")
    follow = {"followedOn": rights.today, "result": "CONTINUE", "note": "昨天又被打"}
    again = {"dangerSeen": "VIOLENCE", "dangerFacts": "昨天又被打"}
    rights.submit(case_id, "rightsworker", follow | again, "T_FollowUp")
    assert newest(rights, "dv_case").id > opened.id


def test_who_is_pressed_is_not_let_go_however_often_she_is_asked(rights_desk: PetitionHouse) -> None:
    case_id = rights_desk.accepted()
    rights_desk.decide(case_id, "WITHDRAWN")
    pressed = examples.withdraw_check(rights_desk.today, pressed=True)
    rights_desk.submit(case_id, "rightsworker", pressed, "T_WithdrawCheck")
    rights_desk.on("2026-07-16")
    sure = {"followedOn": rights_desk.today, "result": "CONFIRMED", "note": "再次单独确认"}
    rights_desk.submit(case_id, "rightsworker", sure, "T_FollowUp")
    rights_desk.decide(case_id, "WITHDRAWN")
    rights_desk.submit(case_id, "rightsworker", pressed | {"askedOn": rights_desk.today}, "T_WithdrawCheck")
    assert "T_Close" not in rights_desk.at(case_id)
    assert "T_FollowUp" in rights_desk.at(case_id)


def test_nobody_who_is_kept_out_finds_the_item(rights_desk: PetitionHouse) -> None:
    accused = rights_desk.actor("t1chair").id
    case_id = rights_desk.registered(category="STAFF", accusedStaff=accused)
    with pytest.raises(NotFound):
        rights_desk.act(exclude, "t1chair", case_id=case_id, reason="试探", account_id=accused)


def handled(house: PetitionHouse, case_id: int, login: str) -> None:
    """A confidential item from its triage to its delivery, by one hand."""
    house.triage(case_id, login=login)
    house.accept(case_id, login)
    house.plan(case_id, login)
    house.decide(case_id, login=login)
    house.deliver(case_id, login)


def test_a_confidential_item_is_followed_up_by_somebody_who_may_see_it(rights: PetitionHouse) -> None:
    case_id = rights.registered("v1chair", at="V1", violence=True, category="DV")
    reported = {"villageWay": "ESCALATE", "done": "已经陪她到村委会", "reason": "超出村级"}
    rights.submit(case_id, "v1chair", reported, "T_EscalateUp")
    handled(rights, case_id, "rightshead")
    rights.answer(case_id, "v1chair")  # of the team, and no handler
    rights.finish(case_id)
    alone = rights.registered("rightshead", violence=True, category="DV", idcard=idcard(date(1980, 1, 1)))
    handled(rights, alone, "rightshead")
    rights.answer(alone, "countychair")  # let in for it
    rights.finish(alone)


def test_a_confidential_item_is_reviewed_by_the_federation_above(rights: PetitionHouse) -> None:
    under_a_city(rights)
    case_id = rights.registered(violence=True, category="DV")
    handled(rights, case_id, "rightsworker")
    rights.answer(case_id, "rightshead")
    rights.finish(case_id)
    rights.submit(case_id, "rightsworker", {**ASKED, "askedOn": rights.today}, "T_ReviewWindow")
    assert "petition" in sees(rights, "citychair")
    rights.submit(case_id, "citychair", OPINION, "T_Review")
    assert rights.at(case_id) == ["T_DeliverReview"]
