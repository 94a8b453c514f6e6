"""A county with an ordinary case, a confidential one, one that somebody is kept from, and everybody who might knock."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.engine import make_url

from engine.access import SYSTEM
from engine.commands.classes import raise_class
from engine.commands.signing import Reauthentication
from engine.commands.teams import add_member, appoint_manager, exclude
from engine.model import task
from engine.model_filed import document
from engine.model_versions import proposal
from engine.unit_of_work import unit_of_work
from tests.access import matters
from tests.access.knocking import Browser
from tests.access.people import Knocker, gather, open_session
from tests.webui.visitors import compile_english, open_site
from tests.workflows.processes.loan import examples
from tests.workflows.processes.loan.house import LoanHouse, prepare
from workflows.accounts import account_id
from workflows.audit_batches import ask_batch
from workflows.engagements import approve_engagement, ask_engagement
from workflows.glass import ask_glass
from workflows.model_engagement import print_item

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

REASON = "当事人要求保密"


@dataclass
class Town:
    """The house, its site, the browsers of everybody by label, and what stands in addresses by name of the case."""

    house: LoanHouse
    site: Flask
    people: dict[str, Knocker]
    subjects: dict[str, dict[str, Any]]
    pristine: sqlite3.Connection
    browsers: dict[str, Browser] = field(default_factory=dict)

    def browser(self, label: str) -> Browser:
        """Somebody's browser, opened once."""
        if label not in self.browsers:
            self.browsers[label] = Browser(self.site, self.people[label])
        return self.browsers[label]

    def restore(self) -> None:
        """As if nothing had been sent."""
        with closing(sqlite3.connect(make_url(str(self.house.runtime.database.engine.url)).database or "")) as here:
            self.pristine.backup(here)


@pytest.fixture(scope="session")
def town(sqlite_databases: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Made once for each worker; a test that changes something restores it."""
    compile_english(tmp_path_factory.mktemp("catalogue"))
    url = sqlite_databases.create(prepare)
    house = LoanHouse(url)
    people = gather(house)
    made = {"case": house.applied(), "secret": _secret(house, people), "shut": _shut(house, people)}
    made |= {"item": matters.petition(house), "danger": matters.protection(house)}
    people["intake"] = _also(house, "v1chair", "intake")
    people["member"] = _also(house, people["here.RIGHTS_WORKER"].login, "member")
    people["engaged"] = _engaged(house, made["case"])
    _broken(house, made["secret"])
    subjects = {name: ids_of(house, case_id) for name, case_id in made.items()}
    pristine = sqlite3.connect(":memory:")
    with closing(sqlite3.connect(make_url(url).database or "")) as source:
        source.backup(pristine)
    yield Town(house, open_site(house), people, subjects, pristine)
    pristine.close()
    house.close()


def _secret(house: LoanHouse, people: dict[str, Knocker]) -> int:
    """Taken in by v1chair, who made it confidential; the rights worker is in charge."""
    case_id = house.begin(papers=examples.APPLICATION_PAPERS[:1])
    house.act(raise_class, "v1chair", case_id=case_id, to="C3", reason=REASON)
    worker = _id(house, people["here.RIGHTS_WORKER"].login)
    house.act(appoint_manager, people["here.RIGHTS_HEAD"].login, case_id=case_id, account_id=worker, reason=REASON)
    house.act(
        add_member, people["here.RIGHTS_WORKER"].login, case_id=case_id, account_id=_id(house, "v1chair"), reason=REASON
    )
    return case_id


def _shut(house: LoanHouse, people: dict[str, Knocker]) -> int:
    """An ordinary case from which the township's chair, as a person, and the whole credit union are kept."""
    case_id = house.begin(papers=examples.APPLICATION_PAPERS[:1])
    for kept in ({"account_id": _id(house, people["here.TOWN_CHAIR"].login)}, {"unit_id": house.unit("X1")}):
        house.act(exclude, "v1chair", case_id=case_id, reason=REASON, **kept)
    return case_id


def _engaged(house: LoanHouse, case_id: int) -> Knocker:
    """An auditor with a running engagement over the county's loans, who has printed a dossier."""
    today = house.clock.now().date().isoformat()
    days = {"opened_since": today, "opened_until": today, "since": today, "until": today}
    scope = {"auditor_id": _id(house, "caseauditor"), "unit_id": house.unit("C1"), "kinds": ["loan"], **days}
    engagement_id = house.act(ask_engagement, "loanhead", **scope, reason="按年度计划抽查贷款案卷")["engagement_id"]
    house.act(approve_engagement, "countychair", engagement_id=engagement_id)
    house.act(ask_batch, "caseauditor", engagement_id=engagement_id, case_ids=[case_id])
    with unit_of_work(house.runtime, SYSTEM) as work:
        printed = {"state": "printed", "pdf_sealed": house.runtime.vault.seal(b"%PDF-")}
        work.connection.execute(update(print_item).values(**printed))
    return _also(house, "caseauditor", "engaged")


def _broken(house: LoanHouse, case_id: int) -> None:
    """Somebody of the township has asked to read the confidential case in an emergency."""
    proof = Reauthentication(_id(house, "t1vice"), house.clock.now())
    house.act(ask_glass, "t1vice", number=house.case(case_id).number, reason="当事人来电求助，联系不上", proof=proof)


def _id(house: LoanHouse, login: str) -> int:
    with house.runtime.reading() as connection:
        return account_id(connection, login)


def _also(house: LoanHouse, login: str, label: str) -> Knocker:
    with unit_of_work(house.runtime, SYSTEM) as work:
        return Knocker(label, login, open_session(work, account_id(work.connection, login)))


def ids_of(house: LoanHouse, case_id: int) -> dict[str, Any]:
    """What stands in addresses about a case."""
    with house.runtime.reading() as connection:
        waits = (task.c.case_id == case_id) & (task.c.state == "open") & (task.c.element != "T_Track")
        open_task = connection.execute(select(task.c.id, task.c.element).where(waits)).one()
        paper = connection.execute(select(document.c.id).where(document.c.case_id == case_id)).scalars().first()
        drawn = connection.execute(select(proposal.c.id).where(proposal.c.key == "loan")).scalars().first()
    named = {"proposal_id": drawn, "element": open_task.element, "key": "loan"}
    papers = {} if paper is None else {"paper_id": paper}
    return {"case_id": case_id, "task_id": open_task.id, **papers, **named}
