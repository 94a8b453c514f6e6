"""The main navigation: what this person may open, and what stands open now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from flask import current_app, g, request, url_for

from engine.access import Permission
from engine.process_traits import HandedOver
from engine.queries import escalations
from webui.drawings import Sketches
from webui.language import gettext
from webui.runtime import house, me, permitted, reading
from workflows import archive, glass_register, reception_notices, reception_rounds

if TYPE_CHECKING:
    from engine.process_type import ProcessType

#: posts that are given single papers of cases they do not see
_NAMED_POSTS = ("LAWYER_VOL", "COUNSELLOR", "MEDIATOR")


#: how many entries stand side by side beside a name on the narrowest screen of a desk (1280 px); the others stand under one
_SIDE_BY_SIDE = 8


@dataclass(frozen=True)
class Item:
    """One entry."""

    label: str
    url: str
    current: bool
    #: what waits there, “99+” at most; "" for nothing
    count: str = ""


@dataclass(frozen=True)
class Navigation:
    """The entries that are always in sight, and those behind “更多”."""

    shown: list[Item]
    rest: list[Item]

    @property
    def behind(self) -> bool:
        """Whether this page is one of those behind."""
        return any(item.current for item in self.rest)


def navigation() -> Navigation:
    """The entries for the person signed in, what is used daily first; a door she may not open is not drawn."""
    entries = [("inbox.show", gettext("收件箱"), True)]
    entries.append(("escalations.listed", gettext("督办"), permitted(Permission.SEE_OVERDUE)))
    entries.append(("hotline.listed", gettext("12338 热线"), permitted(Permission.SEE_HOTLINE)))
    entries.append(("sweeps.listed", gettext("纠纷排查"), permitted(Permission.SEE_SWEEPS)))
    entries.append(("log_book.listed", gettext("记录本"), permitted(Permission.SEE_LOG_BOOK)))
    entries.append(("reception.listed", gettext("接待日"), permitted(Permission.SEE_RECEPTION)))
    entries.append(("glass.listed", gettext("紧急查阅"), permitted(Permission.SEE_GLASS)))
    entries.append(("statistics.loan", gettext("统计"), permitted(Permission.SEE_STATISTICS)))
    entries.append(("analysis.show", gettext("信访研判"), permitted(Permission.SEE_ANALYSIS)))
    entries.append(("contact.incidents", gettext("来访登记"), permitted(Permission.LOG_INCIDENT)))
    entries.append(("archive.listed", gettext("档案"), archive.keeps(me())))
    entries.append(("processes.listed", gettext("流程"), permitted(Permission.READ_DEFINITIONS)))
    entries.append(("verification.show", gettext("核验"), permitted(Permission.VERIFY_PAPER)))
    entries.append(("calendar.show", gettext("日历"), permitted(Permission.MANAGE_CALENDAR)))
    entries.append(("organisation.show", gettext("组织"), permitted(Permission.SEE_ORGANISATION)))
    entries.append(("cases.named", gettext("指定材料"), any(post.code in _NAMED_POSTS for post in me().posts)))
    entries.append(("audit.show", gettext("审计"), permitted(Permission.VERIFY_HISTORY)))
    entries.append(("engagements.listed", gettext("审计委托"), permitted(Permission.SEE_ENGAGEMENTS)))
    entries.append(("jobs.show", gettext("作业"), permitted(Permission.MANAGE_JOBS)))
    here = request.endpoint or ""
    items = [Item(label, url_for(end), _same(end, here), _count(end)) for end, label, allowed in entries if allowed]
    if len(items) <= _SIDE_BY_SIDE:
        return Navigation(items, [])
    return Navigation(items[: _SIDE_BY_SIDE - 1], items[_SIDE_BY_SIDE - 1 :])


def _count(endpoint: str) -> str:
    """How many wait there for her: matters under supervision nobody has looked at, emergencies to decide or to review."""
    counted = {"escalations.listed": unread, "glass.listed": emergencies, "reception.listed": missed_days}.get(endpoint)
    found = counted() if counted else 0
    return "" if not found else str(found) if found < escalations.COUNT_CAP else "99+"


def emergencies() -> int:
    """How many break-glass requests wait for her to confirm, review or note."""
    with reading() as connection:
        return glass_register.waiting(house(), connection, me(), house().clock.now())


def missed_days() -> int:
    """How many missed reception days, and days of her own on a roster, she was told of and has not noted."""
    with reading() as connection:
        return len(reception_rounds.reports(connection, me())) + len(reception_notices.waiting(connection, me()))


def unread() -> int:
    """How many matters under supervision below her nobody has looked at; asked of the database once for each page."""
    if "unread" not in g:
        with reading() as connection:
            g.unread = escalations.waiting(connection, house().rules, me())
    return int(g.unread)


def _same(endpoint: str, here: str) -> bool:
    if endpoint == "inbox.show":
        return here in ("inbox.show", "inbox.narrow")
    return here == endpoint or here.partition(".")[0] == endpoint.partition(".")[0]


def may_start() -> bool:
    """Whether this person opens cases of any kind."""
    return bool(startable())


def startable() -> list[ProcessType]:
    """The kinds of matters that begin by themselves and that this person may open."""
    known = (p for p in house().catalogue.values() if p.series and not isinstance(p, HandedOver))
    return [process for process in known if permitted(Permission.START_CASE, process)]


def may_assign() -> bool:
    """Whether this person supervises, and so may give tasks to others, somewhere."""
    return permitted(Permission.SEE_OVERDUE)


def sketches() -> Sketches:
    """The drawings, read for showing."""
    return cast("Sketches", current_app.extensions["halfsky-sketches"])
