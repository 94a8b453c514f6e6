"""Who may do what: permissions as data, closed by default.

A rule is a list of clauses, a clause a list of predicates; an actor is permitted when every predicate of any clause holds. The
rules themselves belong to the organisation (`workflows/rules.py`); no post is named here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy import ColumnElement, Connection

from engine.messages import Message

#: the classes of domain D2 from the least to the most confidential; those from C3 on are for the case's own team
CLASSES = ("C0", "C1", "C2", "C3", "C4")
CONFIDENTIAL = ("C3", "C4")


class Permission(StrEnum):
    """What can be asked for. The value stands in the permission matrix."""

    START_CASE = "case.start"
    READ_CASE = "case.read"
    READ_HISTORY = "case.history"
    PRINT_CASE = "case.print"
    WITHDRAW_CASE = "case.withdraw"
    TERMINATE_CASE = "case.terminate"
    WORK_TASK = "task.work"
    RETURN_TASK = "task.return"
    TRANSFER_TASK = "task.transfer"
    DELEGATE_TASK = "task.delegate"
    ADD_SIGNER = "task.add_signer"
    RECALL_TASK = "task.recall"
    SUSPEND_TASK = "task.suspend"
    ADD_PAPER = "paper.add"
    SEE_OVERDUE = "overdue.see"
    SEE_STATISTICS = "statistics.see"
    OPEN_STATISTICS = "statistics.open"
    SEE_ANALYSIS = "analysis.see"
    OPEN_ANALYSIS = "analysis.open"
    FIX_ANALYSIS = "analysis.fix"
    SIGN_ANALYSIS = "analysis.sign"
    SEE_ARCHIVE = "archive.see"
    SEE_LOG_BOOK = "log_book.see"
    SEE_HOTLINE = "hotline.see"
    SEE_SWEEPS = "sweep.see"
    SUM_SWEEPS = "sweep.sum"
    SET_SWEEP = "sweep.set"
    SEE_RECEPTION = "reception.see"
    PLAN_RECEPTION = "reception.plan"
    SEE_ESCALATION = "escalation.see"
    SUPERVISE = "escalation.supervise"
    DECIDE_EXTENSION = "extension.decide"
    MANAGE_CALENDAR = "calendar.manage"
    MANAGE_PERIODS = "period.manage"
    READ_DEFINITIONS = "definition.read"
    UPLOAD_DEFINITION = "definition.upload"
    APPROVE_DEFINITION = "definition.approve"
    MIGRATE_CASES = "case.migrate"
    MOVE_CASE = "case.move"
    VERIFY_HISTORY = "history.verify"
    VERIFY_PAPER = "paper.verify"
    URGE_TASK = "task.urge"
    ASSIGN_TASK = "task.assign"
    PRIORITISE_CASE = "case.prioritise"
    COPY_CASE = "case.copy"
    COMMENT_CASE = "case.comment"
    DEPUTISE = "absence.register"
    MANAGE_JOBS = "job.manage"
    KEEP_CONTACT = "contact.keep"
    KEEP_CONSENT = "consent.keep"
    LOG_INCIDENT = "incident.log"
    MANAGE_TEAM = "team.manage"
    SEE_EXCLUDED = "exclusion.see"
    EXCLUDE = "exclusion.add"
    END_EXCLUSION = "exclusion.end"
    COMPLAIN = "complaint.record"
    RAISE_CLASS = "class.raise"
    LOWER_CLASS = "class.lower"
    CONFIRM_LOWERING = "class.confirm"
    READ_PAPER = "paper.read"
    READ_READERS = "readlog.read"
    SEE_ORGANISATION = "organisation.see"
    MANAGE_UNITS = "unit.manage"
    MANAGE_ACCOUNTS = "account.manage"
    ASK_FACTOR_RESET = "factor.ask_reset"
    GRANT_FACTOR_RESET = "factor.grant_reset"
    APPOINT = "post.appoint"
    APPROVE_APPOINTMENT = "post.approve"
    MANAGE_TRAINING = "training.manage"
    SUPERVISE_HANDOVER = "handover.supervise"
    DECLARE_RELATIVES = "relative.declare"
    TAKE_PART = "task.take_part"
    SEE_ENGAGEMENTS = "engagement.see"
    ASK_ENGAGEMENT = "engagement.ask"
    DECIDE_ENGAGEMENT = "engagement.decide"
    AUDIT_CASE = "case.audit"
    APPROVE_BARE_PRINT = "print.unredacted"
    SEE_GLASS = "glass.see"
    ASK_GLASS = "glass.ask"
    BREAK_GLASS = "glass.case"
    CONFIRM_GLASS = "glass.confirm"
    REVIEW_GLASS = "glass.review"
    NOTE_GLASS = "glass.note"
    SEE_UNLED = "unled.count"
    FIND_UNLED = "unled.case"
    SEE_SUCCESSIONS = "succession.see"
    CONFIRM_SUCCESSION = "succession.confirm"


@dataclass(frozen=True)
class Post:
    """A post held in a unit; `path` is the unit's own path (".1.3.7."), so units below it start with it."""

    code: str
    unit_id: int
    path: str


@dataclass(frozen=True)
class StandIn:
    """An absence in which somebody acts for `absent` (with her posts of today) until a day (included).

    `kind` is a process type, "" for all; what was there before `since` is not hers, unless that is None.
    """

    absence_id: int
    absent: Actor
    kind: str
    since: datetime | None
    until: date

    def covers(self, task: Any) -> bool:
        """Whether a task (kind, created_at, post, unit_id, assignee_id) is the absent person's and falls under it."""
        return (
            self.kind in ("", task.kind)
            and (self.since is None or task.created_at >= self.since)
            and task.assignee_id in (0, self.absent.id)
            and self.absent.holds(task.post, task.unit_id)
        )


