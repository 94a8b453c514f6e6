"""Publishing a drawing: through the gate, immutable, only by who may."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from engine.commands.cases import start_case
from engine.commands.versions import approve_version, propose_version, publish_definition
from engine.errors import Forbidden, RefusedDefinition
from engine.model import definition, instance
from tests.engine.toy import ADMIN, TOY, WRITER, ToyHouse, person

RENAMED = TOY.replace("审核".encode(), "再审".encode())


def versions(house: ToyHouse) -> int:
    with house.runtime.reading() as connection:
        return connection.execute(select(func.count()).select_from(definition)).scalar_one()


def test_a_changed_drawing_is_a_new_version_and_running_cases_stay_on_theirs(house: ToyHouse) -> None:
    house.act(start_case, WRITER, kind="toy")
    proposed = house.act(propose_version, ADMIN, kind="toy", sort="drawing", content=RENAMED)
    answer = house.act(approve_version, person(8, "ADMIN"), proposal_id=proposed["proposal_id"], seen_base=1)
    house.act(start_case, WRITER, kind="toy")
    assert answer["version"] == 2
    with house.runtime.reading() as connection:
        pinned = list(connection.execute(select(instance.c.definition_id).order_by(instance.c.id)).scalars())
    assert pinned == [1, answer["version_id"]]


def test_the_same_drawing_again_keeps_its_version(house: ToyHouse) -> None:
    assert house.act(publish_definition, ADMIN, kind="toy", bpmn=TOY) == {
        "version_id": 1,
        "version": 1,
        "new": False,
        "proposal_id": None,
    }


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b'halfsky:form="read"', b'halfsky:form="unknown"', "unknown"),
        (b'halfsky:form="read"', b"", "T_Read"),
        (b"opinion == 'RETURN'", b"__import__('os').getuid() == 0", "GW_Read|f4"),
        (
            b'<bpmn:endEvent id="late_T_Read"',
            b'<bpmn:scriptTask id="evil"><bpmn:script>import os</bpmn:script></bpmn:scriptTask><bpmn:endEvent id="late_T_Read"',
            "evil",
        ),
        (b"<?xml", b"\x00<?xml", "共 1 处"),
    ],
    ids=["unknown form", "no form", "hostile condition", "script", "not XML"],
)
def test_a_drawing_that_may_not_run_is_refused_with_the_place_and_changes_nothing(
    house: ToyHouse, old: bytes, new: bytes, said: str
) -> None:
    assert old in TOY
    with pytest.raises(RefusedDefinition, match=said):
        house.act(publish_definition, ADMIN, kind="toy", bpmn=TOY.replace(old, new, 1))
    assert versions(house) == 1


def test_only_who_may_upload_uploads(house: ToyHouse) -> None:
    with pytest.raises(Forbidden):
        house.act(publish_definition, WRITER, kind="toy", bpmn=RENAMED)
    assert versions(house) == 1


def test_a_kind_nobody_knows_is_refused(house: ToyHouse) -> None:
    with pytest.raises(RefusedDefinition, match="nothing"):
        house.act(publish_definition, ADMIN, kind="nothing", bpmn=TOY)
