"""A fixed analysis: measures typed by one, signed by another, and neither later entries nor later readers change its figures."""

from __future__ import annotations

import io
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from pypdf import PdfReader
from sqlalchemy import update

from engine.access import SYSTEM
from engine.commands.signing import Reauthentication
from engine.errors import Forbidden, InvalidAnswers, NotNow, SignatureRequired
from engine.unit_of_work import unit_of_work
from tests.webui.test_petition_analysis import cells, house
from tests.webui.visitors import Visitor, open_site
from tests.workflows.processes.loan.examples import idcard
from workflows.analysis_versions import fix_analysis, fixed, sign_analysis
from workflows.demo import PASSWORD
from workflows.model_analysis import analysis_version

if TYPE_CHECKING:
    from tests.workflows.processes.petition.house import PetitionHouse

__all__ = ["house"]
MEASURES = "青禾镇探望权纠纷集中：由权益部会同调处中心七月上门调解"
SPAN = "2026-06"


def fix(house: PetitionHouse, login: str = "rightsworker", **changes: Any) -> int:
    """The county's June as it stands."""
    given = {"unit_id": house.unit("C1"), "span": SPAN, "measures": MEASURES, **changes}
    return int(house.act(fix_analysis, login, **given)["version_id"])


def july(house: PetitionHouse) -> int:
    """An item of June, and June is over."""
    case_id = house.registered()
    house.on("2026-07-02")
    return case_id


def test_only_what_is_over_is_fixed_and_only_with_measures(house: PetitionHouse) -> None:
    house.registered()
    for when, changes, field in (
        ("2026-06-30", {}, "span"),
        ("2026-07-01", {"measures": "  加强  "}, "measures"),
        ("2026-07-01", {"span": "2026-Q3"}, "span"),
    ):
        house.on(when)
        with pytest.raises(InvalidAnswers) as refused:
            fix(house, **changes)
        assert set(refused.value.problems) == {field}
    for login in ("hotline", "statclerk", "loanhead", "v1chair"):
        with pytest.raises(Forbidden):
            fix(house, login)
    with pytest.raises(Forbidden):
        fix(house, "t1chair")
    for span in (SPAN, "2026-Q2"):
        assert fix(house, span=span)


def test_later_entries_change_the_figures_of_today_and_no_version(house: PetitionHouse) -> None:
    first = july(house)
    version = fix(house)
    head = Visitor(open_site(house)).sign_in("rightshead")
    late = house.registered(receivedOn="2026-06-30", idcard=idcard(date(1990, 4, 4)))
    assert cells(head.get(f"/statistics/petition?span={SPAN}"), "收到") == ["2", "0"]
    page = head.get(f"/statistics/petition/versions/{version}")
    assert cells(page, "收到") == ["1", "0"]
    assert MEASURES in page.text
    link = next(a.get("href") for a in page.all("//main//td//a") if a.get("href").endswith("code=RECEIVED"))
    behind = head.get(link).text
    assert house.case(first).number in behind
    assert house.case(late).number not in behind
    again = fix(house)
    numbers = [a.text_content() for a in head.get(f"/statistics/petition?span={SPAN}").all("//main//li//a")]
    assert numbers == ["第 2 版", "第 1 版"]
    assert cells(head.get(f"/statistics/petition/versions/{again}"), "收到") == ["2", "0"]


def test_somebody_else_in_charge_signs_once_with_her_own_password_and_it_prints(house: PetitionHouse) -> None:
    july(house)
    version = fix(house, "rightshead")
    proof = Reauthentication(house.actor("rightshead").id, house.clock.now())
    with pytest.raises(Forbidden):
        house.act(sign_analysis, "rightshead", version_id=version, signature=proof)
    for login in ("rightsworker", "t1chair"):
        with pytest.raises(Forbidden):
            house.act(sign_analysis, login, version_id=version)
    with pytest.raises(SignatureRequired):
        house.act(sign_analysis, "countychair", version_id=version)
    chair = Visitor(open_site(house)).sign_in("countychair")
    where = f"/statistics/petition/versions/{version}"
    fields = chair.get(where).fields(f"//form[@action='{where}/sign']")
    assert chair.post(f"{where}/sign", {**fields, "_password": ""}).status != 303
    assert chair.post(f"{where}/sign", {**fields, "_password": PASSWORD}).status == 303
    assert "许婉清" in chair.get(where).text
    proof = Reauthentication(house.actor("countychair").id, house.clock.now())
    with pytest.raises(NotNow):
        house.act(sign_analysis, "countychair", version_id=version, signature=proof)
    paper = PdfReader(io.BytesIO(chair.get(f"{where}.pdf").body)).pages
    text = "".join("".join(each.extract_text().split()) for each in paper)
    assert all(each in text for each in ("第1版", "建议措施", MEASURES, "潘若兰", "许婉清", "收到10"))


def test_who_sees_figures_alone_or_another_unit_sees_no_version_and_a_changed_one_is_not_genuine(
    house: PetitionHouse,
) -> None:
    july(house)
    version = fix(house)
    where = f"/statistics/petition/versions/{version}"
    for login, status in (("statclerk", 403), ("t1chair", 404), ("hotline", 403)):
        assert Visitor(open_site(house)).sign_in(login).get(where).status == status
    vault = house.runtime.vault
    with house.runtime.reading() as connection:
        assert fixed(connection, vault, house.actor("rightshead"), version).genuine
    with unit_of_work(house.runtime, SYSTEM) as work:
        content = {
            "measures": "另写一段措施",
            "name": "x",
            "lines": [],
            "hot": [],
            "total": {},
            "before": {},
            "cases": [],
        }
        work.connection.execute(update(analysis_version).values(content_sealed=vault.seal_json(content)))
    with house.runtime.reading() as connection:
        assert not fixed(connection, vault, house.actor("rightshead"), version).genuine


def test_measures_that_are_too_short_come_back_with_what_is_wrong(house: PetitionHouse) -> None:
    july(house)
    worker = Visitor(open_site(house)).sign_in("rightsworker")
    fields = worker.get(f"/statistics/petition?span={SPAN}").fields("//form[@action='/statistics/petition/versions']")
    answer = worker.post("/statistics/petition/versions", {**fields, "measures": "再研究"})
    assert answer.status == 422
    assert "现为 3 字" in answer.text
    assert [box.text_content() for box in answer.all("//textarea[@name='measures']")] == ["再研究"]
