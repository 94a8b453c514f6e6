"""The working page of a task, put together: form, case summary, what comes next, papers, verbs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from flask import render_template
from sqlalchemy import Connection, Row, bindparam, select

from engine.access import Permission
from engine.commands.loading import subject_of
from engine.events import Kind
from engine.model import history, task
from engine.process_type import Check, Problems, forms_of
from engine.queries.escalation_page import orders_waiting
from engine.queries.opening import PaperRow
from engine.queries.task_page import TaskPage, task_page
from webui import clocks, directory, forms, linked
from webui.calendars import calendar_now
from webui.collaboration import beside_task
from webui.language import gettext
from webui.navigation import sketches
from webui.outcomes import outcome_name
from webui.runtime import house, may_work, me, now, permitted, reading
from webui.sheets import Difference, options_of, sheet_rows
from webui.verb_words import SAID, WORDS, seat_state
from webui.words import due_words, moment
from workflows.form import SchemaForm, label_at

_LAST_RETURN = (
    select(history.c.content_sealed)
    .where(history.c.case_id == bindparam("b_case"), history.c.kind == str(Kind.TASK_RETURNED))
    .order_by(history.c.seq.desc())
    .limit(1)
)
_OPEN = select(task).where(task.c.case_id == bindparam("b_case"), task.c.state == "open").order_by(task.c.id)


@dataclass(frozen=True)
class Showing:
    """What a page shows besides the stored facts: text that was just typed, what is wrong, what the check said."""

    typed: Mapping[str, str] | None = None
    problems: Problems = field(default_factory=dict)
    #: problems of the fields that are not answers: "_password", "_reason"
    aside: Mapping[str, str] = field(default_factory=dict)
    check: Check | None = None
    #: the check found refusals when she submitted: ask whether to register anyway
    refused: Check | None = None
    note: str = ""
    versus: Sequence[Difference] = ()
    extra: Mapping[str, str] = field(default_factory=dict)


def render(task_id: int, showing: Showing | None = None) -> str:
    """The task as a page."""
    with reading() as connection:
        page = task_page(house(), connection, me(), task_id)
        return render_template("task.html", **context(connection, page, showing or Showing()))


def context(connection: Connection, page: TaskPage, showing: Showing) -> dict[str, Any]:
    """Everything the template names."""
    form = cast("SchemaForm", page.form)
    text = forms.flatten(page.answers) if showing.typed is None else showing.typed
    typed = forms.Typed(text, showing.problems, paper_views(page.papers), options_of(connection, page.case))
    sketch = sketches().of(page.task.definition_id)
    workable = page.obstacle is None
    open_now = () if workable else connection.execute(_OPEN, {"b_case": page.case.id}).all()
    return {
        "page": page,
        "form": form,
        "sections": forms.view(form, typed) if workable else (),
        "sheet": () if workable and not page.standing.gives_opinion else _sheet(page, form, connection),
        "showing": showing,
        "mistakes": forms.mistakes(form, showing.problems),
        "process": page.process,
        "due": due_words(page.task.due_at, now(), calendar_now(connection)),
        "clocks": clocks.words_of(connection, [page.task.id]),
        "units": directory.unit_names(connection, {page.case.unit_id, page.task.unit_id}),
        "holder": _person(connection, page.task.assignee_id),
        "closed_by": _person(connection, page.task.closed_by),
        "earlier": _earlier(page, connection) if workable else (),
        "open_now": "、".join(gettext(row.name) for row in open_now),
        "mine_next": [] if workable else [*_mine(open_now, page), *linked.steps_begun(connection, page.case.id)],
        "after": sketch.after(page.task.element),
        "orders": orders_waiting(connection, house().vault, page.task.id) if workable and page.task.escalated else (),
        "returned": _returned(page, connection) if workable else "",
        "outcome": outcome_name(connection)(page.case.kind, page.case.outcome),
        "draft_at": moment(page.draft_at) if page.draft_at else "",
        "verb_words": WORDS,
        "seat_state": seat_state,
        "said_words": SAID,
        "said_names": directory.people(connection, _speakers(page)),
        "may_withdraw": workable
        and page.process.withdrawal(page.task.element) is not None
        and permitted(Permission.WITHDRAW_CASE, subject_of(connection, page.case)),
        "soft": beside_task(connection, page.task, page.case),
        "may_read": permitted(Permission.READ_CASE, subject_of(connection, page.case)),
    }


def _mine(open_now: Iterable[Row[Any]], page: TaskPage) -> list[Row[Any]]:
    return [row for row in open_now if may_work(row, page.case, page.guard, page.task.shared_with)]


def _speakers(page: TaskPage) -> set[int | None]:
    """Everybody who sits at the step or has said something about it."""
    sitting = {row.closed_by or row.assignee_id for row in page.standing.seats}
    return {*sitting, *(each.by for each in page.standing.said)}


def paper_views(papers: Mapping[str, Sequence[PaperRow]]) -> dict[str, list[forms.PaperView]]:
    """Papers by field path, as the form shows them."""
    return {
        path: [forms.PaperView(p.id, p.name, p.media_type, p.size) for p in found] for path, found in papers.items()
    }


def _person(connection: Connection, account_id: int | None) -> str:
    return directory.people(connection, {account_id})[account_id] if account_id else ""


@dataclass(frozen=True)
class Earlier:
    """A form submitted before this step: what whoever works on it must have read."""

    title: str
    sheet: str
    by: str
    at: str
    groups: Sequence[tuple[str, Sequence[tuple[str, str]]]]
    papers: Sequence[tuple[str, PaperRow]]
    is_open: bool


def _earlier(page: TaskPage, connection: Connection) -> list[Earlier]:
    """The newest version of every other form of the case, with its papers; those written by somebody else stand open."""
    listed = options_of(connection, page.case)
    known = forms_of(house().catalogue, page.case.kind)
    found = []
    for key, version in page.forms.items():
        form = cast("SchemaForm", known[key])
        if key == page.form.key:
            continue
        of_form = [(label_at(form, p.field).render(gettext), p) for p in page.attached if p.form == key]
        groups = sheet_rows(form, version.answers, listed)
        author = _person(connection, version.by_id)
        sheet = " ".join(form.sheets)
        others = version.by_id != me().id
        found.append(Earlier(gettext(form.title), sheet, author, moment(version.at), groups, of_form, others))
    return found


def _returned(page: TaskPage, connection: Connection) -> str:
    """Why the matter was sent back to this step by hand; "" when it was not."""
    row = connection.execute(_LAST_RETURN, {"b_case": page.case.id}).one_or_none()
    content = house().vault.open_json(row.content_sealed) if row is not None else {}
    here = any(opened["task"] == page.task.id for opened in content.get("opened", ()))
    return str(content["reason"]) if here else ""


def _sheet(page: TaskPage, form: SchemaForm, connection: Connection) -> list[tuple[str, list[tuple[str, str]]]]:
    version = page.forms.get(form.key)
    return sheet_rows(form, version.answers, options_of(connection, page.case)) if version else []
