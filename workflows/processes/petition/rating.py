"""How satisfied she is, said by herself with the number and the code of her slip (S003-6): no hand of ours is in it.

It waits in the register until whoever closes the follow-up takes it over; what she has not said nobody enters in her name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from engine.access import SYSTEM
from engine.commands.context import CaseContext
from engine.errors import Forbidden, InvalidAnswers, NotFound
from engine.messages import N_, Message
from workflows.processes.petition import progress, register, wording
from workflows.processes.petition.wording import ruled

if TYPE_CHECKING:
    from engine.process_type import Answers, CaseView, Problems
    from engine.unit_of_work import UnitOfWork

SAID: Final = dict(wording.SATISFACTION)


def note_rating(uow: UnitOfWork, *, case_id: int, code: str, satisfaction: str, answered: bool) -> dict[str, Any]:
    """Keep what she says while she is asked; ``{"case_id"}``. She may say it again until the follow-up is closed.

    Forbidden for persons who are signed in; InvalidAnswers ("satisfaction"); NotFound for a wrong code, and when nobody asks.
    """
    if uow.actor != SYSTEM:
        raise Forbidden(why=Message(N_("满意度由本人凭查询码评价，工作人员不能代填")))
    if satisfaction not in SAID:
        raise InvalidAnswers({"satisfaction": [Message(N_("请选择一项评价"))]})
    case = uow.case(case_id)
    found = progress.asked(uow.connection, uow.runtime.vault, case.number, code)
    if found is None or not found.rates:
        raise NotFound(what=Message(N_("待评价的事项")))
    view = CaseContext(uow, case, uow.runtime.catalogue[case.kind])
    register.set_columns(view, rated=satisfaction, rated_on=uow.today, rated_answered=answered)
    return {"case_id": case_id}


def problems(view: CaseView, values: Answers) -> Problems:
    """A follow-up in her own words is what she said; what she denies is not passed over."""
    line = register.standing(view)
    if values["askedBy"] == "HERSELF":
        said = (line.rated, line.rated_answered)
        if line.rated is None:
            return {"askedBy": [ruled(N_("她本人还没有凭查询码评价：不能代她填写"), "S003-6")]}
        if said != (values["satisfaction"], values["hasAnswer"]):
            return {"satisfaction": [ruled(N_("与她本人的评价不一致：按她的评价填写"), "S003-6")]}
    elif line.rated_answered is False and values["hasAnswer"] and not values["words"]:
        text = N_("她本人 {on} 说还没有得到答复：请写明之后怎样答复、她怎样说")
        return {"words": [ruled(text, "S004-24", on=line.rated_on.isoformat())]}
    return {}


def told(view: CaseView) -> list[Message]:
    """What she said, for whoever follows up."""
    line = register.standing(view)
    if line.rated is None:
        return []
    heard = N_("得到了答复") if line.rated_answered else N_("还没有得到答复")
    text = N_("她本人 {on} 凭查询码评价：{said}，{heard}")
    known = {"on": line.rated_on.isoformat(), "said": Message(SAID[line.rated]), "heard": Message(heard)}
    return [Message(text, known)]
