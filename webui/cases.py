"""The case page and what hangs on it: start, timeline, drawing, forms and their versions, papers, signatures, withdrawal."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, cast

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection

from engine.access import Permission
from engine.commands import cases as commands
from engine.commands.reading import log_read
from engine.errors import EngineError, InvalidAnswers, NotFound
from engine.events import Kind
from engine.flow.diagram import draw
from engine.messages import N_, Message
from engine.process_type import forms_of
from engine.queries.case_page import CasePage, ProcessRow, case_page, drawing_of
from engine.queries.opening import FormVersion
from engine.queries.team import named_papers, readable_paper
from webui import clocks, collaboration, contact, directory, forms, headers, linked, team_part
from webui.calendars import calendar_now
from webui.case_tabs import ONLY_WITH, TABS
from webui.collaboration_words import people_in, units_in
from webui.drawings import Sketchbook
from webui.errors import status_of
from webui.language import gettext
from webui.navigation import sketches, startable
from webui.outcomes import end_name
from webui.runtime import act, house, may_work, me, note, now, posted_key, reading
from webui.sending import sent
from webui.sheets import options_of, sheet_rows, value_words, versus
from webui.timeline import Storyteller
from webui.verb_story import people_named
from webui.words import due_words
from workflows.form import SchemaForm, field_infos, label_at
from workflows.permission_matrix import posts_with
from workflows.sheets import book_of

#: entries that tell to whom work was given
_GIVEN = (Kind.TASK_MOVED, Kind.TASK_TAKEN_OVER, Kind.TASK_REASSIGNED)
bp = Blueprint("cases", __name__, url_prefix="/cases")


@bp.get("/new")
def new() -> str:
    """The kinds of matters this person may open."""
    return render_template("new.html", kinds=startable())


@bp.post("/new")
def start() -> ResponseReturnValue:
    """Open a case and go to its first form."""
    answer = act(commands.start_case, kind=request.form.get("kind", ""))
    return redirect(url_for("tasks.show", task_id=answer.content["task_id"]), 303)


@bp.get("/<int:case_id>")
def show(case_id: int) -> str:
    """One tab of the case page."""
    tab = request.args.get("tab", "overview")
    shown = tab_of(case_id, tab if tab in TABS else "overview")
    note(log_read, case_id=case_id, what=tab if tab in TABS else "overview")
    return shown


def tab_of(case_id: int, tab: str, typed: collaboration.Typed | None = None) -> str:
    """A tab as a page, the overview where the reader may not see it; `typed` is what one of its forms came with."""
    with reading() as connection:
        page = case_page(house(), connection, me(), case_id)
        shared = _shared(connection, page, tab)
        if tab not in shared["tabs"]:
            tab = shared["tab"] = "overview"
        more = _TYPED[tab](connection, page, typed) if tab in _TYPED else _PARTS[tab](connection, page)
    return render_template(f"case_{tab}.html", **shared, **more)


def _shared(connection: Connection, page: CasePage, tab: str) -> dict[str, Any]:
    case, process = page.case, house().catalogue[page.case.kind]
    ids = {case.unit_id, *(row.unit_id for row in page.tasks), *(row.unit_id for row in page.signatures)}
    sketch = _sketchbook(page)
    people = {row.closed_by for row in page.tasks} | {row.assignee_id for row in page.tasks} | {case.created_by}
    withdrawable = any(house().catalogue[row.kind].withdrawal(row.element) for row in page.open_tasks)
    return {
        "page": page,
        "case": case,
        "process": process,
        "tab": tab,
        "tabs": {k: v for k, v in TABS.items() if page.may.get(ONLY_WITH.get(k, ""), True)},
        "units": directory.unit_names(connection, ids),
        "people": directory.people(connection, people),
        "processes": [
            (row, house().catalogue[row.kind].title, gettext(sketch.name(row.outcome))) for row in page.processes
        ],
        "outcome": end_name(sketch, case.outcome),
        "due": due_words(page.due_at, now(), calendar_now(connection)),
        "may_print": page.may[str(Permission.PRINT_CASE)],
        "may_withdraw": withdrawable and page.may[str(Permission.WITHDRAW_CASE)],
        "mine": [row for row in page.open_tasks if may_work(row, case, page.subject.guard, page.subject.shared_with)],
    }


def _sketchbook(page: CasePage) -> Sketchbook:
    return sketches().together(row.definition_id for row in page.processes)


def _overview(connection: Connection, page: CasePage) -> dict[str, Any]:
    calendar, at = calendar_now(connection), now()
    sketch = _sketchbook(page)
    after = [(row, sketch.of(row.element).after(row.element)) for row in page.open_tasks]
    return {
        "due_of": lambda row: due_words(row.due_at, at, calendar),
        "after": after,
        "clocks": clocks.words_of(connection, [row.id for row in page.open_tasks]),
        "linked": linked.part(connection, page.case.id),
    }


def _timeline(connection: Connection, page: CasePage) -> dict[str, Any]:
    units = {entry.content.get("unit", 0) for entry in page.history}
    units |= {entry.content.get("new", {}).get("unit", 0) for entry in page.history if entry.kind in _GIVEN}
    units |= {unit for entry in page.history for unit in units_in(entry.content)}
    people = {entry.actor_id for entry in page.history}
    people |= {who for entry in page.history for who in people_in(entry.content) | people_named(entry.content)}
    listed = options_of(connection, page.case)

    def words(form: SchemaForm, path: str, value: Any) -> str:
        text = {path: forms.as_typed(value)}
        shown = forms.one_field(form, path, forms.Typed(text, options=listed))
        return text[path] if shown is None else value_words(shown)

    teller = Storyteller(
        forms=forms_of(house().catalogue, page.case.kind),
        sketch=_sketchbook(page),
        titles={row.kind: house().catalogue[row.kind].title for row in page.processes},
        people=directory.people(connection, people),
        units=directory.unit_names(connection, units),
        papers={paper.id: paper for paper in page.papers},
        wording=book_of(page.case.kind).wording,
        words=words,
    )
    return {"acts": teller.tell(page.history)}


def _diagram(connection: Connection, page: CasePage) -> dict[str, Any]:
    return {"drawings": [_drawn(connection, page, row) for row in page.processes]}


def _drawn(connection: Connection, page: CasePage, process: ProcessRow) -> dict[str, Any]:
    """One process of the case on its drawing; the page of a case with one process is titled by the process itself."""
    bpmn = drawing_of(connection, process.definition_id)
    title = gettext(house().catalogue[process.kind].title)
    return {
        "row": process,
        "title": title,
        "source": url_for("cases.drawing", case_id=page.case.id, process=process.id),
        "svg": draw(bpmn, done=process.done, current=process.current, title=title, translate=gettext),
    }


def _forms(connection: Connection, page: CasePage) -> dict[str, Any]:
    by_form: dict[str, list[FormVersion]] = {}
    for version in page.forms:
        by_form.setdefault(version.form, []).append(version)
    people = directory.people(connection, {version.by_id for version in page.forms})
    return {
        "books": [_book(connection, page, key, found) for key, found in by_form.items()],
        "writers": people,
        "absent": _absent(page, "forms"),
    }


def _book(connection: Connection, page: CasePage, key: str, versions: list[FormVersion]) -> dict[str, Any]:
    """One form with its versions: the newest in full, and what each version changed."""
    form = cast("SchemaForm", forms_of(house().catalogue, page.case.kind)[key])
    listed = options_of(connection, page.case)
    changed = []
    for before, after in pairwise(versions):
        rows = versus(form, forms.flatten(before.answers), after.answers, listed)
        changed.append((after, [row for row in rows if row.differs]))
    return {
        "form": form,
        "newest": versions[-1],
        "first": versions[0],
        "groups": sheet_rows(form, versions[-1].answers, listed, full=False),
        "changed": changed,
    }


def _papers(connection: Connection, page: CasePage) -> dict[str, Any]:
    known_forms = forms_of(house().catalogue, page.case.kind)
    rows = []
    for paper in page.papers:
        form = cast("SchemaForm", known_forms[paper.form])
        known = paper.field in field_infos(form)
        rows.append((paper, label_at(form, paper.field) if known else Message(form.title)))
    return {"rows": rows, "writers": directory.people(connection, {paper.by_id for paper in page.papers})}


def _signatures(_connection: Connection, page: CasePage) -> dict[str, Any]:
    titles = {key: form.title for key, form in forms_of(house().catalogue, page.case.kind).items()}
    return {"titles": titles, "absent": _absent(page, "signatures")}


def _absent(page: CasePage, holding: str) -> dict[int, str]:
    """Id of a form version or signature → the name of the person in whose place it was made."""
    told = [(e.content.get(holding, ()), e.content.get("on_behalf_of")) for e in page.history]
    return {item["id"]: behalf["name"] for items, behalf in told if behalf for item in items}


_PARTS = {
    "overview": _overview,
    "timeline": _timeline,
    "diagram": _diagram,
    "forms": _forms,
    "papers": _papers,
    "signatures": _signatures,
    "reads": team_part.reads,
}
#: tabs with forms of their own
_TYPED = {"collab": collaboration.part, "contact": contact.part, "team": team_part.team}


@bp.get("/<int:case_id>/drawing.bpmn")
def drawing(case_id: int) -> Response:
    """The BPMN file of one process of the case in its own version, for the viewer; the latest when none is named."""
    wanted = request.args.get("process", type=int)
    with reading() as connection:
        page = case_page(house(), connection, me(), case_id)
        row = next((each for each in page.processes if each.id == wanted), page.latest)
        return Response(drawing_of(connection, row.definition_id), mimetype="application/xml")


@bp.get("/<int:case_id>/withdraw")
def withdraw(case_id: int) -> ResponseReturnValue:
    """Ask for the reason before a case is ended at the applicant's wish, or say why it cannot be."""
    return _withdraw_page(case_id)


