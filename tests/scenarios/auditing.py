"""An audit engagement at work, with the short verbs of its scenarios."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select, update

from engine.commands.cases import start_case
from engine.commands.classes import raise_class
from engine.model import case_file
from workflows import audit_printing
from workflows.accounts import account_id
from workflows.audit_dossiers import dossier, dossiers
from workflows.engagements import (
    approve_engagement,
    ask_engagement,
)
from workflows.model_engagement import print_item

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.scenarios.county import County

AUDITOR, CHAIR, ASKER = "caseauditor", "countychair", "loanhead"
REASON = "按年度计划抽查小额贷款案卷"


def asked(county: County, by: str = ASKER, **changes: Any) -> int:
    """An engagement over the loans of 2026 in county C1, from today for ten days, nobody has decided about yet."""
    today = date.fromisoformat(county.today)
    plain = {
        "auditor_id": number_of(county, AUDITOR),
        "unit_id": county.unit("C1"),
        "kinds": ["loan"],
        "opened_since": "2026-01-01",
        "opened_until": "2026-12-31",
        "since": today.isoformat(),
        "until": (today + timedelta(days=10)).isoformat(),
        "reason": REASON,
    }
    return int(county.act(ask_engagement, by, **{**plain, **changes})["engagement_id"])


def approved(county: County, **changes: Any) -> int:
    number = asked(county, **changes)
    county.act(approve_engagement, CHAIR, engagement_id=number)
    return number


def number_of(county: County, login: str) -> int:
    with county.runtime.reading() as connection:
        return account_id(connection, login)


def listed(county: County, engagement_id: int, login: str = AUDITOR) -> list[str]:
    """The numbers of the dossiers in the auditor's list."""
    with county.runtime.reading() as connection:
        return [r.number for r in dossiers(county.runtime, connection, county.actor(login), engagement_id).rows]


def opens(county: County, engagement_id: int, case_id: int) -> Any:
    with county.runtime.reading() as connection:
        return dossier(county.runtime, connection, county.actor(AUDITOR), engagement_id, case_id)


def begun(county: County, count: int, login: str = "v1chair") -> list[int]:
    return [int(county.act(start_case, login, kind="loan")["case_id"]) for _ in range(count)]


def changed(county: County, case_id: int, **values: Any) -> None:
    with county.runtime.database.engine.begin() as connection:
        connection.execute(update(case_file).where(case_file.c.id == case_id).values(**values))


@dataclass
class Job:
    """What the job sees of itself; `then` happens when it tells its progress for the n-th time."""

    ids: dict[str, int]
    id: int = 1
    told: list[tuple[int, int | None]] = field(default_factory=list)
    then: dict[int, Callable[[], object]] = field(default_factory=dict)

    def progress(self, done: int, total: int | None = None) -> None:
        self.told.append((done, total))
        self.then.get(len(self.told), lambda: None)()


def work(county: County, batch_id: int, **then: Any) -> Job:
    job = Job({"batch": batch_id}, **then)
    audit_printing.print_batch_now(county.runtime, job)
    return job


def items(county: County, batch_id: int) -> Sequence[Any]:
    with county.runtime.reading() as connection:
        wanted = select(print_item).where(print_item.c.batch_id == batch_id).order_by(print_item.c.seq)
        return connection.execute(wanted).all()


def paper(county: County, item: Any) -> bytes:
    return county.runtime.vault.open(item.pdf_sealed)


def to_c3(county: County, case_id: int) -> None:
    """The village raises the class of a case of its own."""
    county.act(raise_class, "v1chair", case_id=case_id, to="C3", reason="当事人遭受家庭暴力，须保密")