@dataclass(frozen=True)
class Engagement:
    """An audit that opens dossiers below a path, of kinds and classes, opened within two instants; `cases`: the ids drawn."""

    id: int
    path: str
    kinds: frozenset[str]
    opened_from: datetime
    opened_before: datetime
    classes: frozenset[str]
    cases: frozenset[int] | None

    def covers(self, case: Any) -> bool:
        """Whether a case (id, path, kind, confidentiality, created_at) belongs to it."""
        return (
            case.path.startswith(self.path)
            and case.kind in self.kinds
            and self.opened_from <= case.created_at < self.opened_before
            and case.confidentiality in self.classes
            and (self.cases is None or case.id in self.cases)
        )


@dataclass(frozen=True)
class Actor:
    """The person who acts, with the posts she holds today and those in whose place she may act. `SYSTEM` acts for timers."""

    id: int
    name: str
    posts: tuple[Post, ...] = ()
    stand_ins: tuple[StandIn, ...] = ()
    #: the moment she was asked about, for what she may until a certain hour; without it nothing that ends counts
    at: datetime | None = field(default=None, compare=False)
    #: audits of hers that run today
    engagements: tuple[Engagement, ...] = ()

    def holds(self, code: str, unit_id: int | None = None) -> bool:
        """Whether she holds the post (in that unit, when one is given)."""
        return any(p.code == code and unit_id in (None, p.unit_id) for p in self.posts)


SYSTEM = Actor(0, "系统")


def in_place_of(actor: Actor, task: Any) -> Actor | None:
    """In whose place somebody would act on a task she is shown; None when it is hers by her own posts."""
    if task.assignee_id == actor.id or (task.assignee_id == 0 and actor.holds(task.post, task.unit_id)):
        return None
    return next((stand_in.absent for stand_in in actor.stand_ins if stand_in.covers(task)), None)


Predicate = Callable[[Actor, Any], bool]
Rules = Mapping[Permission, Sequence[Sequence[Predicate]]]


def permits(rules: Rules, actor: Actor, permission: Permission, subject: Any) -> bool:
    """True when every predicate of at least one clause holds; a permission without a rule is nobody's."""
    return any(all(holds(actor, subject) for holds in clause) for clause in rules.get(permission, ()))


@dataclass(frozen=True)
class UrgeLimits:
    """How often one person may urge the same task: not again within `pause`, and `per_day` times on one day at most."""

    pause: timedelta
    per_day: int


class AccessRules(Protocol):
    """What the organisation hands to the engine."""

    def permits(self, actor: Actor, permission: Permission, subject: Any) -> bool:
        """The rule for one subject (a row with unit_id, path, kind …)."""

    def name_of(self, permission: Permission) -> Message:
        """What people call the permission."""

    def visible_cases(self, actor: Actor) -> ColumnElement[bool]:
        """The same rule for READ_CASE as a WHERE clause over `model.case_file`."""

    def cases_with(self, permission: Permission, actor: Actor) -> ColumnElement[bool]:
        """The rule for a permission on cases as a WHERE clause over `model.case_file`."""

    def person(self, connection: Connection, account_id: int, on: date) -> Actor | None:
        """A member of staff with the posts she holds on a day; None without such an account, or without a post."""

    def post(self, connection: Connection, code: str, unit_id: int) -> Post | None:
        """A post in a unit, held or not; None when no such post exists there."""

    def workable_cases(self, actor: Actor) -> ColumnElement[bool]:
        """The cases in which a task that waits for her, or is hers, may be shown to her; over `model.case_file`."""

    def lowering_refused(
        self, connection: Connection, actor: Actor, subject: Any, asked_by: int | None = None
    ) -> Message | None:
        """Why she may not ask that a case become less confidential, or confirm what somebody asked; None when she may."""

    def by_share_alone(self, actor: Actor) -> bool:
        """Whether she sees an ordinary case only while it is shown to her unit: she holds posts of another body."""

    def handed_over(self, actor: Actor) -> ColumnElement[bool]:
        """Over `model.task`, for such a person: not a step that is only hers while the case is shown to her unit, and is not."""

    def countable_cases(self, actor: Actor) -> ColumnElement[bool]:
        """The cases that count in figures shown to her: none of a confidential class, none she is kept from."""

    def epoch(self) -> int:
        """Another number as soon as the conditions it makes for a person would be others: keys were changed."""

    def __hash__(self) -> int:
        """By identity."""

    def posts_permitted(self, connection: Connection, permission: Permission, subject: Any) -> Sequence[Post]:
        """The posts, held today or not, whose holders have a permission on a case, the nearest units first."""

    def eligible(self, person: Actor, subject: Any) -> bool:
        """Whether somebody could be in the team of a case: she works on cases, and is not kept from this one."""

    def kept_from(self, actor: Actor, account_id: int | None, unit_id: int | None) -> bool:
        """Whether excluding this person or unit would keep the actor out."""

    def shut_out(self, actor: Actor) -> ColumnElement[bool]:
        """That she is excluded from a case, as a WHERE clause over `model.case_file`."""

    def urge_limits(self, connection: Connection, unit_id: int, on: date) -> UrgeLimits:
        """By the policy of the county the unit belongs to."""

    def supervised_cases(self, actor: Actor) -> ColumnElement[bool]:
        """The rule for SEE_ESCALATION as a WHERE clause over `model.case_file`."""

    def deputises(self, deputy: Actor, place: Post) -> bool:
        """Whether somebody may act for a post in a unit, by the posts she holds herself."""

    def deputy_refused(self, absent: Actor, deputy: Actor) -> Message | None:
        """Why somebody may not act for a person; None when she may, for each of that person's posts."""