@bp.post("/<int:case_id>/withdraw")
def confirm_withdraw(case_id: int) -> ResponseReturnValue:
    """End the case at the applicant's wish."""
    reason = request.form.get("reason", "")
    try:
        act(commands.withdraw_case, key=posted_key(), case_id=case_id, reason=reason)
    except InvalidAnswers as wrong:
        return _withdraw_page(case_id, reason, next(iter(wrong.problems.values()))[0], 422)
    except NotFound:
        raise
    except EngineError as refused:
        return _withdraw_page(case_id, reason, refused, status_of(refused))
    return redirect(url_for("cases.show", case_id=case_id), 303)


def _withdraw_page(
    case_id: int, reason: str = "", problem: Message | EngineError | None = None, status: int = 200
) -> ResponseReturnValue:
    with reading() as connection:
        page = case_page(house(), connection, me(), case_id)
    process = house().catalogue[page.case.kind]
    barrier = _barrier(page)
    status = status if barrier is None else barrier[1]
    shown = {"case": page.case, "process": process, "reason": reason, "problem": problem}
    return render_template("withdraw.html", **shown, barrier=barrier and barrier[0]), status


def _barrier(page: CasePage) -> tuple[Message, int] | None:
    """Why the reader cannot withdraw the case, with the HTTP status: the rule of the command, told before she types."""
    if page.case.state != "open":
        return Message(N_("此件已办结，不能再撤回")), 409
    if not page.may[str(Permission.WITHDRAW_CASE)]:
        posts = "、".join(gettext(name) for name in posts_with(Permission.WITHDRAW_CASE, page.subject))
        return Message(N_("您的岗位不能代申请人撤回。可以办理撤回的岗位：{posts}。"), {"posts": posts}), 403
    if not any(house().catalogue[row.kind].withdrawal(row.element) for row in page.open_tasks):
        return Message(N_("此步骤已不能撤回")), 409
    return None


@bp.get("/named")
def named() -> str:
    """The papers she was named for, of cases she does not see."""
    with reading() as connection:
        return render_template("named_papers.html", papers=named_papers(house(), connection, me()))


@bp.get("/papers/<int:paper_id>")
def paper(paper_id: int) -> Response:
    """The bytes of one paper, for whoever may read its case; never interpreted by the browser as anything else."""
    with reading() as connection:
        found = readable_paper(house(), connection, me(), paper_id)
    note(log_read, case_id=found.case_id, what=f"paper {paper_id}")
    answer = sent(found)
    answer.headers["Content-Security-Policy"] = headers.ENCLOSED
    return answer
