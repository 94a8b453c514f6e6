"""How far an item has come, for whoever shows its number and the code from her slip: a neutral step and a day, no more.

The code is drawn once, when the item is registered, and stands on every paper she is handed. The register keeps its keyed hash;
the code itself stands only in the sealed history, from which they are printed. A confidential item has none, and answers as one
that does not exist; so does a wrong code. Of all of them the same questions are asked, so that the time of an answer tells no
more than the answer.
"""

from __future__ import annotations

import hmac
import secrets
import unicodedata
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, select, update

from engine.access import CONFIDENTIAL
from engine.clock import due_day
from engine.messages import N_, Message
from engine.model import case_file, task
from workflows.processes.petition.matching import AGAIN, WINDOWS
from workflows.processes.petition.register import petition_register, standing

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from sqlalchemy import Connection

    from engine.fields import Vault
    from engine.process_type import CaseView

#: what can be read out and typed without doubt
ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
LENGTH: Final = 8
#: name under which the code stands in the history
CODE: Final = "progress_code"

_line = petition_register.c
_KEEP = update(petition_register).where(_line.case_id == bindparam("b_case")).values(progress_hash=bindparam("b_hash"))
_ASKED = (
    select(
        _line.case_id, case_file.c.confidentiality, _line.progress_hash, _line.due_on, _line.concluded_on,
        _line.delivered_on, _line.closed_on, _line.answered_on, _line.accepted_on, _line.state,
    )
    .join(case_file, case_file.c.id == _line.case_id)
    .where(case_file.c.number == bindparam("b_number"))
)  # fmt: skip
_LATER = (
    select(task.c.element, task.c.due_at)
    .where(task.c.case_id == bindparam("b_case"), task.c.state == "open", task.c.element.in_((*WINDOWS, *AGAIN)))
    .order_by(task.c.id)
)


@dataclass(frozen=True)
class Progress:
    """What she is told. `due`: the last day of the step; None when nothing is due. `rates`: she may say how it was handled."""

    step: Message
    due: date | None
    case_id: int = 0
    rates: bool = False


_RATES = select(task.c.id).where(
    task.c.case_id == bindparam("b_case"), task.c.element == "T_Answer", task.c.state == "open"
)


def give_code(view: CaseView) -> None:
    """Draw the code of an item that has none; it never changes, and a confidential item gets none."""
    if view.case.confidentiality in CONFIDENTIAL or standing(view).progress_hash is not None:
        return
    code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    view.change(_KEEP, {"b_case": view.case.id, "b_hash": view.vault.lookup("progress", _secret(view.case.id, code))})
    view.register_changed(register="petition_register", **{CODE: code})


def code_in(content: Mapping[str, Any]) -> str:
    """The code that an entry of the history tells of, as it is printed; "" for every other entry."""
    code = str(content.get(CODE) or "")
    return f"{code[:4]}-{code[4:]}" if code else ""


def asked(connection: Connection, vault: Vault, number: str, code: str) -> Progress | None:
    """How far the item of this number has come; None whatever the reason why that is not said."""
    row = connection.execute(_ASKED, {"b_number": plain(number)}).one_or_none()
    case_id = 0 if row is None else row.case_id
    kept = "-" if row is None or row.progress_hash is None else row.progress_hash
    known = vault.lookups("progress", _secret(case_id, plain(code).replace("-", "")))
    right = [hmac.compare_digest(each, kept) for each in known]
    later = connection.execute(_LATER, {"b_case": case_id}).first()
    rates = connection.execute(_RATES, {"b_case": case_id}).first() is not None
    if row is None or not any(right) or row.confidentiality in CONFIDENTIAL:
        return None
    return replace(_told(row, later), case_id=row.case_id, rates=rates)


def _told(row: Any, later: Any) -> Progress:
    steps = (
        (row.state == "joined", N_("已并入您在先反映的同一事项，一并办理")),
        (row.closed_on is not None and later is None, N_("已办结")),
        (row.closed_on is None and row.state == "guided", N_("已告知由其他机关处理")),
        (row.closed_on is None and row.delivered_on is not None, N_("处理意见已送达")),
        (row.closed_on is None and row.answered_on is not None, N_("已答复")),
        (row.closed_on is None and row.concluded_on is not None, N_("已有处理意见，准备送达")),
    )
    known = next((text for holds, text in steps if holds), None)
    if known is not None:
        return Progress(Message(known), None)
    if row.closed_on is not None:
        again = N_("正在复查复核") if later.element in AGAIN else N_("已办结，可以申请复查或者复核")
        return Progress(Message(again), due_day(later.due_at))
    step = N_("已登记，正在审查是否受理") if row.accepted_on is None else N_("已受理，正在办理")
    return Progress(Message(step), row.due_on)


def _secret(case_id: int, code: str) -> str:
    return f"{case_id}:{code}"


def plain(typed: str) -> str:
    """As numbers and codes are compared, whatever way they were typed; what is longer than any of them is cut off."""
    return "".join(unicodedata.normalize("NFKC", typed).upper().split())[:40]
