"""A petitioner asks how far her item has come, without signing in: step and day for number and code, one answer for all else."""

from __future__ import annotations

import logging
import re
from datetime import date
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import update

from engine.access import SYSTEM
from engine.commands.classes import raise_class
from engine.errors import Forbidden
from engine.unit_of_work import unit_of_work
from tests.webui.visitors import Visitor, open_site
from tests.workflows.processes.loan.examples import idcard
from tests.workflows.processes.petition import examples
from tests.workflows.processes.petition.conftest import either_house, house
from tests.workflows.processes.petition.test_letters import read, record_of
from tests.workflows.processes.petition_review.test_review import ASKED
from workflows.processes.petition.letters import figures
from workflows.processes.petition.rating import note_rating
from workflows.processes.petition.register import petition_register
from workflows.throttle import FAILURES_PER_ADDRESS, FAILURES_PER_LOGIN

if TYPE_CHECKING:
    from tests.webui.visitors import Answer
    from tests.workflows.processes.petition.house import PetitionHouse

__all__ = ["either_house", "house"]
_CODE = re.compile(r"[2-9A-HJ-NP-Z]{4}-[2-9A-HJ-NP-Z]{4}")


def code_of(house: PetitionHouse, case_id: int) -> str:
    """What stands on her slip."""
    return str(figures(record_of(house, case_id))["code"])


class Stranger:
    """Somebody at home, with nothing but a slip of paper."""

    def __init__(self, house: PetitionHouse) -> None:
        self.browser = Visitor(open_site(house))

    def ask(self, number: str, code: str) -> Answer:
        token = self.browser.get("/progress").fields("//form[@action='/progress']")["csrf_token"]
        return self.browser.post("/progress", {"csrf_token": token, "number": number, "code": code})


def said(answer: Answer, number: str) -> str:
    """The page without what differs from one to the next by chance, and without what was typed."""
    body = answer.body.decode().replace(f'value="{number}"', "")
    return re.sub(r'name="csrf_token" value="[^"]*"', "", body)


def test_the_slip_bears_a_code_that_is_kept_as_a_hash_and_printed_for_nobody_else(house: PetitionHouse) -> None:
    case_id = house.accepted()
    record = record_of(house, case_id)
    code = code_of(house, case_id)
    assert _CODE.fullmatch(code)
    assert code in read(record, "P-02")
    assert figures(record.masked())["code"] == ""
    assert code.replace("-", "") not in str(house.entry(case_id))
    page = Visitor(open_site(house)).sign_in("rightshead").get(f"/cases/{case_id}?tab=timeline")
    assert code.replace("-", "") not in page.body.decode()
    secret = own(house)
    house.act(raise_class, "rightshead", case_id=secret, to="C3", reason="她的住处不能让人知道")
    assert code_of(house, secret) == ""


def test_she_has_one_code_from_the_desk_to_the_end_and_every_paper_she_is_handed_bears_it(house: PetitionHouse) -> None:
    case_id = house.registered()
    code, stranger = code_of(house, case_id), Stranger(house)
    answer = stranger.ask(house.case(case_id).number, code)
    assert "正在审查是否受理" in answer.text
    assert "2026年6月30日" in answer.text  # fifteen days to tell her
    house.triage(case_id)
    house.accept(case_id, "rightsworker")
    house.plan(case_id)
    house.decide(case_id)
    record = record_of(house, case_id)
    assert [sheet for sheet in ("P-01R", "P-02", "P-07") if code not in read(record, sheet)] == []
    guided = house.registered(matterKind="COURT", idcard=idcard(date(1990, 4, 4)))
    house.triage(guided, "GUIDE")
    house.submit(guided, "rightsworker", examples.guide(house.today), "T_Guide")
    its_code = code_of(house, guided)
    assert its_code in read(record_of(house, guided), "P-03")
    assert its_code != code
    assert "由其他机关处理" in stranger.ask(house.case(guided).number, its_code).text
    assert not [sheet for sheet in ("P-01", "P-03") if its_code in read(record_of(house, guided).masked(), sheet)]


def test_number_and_code_however_typed_tell_the_step_and_its_day_and_nothing_else(house: PetitionHouse) -> None:
    case_id = house.accepted()
    number, code = house.case(case_id).number, code_of(house, case_id)
    stranger = Stranger(house)
    for typed in ((number, code), (f" {number.lower()} ", code.lower().replace("-", " "))):
        answer = stranger.ask(*typed)
        assert answer.status == 200
        assert "已受理，正在办理" in answer.text
        assert "2026年8月14日" in answer.text  # sixty days from 15 June
        assert not [each for each in ("顾", "探望", "CUSTODY", "权益", "rights") if each in answer.text]


