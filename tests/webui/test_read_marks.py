"""查阅记录: every page of a case leaves its line, from C2 on, and every kind of line has words."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from engine.model import case_file, read_log
from engine.model_escalation import escalation, supervision_order
from engine.queries.team import LEADS_TO
from tests.browser.site import furnish
from webui.language import gettext
from webui.read_marks import OWN, leads
from webui.read_words import AUDITS, OTHER, PAGES, what_read

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Flask

    from tests.webui.visitors import Visitor
    from tests.workflows.processes.loan.house import LoanHouse

ROOT = Path(__file__).parents[2]


def noted(house: LoanHouse) -> list[tuple[int, str]]:
    with house.runtime.reading() as connection:
        rows = connection.execute(select(read_log.c.case_id, read_log.c.what).order_by(read_log.c.id)).all()
    return [(row.case_id, row.what) for row in rows]


def test_pages_beside_the_case_page_leave_their_line_and_those_of_a_public_case_none(
    house: LoanHouse, visit: Callable[[str], Visitor]
) -> None:
    furnish(house)
    head = visit("loanhead")
    order = house.row(select(supervision_order.c.id)).id
    matter = house.row(select(escalation.c.id)).id
    pages = {
        "/cases/1/drawing.bpmn": "page cases.drawing",
        f"/escalations/{matter}": "page escalations.show",
        f"/escalations/orders/{order}": "page escalations.sheet",
        "/cases/1/print": "page printing.choose",
        "/cases/1/complaint": "page complaints.show",
        "/cases/1?tab=timeline": "timeline",
    }
    before = len(noted(house))
    for address in pages:
        assert head.get(address).status == 200, address
    assert noted(house)[before:] == [(1, what) for what in pages.values()]
    assert visit("t2chair").get(f"/escalations/{matter}").status == 404
    assert noted(house)[-1] == (1, "refused:escalations.show")
    with house.runtime.database.writing() as connection:
        connection.execute(update(case_file).where(case_file.c.id == 1).values(confidentiality="C1"))
        connection.commit()
    before = len(noted(house))
    assert head.get("/cases/1/drawing.bpmn").status == 200
    assert noted(house)[before:] == []


def test_asking_what_for_shows_nothing_and_leaves_no_line(house: LoanHouse, visit: Callable[[str], Visitor]) -> None:
    case_id = house.applied()
    with house.runtime.database.writing() as connection:
        chosen = update(case_file).where(case_file.c.id == case_id)
        connection.execute(chosen.values(confidentiality="C3", guarded=True))
        connection.commit()
    assert "请写明用途" in visit("rightshead").get(f"/cases/{case_id}/drawing.bpmn").text
    assert noted(house) == []


def test_every_page_that_leads_to_a_case_has_words(site: Flask) -> None:
    """A new page belongs into `webui.read_words.PAGES`, or leaves its own line."""
    rules = [rule for rule in site.url_map.iter_rules() if "GET" in (rule.methods or ())]
    pages = {rule.endpoint for rule in rules if leads(set(rule.arguments))}
    assert pages == set(PAGES) | OWN
    assert set(LEADS_TO) >= {"case_id", "task_id", "escalation_id", "order_id"}


def kinds_written() -> set[str]:
    """What the sources write into the read log themselves: `what="…"` of the commands that remember a reading."""
    found = set()
    for top in ("engine", "workflows", "webui"):
        for path in (ROOT / top).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Call):
                    names = [getattr(each, "id", "") for each in (node.func, *node.args)]
                    prefix = "audit " if "log_audit" in names else "" if "log_read" in names else None
                    told = [k.value for k in node.keywords if k.arg == "what" and isinstance(k.value, ast.Constant)]
                    found |= {f"{prefix}{value.value}" for value in told} if prefix is not None else set()
    return found


def test_no_kind_of_line_lacks_words(site: Flask) -> None:
    kinds = kinds_written()
    assert {"api", "audit list", "audit view", "audit file"} <= kinds
    kinds |= {f"audit {act}" for act in AUDITS} | {"purpose", "overview", "reads", "contact"}
    with site.test_request_context("/"):
        for kind in kinds:
            words = what_read(f"{kind} 3" if kind.startswith("audit ") else kind)
            assert words not in (kind, gettext(OTHER)), kind
        assert what_read("audit view 3") == "审计委托 3：打开案卷"
        assert what_read("refused:assign_task") == "越权尝试，未获准"
        assert what_read("something new") == gettext(OTHER), "never a code"
