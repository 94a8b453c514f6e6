"""What a mediator knows of a mediation: who the parties are and what it is about, what was held and agreed (need to know, D2).

Not what the gate asked of her alone, not her words, no number, no telephone, no address of either side, no scan that bears them:
she reaches nobody by herself. What it comes to (the limits of D5, whether a paper may be handed to her) is told on her forms.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from engine.messages import N_, Message
from engine.need_to_know import Part
from workflows.posts import FEDERATION_POSTS
from workflows.processes.mediation import register
from workflows.processes.mediation.forms import FORMS
from workflows.safe_contact import in_person

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from engine.access import Actor
    from engine.process_type import CaseView

MEDIATOR: Final = "MEDIATOR"
#: forms she fills in herself: all of them
OWN: Final = ("rights_told", "session", "agreement", "agreement_signed")
#: form of the case manager → what of it she sees
_SEEN: Final = {
    "referred": ("name", "otherName", "subject"),
    "consent_her": (
        "askedOn", "alone", "willing", "consentForm", "mode", "supportPerson", "partyName", "otherParty", "relation", "topic",
    ),
    "consent_other": ("otherAskedOn", "otherWilling", "otherForm"),
    "appoint_mediator": ("mediator", "chosenBy", "rejectedBy"),
    "check": ("checkedOn", "aloneAgain", "stillWilling"),
    "stop": ("stoppedOn", "reason"),
    "mediation_ended": ("ending",),
}  # fmt: skip
PART: Final = Part({**_SEEN, **{key: tuple(FORMS[key].schema.fields) for key in OWN}}, sheets=("P-09",))


def part(connection: Connection, actor: Actor, case: Row[Any]) -> Part | None:
    """The mediators who were named for the case, and whoever comes to it by that post alone; None for everybody else."""
    outside = actor.holds(MEDIATOR) and not any(post.code in FEDERATION_POSTS for post in actor.posts)
    named = any(row.account_id == actor.id for row in register.mediators(connection, case.id))
    return PART if outside or named else None


def reached(view: CaseView) -> Message:
    """How she may be reached, as far as a mediator must know: by the case manager; and whether she may be handed a paper."""
    if in_person(view) is None:
        return Message(N_("和她联系、约时间都由权益部承办人安排；文书可以在调解会上当面交给她本人"))
    return Message(N_("和她联系、约时间都由权益部承办人安排；不要把文书交给她，由承办人按安全联系约定办理"))
