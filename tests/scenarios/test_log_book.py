"""来信来访记录本 (P-14): whose lines stand in whose book, by period, channel and category; page and paper."""

from __future__ import annotations

import io
from datetime import date
from typing import TYPE_CHECKING

import pytest
from pypdf import PdfReader

from engine.clock import civil_date
from engine.commands.classes import raise_class
from engine.errors import InvalidAnswers
from engine.model import read_log
from tests.webui.visitors import Visitor, open_site
from tests.workflows.processes.petition.examples import idcard
from workflows import log_book, organisation_log

if TYPE_CHECKING:
    from tests.workflows.processes.petition.house import PetitionHouse


def book(house: PetitionHouse, login: str, **typed: str) -> list[int]:
    """The cases that stand in somebody's book, the newest first."""
    wanted = log_book.asked(typed, civil_date(house.clock.now()))
    with house.runtime.reading() as connection:
        found = log_book.page(house.runtime, connection, house.actor(login), wanted)
        assert log_book.count(house.runtime, connection, house.actor(login), wanted) == len(found.rows)
        return [entry.case_id for entry in found.rows]


def refused(**typed: str) -> dict[str, str]:
    with pytest.raises(InvalidAnswers) as wrong:
        log_book.asked(typed, date(2026, 6, 15))
    return {field: str(found[0]) for field, found in wrong.value.problems.items()}


def test_the_book_holds_what_the_unit_and_those_below_took_in_and_nothing_confidential(rights: PetitionHouse) -> None:
    rights.on("2026-06-11")
    early = rights.registered("v1chair", at="V1", channel="POST", idcard=idcard(date(1979, 5, 6)))
    rights.on("2026-06-15")
    late = rights.concluded()
    hidden = rights.registered(category="HARASSMENT")
    assert book(rights, "rightshead") == [hidden, late, early]
    assert (book(rights, "v1chair"), book(rights, "t1chair"), book(rights, "t2chair")) == ([early], [early], [])
    assert book(rights, "rightshead", until="2026-06-11") == [early]
    assert book(rights, "rightshead", since="2026-06-12", channel="VISIT", category="CUSTODY") == [late]
    rights.act(raise_class, "rightshead", case_id=hidden, to="C3", reason="涉及人身安全，须保密办理")
    assert book(rights, "rightshead") == [late, early], "C3 stands in no book, not even of who may open it"
    assert book(rights, "rightsworker") == [late, early]


def test_what_is_typed_wrong_is_told_with_what_was_seen_and_what_is_allowed() -> None:
    assert refused(since="2026-6-31") == {"since": "请选择日期，格式如 2026-06-20；填写的是“2026-6-31”"}
    assert refused(since="2026-06-10", until="2026-06-09") == {"until": "止日 2026-06-09 早于起日：不能早于 2026-06-10"}
    wrong = refused(channel="X", category="<b>")
    assert "“X”" in wrong["channel"]
    assert "来访、来信、12338 来电" in wrong["channel"]
    assert "婚姻家庭" in wrong["category"]


def test_the_page_and_the_print_show_masked_names_and_both_are_remembered(rights_desk: PetitionHouse) -> None:
    house = rights_desk
    case_id = house.concluded()
    visitor = Visitor(open_site(house)).sign_in("rightsworker")
    page = visitor.get("/log-book/")
    assert page.all(f"//main//a[@href='/cases/{case_id}']")
    assert "顾小满" not in page.text
    assert "离婚后孩子随父亲生活" in page.text
    assert house.row(read_log.select().where(read_log.c.what == "book P-14")).case_id == case_id
    pdf = visitor.post("/log-book/print", page.fields("//form[@action='/log-book/print']"))
    text = "".join("".join(leaf.extract_text().split()) for leaf in PdfReader(io.BytesIO(pdf.body)).pages)
    assert "来信来访记录本" in text
    assert house.case(case_id).number in text
    assert "顾小满" not in text
    assert "第1页" in text
    with house.runtime.reading() as connection:
        told = [row for row in organisation_log.JOURNAL.rows(connection) if row["act"] == "book.printed"]
    assert [(row["content"]["sheet"], row["content"]["lines"]) for row in told] == [("P-14", 1)]
    wrong = visitor.get("/log-book/?since=2026-02-30")
    assert (wrong.status, "2026-02-30" in wrong.text) == (422, True)
    assert Visitor(open_site(house)).sign_in("credit").get("/log-book/").status == 403
