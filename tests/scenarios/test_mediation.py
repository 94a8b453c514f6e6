"""Mediation: D02 (the mediation half), D22, D35 to D37, P21, and what follows an agreement, dates exact."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from engine.clock import civil_date
from engine.commands.cases import start_case
from engine.commands.extensions import approve_extension, request_extension
from engine.commands.returning import return_task
from engine.errors import Forbidden, InvalidAnswers
from engine.model import case_file, timer
from engine.model_escalation import escalation
from engine.queries import clocks
from tests.workflows.processes.mediation import steps
from tests.workflows.processes.mediation.steps import VIOLENT
from workflows.processes.mediation import register


def refused(call, *args, **changes):
    """The codes of the problems for which a form is refused, by field."""
    with pytest.raises(InvalidAnswers) as wrong:
        call(*args, **changes)
    return {path: {m.params.get("code") for m in found} for path, found in wrong.value.problems.items()}


def medium(county, on="2026-06-14"):
    return [{"slot": 1, "band": "MEDIUM", "scoredOn": on, "scorer": steps.scorer(county, "rightsworker")}]


def parent_sees(county, case_id):
    """What the case it was opened from reads of it."""
    with county.runtime.reading() as connection:
        view = county.view(connection, case_id, "countychair")
        (parent,) = (each for each in view.linked("mediation") if not each.later)
        (found,) = (each for each in county.view(connection, parent.case_id, "countychair").linked("mediation"))
    return found.state, found.outcome


def test_d02_past_violence_limits_a_mediation_on_property(county):
    case_id = steps.to_session(county, **VIOLENT, assessments=medium(county))
    assert (steps.line(county, case_id).gate, steps.line(county, case_id).gate_code) == ("LIMITED", "PAST")
    assert refused(steps.hold, county, case_id, sessionMode="TOGETHER") == {"sessionMode": {"SEPARATE"}}
    assert refused(steps.hold, county, case_id, sessionTopic="MARRIAGE") == {"sessionTopic": {"TOPIC"}}
    assert refused(steps.hold, county, case_id, support="ABSENT") == {"support": {"SUPPORT"}}
    steps.hold(county, case_id, sessionTopic="PROPERTY", support="PRESENT")
    item = {"slot": 1, "topic": "PROPERTY", "what": "电动车归女方，女方不得再报警", "duty": "OTHER"}
    assert refused(steps.agree, county, case_id, items=[item]) == {"items.1.what": {"NO_POLICE"}}
    assert refused(steps.agree, county, case_id, items=[{**item, "what": "电动车归女方", "topic": "MARRIAGE"}]) == {
        "items.1.topic": {"TOPIC"}
    }
    assert county.at(case_id).count("T_Agreement") == 1
    steps.agree(county, case_id, items=[{**item, "what": "电动车归女方"}])
    steps.sign(county, case_id)
    assert steps.line(county, case_id).effective_on.isoformat() == "2026-06-15"


def test_a_danger_assessment_older_than_seven_days_is_made_anew_before_the_next_session(desk):
    steps.train(desk, "rightsworker")
    case_id = steps.to_session(desk, **VIOLENT, assessments=medium(desk, "2026-06-08"))
    desk.on("2026-06-16")
    assert refused(steps.hold, desk, case_id) == {"result": {"RESCORE"}}
    row = desk.open_task(case_id, "T_Session")
    desk.act(
        return_task, steps.MEDIATOR, task_id=row.id, target="T_Check", reason="请先重新评估", seen_version=row.version
    )
    assert refused(steps.check, desk, case_id) == {"assessments": {"RESCORE"}}
    again = {**medium(desk, "2026-06-16")[0], "slot": 2}
    assert "assessments" in refused(steps.check, desk, case_id, assessments=[again])
    steps.check(desk, case_id, assessments=[*medium(desk, "2026-06-08"), again])
    steps.hold(desk, case_id)
    desk.on("2026-06-25")
    steps.agree(desk, case_id)
    steps.sign(desk, case_id)
    assert steps.line(desk, case_id).effective_on.isoformat() == "2026-06-25"


def test_a_protection_order_asked_for_meanwhile_ends_it_before_the_next_session(desk):
    case_id = steps.to_session(desk)
    steps.hold(desk, case_id, result="NEXT")
    steps.check(desk, case_id, orderActive=True)
    assert (steps.line(desk, case_id).gate_code, "T_Session" in desk.at(case_id)) == ("ORDER", False)
    steps.ended(desk, case_id, "GATE")
    assert desk.case(case_id).outcome == "forbidden"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"orderActive": True}, "ORDER"),  # D22
        ({**VIOLENT, "protectedVictim": True}, "PROTECTED"),
        ({**VIOLENT, "assessments": [{"slot": 1, "band": "HIGH", "scoredOn": "2026-06-15", "scorer": 14}]}, "RISK"),
    ],
)
def test_d22_nobody_starts_what_the_gate_forbids(county, changes, code):
    for login in ("v1chair", "countychair", "rightshead"):
        with pytest.raises(Forbidden) as wrong:
            steps.refer(county, login, parent=county.begin() if login != "v1chair" else None, **changes)
        assert wrong.value.params["why"].params["code"] == code
    with pytest.raises(Forbidden):
        county.act(start_case, "v1chair", kind="mediation")
    with county.runtime.reading() as connection:
        kinds = set(connection.execute(select(case_file.c.kind)).scalars())
    assert "mediation" not in kinds


def test_d35_an_agreement_can_be_confirmed_for_thirty_days_with_reminders_to_staff_alone(county):
    county.on("2026-06-01")
    case_id = steps.agreed(county)
    line = steps.line(county, case_id)
    assert (line.effective_on.isoformat(), line.confirm_until.isoformat()) == ("2026-06-01", "2026-07-01")
    assert parent_sees(county, case_id) == ("closed", "agreed")
    wanted = select(timer.c.level, timer.c.due_at).where(timer.c.case_id == case_id, timer.c.attached_to == "T_Confirm")
    with county.runtime.reading() as connection:
        clocks = {row.level: row.due_at for row in connection.execute(wanted)}
    assert civil_date(clocks["warn"]).isoformat() == "2026-06-21"
    assert civil_date(clocks["red"]).isoformat() == "2026-06-28"
    assert clocks["broken"] == county_end(county, "2026-07-01")
    told = []
    for day in ("2026-06-20", "2026-06-21", "2026-06-27", "2026-06-28", "2026-07-01", "2026-07-02"):
        county.on(day)
        county.sweep()
        with county.runtime.reading() as connection:
            found = select(escalation.c.level).where(
                escalation.c.case_id == case_id, escalation.c.element == "T_Confirm"
            )
            told.append(sorted(connection.execute(found).scalars()))
    assert told[0] == []
    assert told[1] == told[2] == ["warn"]
    assert "red" in told[3]
    assert "broken" in told[5]
    asked = {"offeredOn": "2026-06-20", "decision": "ASKED", "court": "示范县人民法院"}
    late = {**asked, "requestedOn": "2026-07-02"}
    assert refused(county.submit, case_id, steps.WORKER, late, "T_Confirm") == {"requestedOn": {"TOO_LATE"}}
    county.submit(case_id, steps.WORKER, {**asked, "requestedOn": "2026-07-01"}, "T_Confirm")
    steps.attach(county, case_id, steps.WORKER, "T_Court", "courtPaper")
    county.submit(case_id, steps.WORKER, {"courtResult": "CONFIRMED", "courtOn": "2026-07-02"}, "T_Court")
    assert steps.line(county, case_id).confirmation == "CONFIRMED"


def county_end(county, day):
    """24:00 of a day."""
    county.on(day, 0)
    return county.clock.at + timedelta(days=1)


def test_d36_what_touches_marriage_is_printed_and_signed_by_hand(county):
    case_id = steps.to_session(county)
    steps.hold(county, case_id, sessionTopic="MARRIAGE")
    item = {"slot": 1, "topic": "MARRIAGE", "what": "双方约定分居期间互相尊重", "duty": "BOTH"}
    assert refused(steps.agree, county, case_id, items=[item], way="ORAL") == {"way": {"BY_HAND"}}
    steps.agree(county, case_id, items=[item])
    assert refused(steps.sign, county, case_id, signWay="ELECTRONIC") == {"signWay": {"BY_HAND"}}
    names = ("herSignedOn", "otherSignedOn", "mediatorSignedOn", "sealedOn")
    bare = {**dict.fromkeys(names, "2026-06-15"), "signWay": "HAND", "copies": 3}
    assert set(refused(county.submit, case_id, steps.MEDIATOR, bare, "T_Sign")) == {"signedScan"}
    county.on("2026-06-18")
    steps.sign(county, case_id, herSignedOn="2026-06-15", otherSignedOn="2026-06-16", mediatorSignedOn="2026-06-16",
               sealedOn="2026-06-17")  # fmt: skip
    assert steps.line(county, case_id).effective_on.isoformat() == "2026-06-17"


def test_d37_a_husband_who_refuses_ends_it_with_the_other_remedies(county):
    case_id = steps.refer(county)
    steps.her_consent(county, case_id)
    steps.his_consent(county, case_id, otherWilling=False)
    assert (steps.line(county, case_id).gate, steps.line(county, case_id).gate_code) == ("FORBIDDEN", "REFUSAL")
    nothing = {"suit": False, "legalAid": False}
    assert refused(steps.ended, county, case_id, "REFUSED_OTHER", **nothing) == {"suit": {"NO_REMEDY"}}
    assert "ending" in refused(steps.ended, county, case_id, "NOT_AGREED")
    steps.ended(county, case_id, "REFUSED_OTHER", toldHer="IN_PERSON", toldHerOn="2026-06-15")
    assert parent_sees(county, case_id) == ("closed", "refused")


def test_p21_a_mediation_that_failed_counts_as_handled_only_with_the_other_path_told(county):
    found = {}
    for told in ("NOT_SENT", "IN_PERSON"):
        case_id = steps.to_session(county)
        steps.hold(county, case_id, result="NOT_AGREED")
        on = {"toldHerOn": steps.today(county)} if told == "IN_PERSON" else {}
        steps.ended(county, case_id, "NOT_AGREED", toldHer=told, **on)
        with county.runtime.reading() as connection:
            result = register.result(connection, case_id)
        assert parent_sees(county, case_id) == ("closed", "notAgreed")
        found[told] = (result.outcome, result.counts_as_handled)
    assert found == {"NOT_SENT": ("notAgreed", False), "IN_PERSON": ("notAgreed", True)}


def test_new_violence_in_a_session_ends_it_at_once_and_opens_her_protection(desk):
    case_id = steps.to_session(desk)
    seen = {"violence": True, "violenceFacts": "男方当场拍桌威胁女方", "policeOn": "2026-06-15"}
    assert "policeNote" in refused(steps.hold, desk, case_id, **seen)
    steps.hold(desk, case_id, **seen, policeNote="当场拨打110，青禾派出所出警")
    assert steps.told_of(desk, case_id, "mediation.violence") == ["RIGHTS_HEAD"]
    with desk.runtime.reading() as connection:
        kept = connection.execute(select(case_file.c.confidentiality).where(case_file.c.kind == "dv_case")).scalars()
        assert list(kept) == ["C3"]
        hers = desk.runtime.rules.visible_cases(desk.actor(steps.MEDIATOR))
        assert set(connection.execute(select(case_file.c.kind).where(hers)).scalars()) == {"mediation"}
    assert set(refused(steps.ended, desk, case_id, "VIOLENCE")) == {"police", "order"}
    steps.ended(desk, case_id, "VIOLENCE", police=True, order=True)
    assert desk.case(case_id).outcome == "stopped"


def test_she_may_stop_on_any_day_and_need_not_say_why(desk):
    case_id = steps.refer(desk)
    steps.her_consent(desk, case_id)
    steps.his_consent(desk, case_id)
    said = {"stoppedOn": steps.today(desk), "reason": "STOP_HER", "stopFacts": "她来电表示不再继续"}
    desk.submit(case_id, steps.WORKER, said, "T_Stop")
    task = desk.open_task(case_id, "T_EndStopped")
    answers = {"ending": "STOP_HER", "suit": True, "toldHer": "IN_PERSON", "toldHerOn": steps.today(desk)}
    desk.submit(case_id, steps.WORKER, {**answers, "toldOther": "NOT_SENT"}, task.element)
    assert desk.case(case_id).outcome == "stopped"
    assert desk.at(case_id) == []


def test_thirty_days_and_thirty_more_by_consent_then_the_other_remedies(county):
    case_id = steps.to_session(county)
    wanted = select(timer.c.due_at).where(
        timer.c.case_id == case_id, timer.c.attached_to == "T_Stop", timer.c.level == "broken"
    )
    assert county.row(wanted).due_at == county_end(county, "2026-07-15")
    county.on("2026-07-10")
    task_id = county.open_task(case_id, "T_Stop").id
    more = {"task_id": task_id, "units": 30, "reason": "双方书面同意延长调解期限"}
    both = {"HER": "2026-07-09", "alone": True, "OTHER": "2026-07-10"}
    with pytest.raises(InvalidAnswers):
        county.act(request_extension, steps.WORKER, **{**more, "units": 31}, consents=both)
    for changes, wrong in (
        ({}, {"HER", "OTHER", "alone"}),
        ({**both, "HER": ""}, {"HER"}),
        ({**both, "alone": False}, {"alone"}),
        ({**both, "OTHER": "2026-07-11"}, {"OTHER"}),  # tomorrow
        ({**both, "HER": "2026-06-14"}, {"HER"}),  # before there was a mediation
    ):
        with pytest.raises(InvalidAnswers) as refused_for:
            county.act(request_extension, steps.WORKER, **more, consents=changes)
        assert set(refused_for.value.problems) == wrong
        told = "".join(str(message) for found in refused_for.value.problems.values() for message in found)
        assert "《人民调解法》第23条" in told or "须在 2026-06-15 至 2026-07-10 之间" in told
    asked = county.act(request_extension, steps.WORKER, **more, consents=both)
    with county.runtime.reading() as connection:
        (clock,) = clocks.clocks_of(county.runtime, connection, county.actor(steps.MEDIATOR), [task_id])
    assert clock.asked[0].consents == both
    county.act(approve_extension, steps.MEDIATOR, extension_id=asked["extension_id"], note="双方同意")
    county.on("2026-08-14")
    county.sweep()
    assert "T_Stop" in county.at(case_id)
    county.on("2026-08-15")
    county.sweep()
    assert "T_EndStopped" in county.at(case_id)
    answers = {"ending": "OVER_TIME", "suit": True, "toldHer": "NOT_SENT", "toldOther": "NOT_SENT"}
    county.submit(case_id, steps.WORKER, answers, "T_EndStopped")
    assert county.case(case_id).outcome == "notAgreed"


def test_each_item_is_looked_at_on_its_day_and_a_broken_one_leads_to_court(county):
    case_id = steps.to_session(county)
    steps.hold(county, case_id)
    item = {"topic": "MAINTENANCE", "what": "男方支付抚养费", "duty": "OTHER", "amount": "800.00"}
    dues = ("2026-06-25", "2026-07-25", "2026-06-25")
    items = [{**item, "slot": slot, "dueOn": due} for slot, due in enumerate(dues, 1)]
    steps.agree(
        county, case_id, items=[*items, {"slot": 4, "topic": "CUSTODY", "what": "每周六探望孩子", "duty": "BOTH"}]
    )
    steps.sign(county, case_id)
    county.on("2026-06-24", 23, 59)
    county.sweep()
    assert county.at(case_id) == ["T_Confirm"]
    county.on("2026-06-25", 0)
    county.sweep()
    assert county.at(case_id) == ["T_Confirm", "T_Perform"]
    done = {"slot": 1, "term": "1", "found": "DONE", "paidOn": "2026-06-25"}
    broken = {"slot": 2, "term": "3", "found": "BROKEN", "told": "SUIT", "toldDay": "2026-06-25"}
    said = {"checkedDay": "2026-06-25", "results": [done, broken]}
    assert set(refused(county.submit, case_id, steps.WORKER, said, "T_Perform")) == {"results.2.found"}
    assert set(refused(county.submit, case_id, steps.WORKER, {**said, "results": [done]}, "T_Perform")) == {"results"}
    county.on("2026-06-26")
    enforced = {**said, "checkedDay": "2026-06-26", "results": [done, {**broken, "told": "ENFORCEMENT"}]}
    assert refused(county.submit, case_id, steps.WORKER, enforced, "T_Perform") == {"results.2.told": {"WRONG_WAY"}}
    county.submit(case_id, steps.WORKER, {**said, "checkedDay": "2026-06-26"}, "T_Perform")
    county.submit(case_id, steps.WORKER, {"offeredOn": "2026-06-26", "decision": "NOT_WANTED"}, "T_Confirm")
    county.on("2026-07-25")
    county.sweep()
    last = {"checkedDay": "2026-07-25", "results": [{**done, "term": "2", "paidOn": "2026-07-25"}]}
    county.submit(case_id, steps.WORKER, last, "T_Perform")
    with county.runtime.reading() as connection:
        states = [(item.slot, item.state) for item in register.items(connection, case_id)]
    assert sorted(states) == [(1, "DONE"), (2, "DONE"), (3, "BROKEN"), (4, "OPEN")]
    assert (county.case(case_id).state, county.case(case_id).outcome) == ("closed", "followed")
    assert parent_sees(county, case_id) == ("closed", "agreed")
