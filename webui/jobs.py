"""The system administrator's page of background jobs: what failed, what runs, who runs it; try again, call off."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.commands.jobs import CANCELLABLE, RETRIABLE, cancel_job, retry_job
from engine.jobs import KINDS, SCHEDULES, STATE_NAMES
from engine.messages import N_
from engine.queries.jobs import GROUPS, jobs_page
from webui.runtime import act, house, me, now, reading

bp = Blueprint("jobs", __name__, url_prefix="/jobs")

TABS = {"failed": N_("需处理"), "open": N_("未完成"), "ended": N_("已结束")}
#: what ids are called; others are shown by their names in the program
ABOUT = {"timer": N_("时限"), "case": N_("案件"), "task": N_("任务"), "batch": N_("批次")}
#: after that long without a sign of life the page says so
_SILENT = timedelta(seconds=60)


@bp.get("")
def show() -> str:
    """One tab, by the address alone."""
    group = request.args.get("tab", "")
    before = request.args.get("before", type=int)
    with reading() as connection:
        wanted = group if group in GROUPS else "failed"
        page = jobs_page(connection, house().rules, me(), group=wanted, before=before)
        if not group and not page.counts["failed"]:
            wanted = "open"
            page = jobs_page(connection, house().rules, me(), group=wanted)
    return render_template("jobs.html", page=page, tab=wanted, tabs=TABS, **_words())


@bp.post("/<int:job_id>/retry")
def retry(job_id: int) -> ResponseReturnValue:
    """Try again."""
    act(retry_job, job_id=job_id)
    return redirect(url_for("jobs.show", tab="open"), 303)


@bp.post("/<int:job_id>/cancel")
def cancel(job_id: int) -> ResponseReturnValue:
    """Call off."""
    act(cancel_job, job_id=job_id)
    return redirect(url_for("jobs.show", tab=request.form.get("tab", "open")), 303)


def _words() -> dict[str, Any]:
    return {
        "titles": {name: kind.title for name, kind in KINDS.items()},
        "rounds": {each.name: each.title for each in SCHEDULES},
        "about": ABOUT,
        "states": STATE_NAMES,
        "retriable": RETRIABLE,
        "cancellable": CANCELLABLE,
        "uncancellable": {name for name, kind in KINDS.items() if not kind.cancellable},
        "silent_before": now() - _SILENT,
    }
