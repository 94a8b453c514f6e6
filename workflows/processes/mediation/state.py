"""How a mediation stands, read from its forms: consent, what the gate must know, limits, what comes next."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, select

from engine.model import task
from workflows.organisation import person_hash
from workflows.processes.mediation import register, wording
from workflows.processes.mediation.gate import Gate, gate, merged
from workflows.processes.mediation.reading import normal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from engine.messages import Message
    from engine.process_type import CaseView


#: the step that opens when it was stopped, or its time is over
_STOPPED: Final = (
    select(task.c.id)
    .where(task.c.case_id == bindparam("b_case"), task.c.element == "T_EndStopped", task.c.state != "closed")
    .limit(1)
)


def referred(view: CaseView) -> Mapping[str, Any]:
    """The hand-over sheet."""
    return view.form("referred") or {}


def parties(view: CaseView) -> Mapping[str, Any]:
    """Both parties and the matter: what she said when she was asked, and before that what was handed over."""
    return parties_of(referred(view), view.form("consent_her") or {})


def parties_of(handed: Mapping[str, Any], her: Mapping[str, Any]) -> dict[str, Any]:
    """The same out of two forms: name, idcard, phone, address of hers and, with "other", of the other party; relation, topic."""
    found = {name: handed.get(name) for name in ("name", "idcard", "phone", "address", "otherName", "subject")}
    found |= {"otherIdcard": None, "otherPhone": None, "otherAddress": None, "relation": None, "topic": None}
    named = {"partyName": "name", "partyIdcard": "idcard", "otherParty": "otherName"}
    for name, value in her.items():
        target = named.get(name, name)
        if value and target in found:
            found[target] = value
    return found


def known(view: CaseView) -> Mapping[str, Any]:
    """What the gate reads: the hand-over sheet, what she said, the last check; of several answers the worse."""
    found: Mapping[str, Any] = referred(view)
    for form in (view.form("consent_her"), view.form("check")):
        found = found if form is None else merged(found, form)
    return found


def consent(view: CaseView) -> str:
    """NOT_ASKED, GIVEN, REFUSED, NOT_ALONE (`gate.gate`)."""
    her, other, check = view.form("consent_her"), view.form("consent_other"), view.form("check")
    if her is None:
        return "NOT_ASKED"
    refused = not her.get("willing") or (other is not None and not other.get("otherWilling"))
    if refused or (check is not None and not check.get("stillWilling")):
        return "REFUSED"
    return "GIVEN" if alone_and_written(her) else "NOT_ALONE"


def alone_and_written(her: Mapping[str, Any]) -> bool:
    """Whether her consent counts: she was asked alone and has signed."""
    return bool(her.get("willing") and her.get("alone") and her.get("consentForm") == "WRITTEN")


def ask_gate(view: CaseView) -> Gate:
    """D5 for this mediation as things stand now."""
    return gate(view, known(view), consent(view))


def consenting(period: str) -> Mapping[str, Message]:
    """Who must consent to more time: both, she alone (云和's thirty days and thirty more “经双方同意”)."""
    return wording.BOTH if period == "med.duration" else {}


def why_refused(view: CaseView) -> str:
    """The ending behind a refusal: whose it was, and when (`wording.ENDING`)."""
    her, other, check = view.form("consent_her") or {}, view.form("consent_other"), view.form("check")
    if check is not None and not check.get("stillWilling"):
        return "STOP_HER"
    if not her.get("willing"):
        return "REFUSED_HER"
    if other is not None and not other.get("otherWilling"):
        return "REFUSED_OTHER"
    return "NOT_ALONE"


def ending(view: CaseView) -> str:
    """Why it is being ended; when nobody has ended it, its time is over."""
    return register.standing(view).ending or "OVER_TIME"


def by_hand(agreement: Mapping[str, Any], topic: str | None) -> bool:
    """Whether an agreement touches marriage, adoption or inheritance, so that it is no electronic document (电子签名法 3).

    What it says counts, whatever topic was chosen for it.
    """
    items = agreement.get("items") or ()
    written = "".join(str(text or "") for text in (agreement.get("otherTerms"), *(item.get("what") for item in items)))
    topics = {topic, *(item.get("topic") for item in items)}
    return bool(topics & set(wording.BY_HAND_TOPICS)) or any(word in normal(written) for word in wording.BY_HAND_WORDS)


def effective_on(view: CaseView) -> date:
    """Since when an agreement counts: the last signature or seal; what was agreed orally, since it was agreed (29)."""
    agreed = view.form("agreement") or {}
    if agreed.get("way") == "ORAL":
        return date.fromisoformat(agreed["agreedOn"])
    signed = view.form("agreement_signed") or {}
    days = (signed[name] for name in ("herSignedOn", "otherSignedOn", "mediatorSignedOn", "sealedOn"))
    return max(date.fromisoformat(day) for day in days)


def violence_seen(view: CaseView) -> bool:
    """Whether she, a session, or who stopped the mediation has told of new violence or a threat."""
    return bool(violence_told(view))


def violence_told(view: CaseView) -> str:
    """What was told of new violence or a threat: in a session, when it was stopped, or by her, asked alone; "" for none."""
    session, stop, check = (view.form(key) or {} for key in ("session", "stop", "check"))
    if session.get("violence"):
        return str(session["violenceFacts"])
    if stop.get("reason") == "VIOLENCE":
        return str(stop["stopFacts"])
    return str(check["newFacts"]) if check.get("newViolence") else ""


def stopped(view: CaseView) -> bool:
    """Whether it is over and nothing but the other remedies is left to be told."""
    return view.connection.execute(_STOPPED, {"b_case": view.case.id}).first() is not None


def named(view: CaseView) -> bool:
    """Whether who acts is the mediator both have accepted."""
    row = register.mediator(view.connection, view.case.id)
    return row is not None and row.account_id == view.actor.id


def day_of(text: str | None) -> date | None:
    """A stored day."""
    return date.fromisoformat(text) if text else None


def other_hashes(view: CaseView) -> list[str]:
    """The keyed hash of the other party's ID number, when it is known."""
    idcard = parties(view)["otherIdcard"]
    return [person_hash(view.vault, idcard)] if idcard else []
