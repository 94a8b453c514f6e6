"""A rehearsal opens and moves on every running case of an upgraded copy, and touches nothing of the house."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from sqlalchemy import select, update

from engine.flow.drawing import read_drawing
from engine.flow.hardened_xml import read_xml
from engine.flow.sampling import samples
from engine.model import definition, instance
from tests.engine.toy import TOY
from tests.workflows.processes.loan.house import LoanHouse, opened
from webui import cli_rehearse
from webui.settings import Settings
from workflows import schema
from workflows.rehearsing import CannotCopy, Report, rehearse, upgraded_copy

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.databases import Databases


@pytest.fixture
def house(databases: Databases) -> Iterator[LoanHouse]:
    for made in opened(databases):
        made.begin()
        made.to_stamp()
        yield made


def url_of(house: LoanHouse) -> str:
    return house.runtime.database.engine.url.render_as_string(hide_password=False)


def rehearsed(house: LoanHouse) -> Report:
    with upgraded_copy(url_of(house)) as url:
        assert url != url_of(house)
        assert schema.current(url) == schema.newest()
        copy = LoanHouse(url)
        try:
            return rehearse(copy.runtime)
        finally:
            copy.close()


def test_cases_that_can_go_on_pass_and_the_house_stays_as_it_was(house: LoanHouse) -> None:
    wanted = select(instance.c.state, instance.c.version).order_by(instance.c.id)
    with house.runtime.reading() as connection:
        before = connection.execute(wanted).all()
    report = rehearsed(house)
    assert (report.cases, report.failures) == (2, [])
    assert report.tried == 3  # the application, the stamp, and the stamp's clock
    with house.runtime.reading() as connection:
        assert connection.execute(wanted).all() == before


def test_a_case_that_would_not_open_or_go_on_is_named_with_its_reason(house: LoanHouse) -> None:
    with house.runtime.database.engine.begin() as connection:
        connection.execute(update(instance).where(instance.c.id == 1).values(state=b"\x07unknown"))
        bpmn = connection.execute(select(definition.c.bpmn).where(definition.c.key == "loan")).scalar_one()
        lost = bytes(bpmn).replace(b'halfsky:form="stamp"', b'halfsky:form="gone"')
        connection.execute(update(definition).where(definition.c.key == "loan").values(bpmn=lost))
    failures = {(each.number, each.element): str(each.why) for each in rehearsed(house).failures}
    assert set(failures) == {("V1-2026-L-0001", ""), ("V1-2026-L-0002", "T_Stamp")}
    assert "未知的状态格式" in failures["V1-2026-L-0001", ""]
    assert "gone" in failures["V1-2026-L-0002", "T_Stamp"]


def test_the_command_fails_when_any_case_would(
    house: LoanHouse, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    place = Settings(tmp_path, url_of(house), "127.0.0.1", 0, False)
    place.make_keys()
    assert cli_rehearse.run(place, None) == 0  # type: ignore[arg-type]
    with house.runtime.database.engine.begin() as connection:
        connection.execute(update(instance).where(instance.c.id == 1).values(state=b""))
    assert cli_rehearse.run(place, None) == 1  # type: ignore[arg-type]
    told = capsys.readouterr().out
    assert "V1-2026-L-0001" in told
    assert "请勿升级" in told


def test_a_database_that_cannot_be_copied_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(CannotCopy, match="没有找到"), upgraded_copy(f"sqlite:///{tmp_path / 'none.db'}"):
        pass
    with pytest.raises(CannotCopy, match="拒绝"), upgraded_copy("postgresql://nobody@127.0.0.1:1/none"):
        pass


def test_samples_make_every_condition_behind_a_step_hold_and_fail() -> None:
    drawing = read_drawing(read_xml(TOY.replace(b"opinion == 'WITHDRAWN'", b"amount >= 300 and urgent")))
    tried = list(samples(drawing, "T_Read"))
    assert {each["opinion"] for each in tried} == {"RETURN", "—"}
    assert {each["amount"] for each in tried} == {299, 300, 301}
    assert {each["urgent"] for each in tried} == {True, False}
    assert list(samples(drawing, "T_Write")) == [{}]
