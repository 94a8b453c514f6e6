"""The log auditor's page: looking acts up, verifying, anchoring, exporting. Acts and numbers; never what a case contains (D1)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import Connection, func, or_, select

from engine import anchors, audit, audit_log
from engine.anchoring import make_anchor
from engine.clock import SHANGHAI, start_of_day
from engine.commands.auditing import ask_verification, record_audit, told_of
from engine.dossier.symbols import qr
from engine.errors import NotFound
from engine.messages import N_, Message
from engine.model_audit import audit_log as record
from engine.queries import audit_search
from engine.queries.audit_search import LOGS, Asked, Line, case_named
from engine.queries.inbox import Cursor
from webui import audit_words, directory
from webui.language import gettext
from webui.runtime import act, house, me, new_key, now, posted_key, reading
from webui.verifying import WORTH_SHARING, entries
from workflows import model

bp = Blueprint("audit", __name__, url_prefix="/audit")

#: faults shown on the page; the command line lists them all
SHOWN = 100
_HEAD = ("时间", "人员编号", "人员", "岗位", "行为", "案件", "记录", "环节", "任务编号", "内容")
#: what a spreadsheet would take for a formula when a cell begins with it
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


@bp.get("")
def show() -> str:
    """The page for what an address asks: ids, acts, days; no name stands in an address."""
    return _page()


@bp.post("")
def verify() -> ResponseReturnValue:
    """Walk one chain or all of them and say what was found; where all would take long, a job does it."""
    number = request.form.get("number", "").strip()
    with reading() as connection:
        audit_search.require(house().rules, me())
        case_id = case_named(connection, house().rules, me(), number) if number else None
        if number and case_id is None:
            return _page(number=number, unknown=True)
        if case_id is None and entries(connection) > WORTH_SHARING:
            house().execute(ask_verification, actor=me(), key=new_key())
            return redirect(url_for("audit.show", waits=1), 303)
        result = audit.verify(connection, house().vault, case_id)
        numbers = _numbers(connection, [fault.case_id for fault in result.faults[:SHOWN]])
    done = audit_log.VERIFIED if case_id is None else audit_log.VERIFIED_ONE
    house().execute(record_audit, actor=me(), key=new_key(), act=done, told=told_of(result, case_id, "full"))
    return _page(result=result, number=number, numbers=numbers, shown=result.faults[:SHOWN], at=now())


@bp.post("/search")
def ask() -> ResponseReturnValue:
    """Turn what was typed into an address."""
    typed = request.form
    kept: dict[str, Any] = {name: typed[name] for name in ("log", "act", "since", "until") if typed.get(name)}
    with reading() as connection:
        audit_search.require(house().rules, me())
        if who := typed.get("person", "").strip():
            account = model.account
            meant = [account.c.login == who, account.c.name == who]
            if who.isascii() and who.isdigit() and len(who) < 18:
                meant.append(account.c.id == int(who))
            found = connection.execute(select(account.c.id).where(or_(*meant)).limit(20)).scalars()
            kept["person"] = ",".join(str(one) for one in found) or "0-"
        if what := typed.get("case", "").strip():
            kept["case"] = case_named(connection, house().rules, me(), what) or 0
    return redirect(url_for("audit.show", **kept), 303)


@bp.post("/export")
def export() -> Response:
    """The lines that were found as CSV; the export is an entry of its own before the first line goes out."""
    asked = _asked()
    table, _ = LOGS[asked.log]
    with reading() as connection:
        rows = audit_search.count(connection, house().rules, me(), asked)
        upto = int(connection.execute(select(func.max(table.c.id))).scalar() or 0)
        names = dict(directory.people(connection, connection.execute(select(model.account.c.id)).scalars()))
    told = {"log": asked.log, "rows": rows, "upto": upto, "asked": request.args.to_dict()}
    act(record_audit, key=f"{posted_key()}-export"[:64], act=audit_log.EXPORTED, told=told)
    lines = audit_search.parts(house(), me(), asked, upto)
    answer = Response(stream_with_context(_csv(asked.log, lines, names)), mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename=f"audit-{asked.log}.csv")
    return answer


@bp.post("/anchors")
def anchor() -> ResponseReturnValue:
    """Make an anchor now, and show it for printing."""
    return redirect(url_for("audit.anchored", seq=make_anchor(house(), me()).seq), 303)


@bp.get("/anchors/<int:seq>")
def anchored(seq: int) -> str:
    """One anchor on one page of paper, with its QR code."""
    made = _stored(seq)
    at = anchors.moment(made.at)
    code = f"halfsky {made.seq} {made.root} {made.value}"
    return render_template("audit_anchor.html", anchor=made, at=at, code=qr(code, large=True))


@bp.get("/anchors/<int:seq>.txt")
def anchor_file(seq: int) -> Response:
    """The anchor as the small file that `halfsky audit verify --anchor` reads."""
    answer = Response(_stored(seq).text(), mimetype="text/plain")
    answer.headers.set("Content-Disposition", "attachment", filename=f"halfsky-anchor-{seq}.txt")
    return answer


def _stored(seq: int) -> anchors.Anchor:
    audit_search.require(house().rules, me())
    with reading() as connection:
        row = anchors.numbered(connection, seq)
    if row is None:
        raise NotFound(what=Message(N_("第 {seq} 号审计锚"), {"seq": seq}))
    return anchors.of_row(row)


def _asked() -> Asked:
    """What an address asks for; what cannot be read is not asked for, and an unknown person or case finds nothing."""
    chosen = request.args
    log = chosen.get("log", "acts")
    actors = [
        int(one) for one in chosen.get("person", "").split(",") if one.isascii() and one.isdigit() and len(one) < 18
    ]
    until = _day("until")
    return Asked(
        log if log in LOGS else "acts",
        tuple(actors) if chosen.get("person") else None,
        chosen.get("case", type=int) if chosen.get("case") and log != "audits" else None,
        chosen.get("act", "")[:40],
        start_of_day(since) if (since := _day("since")) else None,
        start_of_day(until + timedelta(days=1)) if until else None,
    )


def _day(name: str) -> date | None:
    try:
        return date.fromisoformat(request.args.get(name, ""))
    except ValueError:
        return None


def _page(**shown: Any) -> str:
    rules, asked = house().rules, _asked()
    with reading() as connection:
        found = audit_search.search(connection, rules, me(), asked, after=Cursor.parse(request.args.get("after")))
        verified = _last(connection, audit_log.VERIFIED)
        newest = anchors.newest(connection)
        people = directory.people(
            connection,
            [row.actor_id for row in found.rows]
            + [row.actor_id for row in (verified,) if row]
            + list(asked.actors or ()),
        )
        numbers = shown.pop("numbers", None)
        if numbers is None and verified is not None:
            numbers = _numbers(connection, [case for case, _, _ in verified.content["found"]])
    names = audit_words.act_names(asked.log)
    return render_template(
        "audit.html",
        found=found,
        asked=asked,
        people=people,
        verified=verified,
        newest=newest,
        numbers=numbers or {},
        tabs={key: gettext(words) for key, words in audit_words.TABS.items()},
        acts=names,
        said=lambda line: audit_words.said(asked.log, line, names),
        told=audit_words.told,
        post_name=directory.post_name,
        kept={k: v for k, v in request.args.items() if k in ("log", "person", "case", "act", "since", "until")},
        waits=request.args.get("waits") == "1",
        **{"result": None, "number": "", "unknown": False, **shown},
    )


def _last(connection: Connection, done: str) -> Any:
    newest = select(record).where(record.c.act == done).order_by(record.c.seq.desc()).limit(1)
    return connection.execute(newest).one_or_none()


def _numbers(connection: Connection, ids: list[int]) -> dict[int, str]:
    return audit_search.numbers(connection, house().rules, me(), ids)


def _csv(log: str, lines: Iterator[Line], names: dict[int, str]) -> Iterator[str]:
    """With a mark of its encoding, which spreadsheets need; a cell that could be a formula begins with an apostrophe."""
    acts = audit_words.act_names(log)
    yield "\ufeff" + _row(_HEAD)
    for line in lines:
        at = line.at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
        who = names.get(line.actor_id, "")
        done = audit_words.said(log, line, acts)
        seq, task = line.seq or "", line.task_id or ""
        told = (at, line.actor_id, who, line.post, done, line.number, seq, line.element, task, audit_words.told(line))
        yield _row([str(each) for each in told])


def _row(cells: Any) -> str:
    made = io.StringIO()
    csv.writer(made, lineterminator="\r\n").writerow(
        f"'{cell}" if cell.startswith(_FORMULA) else cell for cell in cells
    )
    return made.getvalue()
