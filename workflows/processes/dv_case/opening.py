"""The seam: whoever sees violence, or a minor harmed, opens a protection case with one call and hands over the facts.

The case is C3 from its first keystroke and a case of its own: nothing of the first case's history or lists tells that it exists
to those who may not see it (domain.md D2). Only the head of the rights department gets work by it, with a clock of two hours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from engine.commands.classes import make_confidential
from engine.commands.contact import carry_contact
from engine.commands.context import CaseContext
from engine.messages import N_, Message
from engine.process_type import Start
from workflows import organisation
from workflows.processes.dv_case.forms import REFERRED
from workflows.processes.hotline_call.register import RELATION as CALL

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.process_type import CaseView

RELATION: Final = "protection"


_WHY = Message(N_("有暴力或者未成年人受到侵害的，自登记起保密（D2）"))


def confide(view: CaseView) -> None:
    """A case tells of violence, or of a minor harmed: it is its team's alone from now on, as the protection is (D2)."""
    assert isinstance(view, CaseContext)  # noqa: S101 - the drawing moves within a command alone
    view.write_description()
    make_confidential(view.work, view.case.id, str(_WHY))
    view.case = view.work.fresh(view.case.id)


def open_protection(view: CaseView, facts: Mapping[str, Any], *, joins: bool = True) -> int | None:
    """Open the protection case of `view`'s case with `facts` (fields of the form "referred").

    None when it has one in hand, or the call it came from. Whoever acts is of its team (intake), unless `joins` is False.

    The facts are what was seen, who she is as far as she said, and how she is safely reached; nothing else goes over. How she is
    reached is laid down there as it is laid down here by now.
    """
    assert isinstance(view, CaseContext)  # noqa: S101 - a case is opened within a command alone
    if _in_hand(view):
        return None
    place = organisation.unit_for_post(view.connection, "RIGHTS_HEAD", view.case.unit_id)
    home = place or organisation.unit(view.connection, view.case.unit_id)
    told = REFERRED.dump({name: facts.get(name) for name in REFERRED.schema.fields})
    where = Start(home.id, home.path, home.code)
    made = view.open_case("dv_case", where, relation=RELATION, form=REFERRED.key, answers=told, joins=joins)
    carry_contact(view.work, view.case.id, made)
    return made


def _in_hand(view: CaseContext) -> bool:
    calls = [each.case_id for each in view.linked(CALL) if not each.later]
    seen = (view, *(view.beside(view.work.case(case_id), view.process) for case_id in calls))
    return any(each.later and each.state == "open" for one in seen for each in one.linked(RELATION))
