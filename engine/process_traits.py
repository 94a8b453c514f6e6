"""What a process type may be besides (`process_type.ProcessType`): each is a protocol of its own, asked for where it matters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row

    from engine.access import Actor
    from engine.messages import Message
    from engine.need_to_know import Part
    from engine.process_type import CaseView


@runtime_checkable
class Findable(Protocol):
    """A process type whose cases are found by words, besides their numbers."""

    def searchable(self, view: CaseView) -> Mapping[str, str]:
        """What a case is found by, from its newest forms: "name" of the person, "words" of the matter. Empty before any."""


@runtime_checkable
class Recurring(Protocol):
    """A process type with work of its own that comes round, whether any case moves or not."""

    def come_round(self, runtime: Any) -> int:
        """Do what is due now; asked once an hour by one process of the cluster, and bears being asked twice. How much it did."""


@runtime_checkable
class Discreet(Protocol):
    """A process type with steps whose names would tell what a confidential case is about (D4: visits are “妇女走访”)."""

    #: element → the name it has on every list once the case is confidential
    neutral_titles: Mapping[str, str]


@runtime_checkable
class Labelled(Protocol):
    """A process type whose entries have a name on the lists before they are submitted."""

    def label(self, form: str, answers: Mapping[str, Any]) -> str | None:
        """The masked name that half-typed answers show ("苏*"), "" for none yet; None when this form says nothing of it."""


@runtime_checkable
class HandedOver(Protocol):
    """A process type whose cases begin in cases of other kinds alone: nobody is offered to open one by itself."""

    #: the kinds it begins in
    opened_from: Sequence[str]


@runtime_checkable
class Parted(Protocol):
    """A process type of whose cases some who work on them see a part only (need to know, D2)."""

    def part(self, connection: Connection, actor: Actor, case: Row[Any]) -> Part | None:
        """What `actor`, who may read the case, sees of it; None for all of it."""


@runtime_checkable
class ByConsent(Protocol):
    """A process type with a period that is extended only when those whom it concerns consent to it, each by herself."""

    def consenting(self, period: str) -> Mapping[str, Message]:
        """Code of each who must consent ("HER" is asked alone) → who that is; empty for a period that needs no consent."""

    def consent_rule(self, period: str) -> Message:
        """The rule that asks for it."""


@runtime_checkable
class Undoing(Protocol):
    """A process type whose registers say what a submission came to, and must not go on saying it once that is recalled."""

    def kept(self, view: CaseView, form: str) -> Message | None:
        """Why a submission of a form is not taken back although nobody has acted on it yet; None when it may be."""

    def recalled(self, view: CaseView, form: str) -> None:
        """Take out of the registers what submitting a form wrote."""
