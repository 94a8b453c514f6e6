"""What a mediator is shown of a mediation: by page, by paper, in print; and that everybody else who works on it sees the whole."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import pytest

from engine.access import SYSTEM, Permission
from engine.errors import Forbidden, NotFound
from engine.need_to_know import part_of
from engine.queries.case_page import case_page
from engine.queries.task_page import task_page
from engine.queries.team import readable_paper
from engine.unit_of_work import unit_of_work
from tests.workflows.processes.mediation import steps
from workflows import sheets
from workflows.organisation import appoint
from workflows.processes.mediation.forms import FORMS
from workflows.processes.mediation.knowing import OWN, PART

if TYPE_CHECKING:
    from tests.workflows.processes.loan.house import LoanHouse

SECRETS = (steps.HER, steps.HIS, "13800000077", "13800000088", "杏花村12号", "她怕婆婆知道", "injury", "assessments")


@pytest.fixture
def held(house: LoanHouse) -> int:
    """A mediation at its agreement; there was violence, and she said something that is hers alone."""
    case_id = steps.refer(house, **steps.VIOLENT)
    steps.her_consent(house, case_id, words="她怕婆婆知道", supportPerson="妹妹沈怀云")
    steps.his_consent(house, case_id, otherWords="他说她总是夸大")
    steps.appoint(house, case_id)
    steps.rights(house, case_id)
    steps.check(house, case_id)
    steps.hold(house, case_id)
    return case_id


def page(house: LoanHouse, case_id: int, login: str) -> Any:
    with house.runtime.reading() as connection:
        return case_page(house.runtime, connection, house.actor(login), case_id)


def told(forms: Any, secrets: tuple[str, ...] = SECRETS) -> list[str]:
    text = str([(each.form, dict(each.answers)) for each in forms])
    return [secret for secret in secrets if secret in text]


def test_she_is_shown_names_matter_and_mode_and_nothing_that_leads_to_a_door(house: LoanHouse, held: int) -> None:
    seen = page(house, held, steps.MEDIATOR)
    assert told(seen.forms) == []
    handed, hers = seen.newest["referred"].answers, seen.newest["consent_her"].answers
    assert set(handed) == {"name", "otherName", "subject"}
    assert (hers["mode"], hers["supportPerson"], hers["partyName"]) == ("SEPARATE", "妹妹沈怀云", "沈怀月")
    assert (seen.history, seen.may[Permission.READ_HISTORY], seen.may[Permission.KEEP_CONTACT]) == ((), False, False)
    assert {paper.field for paper in seen.papers} == set()
    assert told(page(house, held, steps.WORKER).forms) == list(SECRETS)


def test_the_step_she_works_on_and_one_that_is_not_hers_tell_her_no_more(house: LoanHouse, held: int) -> None:
    with house.runtime.reading() as connection:
        for element in ("T_Agreement", "T_Stop"):
            task_id = house.open_task(held, element).id
            shown = task_page(house.runtime, connection, house.actor(steps.MEDIATOR), task_id)
            assert told(shown.forms.values()) == []
            assert not shown.attached
            assert not [secret for secret in SECRETS if secret in str(shown.answers)]
            assert "分室进行" in "".join(map(str, shown.notes))
            assert any("权益部承办人安排" in str(note) for note in shown.notes) == (element == "T_Agreement")


def test_the_check_that_was_asked_of_her_alone_opens_empty_for_a_mediator(house: LoanHouse) -> None:
    case_id = steps.refer(house, **steps.VIOLENT)
    steps.her_consent(house, case_id)
    steps.his_consent(house, case_id)
    steps.appoint(house, case_id)
    steps.rights(house, case_id)
    task_id = house.open_task(case_id, "T_Check").id
    with house.runtime.reading() as connection:
        shown = task_page(house.runtime, connection, house.actor(steps.MEDIATOR), task_id)
        hers = task_page(house.runtime, connection, house.actor(steps.WORKER), task_id)
    assert shown.obstacle is not None
    assert shown.answers == {}
    assert hers.answers["pastViolence"] is True


def test_her_signed_consent_is_no_paper_of_the_mediators_and_the_signed_agreement_is(
    house: LoanHouse, held: int
) -> None:
    steps.agree(house, held)
    steps.sign(house, held)
    papers = {paper.field: paper.id for paper in page(house, held, steps.WORKER).papers}
    with house.runtime.reading() as connection:
        mediator = house.actor(steps.MEDIATOR)
        assert readable_paper(house.runtime, connection, mediator, papers["signedScan"]).field == "signedScan"
        with pytest.raises(NotFound):
            readable_paper(house.runtime, connection, mediator, papers["signedConsent"])


def test_of_its_dossier_she_prints_the_agreement_alone(house: LoanHouse, held: int) -> None:
    steps.agree(house, held)
    with house.runtime.reading() as connection:
        hers, whole = (
            sheets.load_record(house.runtime, connection, house.actor(login), held)
            for login in (steps.MEDIATOR, steps.WORKER)
        )
    assert [code for code, _ in sheets.available(hers)] == ["P-09"]
    assert not [secret for secret in SECRETS if secret in str([asdict(each) for each in hers.forms])]
    assert not hers.entries
    assert not {form.digest for form in hers.forms} & {form.digest for form in whole.forms}
    with pytest.raises(Forbidden):
        sheets.render_dossier(hers, reveal=True, printed_by="葛守信", printed_at=house.clock.now())


def test_a_mediator_who_was_replaced_or_chairs_a_township_besides_sees_no_more(house: LoanHouse) -> None:
    case_id = steps.to_session(house)
    steps.hold(house, case_id, result="CHANGE")
    with unit_of_work(house.runtime, SYSTEM) as work:
        since, where = work.today, house.unit("T1")
        appoint(
            work.connection,
            account_id=steps.scorer(house, steps.MEDIATOR),
            post="TOWN_CHAIR",
            unit_id=where,
            since=since,
        )
    with house.runtime.reading() as connection:
        case = house.case(case_id)
        parts = [
            part_of(house.runtime, connection, house.actor(login), case)
            for login in (steps.MEDIATOR, "rightshead", steps.WORKER, "countychair")
        ]
    assert parts == [PART, None, None, None]


def test_every_field_a_mediator_is_shown_is_there_and_her_own_forms_are_whole() -> None:
    for key, names in PART.fields.items():
        fields = set(FORMS[key].schema.fields)
        assert set(names) <= fields
        assert (set(names) == fields) == (key in OWN)
