"""P-09 and P-10 on paper, as the mediator and the case manager print them; the other party's copy tells nothing of her."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from engine.clock import SHANGHAI
from engine.dossier.compose import Printing, single
from engine.dossier.loading import load_record
from tests.workflows.processes.mediation import steps
from workflows.processes.mediation.letters import BOOK, tell
from workflows.sheets import OrganisationNames

if TYPE_CHECKING:
    from tests.workflows.processes.loan.house import LoanHouse


def record(house: LoanHouse, case_id: int, login: str):
    with house.runtime.reading() as connection:
        return load_record(house.runtime, connection, house.actor(login), case_id, directory=OrganisationNames())


def text(house: LoanHouse, case_id: int, code: str, login: str) -> str:
    """What stands on a sheet, without marks and blanks."""
    layout = single(BOOK, record(house, case_id, login), BOOK.sheets[code], Printing("周明霞", house.clock.now()))
    return "".join(re.sub(r"<[^>]+>", "", re.sub(r"(?s)<(style|svg|title).*?</\1>", "", layout.html)).split())


def test_the_agreement_can_be_printed_by_its_mediator_to_be_signed_and_afterwards_says_since_when_it_counts(house):
    case_id = steps.to_session(house)
    steps.hold(house, case_id)
    steps.agree(house, case_id)
    bare = text(house, case_id, "P-09", steps.MEDIATOR)
    for each in ("沈怀月", "程远山", "男方支付孩子本月抚养费（转账）", "800.00", "2026年6月25日", "对方"):
        assert each in bare
    assert "生效日期" not in bare
    steps.sign(house, case_id)
    assert "生效日期：2026年6月15日" in text(house, case_id, "P-09", steps.WORKER)


def test_the_other_partys_copy_names_no_reason_no_police_and_no_protection(house):
    case_id = steps.to_session(house, **steps.VIOLENT)
    steps.hold(house, case_id, result="NOT_AGREED")
    said = {"police": True, "order": True, "explanation": "她说男方仍有威胁", "otherRemedy": "到庇护中心"}
    steps.ended(house, case_id, "NOT_AGREED", **said)
    hers, his = (text(house, case_id, code, steps.WORKER) for code in ("P-10", "P-10O"))
    secrets = ("保护令", "报警", "威胁", "庇护", "没有达成一致", "12338", "法律援助", steps.HER, "13800000077")
    assert [each for each in secrets[:7] if each not in hers] == []
    assert [each for each in secrets if each in his] == []
    assert "程远山：" in his


@pytest.mark.parametrize("code", list(BOOK.sheets))
def test_a_blank_sheet_is_a_form_to_write_on(code):
    now = datetime(2026, 6, 15, 9, tzinfo=SHANGHAI)
    page = single(BOOK, None, BOOK.sheets[code], Printing("周明霞", now)).html
    assert not re.search("None|undefined|null", page)
    assert "年" in page


def test_the_history_is_told_in_words(house):
    case_id = steps.agreed(house)
    entries = record(house, case_id, "countychair").entries
    told = [str(line) for entry in entries for line in tell(str(entry.kind), entry.content)]
    assert any("协议自 2026-06-15 生效" in line for line in told)
    assert any("没有暴力史" in line for line in told)
    assert not any("{" in line for line in told)
