"""Who may do what: the only place that says so (domain.md D1 to D3). Posts and their rights are data; everything else is closed.

A rule is a list of clauses, a clause a list of conditions; one clause whose every condition holds is enough. A condition
answers for one subject (a case row, a task row, a process type) and, where cases are listed, as a WHERE clause over
`model.case_file`: both from the same line, so that a list never shows what a page refuses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, and_, false, or_, select

from engine.access import Actor, Permission, Post, UrgeLimits, permits
from engine.messages import N_, Message
from engine.model import case_file, case_share
from workflows import colleagues, standing_in
from workflows.permission_names import PERMISSION_NAMES
from workflows.posts import KEEPERS, POST_NAMES

#: C0 public, C1 internal, C2 personal; C3 and C4 are for named members of a case team alone (D2)
ORDINARY: Final = ("C0", "C1", "C2")


#: the keepers of the machine and of its log see no case content (D1), not even through a drawing that names their post
KEPT_FROM_CASES: Final = KEEPERS

Test = Callable[[Actor, Any], bool]
Where = Callable[[Actor], ColumnElement[bool]]


def _unlisted(actor: Actor) -> ColumnElement[bool]:
    raise TypeError(f"a condition that chooses no cases was asked to, for account {actor.id}")


@dataclass(frozen=True)
class Condition:
    """One predicate of a clause: `says` is its line in the permission matrix, `where` the same rule over `case_file`."""

    says: Message
    holds: Test
    where: Where = _unlisted
    #: the post this condition asks for, None when it asks for something else
    post: str | None = None

    def __call__(self, actor: Actor, subject: Any) -> bool:
        """Whether it holds for one subject."""
        return self.holds(actor, subject)


def holds(post: str) -> Condition:
    """She holds the post, wherever."""
    return Condition(_post(N_("{post}"), post), lambda actor, _: actor.holds(post), post=post)


def in_charge(post: str) -> Condition:
    """She holds the post in the unit the case belongs to, or in one above it."""
    return Condition(
        _post(N_("{post}：本单位及下级单位的事项"), post),
        lambda actor, case: any(case.path.startswith(path) for path in _paths(actor, post)),
        lambda actor: or_(false(), *(case_file.c.path.like(f"{path}%") for path in _paths(actor, post))),
        post,
    )


def shared_with(post: str) -> Condition:
    """She holds the post in a unit with which the case was shared (`shared_with`: unit ids on the subject)."""
    return Condition(
        _post(N_("{post}：移送给本单位的事项"), post),
        lambda actor, case: any(actor.holds(post, unit_id) for unit_id in getattr(case, "shared_with", ())),
        lambda actor: case_file.c.id.in_(_CASES_OF.where(case_share.c.unit_id.in_(_units(actor, post)))),
        post,
    )


def of_kind(kind: str) -> Condition:
    """The case is of this kind."""
    return Condition(
        Message(N_("仅限 {kind} 类事项"), {"kind": kind}),
        lambda _, case: bool(case.kind == kind),
        lambda _: case_file.c.kind == kind,
    )


#: the case is not of a confidential class
ordinary: Final = Condition(
    Message(N_("密级不高于 C2")),
    lambda _, case: case.confidentiality in ORDINARY,
    lambda _: case_file.c.confidentiality.in_(ORDINARY),
)
#: the task waits for a post she holds in that unit, and nobody else has claimed it (assignee 0: nobody has)
her_task: Final = Condition(
    Message(N_("任务所在岗位与单位的任职人员；已被签收的，仅限签收人；系统管理员、安全管理员、日志审计员除外")),
    lambda actor, task: (
        task.post not in KEPT_FROM_CASES and task.assignee_id in (0, actor.id) and actor.holds(task.post, task.unit_id)
    ),
)
#: the task is that of somebody for whom she acts today, and her own posts are such that she may
for_absent: Final = Condition(
    Message(N_("受托代理的任务（委托人在岗、委托期内；代理人岗位在允许之列）；代理人自己须能查看此件")),
    lambda actor, task: any(
        stand_in.covers(task) and standing_in.deputises(actor, place)
        for stand_in in actor.stand_ins
        for place in stand_in.absent.posts
        if (place.code, place.unit_id) == (task.post, task.unit_id)
    ),
)
#: she opened the case herself
began: Final = Condition(
    Message(N_("由本人登记的事项")),
    lambda actor, case: bool(case.created_by == actor.id),
    lambda actor: case_file.c.created_by == actor.id,
)
#: she holds a post of the chain to which the clock was lifted (`chain`: rungs of [post, unit id])
superior: Final = Condition(
    Message(N_("督办链上的上级岗位")),
    lambda actor, row: any(actor.holds(post, unit_id) for rung in row.chain for post, unit_id in rung),
)
#: she holds the post of the task, and it is she who delegated it or who closed it
delegated_by_her: Final = Condition(
    Message(N_("委派人本人，仍任该岗位")),
    lambda actor, task: actor.holds(task.post, task.unit_id) and task.owner_id == actor.id,
)
done_by_her: Final = Condition(
    Message(N_("办理人本人，仍任该岗位")),
    lambda actor, task: (
        actor.holds(task.post, task.unit_id)
        and actor.id == (task.assignee_id if task.state == "waiting" else task.closed_by)
    ),
)
#: she holds a post that may decide about the extension of this period in this case
her_decision: Final = Condition(
    Message(N_("时限表规定的批准岗位，在该岗位所在单位；申请人本人、系统管理员、安全管理员、日志审计员除外")),
    lambda actor, asked: any(
        post not in KEPT_FROM_CASES and actor.holds(post, unit_id) for post, unit_id in getattr(asked, "approvers", ())
    ),
)
#: she holds any post today
any_post: Final = Condition(Message(N_("任何在任岗位")), lambda actor, _: bool(actor.posts))

_CASES_OF = select(case_share.c.case_id)


def _post(template: str, post: str) -> Message:
    return Message(template, {"post": Message(POST_NAMES[post])})


def _paths(actor: Actor, post: str) -> list[str]:
    return [held.path for held in actor.posts if held.code == post]


def _units(actor: Actor, post: str) -> list[int]:
    return [held.unit_id for held in actor.posts if held.code == post]


_CHAIRS = ("VILLAGE_CHAIR", "TOWN_CHAIR")
_LOAN = of_kind("loan")

Clause = tuple[Condition, ...]
Clauses = tuple[Clause, ...]


def _of_chairs(*posts: str) -> Clauses:
    return tuple((in_charge(post), ordinary) for post in posts)


def _of_loan_desk(*posts: str) -> Clauses:
    return tuple((in_charge(post), ordinary, _LOAN) for post in posts)


#: what the federation's own posts see; the chairs of villages, towns and the county see every ordinary kind
_FEDERATION: Final = _of_chairs(*_CHAIRS, "COUNTY_CHAIR") + _of_loan_desk("LOAN_WORKER", "LOAN_HEAD", "SEAL_KEEPER")
_READERS: Final[Clauses] = (*_FEDERATION, (shared_with("CREDIT_OFFICER"), ordinary, _LOAN))
_WORKERS: Final[Clauses] = ((her_task, ordinary),)
#: what a deputy does as well; she does not pass tasks on
_DEPUTIES: Final[Clauses] = ((for_absent, ordinary),)
#: those who answer for others' work
_SUPERVISORS: Final[Clauses] = _of_chairs("TOWN_CHAIR", "COUNTY_CHAIR") + _of_loan_desk("LOAN_WORKER", "LOAN_HEAD")

_OVERSEERS: Final = tuple((holds(post),) for post in ("TOWN_CHAIR", "LOAN_WORKER", "LOAN_HEAD", "COUNTY_CHAIR"))
RULES: Final[Mapping[Permission, Clauses]] = {
    Permission.START_CASE: tuple((holds(post), ordinary) for post in _CHAIRS),
    Permission.READ_CASE: _READERS,
    Permission.READ_HISTORY: _FEDERATION,
    Permission.PRINT_CASE: _READERS,
    Permission.WITHDRAW_CASE: _of_chairs(*_CHAIRS) + _of_loan_desk("LOAN_WORKER", "LOAN_HEAD"),
    Permission.TERMINATE_CASE: _of_chairs("COUNTY_CHAIR") + _of_loan_desk("LOAN_HEAD"),
    Permission.WORK_TASK: _WORKERS + _DEPUTIES,
    Permission.RETURN_TASK: _WORKERS + _DEPUTIES,
    Permission.TRANSFER_TASK: _WORKERS,
    Permission.DELEGATE_TASK: (*_WORKERS, (delegated_by_her, ordinary)),
    Permission.ADD_SIGNER: _WORKERS,
    Permission.RECALL_TASK: ((done_by_her, ordinary),),
    Permission.SUSPEND_TASK: _WORKERS,
    Permission.ADD_PAPER: _WORKERS + _DEPUTIES,
    Permission.SEE_OVERDUE: _OVERSEERS,
    Permission.SEE_STATISTICS: _OVERSEERS,
    Permission.SEE_ESCALATION: _SUPERVISORS,
    Permission.SUPERVISE: ((superior, ordinary),),
    Permission.DECIDE_EXTENSION: ((her_decision, ordinary),),
    Permission.MANAGE_CALENDAR: ((holds("SYS_ADMIN"),),),
    Permission.MANAGE_PERIODS: ((in_charge("COUNTY_CHAIR"),),),
    Permission.READ_DEFINITIONS: ((any_post,),),
    Permission.UPLOAD_DEFINITION: ((holds("SYS_ADMIN"),),),
    Permission.APPROVE_DEFINITION: ((holds("COUNTY_CHAIR"),),),
    Permission.MIGRATE_CASES: ((holds("SYS_ADMIN"),), (holds("COUNTY_CHAIR"),)),
    Permission.VERIFY_HISTORY: ((holds("LOG_AUDITOR"),),),
    Permission.VERIFY_PAPER: ((any_post,),),
    Permission.URGE_TASK: ((in_charge("VILLAGE_CHAIR"), began, ordinary), *_SUPERVISORS),
    Permission.ASSIGN_TASK: _SUPERVISORS,
    Permission.PRIORITISE_CASE: _SUPERVISORS,
    Permission.COPY_CASE: _FEDERATION,
    Permission.COMMENT_CASE: _FEDERATION,
    Permission.DEPUTISE: tuple((holds(post),) for post in standing_in.DEPUTIES),
    Permission.MANAGE_JOBS: ((holds("SYS_ADMIN"),),),
}


def posts_with(permission: Permission, case: Any) -> list[str]:
    """The posts, by name, that have a permission on a case, whoever holds them and wherever."""
    nobody = Actor(0, "")
    asked = [c for c in RULES[permission] if all(each(nobody, case) for each in c if each.post is None)]
    return [POST_NAMES[each.post] for clause in asked for each in clause if each.post is not None]


class FederationRules:
    """The engine's `AccessRules`, answered from RULES."""

    def permits(self, actor: Actor, permission: Permission, subject: Any) -> bool:
        """Whether one clause holds. Case rows need path, kind, confidentiality (and shared_with for the credit union)."""
        return permits(RULES, actor, permission, subject)

    def name_of(self, permission: Permission) -> Message:
        """The permission's Chinese name."""
        return Message(PERMISSION_NAMES[permission])

    def visible_cases(self, actor: Actor) -> ColumnElement[bool]:
        """READ_CASE over `model.case_file`; false for somebody without a post."""
        return _listed(_READERS, actor)

    def person(self, connection: Connection, account_id: int, on: date) -> Actor | None:
        """A member of staff with the posts she holds on a day."""
        return colleagues.person(connection, account_id, on)

    def post(self, connection: Connection, code: str, unit_id: int) -> Post | None:
        """A post in a unit, held or not."""
        return colleagues.post(connection, code, unit_id)

    def urge_limits(self, connection: Connection, unit_id: int, on: date) -> UrgeLimits:
        """By the county's policy."""
        return colleagues.urge_limits(connection, unit_id, on)

    def supervised_cases(self, actor: Actor) -> ColumnElement[bool]:
        """SEE_ESCALATION over `model.case_file`."""
        return _listed(_SUPERVISORS, actor)

    def deputises(self, deputy: Actor, place: Post) -> bool:
        """By the table of deputies."""
        return standing_in.deputises(deputy, place)

    def deputy_refused(self, absent: Actor, deputy: Actor) -> Message | None:
        """By the table of deputies."""
        return standing_in.refusal(absent, deputy)


def _listed(clauses: Clauses, actor: Actor) -> ColumnElement[bool]:
    return or_(false(), *(and_(*(condition.where(actor) for condition in clause)) for clause in clauses))
