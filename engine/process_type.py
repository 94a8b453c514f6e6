"""What a process type hands to the engine: its forms, its decisions, who works on what, and how long that may take.

A process type is data and pure rules. It reads through :class:`CaseView` and answers; it never writes a table of the engine.
What it wants done is returned or recorded: events, notices, shares.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Protocol

from sqlalchemy import Connection, Row
from sqlalchemy.sql import Executable

from engine.access import Actor
from engine.clock import Calendar, Period
from engine.decisions import Decision, DecisionTable
from engine.fields import Vault
from engine.messages import Message

Answers = dict[str, Any]
Problems = dict[str, list[Message]]


class Form(Protocol):
    """A form of a process type, one per form key of its drawing."""

    key: str
    title: str
    #: the printed sheets this form fills ("L-01"); the first is its name on lists
    sheets: tuple[str, ...]
    #: True when submitting is a personal sign-off (S001-48)
    signed: bool

    def load(self, answers: Mapping[str, Any]) -> Answers:
        """Typed text → values (Decimal, date, bool, list …). Raises InvalidAnswers with every problem at once."""

    def attempt(self, answers: Mapping[str, Any]) -> tuple[Answers, Problems]:
        """What can be read so far, and what is wrong with the rest; for live checks of a half-typed form."""

    def dump(self, values: Answers) -> dict[str, Any]:
        """Values → JSON data, the form in which they are digested, sealed and printed."""


class CaseView(Protocol):
    """What a process type may see and ask for during one command. `case` is the `case_file` row."""

    case: Row[Any]
    actor: Actor
    now: datetime
    today: date
    connection: Connection
    vault: Vault

    def excludes(self, account_id: int) -> bool:
        """Whether somebody is kept from this case (回避), or works on none; for a case without a guard nobody is asked."""

    def admits(self, account_id: int) -> bool:
        """Whether somebody could work in this case, would she hold the post of the step: from C3 on, its team alone."""

    def tables(self, day: date) -> Mapping[str, DecisionTable]:
        """The decision tables of the process type for an application of `day`."""

    def form(self, key: str) -> dict[str, Any] | None:
        """The newest version of a form as JSON data, the one being submitted included."""

    def signers(self) -> Mapping[str, int]:
        """Form key → id of the person whose signature on its newest version counts."""

    def principals(self) -> Mapping[str, int]:
        """Form key → id of the absent person in whose place (委托代理) its newest version was signed."""

    def papers(self, form: str) -> Mapping[str, list[int]]:
        """Field path → ids of the papers attached to a form."""

    def change(self, statement: Executable, parameters: Any = None) -> Any:
        """Write a row of the process type's own registers (a REGISTER_CHANGED event must be recorded with it)."""

    def register_changed(self, **content: Any) -> None:
        """Record in the history what `change` did."""

    def decided(self, *decisions: Decision, refusals: Sequence[Message] = ()) -> None:
        """Record explained decisions in the history. `refusals`: what they hold against the matter, told before it is filed."""

    def notify(self, post: str, unit_id: int, kind: str, **content: Any) -> None:
        """Leave a notice for whoever holds the post; `content` carries ids and codes, no personal data."""

    def share(self, unit_id: int, *, body: str, purpose: str, kinds: Collection[str]) -> None:
        """Let a unit of another body (`disclosing.BODY_NAMES`) see this case from now on; Forbidden without a consent to it."""

    def consents(
        self, recipient: str, purpose: str, kinds: Collection[str], expires_on: date, told: str, *, again: bool = True
    ) -> None:
        """She has consented on a form (`disclosing`), unless one counts; `again` False: nor where one was given ever before."""

    def rescreen(self) -> None:
        """The parties of the case have changed: as soon as this is stored, its open tasks go to those who may work on them."""

    def findable(self, texts: Mapping[str, str]) -> None:
        """Let the case be found by these texts (of `Findable.searchable`) from now on; they are stored sealed and hashed."""

    def open_case(
        self, kind: str, where: Start, *, relation: str, form: str, answers: Mapping[str, Any], joins: bool = True
    ) -> int:
        """Open a case of its own that begins in this one; returns its id.

        `answers` (as `Form.dump` gives them) become `form` of the new case, its hand-over sheet, which stands on no step. The
        first task goes to whom the other process type names; who acts is of the team of a guarded case (intake), unless she
        only gave the occasion (`joins` False: a mediator of another body sees nothing of the protection that begins).
        """

    def link(self, other_id: int, relation: str) -> None:
        """Say that this case, the later one, belongs to another: "repeat" for the same matter come again."""

    def linked(self, relation: str) -> Sequence[Linked]:
        """The cases this one is linked to in that way, on either side, the earliest link first; asks no permission."""

    def describe(self, **columns: Any) -> None:
        """Set columns of the case row: subject, subject_hash, applied_on, policy_id, unit_id, path."""