def test_each_step_has_a_neutral_name_to_the_end_of_the_review(house: PetitionHouse) -> None:
    case_id = house.accepted()
    number, code, stranger = house.case(case_id).number, code_of(house, case_id), Stranger(house)
    house.plan(case_id)

    def finish(case_id: int) -> None:
        house.answer(case_id)
        house.finish(case_id)

    def ask(case_id: int) -> None:
        house.submit(case_id, "rightsworker", {**ASKED, "askedOn": house.today})

    seen = []
    for act in (house.decide, house.deliver, finish, ask):
        act(case_id)
        seen.append(stranger.ask(number, code).text)
    for step, text in zip(("准备送达", "已送达", "可以申请复查", "正在复查复核"), seen, strict=True):
        assert step in text
    assert "2026年7月15日" in seen[2]


def test_whatever_is_wrong_answers_alike_and_nothing_typed_is_logged(
    house: PetitionHouse, caplog: pytest.LogCaptureFixture
) -> None:
    first, second, secret = house.accepted(), own(house), own(house)
    number, code = house.case(first).number, code_of(house, first)
    hidden, its_code = house.case(secret).number, code_of(house, secret)
    house.act(raise_class, "rightshead", case_id=secret, to="C3", reason="她的住处不能让人知道")
    stranger = Stranger(house)
    caplog.set_level(logging.DEBUG)
    tries = [
        (number, "ABCD-2345"),
        (number, code_of(house, second)),
        ("C1-2026-P-09999", code),
        (hidden, its_code),
        (house.case(second).number, ""),
        ("", ""),
        ("%' OR 1=1 --", code),
    ]
    answers = [stranger.ask(*each) for each in tries]
    assert {answer.status for answer in answers} == {404}
    assert len({said(answer, each[0]) for answer, each in zip(answers[:-1], tries[:-1], strict=True)}) == 1
    logged = "\n".join(record.getMessage() for record in caplog.records)
    assert not [each for each in (number, hidden, code, its_code, "ABCD-2345") if each in logged]


def own(house: PetitionHouse) -> int:
    """An accepted item that the house does not take for an earlier one."""
    with unit_of_work(house.runtime, SYSTEM) as work:
        work.connection.execute(update(petition_register).values(subject_hash=None, phone_hash=None, name_hash=None))
    return house.accepted()


def test_who_guesses_has_to_wait_by_number_however_it_is_written_and_by_address(house: PetitionHouse) -> None:
    case_id = house.accepted()
    number, code, stranger = house.case(case_id).number, code_of(house, case_id), Stranger(house)
    for spelled in (number, number.lower(), f" {number}", number.replace("-", "－"), number.replace("-", "- ")):
        assert stranger.ask(spelled, "ABCD-2345").status == 404
    assert stranger.ask(number, code).status == 429
    for other in range(FAILURES_PER_ADDRESS - FAILURES_PER_LOGIN):
        assert stranger.ask(f"C1-2026-P-1{other:04}", code).status == 404
    assert "请在" in stranger.ask("C1-2026-P-20000", code).text
    house.later(minutes=16)
    assert stranger.ask(number, code).status == 200


def test_she_says_herself_how_satisfied_she_is_and_nobody_says_it_for_her(either_house: PetitionHouse) -> None:
    house = either_house
    case_id = house.accepted()
    house.plan(case_id)
    house.decide(case_id)
    number, code, stranger = house.case(case_id).number, code_of(house, case_id), Stranger(house)
    assert "满意" not in stranger.ask(number, code).text  # nobody asks yet
    house.deliver(case_id)
    hers = examples.answer(house.today, askedBy="HERSELF", satisfaction="2")
    assert "不能代她" in house.wrong(case_id, "rightshead", "T_Answer", hers)
    asked = stranger.ask(number, code)
    filled = {**asked.fields("//form[@action='/progress/rating']"), "answered": "yes", "satisfaction": "2"}
    assert stranger.browser.post("/progress/rating", {**filled, "code": "AAAA-AAAA"}).status == 404
    assert stranger.browser.post("/progress/rating", {**filled, "satisfaction": "9"}).status == 422
    assert "已经收到" in stranger.browser.post("/progress/rating", filled).text
    better = examples.answer(house.today, askedBy="HERSELF", satisfaction="5")
    assert "不一致" in house.wrong(case_id, "rightshead", "T_Answer", better)
    with pytest.raises(Forbidden):
        house.act(note_rating, "rightshead", case_id=case_id, code=code, satisfaction="5", answered=True)
    house.submit(case_id, "rightshead", hers, "T_Answer")
    assert house.entry(case_id).satisfaction == "2"


def test_what_she_denies_is_not_passed_over(house: PetitionHouse) -> None:
    case_id = house.accepted()
    house.plan(case_id)
    house.decide(case_id)
    house.deliver(case_id)
    said = {"code": code_of(house, case_id), "satisfaction": "1", "answered": False}
    house.runtime.execute(note_rating, actor=SYSTEM, key="hers", case_id=case_id, **said)
    assert "还没有得到答复" in house.wrong(case_id, "rightshead", "T_Answer", examples.answer(house.today))
    house.answer(case_id, words="今天当面又说明了一次，她说明白了")
