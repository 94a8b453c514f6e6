"""The conditions of which the rules are made: each answers for one subject and, where cases are listed, as a WHERE clause.

Both come from the same line over `model.case_file`, so that a list never shows what a page refuses. What a case's own team may
is asked of its `Guard`, which is read with the case (`engine.guarding`): a subject without one belongs to nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, exists, false, or_, select, true

from engine.access import CONFIDENTIAL, Actor
from engine.guard import Guard, Membership, Role
from engine.messages import N_, Message
from engine.model import case_file, case_share
from engine.model_teams import case_member
from workflows import standing_in
from workflows.engaged import AUDITOR, hers, within
from workflows.posts import KEEPERS, POST_NAMES

#: C0 public, C1 internal, C2 personal; C3 and C4 are for named members of a case team alone (D2)
ORDINARY: Final = ("C0", "C1", "C2")


#: the keepers of the machine and of its log see no case content (D1), not even through a drawing that names their post
KEPT_FROM_CASES: Final = (*KEEPERS, AUDITOR)

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
    return Condition(
        _post(N_("{post}"), post),
        lambda actor, _: actor.holds(post),
        lambda actor: true() if actor.holds(post) else false(),
        post,
    )


def in_charge(post: str) -> Condition:
    """She holds the post in the unit the case belongs to, or in one above it."""
    return Condition(
        _post(N_("{post}：本单位及下级单位的事项"), post),
        lambda actor, case: any(case.path.startswith(path) for path in _paths(actor, post)),
        lambda actor: or_(false(), *(case_file.c.path.like(f"{path}%") for path in _paths(actor, post))),
        post,
    )


def shared_with(post: str) -> Condition:
    """She holds the post in a unit with which the case was shared, while that lasts (`shared_with` of the subject)."""
    return Condition(
        _post(N_("{post}：移送给本单位、同意或依据仍有效的事项"), post),
        lambda actor, case: any(
            share.lasts(actor.at) and actor.holds(post, share.unit_id) for share in getattr(case, "shared_with", ())
        ),
        lambda actor: case_file.c.id.in_(
            _CASES_OF.where(case_share.c.unit_id.in_(_units(actor, post)), lasting(actor))
        ),
        post,
    )


def lasting(actor: Actor) -> ColumnElement[bool]:
    """Over `case_share`: it counts at the moment she is asked about."""
    return _until(case_share.c.until, actor)


def _until(end: Any, actor: Actor) -> ColumnElement[bool]:
    forever: ColumnElement[bool] = end.is_(None)
    return forever if actor.at is None else or_(forever, end > actor.at)


#: the case is not of a confidential class
ordinary: Final = Condition(
    Message(N_("密级不高于 C2")),
    lambda _, case: _guard(case) is not None and case.confidentiality in ORDINARY,
    lambda _: case_file.c.confidentiality.in_(ORDINARY),
)
#: the case is over
ended: Final = Condition(
    Message(N_("已办结")),
    lambda _, case: getattr(case, "state", None) == "closed",
    lambda _: case_file.c.state == "closed",
)
#: the kind of case begins as C3; nothing begins as C4
confidential_kind: Final = Condition(Message(N_("密级为 C3")), lambda _, process: process.confidentiality == "C3")
#: the case is of class C3: what its function, not its rank, lets a post see; C4 is for its members alone (decision 26)
confidential: Final = Condition(
    Message(N_("密级为 C3")),
    lambda _, case: _guard(case) is not None and case.confidentiality == "C3",
    lambda _: case_file.c.confidentiality == "C3",
)
#: the case is of one of the classes that belong to their teams
secret: Final = Condition(
    Message(N_("密级为 C3 或 C4")),
    lambda _, case: _guard(case) is not None and case.confidentiality in CONFIDENTIAL,
    lambda _: case_file.c.confidentiality.in_(CONFIDENTIAL),
)


def member_as(*roles: Role) -> Condition:
    """She is in the team of the case, for the whole of it, as one of these, and holds a post that works on cases."""
    return Condition(
        _ROLES_SAY[roles],
        lambda actor, case: (
            serves(actor)
            and any(m.role in roles and m.documents is None and m.counts_for(actor) for m in _members(case))
        ),
        lambda actor: and_(case_file.c.guarded, _in_team(actor, roles)) if serves(actor) else false(),
    )


def _guard(case: Any) -> Guard | None:
    return getattr(case, "guard", None)


def _members(case: Any) -> tuple[Membership, ...]:
    guard = _guard(case)
    return guard.members if guard is not None else ()


def serves(actor: Actor) -> bool:
    """Whether somebody holds a post that works on cases."""
    return any(post.code not in KEPT_FROM_CASES for post in actor.posts)


def _in_team(actor: Actor, roles: tuple[Role, ...]) -> ColumnElement[bool]:
    return exists().where(
        case_member.c.account_id == actor.id,
        case_member.c.case_id == case_file.c.id,
        case_member.c.role.in_(roles),
        case_member.c.documents.is_(None),
        case_member.c.ended_at.is_(None),
        _until(case_member.c.until, actor),
    )


def _does_more(actor: Actor) -> bool:
    return any(post.code not in (*KEPT_FROM_CASES, "MEDIATOR") for post in actor.posts)


EVERY_ROLE: Final = (Role.MANAGER, Role.MEMBER, Role.INTAKE)
_ROLES_SAY: Final = {
    EVERY_ROLE: Message(N_("案件团队成员")),
    (Role.MANAGER,): Message(N_("案件承办人（团队负责人）")),
    (Role.GLASS,): Message(N_("经两人紧急开放、未到期的人员")),
}
member: Final = member_as(*EVERY_ROLE)
manager: Final = member_as(Role.MANAGER)
#: she holds a post besides that of a mediator, who knows of a case what mediating takes (need to know, decision 50)
more_than_mediator: Final = Condition(
    Message(N_("不只是人民调解员")),
    lambda actor, _: _does_more(actor),
    lambda actor: true() if _does_more(actor) else false(),
)
#: two persons have let her in for a day (break-glass, decision 28)
glass_opened: Final = member_as(Role.GLASS)
#: the paper is one of those she was named for (`paper_id` of the subject)
named_paper: Final = Condition(
    Message(N_("被指定可以查看该份材料的人员")),
    lambda actor, paper: (
        serves(actor) and any(m.counts_for(actor) and paper.paper_id in (m.documents or ()) for m in _members(paper))
    ),
)
#: she took the matter in herself and still holds a post that works on cases: every cadre receives whoever comes, and asks after
#: it until there is an answer (首问责任, S002-10); an auditor and the keepers of the machine never do
received: Final = Condition(
    Message(N_("本人登记的事项，仍任办理案件的岗位（首问责任）")),
    lambda actor, case: serves(actor) and getattr(case, "created_by", None) == actor.id,
    lambda actor: case_file.c.created_by == actor.id if serves(actor) else false(),
)
#: post of another body → the process whose steps are its own only while the case is shown to it. What follows a loan that was
#: paid out is not among them: the lender reports of a contract of its own (个人信息保护法 13), and sees that step alone
BY_SHARE: Final[Mapping[str, str]] = {"CREDIT_OFFICER": "loan", "MEDIATOR": "mediation"}
#: the task is no such step, or its case is still shown to the unit of the task
handed_over: Final = Condition(
    Message(N_("外部单位的任务：案件仍向该单位开放（同意或依据有效）")),
    lambda actor, task: (
        BY_SHARE.get(task.post) != task.kind
        or any(share.unit_id == task.unit_id and share.lasts(actor.at) for share in task.shared_with)
    ),
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
#: the case is one of an audit engagement of hers that runs today: the only way of this post to any case
engaged_auditor: Final = Condition(
    Message(N_("{post}：本人正在进行的审计委托范围内的案卷"), {"post": Message(POST_NAMES[AUDITOR])}),
    lambda actor, case: any(scope.covers(case) for scope in hers(actor)),
    lambda actor: or_(false(), *(within(scope) for scope in hers(actor))),
    AUDITOR,
)
#: she holds any post today
any_post: Final = Condition(
    Message(N_("任何在任岗位")), lambda actor, _: bool(actor.posts), lambda actor: true() if actor.posts else false()
)

_CASES_OF = select(case_share.c.case_id)


def _post(template: str, post: str) -> Message:
    return Message(template, {"post": Message(POST_NAMES[post])})


def _paths(actor: Actor, post: str) -> list[str]:
    return [held.path for held in actor.posts if held.code == post]


def _units(actor: Actor, post: str) -> list[int]:
    return [held.unit_id for held in actor.posts if held.code == post]


Clause = tuple[Condition, ...]
Clauses = tuple[Clause, ...]
