"""Who knocks: every post there is, in the case's own place, in another county, and after the end of its term."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import select

from engine.access import SYSTEM
from engine.unit_of_work import unit_of_work
from workflows import accounts, model, sessions
from workflows.organisation import add_unit, appoint, unit_by_code
from workflows.posts import POST_KINDS, UnitKind
from workflows.sign_in_policy import ORDINARY
from workflows.whereabouts import origin

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from engine.unit_of_work import UnitOfWork
    from tests.workflows.processes.loan.house import LoanHouse

#: "here" could be in charge of the case, "away" sits in another county, "gone" was here until yesterday
PLACES = ("here", "away", "gone")
#: what a post that may be held in several kinds of units is held in here
_KIND = {"COUNTY_CHAIR": UnitKind.COUNTY}
_ABOVE = {UnitKind.VILLAGE: UnitKind.TOWN, UnitKind.TOWN: UnitKind.COUNTY}


@dataclass(frozen=True)
class Knocker:
    """Somebody with a session: label ("here.TOWN_CHAIR"), login and session token."""

    label: str
    login: str
    token: str


def gather(house: LoanHouse) -> dict[str, Knocker]:
    """Label → person, for every post in every place."""
    with unit_of_work(house.runtime, SYSTEM) as work:
        units = {"here": _Units(work.connection, "C1"), "away": _Units(work.connection, "C9", fresh=True)}
        made = [_settle(work, place, post, units) for post in POST_KINDS for place in PLACES]
    return {each.label: each for each in made}


class _Units:
    """A county and one unit of each kind in it; those of the demo county where it has them, in the line of village V1."""

    def __init__(self, connection: Connection, county: str, *, fresh: bool = False) -> None:
        self.connection, self.county = connection, county
        known = {} if fresh else {UnitKind.TOWN: "T1", UnitKind.VILLAGE: "V1", UnitKind.CREDIT_UNION: "X1"}
        if fresh:
            add_unit(connection, parent_id=None, kind=UnitKind.COUNTY, name="邻县妇联", code=county)
        self.codes = {UnitKind.COUNTY: county, **known}

    def of(self, kind: UnitKind) -> int:
        if kind in (UnitKind.PROVINCE, UnitKind.CITY):
            return self._make(kind, None)
        return self._make(kind, self.of(_ABOVE[kind]) if kind in _ABOVE else self._below(kind))

    def _below(self, kind: UnitKind) -> int | None:
        if kind is UnitKind.COUNTY:
            return None
        return self.of(UnitKind.WORKPLACE if kind is UnitKind.COMMITTEE else UnitKind.COUNTY)

    def _make(self, kind: UnitKind, above: int | None) -> int:
        code = self.codes.setdefault(kind, f"{self.county}{kind[:6]}")
        found = unit_by_code(self.connection, code)
        if found is None:
            found = add_unit(self.connection, parent_id=above, kind=kind, name=f"{self.county} {kind}", code=code)
        return found.id


def _settle(work: UnitOfWork, place: str, post: str, units: dict[str, _Units]) -> Knocker:
    label = f"{place}.{post}"
    login = f"{place}-{post.lower().replace('_', '')}"
    here = units["away" if place == "away" else "here"]
    account = accounts.add_account(work.connection, login=login, name=f"{place} {post}", password_hash="!")
    until = work.today - timedelta(days=1) if place == "gone" else None
    since = work.today - timedelta(days=400)
    appoint(
        work.connection, account_id=account, post=post, unit_id=here.of(POST_KINDS[post][0]), since=since, until=until
    )
    return Knocker(label, login, open_session(work, account))


def open_session(work: UnitOfWork, account: int) -> str:
    """A session as signing in opens it, without what a password costs."""
    row = work.connection.execute(select(model.account).where(model.account.c.id == account)).one()
    opened = sessions.open_session(
        work.connection, row, work.now, limits=ORDINARY, stage="full", how="password", origin=origin("")
    )
    return opened.token
