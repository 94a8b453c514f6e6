"""The tabs 人员与关系 and 查阅记录: who belongs to a case, who is kept from it, its class, and who has read it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import request
from sqlalchemy import Connection

from engine.access import CLASSES, CONFIDENTIAL, Permission
from engine.clock import civil_date
from engine.commands.teams import MOST_REASON
from engine.guard import Role
from engine.messages import N_, Message
from engine.queries import opening
from engine.queries import team as queries
from engine.queries.case_page import CasePage
from webui import directory
from webui.collaboration import Typed
from webui.read_words import what_read
from webui.runtime import house, me, now, permitted
from workflows import colleagues, organisation
from workflows.chart import chart

ROLES = {
    Role.MANAGER: N_("承办人"),
    Role.MEMBER: N_("成员"),
    Role.INTAKE: N_("接案人"),
}
CLASS_NAMES = {
    "C0": N_("C0 公开"),
    "C1": N_("C1 内部"),
    "C2": N_("C2 个人信息"),
    "C3": N_("C3 保密"),
    "C4": N_("C4 密封"),
}
STATES = {
    "asked": N_("待第二人确认"),
    "done": N_("已生效"),
    "refused": N_("未同意"),
    "withdrawn": N_("已失效"),
}
DONE = {
    "added": N_("已加入团队，对方会看到通知。"),
    "appointed": N_("承办人已指定。"),
    "ended": N_("已移出团队；其手中的任务退回岗位，由承办人另行指派。"),
    "excluded": N_("已登记回避，即时生效。"),
    "readmitted": N_("已解除回避。"),
    "complained": N_("已登记为投诉：此件为保密案件，由上一级妇联办理；被投诉人及其单位即时看不到。"),
    "raised": N_("密级已提高，即时生效：团队以外的人员不再看得到此件。"),
    "asked": N_("已申请降低密级，待第二人确认。"),
    "decided": N_("降低密级的申请已处理。"),
}


def team(connection: Connection, page: CasePage, typed: Typed | None = None) -> dict[str, Any]:
    """What the tab of the team shows."""
    subject, vault, case = page.subject, house().vault, page.case
    known = queries.members(connection, vault, case.id, now())
    may = {str(each): permitted(each, subject) for each in _ASKED}
    kept_out = queries.exclusions(connection, vault, case.id) if may[Permission.SEE_EXCLUDED] else []
    changed = queries.changes(connection, vault, case.id)
    today, county = civil_date(now()), organisation.county_of(connection, case.unit_id)
    people = colleagues.eligible(connection, house().rules, subject, county.path, today)
    leads = may[Permission.MANAGE_TEAM]
    ids = {each.account_id for each in known} | {each.added_by for each in known}
    ids |= {each.account_id for each in kept_out} | {each.by_id for each in kept_out}
    ids |= {number for each in changed for number in (each.asked_by, each.decided_by) if number}
    return {
        "members": [each for each in known if each.over is None],
        "former": [each for each in known if each.over is not None],
        "exclusions": kept_out,
        "changes": changed,
        "asked": next((each for each in changed if each.state == "asked"), None),
        "may": may,
        "ex_officio": _ex_officio(connection, page),
        "named": directory.people(connection, ids),
        "candidates": people if leads else [],
        "accounts": _everyone(connection),
        "county_units": [(each.id, each.name) for each in organisation.below(connection, county.id)],
        "places": directory.unit_names(
            connection, {each.unit_id for each in kept_out} | {each.unit_id for each in people}
        ),
        "papers": {row.id: row.name for row in opening.papers(connection, vault, case.id)} if leads else {},
        "roles": ROLES,
        "class_names": CLASS_NAMES,
        "states": STATES,
        "higher": [each for each in CLASSES if each > case.confidentiality],
        "lower": [each for each in CLASSES if each < case.confidentiality],
        "most": MOST_REASON,
        "typed": typed or Typed(),
        "done": DONE.get(request.args.get("done", "")),
        "biased": _biased(connection, page, changed),
    }


def _biased(connection: Connection, page: CasePage, changed: Sequence[queries.Change]) -> Message | None:
    """Why the reader takes no part in lowering the class, as far as the rules would let her; None when she does."""
    asked_by = next((each.asked_by for each in changed if each.state == "asked"), None)
    return house().rules.lowering_refused(connection, me(), page.subject, asked_by)


def _everyone(connection: Connection) -> list[tuple[int, str]]:
    """Whom she could exclude: every active account but her own, by name."""
    found = ((number, each.name) for number, each in chart(connection).people.items() if each.active)
    return sorted((pair for pair in found if pair[0] != me().id), key=lambda pair: pair[1])


_ASKED = (
    Permission.MANAGE_TEAM,
    Permission.SEE_EXCLUDED,
    Permission.EXCLUDE,
    Permission.END_EXCLUSION,
    Permission.COMPLAIN,
    Permission.RAISE_CLASS,
    Permission.LOWER_CLASS,
    Permission.CONFIRM_LOWERING,
)


def _ex_officio(connection: Connection, page: CasePage) -> list[str]:
    """Who sees a confidential case by function: shown to its team, who must know of her."""
    if page.case.confidentiality not in CONFIDENTIAL:
        return []
    places = house().rules.posts_permitted(connection, Permission.READ_CASE, page.subject)
    units = directory.unit_names(connection, {place.unit_id for place in places})
    return [f"{units[place.unit_id]} {directory.post_name(place.code)}" for place in places]


def reads(connection: Connection, page: CasePage) -> dict[str, Any]:
    """What the tab of the readers shows."""
    rows, following = queries.reads(
        connection, house().vault, page.case.id, request.args.get("before", type=int) or None
    )
    return {
        "reads": rows,
        "following": following,
        "named": directory.people(connection, {row.actor_id for row in rows}),
        "what": what_read,
    }
