"""Work on a task: open it, save, check, submit, claim, send back. Each view builds one command; none decides anything."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

from flask import Blueprint, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands import tasks as commands
from engine.commands.reading import log_task_read
from engine.commands.returning import return_task
from engine.errors import (
    EngineError,
    InvalidAnswers,
    NotNow,
    SignatureRequired,
    StaleTask,
    TaskNotReady,
    WouldBeRefused,
)
from engine.fields import digest
from engine.messages import N_, Message
from engine.process_type import Check, Problems
from engine.queries.task_page import check_answers, task_page
from webui import forms, proof
from webui.collaboration import DONE
from webui.errors import status_of
from webui.language import gettext
from webui.papers import take_files
from webui.runtime import act, house, me, now, posted_key, reading
from webui.runtime import note as remember
from webui.sheets import options_of, versus
from webui.task_view import Showing, context, render
from webui.verb_words import WORDS
from webui.words import moment
from workflows.entering import TooManyAttempts
from workflows.form import SchemaForm

#: what a structural verb has done, told on the page it led to
DID = {**{verb: words.done for verb, words in WORDS.items()}, "opinion": N_("您的意见已签署。")}

bp = Blueprint("tasks", __name__, url_prefix="/tasks")


@dataclass(frozen=True)
class Posted:
    """A task form as it came in: its schema, the text by path, the version the page was made from."""

    form: SchemaForm
    text: dict[str, str]
    version: int

    @property
    def answers(self) -> dict[str, Any]:
        """The typed text as nested answers."""
        return forms.nest(self.form, self.text)


def posted(task_id: int) -> Posted:
    """Read the form of a request; the page names its form, and the command checks it against the task."""
    process = house().catalogue.get(request.form.get("_kind", ""))
    form = process.forms.get(request.form.get("_form", "")) if process else None
    if form is None:
        with reading() as connection:
            form = task_page(house(), connection, me(), task_id).form
    text = {name: value for name, value in request.form.items() if not name.startswith("_")}
    version = request.form.get("_version", "")
    return Posted(cast("SchemaForm", form), text, int(version) if version.isdecimal() and len(version) < 10 else 0)


@bp.get("/<int:task_id>")
def show(task_id: int) -> str:
    """The working page; for a closed task, what was done and where the matter went."""
    note = ""
    if request.args.get("restored"):
        note = gettext("已恢复您登录过期前填写的内容，请核对后提交；附件需要重新选择。")
    elif request.args.get("saved"):
        note = gettext("已暂存。")
    elif did := DID.get(request.args.get("did", "")):
        note = gettext(did)
    elif done := DONE.get(request.args.get("done", "")):
        note = gettext(done)
    shown = render(task_id, Showing(note=note))
    remember(log_task_read, task_id=task_id)
    return shown


@bp.post("/<int:task_id>")
def submit(task_id: int) -> ResponseReturnValue:
    """Submit the form: 303 to what it led to, or the same page with everything that was typed and what is wrong."""
    form = posted(task_id)
    if g.get("page_expired"):
        note = gettext("页面已过期（可能在别处重新登录过）。内容已保留，请核对后再提交一次。")
        return render(task_id, Showing(form.text, note=note)), 400
    return _submit(task_id, form)


submit.takes_expired_pages = True  # type: ignore[attr-defined]


def _submit(task_id: int, form: Posted) -> ResponseReturnValue:
    problems, status = take_files(task_id, form.form)
    if problems:
        return _again(task_id, form, Showing(form.text, problems), status)
    try:
        _complete(task_id, form)
    except InvalidAnswers as wrong:
        return _again(task_id, form, Showing(form.text, wrong.problems), 422)
    except WouldBeRefused as refused:
        return _again(task_id, form, Showing(form.text, refused=Check(refusals=refused.refusals)), 422)
    except (SignatureRequired, TooManyAttempts) as unsigned:
        return _again(
            task_id, form, Showing(form.text, aside={"_password": unsigned.render(gettext)}), status_of(unsigned)
        )
    except (StaleTask, TaskNotReady) as changed:
        return conflict(task_id, form, changed)
    except EngineError:
        keep(task_id, form)
        raise
    return redirect(url_for("tasks.show", task_id=task_id), 303)


def _complete(task_id: int, form: Posted) -> None:
    key = posted_key()
    signature = proof.posted() if form.form.signed else None  # at the moment of signing (S001-48)
    act(
        commands.complete_task,
        key=key,
        task_id=task_id,
        answers=form.answers,
        seen_version=form.version,
        signature=signature,
        even_if_refused=request.form.get("anyway") == "1",
    )


def _again(task_id: int, form: Posted, showing: Showing, status: int) -> ResponseReturnValue:
    """The page once more, with what was typed; the text is kept as a draft besides."""
    keep(task_id, form)
    return render(task_id, showing), status


def keep(task_id: int, form: Posted) -> str | None:
    """Save the typed text as a draft; the time, or None when the task takes none any more."""
    key = digest([request.form.get("_key", ""), task_id, form.answers])[:40]
    try:
        act(commands.save_draft, key=key, task_id=task_id, answers=form.answers)
    except EngineError:
        return None
    return moment(now())


def conflict(task_id: int, form: Posted, error: EngineError) -> ResponseReturnValue:
    """Somebody was faster: both versions side by side, and the typed text not lost."""
    with reading() as connection:
        page = task_page(house(), connection, me(), task_id)
        stored = page.forms[form.form.key].answers if form.form.key in page.forms else {}
        rows = versus(form.form, form.text, stored, options_of(connection, page.case))
        showing = Showing(form.text, note=error.render(gettext), versus=rows)
        template = "task.html" if page.obstacle is None else "conflict.html"
        return render_template(template, **context(connection, page, showing)), 409


@bp.post("/<int:task_id>/draft")
def draft(task_id: int) -> ResponseReturnValue:
    """Save what has been typed so far: a line for the autosave, the page again for the button."""
    form = posted(task_id)
    at = keep(task_id, form)
    if "HX-Request" in request.headers:
        return render_template("draft.html", at=at), 200 if at else 409
    if at is None:
        return render(task_id, Showing(form.text, note=gettext("未能暂存：此步骤已不由您办理。"))), 409
    return redirect(url_for("tasks.show", task_id=task_id, saved=1), 303)


@bp.post("/<int:task_id>/check")
def check(task_id: int) -> ResponseReturnValue:
    """The live check: field problems and what the rules would say; changes nothing."""
    form = posted(task_id)
    with reading() as connection:
        found = check_answers(house(), connection, me(), task_id, form.answers)
    empty = {p for p in found.problems if not form.text.get(p, "").strip()}
    if "HX-Request" in request.headers:
        parts = {
            "wrong": forms.mistakes(form.form, {p: m for p, m in found.problems.items() if p not in empty}),
            "missing": forms.mistakes(form.form, {p: m for p, m in found.problems.items() if p in empty}),
        }
        return render_template("check.html", found=found, **parts)
    return render(task_id, Showing(form.text, found.problems, check=found))


@bp.post("/<int:task_id>/claim")
def claim(task_id: int) -> ResponseReturnValue:
    """Take the task upon oneself."""
    act(commands.claim_task, task_id=task_id, seen_version=_version())
    return redirect(url_for("tasks.show", task_id=task_id), 303)


@bp.post("/<int:task_id>/release")
def release(task_id: int) -> ResponseReturnValue:
    """Give the task back to everyone who holds the post."""
    form = posted(task_id)
    keep(task_id, form)
    act(commands.release_task, task_id=task_id, seen_version=form.version)
    return redirect(url_for("tasks.show", task_id=task_id), 303)


@bp.post("/<int:task_id>/return")
def send_back(task_id: int) -> ResponseReturnValue:
    """Send the matter back to an earlier step, with a reason."""
    form = posted(task_id)
    target, reason = request.form.get("_target", ""), request.form.get("_reason", "")
    extra = {"_target": target, "_reason": reason}
    try:
        act(
            return_task,
            key=posted_key() + "-return",
            task_id=task_id,
            target=target,
            reason=reason,
            seen_version=form.version,
        )
    except InvalidAnswers as wrong:
        aside = {"_reason": _first(wrong.problems)}
        return _again(task_id, form, Showing(form.text, aside=aside, extra=extra), 422)
    except (StaleTask, TaskNotReady) as changed:
        return conflict(task_id, form, changed)
    except NotNow:
        # other branches would be taken back too: the page of the verb says which, and asks
        keep(task_id, form)
        return redirect(url_for("verbs.ask", task_id=task_id, verb="return"), 303)
    return redirect(url_for("tasks.show", task_id=task_id), 303)


def _first(problems: Problems) -> str:
    found: list[Message] = next(iter(problems.values()))
    return found[0].render(gettext)


def _version() -> int:
    seen = request.form.get("_version", "")
    return int(seen) if seen.isdecimal() and len(seen) < 10 else 0