@dataclass(frozen=True)
class Candidates:
    """Who may work on a task: a post in a unit, and in whose place when it is not the drawing's own (代办, D3.5)."""

    post: str
    unit_id: int
    acting_for: str | None = None
    reason: str | None = None
    #: the one person meant, 0 for whoever holds the post
    account_id: int = 0
    #: who was passed over for being too close to the case, as the history tells it (ids and codes)
    barred: tuple[Mapping[str, Any], ...] = ()
    let_in: str = ""  # why its holders are taken into the team of a confidential case, acting in nobody's place (msgid)


@dataclass(frozen=True)
class Start:
    """Where a new case belongs, asked before anything is typed."""

    unit_id: int
    path: str
    #: the unit's code in business numbers
    unit_code: str


@dataclass(frozen=True)
class Linked:
    """A case that belongs to another. `state`: open, closed; `outcome`: the end event, None while it runs.

    Both tell of what the case was opened for; a sequel that goes on in it (the performance of an agreement) is no part of that.
    """

    case_id: int
    number: str
    kind: str
    state: str
    outcome: str | None
    ended_at: datetime | None
    #: whether it is the later one of the two (opened from the other, or the matter come again)
    later: bool


@dataclass(frozen=True)
class Check:
    """A live check of what has been typed so far: field problems, and what the decision tables would say."""

    problems: Problems = field(default_factory=dict)
    refusals: Sequence[Message] = ()
    decisions: Sequence[Decision] = ()


@dataclass(frozen=True)
class Prepared:
    """What a form opens with: values to start from, and what the person must know before she answers.

    `notes` are explained sentences (both ages for the final check, what is missing, why a refusal is proposed).
    """

    initial: Mapping[str, Any] = field(default_factory=dict)
    notes: Sequence[Message] = ()


