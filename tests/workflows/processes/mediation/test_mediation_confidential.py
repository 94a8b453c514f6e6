"""A mediation that begins in a confidential case is as confidential: its mediator works on it once she is of its team."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from engine.access import Permission
from engine.commands.cases import start_case
from engine.commands.teams import add_member
from engine.errors import EngineError
from engine.model import case_file
from engine.queries.case_page import case_page
from engine.unit_of_work import unit_of_work
from tests.workflows.processes.mediation import steps


def test_the_mediator_of_a_confidential_mediation_is_added_to_its_team_first(house):
    parent = int(house.act(start_case, "v1chair", kind="loan")["case_id"])
    with unit_of_work(house.runtime, house.actor("v1chair")) as work:
        raised = update(case_file).where(case_file.c.id == parent).values(confidentiality="C3", guarded=True)
        work.connection.execute(raised)
    case_id = steps.refer(house, steps.WORKER, parent=parent)
    assert (house.case(case_id).confidentiality, house.case(case_id).guarded) == ("C3", True)
    assert house.open_task(case_id).name == "关联事项办理"
    steps.her_consent(house, case_id)
    steps.his_consent(house, case_id)
    steps.appoint(house, case_id)
    with pytest.raises(EngineError):
        steps.rights(house, case_id)
    mediator = house.actor(steps.MEDIATOR).id
    house.act(add_member, "rightshead", case_id=case_id, account_id=mediator, reason="本件的调解员")
    steps.rights(house, case_id)
    assert "T_Check" in house.at(case_id)
    with house.runtime.reading() as connection:
        hers = case_page(house.runtime, connection, house.actor(steps.MEDIATOR), case_id)
        asked = (Permission.KEEP_CONTACT, Permission.COMMENT_CASE, Permission.SEE_EXCLUDED, Permission.RAISE_CLASS)
        may = [house.runtime.rules.permits(house.actor(steps.MEDIATOR), each, hers.subject) for each in asked]
        worker = [house.runtime.rules.permits(house.actor(steps.WORKER), each, hers.subject) for each in asked]
    assert (may, worker) == ([False] * 4, [True] * 4)
    assert hers.history == ()
    assert steps.HER not in str([dict(version.answers) for version in hers.forms])
