"""What ends a mediation ends it, what is known against one stays known, and no way of writing hides a forbidden clause."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from engine.commands.returning import return_task
from engine.errors import Forbidden
from engine.model import case_file, task
from engine.model_contact import safe_contact
from tests.scenarios.county import County
from tests.scenarios.test_mediation import refused
from tests.workflows.processes.mediation import steps
from tests.workflows.processes.mediation.steps import VIOLENT
from tests.workflows.processes.petition.house import PetitionHouse
from workflows.processes.mediation import decisions

STOPPED = {"stoppedOn": "2026-06-15", "reason": "VIOLENCE", "stopFacts": "男方在门口推搡女方"}
POLICE = {"stopPoliceOn": "2026-06-15", "stopPoliceNote": "拨打110，青禾派出所出警"}
TOLD = {"newViolence": True, "newFacts": "前天晚上他打了我一巴掌", "newPoliceOn": "2026-06-15"}


def count(county: County, kind: str) -> int:
    with county.runtime.reading() as connection:
        return len(connection.execute(select(case_file.c.id).where(case_file.c.kind == kind)).all())


def scored(county: County, slot: int, band: str, on: str, by: str, approved: str = "") -> dict[str, Any]:
    said = {"slot": slot, "band": band, "scoredOn": on, "scorer": steps.scorer(county, by)}
    return {**said, "approvedBy": steps.scorer(county, approved)} if approved else said


def test_nothing_is_agreed_after_it_was_stopped_for_violence_or_its_time_is_over(county: County) -> None:
    stopped = steps.to_session(county)
    steps.hold(county, stopped)
    county.submit(stopped, steps.WORKER, {**STOPPED, **POLICE}, "T_Stop")
    assert refused(steps.agree, county, stopped) == {"way": {"STOPPED"}}
    over = steps.to_session(county)
    county.on("2026-07-17")
    county.sweep()
    assert "T_EndStopped" in county.at(over)
    assert refused(steps.hold, county, over) == {"result": {"STOPPED"}}
    seen = {
        "violence": True,
        "violenceFacts": "男方当场威胁女方",
        "policeOn": "2026-07-17",
        "policeNote": "当场拨打110",
    }
    steps.hold(county, over, **seen)  # what happened can still be told
    assert count(county, "dv_case") == 2


def test_violence_told_alone_before_a_session_ends_it_and_opens_her_protection(county: County) -> None:
    case_id = steps.to_session(county, **VIOLENT)
    assert steps.line(county, case_id).gate == "LIMITED"
    steps.hold(county, case_id, result="NEXT", sessionTopic="MAINTENANCE")
    assert "newPoliceNote" in refused(steps.check, county, case_id, **TOLD)
    steps.check(county, case_id, **TOLD, newPoliceNote="拨打110，青禾派出所出警")
    assert (steps.line(county, case_id).ending, "T_Session" in county.at(case_id)) == ("VIOLENCE", False)
    assert steps.told_of(county, case_id, "mediation.violence") == ["RIGHTS_HEAD"]
    assert count(county, "dv_case") == 1
    assert set(refused(steps.ended, county, case_id, "VIOLENCE")) == {"police", "order"}
    steps.ended(county, case_id, "VIOLENCE", police=True, order=True)
    assert county.case(case_id).outcome == "stopped"


def test_violence_of_which_the_petition_knew_nothing_opens_her_protection_when_she_consents(desk: County) -> None:
    case_id = steps.refer(desk)
    steps.her_consent(desk, case_id, **VIOLENT)
    assert count(desk, "dv_case") == 1
    assert "T_ConsentOther" in desk.at(case_id)


def test_a_band_falls_by_nobodys_name_but_that_of_the_head_who_files_it_herself(county: County) -> None:
    steps.train(county, "rightsworker", "v1chair")
    case_id = steps.to_session(
        county, **VIOLENT, assessments=[scored(county, 1, "MEDIUM", "2026-06-14", "rightsworker")]
    )
    steps.hold(county, case_id, result="NEXT", sessionTopic="MAINTENANCE")
    known = [scored(county, 1, "MEDIUM", "2026-06-14", "rightsworker")]
    lower = scored(county, 2, "STANDARD", "2026-06-15", "v1chair", approved="rightshead")
    assert (
        "NOT_HERSELF" in refused(steps.check, county, case_id, assessments=[*known, lower])["assessments.2.approvedBy"]
    )
    ahead = scored(county, 2, "MEDIUM", "2026-06-16", "v1chair")
    assert "assessments.2.scoredOn" in refused(steps.check, county, case_id, assessments=[*known, ahead])
    untrained = scored(county, 2, "MEDIUM", "2026-06-15", "t1chair")
    assert refused(steps.check, county, case_id, assessments=[*known, untrained]) == {
        "assessments.2.scorer": {"UNTRAINED"}
    }
    steps.check(county, case_id, assessments=[*known, scored(county, 2, "HIGH", "2026-06-15", "t1chair")])
    assert steps.line(county, case_id).gate_code == "RISK"  # whoever fears the worst is heard


def last_mediation(house: PetitionHouse) -> int:
    with house.runtime.reading() as connection:
        wanted = select(case_file.c.id).where(case_file.c.kind == "mediation").order_by(case_file.c.id.desc())
        return int(connection.execute(wanted).scalars().first() or 0)


def test_a_second_mediation_of_a_petition_knows_what_ended_the_first_and_how_she_is_reached(
    rights: PetitionHouse,
) -> None:
    petition = rights.accepted()
    rights.plan(petition, mediate=True)
    first = last_mediation(rights)
    with rights.runtime.reading() as connection:
        kept = connection.execute(select(safe_contact.c.case_id).where(safe_contact.c.case_id == first)).all()
    assert len(kept) == 1
    steps.her_consent(rights, first, **{**VIOLENT, "weapon": True})
    assert rights.at(first) == ["T_End"]  # he is not even asked
    steps.ended(rights, first, "GATE", police=True, order=True)
    ended = {"result": "STOPPED", "endedOn": rights.today, "onwardTold": True}
    rights.submit(petition, "rightsworker", ended, "T_Mediation")
    with pytest.raises(Forbidden) as wrong:
        rights.plan(petition, mediate=True)
    assert wrong.value.params["why"].params["code"] == "POLICE"
    assert last_mediation(rights) == first


def test_what_lies_with_a_mediator_who_has_left_goes_to_who_names_another(county: County) -> None:
    case_id = steps.to_session(county)
    county.end_post(steps.MEDIATOR, "2026-06-15")
    county.appoint("counsellor", "MEDIATOR", "J1")
    county.on("2026-06-16")
    county.sweep()
    row = county.row(task.select().where(task.c.case_id == case_id, task.c.element == "T_Session"))
    assert (row.post, row.acting_for, row.acting_reason) == ("RIGHTS_WORKER", "MEDIATOR", "VACANT")
    assert refused(steps.hold, county, case_id, steps.WORKER) == {"result": {"NOT_NAMED"}}
    known = {"task_id": row.id, "target": "T_Appoint", "reason": "原调解员已经离任", "seen_version": row.version}
    county.act(return_task, steps.WORKER, **known)
    steps.appoint(county, case_id, "counsellor")
    steps.rights(county, case_id, "counsellor")


def test_violence_seen_when_the_agreement_is_looked_at_opens_her_protection(county: County) -> None:
    case_id = steps.agreed(county)
    county.on("2026-06-25")
    county.sweep()
    looked = {"checkedDay": "2026-06-25", "results": [{"slot": 1, "term": 1, "found": "DONE", "paidOn": "2026-06-24"}]}
    assert set(refused(county.submit, case_id, steps.WORKER, {**looked, "harmSeen": True}, "T_Perform")) == {
        "harmFacts"
    }
    seen = {"harmSeen": True, "harmFacts": "交钱时他又动手推她"}
    county.submit(case_id, steps.WORKER, {**looked, **seen}, "T_Perform")
    assert count(county, "dv_case") == 1


def test_days_of_a_mediation_stand_in_their_order(desk: County) -> None:
    case_id = steps.to_session(desk)
    desk.on("2026-06-18")
    assert set(refused(steps.hold, desk, case_id, heldOn="2026-06-14")) == {"heldOn"}
    steps.hold(desk, case_id, result="NEXT")
    assert set(refused(steps.check, desk, case_id, checkedOn="2026-06-17")) == {"checkedOn"}
    steps.check(desk, case_id)
    steps.hold(desk, case_id)
    assert set(refused(steps.agree, desk, case_id, agreedOn="2026-05-01")) == {"agreedOn"}


def test_a_clause_about_divorce_is_signed_by_hand_under_whatever_topic(desk: County) -> None:
    case_id = steps.to_session(desk)
    steps.hold(desk, case_id)
    item = {"slot": 1, "topic": "PROPERTY", "what": "女方放弃对父亲遗产的份额", "duty": "HER"}
    assert refused(steps.agree, desk, case_id, items=[item], way="ORAL") == {"way": {"BY_HAND"}}
    parted = {**item, "what": "女方今后不得再", "itemWay": "向公安机关报案"}
    assert refused(steps.agree, desk, case_id, items=[parted]) == {"items.1.what": {"NO_POLICE"}}


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("NO_POLICE", "女方不得报·警"),
        ("NO_POLICE", "不，得，报，警"),
        ("NO_POLICE", "女方不得“报-警”"),
        ("NO_POLICE", "女方不得報警"),
        ("NO_POLICE", "不得报\u0336警\u0336"),
        ("NO_COURT", "女方不再起（诉）"),
        ("NO_COURT", "永不起訴"),
        ("NO_DIVORCE", "女方不得離*婚"),
        ("NO_ORDER", "女方不申请保/护/令"),
        ("NO_APPEAL", "不再找婦聯"),
    ],
)
def test_no_mark_and_no_old_sign_hides_a_forbidden_clause(code: str, text: str) -> None:
    assert code in {each.code for each in decisions.forbidden(decisions.tables(), text)[0]}