class ProcessType(Protocol):
    """One kind of process: `workflows/processes/<key>/process.py` offers one as PROCESS."""

    key: str
    title: str
    #: letter code in business numbers (机构代码-年-类-流水); "" for a process that only goes on where another one ended
    series: str
    confidentiality: str
    forms: Mapping[str, Form]
    #: kind of notice → what its receiver reads (Chinese msgid)
    notices: Mapping[str, str]
    #: end event → the kind of process that the same case goes on with; the matter is over after every other end
    sequels: Mapping[str, str]

    def options(self, view: CaseView, name: str) -> Sequence[tuple[str, str]]:
        """A list that is only known at run time (the villages of the county): (value, label)."""

    def source(self, clause: str) -> Message:
        """A clause id as people know it: the document it stands in."""

    def start(self, connection: Connection, actor: Actor) -> Start:
        """Where a case entered by `actor` belongs; Forbidden when she enters none."""

    def examine(self, view: CaseView, form: str, values: Answers) -> Problems:
        """Rules that need the case: conflicts of interest, cross-form limits, guarantors. Empty when all is well."""

    def prepare(self, view: CaseView, form: str) -> Prepared:
        """What the form of an open task starts with when nothing has been typed yet."""

    def check(self, view: CaseView, form: str, values: Answers) -> Check:
        """What submitting would lead to, without changing anything."""

    def shipped_tables(self) -> bytes:
        """The DMN file that came with the software; b"" for a process type without decision tables."""

    def unfit_tables(self, tables: Mapping[str, DecisionTable]) -> Sequence[Message]:
        """Why tables that passed the gate could not be worked with: a fact nobody supplies, a code without words."""

    def facts(self, form: str, values: Answers) -> Mapping[str, Any]:
        """The routing facts of the drawing that this form answers."""

    def submitted(self, view: CaseView, form: str, values: Answers) -> None:
        """Effects of a submitted form on the case row and the registers, before the drawing moves on."""

    def decide(self, view: CaseView, decision: str, facts: Mapping[str, Any]) -> Mapping[str, Any]:
        """A business-rule task."""

    def perform(self, view: CaseView, operation: str, facts: Mapping[str, Any]) -> Mapping[str, Any]:
        """A service or send task."""

    def candidates(self, view: CaseView, element: str, lane: str, facts: Mapping[str, Any]) -> Candidates:
        """Who may work on a task that opens now."""

    def seats(self, view: CaseView, element: str, lane: str, facts: Mapping[str, Any]) -> Sequence[Candidates]:
        """Who signs a step with several signers (halfsky:signing), in their order; at least one."""

    def colleagues(self, view: CaseView, element: str) -> Sequence[Candidates]:
        """The persons (`account_id`) who may be asked to sign a step besides the one who does it (加签), each once."""

    def free(self, view: CaseView, element: str, post: str, unit_id: int) -> Collection[int]:
        """The accounts that hold a post in a unit today and may take this step."""

    def misplaced(self, connection: Connection, on: date) -> Sequence[int]:
        """Ids of open tasks that those who have them may no longer work on; more than these is harmless, fewer is not."""

    def may_work(self, view: CaseView, element: str, form: str) -> Message | None:
        """Why this actor may not work on this step although she holds the post (conflict, four eyes); None when she may."""

    def pauses(self, form: str, values: Answers) -> bool:
        """True when this form sends the matter back (退回补正): a pausing period of the step stops until it returns."""

    def period(self, view: CaseView, key: str) -> Period:
        """A time limit of this case, by its policy version."""

    def anchor(self, view: CaseView, key: str) -> date | None:
        """Day 0 of a period that hangs on a date of the case, or an instant of it; None: it counts from when it starts."""

    def calendar(self, view: CaseView) -> Calendar:
        """The working calendar that applies."""

    def superiors(self, view: CaseView, posts: Sequence[str]) -> Sequence[tuple[str, int]]:
        """(post, unit_id) of those a broken period is escalated to."""

    def returns(self, element: str) -> Sequence[tuple[str, str]]:
        """Earlier steps a task may be sent back to by the engine's return verb: (element, its Chinese name)."""

    def withdrawal(self, element: str) -> str | None:
        """The end event a withdrawal at this step leads to; None when it is too late."""

    def termination(self, elements: Sequence[str]) -> str | None:
        """The end event to which the house may end a case that waits at these steps; None when it may not."""

    def terminated(self, view: CaseView) -> None:
        """Effects of a termination (registers, who must be told)."""

    def withdrawn(self, view: CaseView) -> None:
        """Effects of a withdrawal (who must be told)."""


def kinds_after(catalogue: Mapping[str, ProcessType], kind: str) -> list[str]:
    """The kinds of process a case of `kind` may go on with, however far; without `kind` itself."""
    found: list[str] = []
    waiting = [kind]
    while waiting:
        process = catalogue.get(waiting.pop())
        new = [key for key in process.sequels.values() if key not in found and key != kind] if process else []
        found += new
        waiting += new
    return found


def forms_of(catalogue: Mapping[str, ProcessType], kind: str) -> dict[str, Form]:
    """The forms a case of `kind` may hold: its own and those of every kind it may go on with. Their keys are distinct."""
    known = [catalogue[key] for key in (kind, *kinds_after(catalogue, kind)) if key in catalogue]
    return {key: form for process in known for key, form in process.forms.items()}
