"""Search for cases. What was typed never stands in an address: a name travels sealed, an ID number as its keyed hash."""

from __future__ import annotations

import re
from typing import Any, cast

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from engine.fields import Unreadable
from engine.messages import N_, Message
from engine.queries import search as queries
from engine.queries.inbox import Cursor
from engine.search_index import normalised
from webui import directory
from webui.language import gettext
from webui.outcomes import outcome_name
from webui.runtime import house, me, now, reading
from webui.words import ago
from workflows.organisation import person_hash
from workflows.people import idcard_problem

bp = Blueprint("search", __name__, url_prefix="/search")

#: a case number or its beginning: letter first, as no ID number does
_NUMBER = re.compile(r"[A-Za-z][A-Za-z0-9-]{0,31}")
#: what can only be meant as an ID number
_DIGITS = re.compile(r"[\d\s]+[Xx]?")
STATES = {"": N_("全部"), "open": N_("办理中"), "closed": N_("已办结")}


def sealed_query(typed: str) -> dict[str, str] | Message:
    """What was typed as it may stand in an address (number, person or words); why it cannot be searched for otherwise."""
    if idcard_problem(typed) is None:
        return {"person": person_hash(house().vault, typed)}
    if _NUMBER.fullmatch(typed):
        return {"number": typed}
    if _DIGITS.fullmatch(typed):
        return cast("Message", idcard_problem(typed))
    if not normalised(typed) or len(typed) > queries.LONGEST:
        bounds = {"limit": queries.LONGEST, "seen": len(typed)}
        return Message(N_("请输入 1 至 {limit} 个字（现为 {seen} 个）"), bounds)
    return {"words": house().vault.seal(typed.encode()).decode()}


@bp.get("/")
def show() -> str:
    """The results for what an address carries."""
    return _page()


@bp.post("/")
def ask() -> ResponseReturnValue:
    """Turn what was typed into an address."""
    typed = request.form.get("sought", "").strip()
    if not typed:
        return redirect(url_for("search.show"), 303)
    query = sealed_query(typed)
    if isinstance(query, Message):
        return _page(typed, query), 422
    return redirect(url_for("search.show", **cast("Any", query)), 303)


def _page(typed: str = "", unclear: Message | None = None) -> str:
    chosen = request.args
    words = unsealed(chosen.get("words", ""))
    state = chosen.get("state", "")
    sought = queries.Sought(
        chosen.get("number", "")[:40],
        chosen.get("person", "")[:64],
        words,
        cast("queries.State", state) if state in ("open", "closed") else None,
    )
    with reading() as connection:
        page = queries.find(house(), connection, me(), sought, after=Cursor.parse(chosen.get("after")))
        return render_template(
            "search.html",
            page=page,
            typed=typed or words or sought.number,
            unclear=unclear,
            asked=bool(sought.number or sought.subject_hash or words),
            by_person=bool(sought.subject_hash),
            states=STATES,
            state=state if state in STATES else "",
            kept={k: v for k, v in chosen.items() if k in ("number", "person", "words")},
            units=directory.unit_names(connection, {row.unit_id for row in page.rows}),
            kinds={key: gettext(process.title) for key, process in house().catalogue.items()},
            outcome=outcome_name(connection),
            when=lambda at: ago(at, now()) if at else "",
        )


def unsealed(sealed: str) -> str:
    """What an address or a form carries; "" when it was bent, or sealed elsewhere."""
    try:
        return house().vault.open(sealed.encode()).decode() if sealed else ""
    except (Unreadable, UnicodeError, ValueError):
        return ""
