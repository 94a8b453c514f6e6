"""Who mediates and what she sees: nobody close to a party, nobody a party has rejected, and the mediation alone."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from engine.errors import Forbidden
from engine.model import case_file
from tests.scenarios.test_mediation import refused
from tests.workflows.processes.mediation import steps


def test_nobody_close_to_a_party_mediates_and_a_rejected_one_is_replaced(desk):
    case_id = steps.refer(desk)
    steps.her_consent(desk, case_id)
    steps.his_consent(desk, case_id)
    desk.appoint("lawyer", "MEDIATOR", "J1")
    desk.declare("mediator", steps.HIS)
    assert "RELATIVE" in refused(steps.appoint, desk, case_id)["mediator"]
    steps.appoint(desk, case_id, "lawyer", rejectedBy="HER")
    assert "T_Appoint" in desk.at(case_id)
    assert refused(steps.appoint, desk, case_id, "lawyer") == {"mediator": {"REJECTED"}}
    desk.appoint("counsellor", "MEDIATOR", "J1")
    steps.appoint(desk, case_id, "counsellor")
    with pytest.raises(Forbidden):
        steps.rights(desk, case_id, "lawyer")
    steps.rights(desk, case_id, "counsellor")


def test_the_mediator_sees_the_mediation_and_nothing_else(desk):
    case_id = steps.to_session(desk)
    with desk.runtime.reading() as connection:
        view = desk.view(connection, case_id, "countychair")
        (first,) = (each.case_id for each in view.linked("mediation"))
        asked = desk.runtime.rules.visible_cases(desk.actor(steps.MEDIATOR))
        seen = set(connection.execute(select(case_file.c.id).where(asked)).scalars())
    assert seen == {case_id}
    assert first != case_id
