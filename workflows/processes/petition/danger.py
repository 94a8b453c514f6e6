"""Violence, or harm to a minor, that comes to light after the item was registered: the same door as on the first day."""
# ruff: noqa: N815 - field names are the JSON contract of processes.md §2

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from engine.messages import N_
from workflows import organisation
from workflows.form_fields import Choice, LongText
from workflows.form_schema import FormSchema, Group
from workflows.processes.dv_case.opening import confide, open_protection
from workflows.processes.petition.safety import BLOCK_FIELDS

if TYPE_CHECKING:
    from engine.process_type import Answers, CaseView

SEEN: Final = (
    ("VIOLENCE", N_("有暴力或暴力威胁")),
    ("MINOR", N_("未成年人受到或可能受到侵害")),
    ("BOTH", N_("两者都有")),
)
_MINOR: Final = ("MINOR", "BOTH")


class DangerSeen(FormSchema):
    """Fields of every form in which somebody has talked with her since."""

    dangerSeen = Choice(
        N_("登记以后发现的危险"),
        SEEN,
        required=False,
        hint=N_("有的，系统立即另建保密事项，由权益部部长紧急处理；没有的不填"),
        clause="反家暴法",
    )
    dangerFacts = LongText(N_("发现的情况"), shortest=4, when=("dangerSeen", tuple(code for code, _ in SEEN)))


DANGER: Final = Group(N_("先看安全"), ("dangerSeen", "dangerFacts"))


def protect(view: CaseView, values: Answers) -> None:
    """Open the protection case; when there is one in hand, the head of the rights department is told that there is more."""
    code = values.get("dangerSeen")
    if not code:
        return
    confide(view)
    typed = view.form("register") or {}
    known = {name: typed.get(name) for name in ("name", "age", "anonymous", *BLOCK_FIELDS)}
    seen = {"violence": code != "MINOR", "minorInvolved": code in _MINOR, "minorAtRisk": code in _MINOR}
    facts = {**known, **seen, "urgency": "URGENT", "matter": values["dangerFacts"]}
    if open_protection(view, facts) is not None:
        return
    place = organisation.unit_for_post(view.connection, "RIGHTS_HEAD", view.case.unit_id)
    if place is not None:
        view.notify("RIGHTS_HEAD", place.id, "petition.danger")
