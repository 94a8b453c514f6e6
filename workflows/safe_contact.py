"""What the forms of a process ask of the gate (`engine.outgoing`): whether what is being recorded may have gone to her.

A form that says how something reached a person names its field here (`ASKED`); a test holds every form to that.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from engine.contact import Channel, Wish
from engine.outgoing import judge

if TYPE_CHECKING:
    from engine.messages import Message
    from engine.process_type import CaseView

#: how a petitioner was told: in person, or by the telephone that is safe
_NOTICE: Final = {"IN_PERSON": Channel.IN_PERSON, "PHONE": Channel.PHONE}
#: (form, field) that say how something went out → code of the form → the channel it is; other codes say that nothing did
ASKED: Final[Mapping[tuple[str, str], Mapping[str, Channel]]] = {
    ("remind", "method"): {"IN_PERSON": Channel.IN_PERSON, "BY_PHONE": Channel.PHONE},
    ("confirm_refusal", "deliveredHow"): {
        "IN_PERSON": Channel.IN_PERSON,
        "PHONE": Channel.PHONE,
        "MAIL": Channel.LETTER,
    },
    ("accept", "noticeHow"): _NOTICE,
    ("guide", "noticeHow"): _NOTICE,
    ("deliver", "way"): _NOTICE,
    ("mediation_ended", "toldHer"): _NOTICE,
    ("review_delivered", "way"): _NOTICE,
    ("recheck_delivered", "way"): _NOTICE,
}
#: the same for what goes to others than her: the written notice the law demands for a guarantor (民法典 692), at his own address,
#: and that a mediation is over to the other party (人民调解法 26)
ASKED_OF_OTHERS: Final[Mapping[tuple[str, str], Mapping[str, Channel]]] = {
    ("tell_guarantors", "notices.method"): {"IN_PERSON": Channel.IN_PERSON, "MAIL": Channel.LETTER},
    ("mediation_ended", "toldOther"): {"IN_PERSON": Channel.IN_PERSON, "MAIL": Channel.LETTER},
}

#: what lays down how she may be reached, and sends nothing
LAID_DOWN: Final = frozenset((form, "safeChannel") for form in ("register", "referred", "call", "called"))


def refused(view: CaseView, form: str, field: str, code: str | None) -> Message | None:
    """Why what a form records may not go to the person of the case; None when it may, or when nothing went out."""
    channel = ASKED[form, field].get(code or "")
    return None if channel is None else judge(view, Wish(channel), recorded=True)


def refused_to(view: CaseView, person: str, form: str, field: str, code: str | None) -> Message | None:
    """The same for somebody else, by keyed hash: a guarantor may herself be a woman nobody must write to."""
    channel = ASKED_OF_OTHERS[form, field].get(code or "")
    return None if channel is None else judge(view, Wish(channel), person=person, recorded=True)


def in_person(view: CaseView) -> Message | None:
    """Why nothing may be handed to her; None when it may."""
    return judge(view, Wish(Channel.IN_PERSON), recorded=True)
