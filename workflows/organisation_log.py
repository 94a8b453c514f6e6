"""The record of the organisation: who created, moved, closed, appointed or trained whom, chained like the record of versions.

Each entry is bound to the one before it by SHA-256 and vouched for with the house's key, so that an entry that was edited, taken
out or put in is found. Contents are ids, codes and days; names stand in the tables alone. Who holds which post, and
every row by which somebody comes in, must be what the record tells.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, select

from engine import audit_log
from engine.journal import TOLD, Difference, Journal
from engine.messages import N_, Message
from workflows.model import account, post_holding, unit
from workflows.model_organisation import organisation_log, training
from workflows.model_sign_in import account_identity, api_token

if TYPE_CHECKING:
    from engine.unit_of_work import UnitOfWork

#: act → how it is told; stored and never renamed
ACTS: Final[Mapping[str, str]] = {
    "unit.created": N_("新设机构"),
    "unit.renamed": N_("机构更名"),
    "unit.moved": N_("机构划转"),
    "unit.closed": N_("机构撤并"),
    "unit.counted": N_("登记女职工人数"),
    "account.created": N_("建立账号"),
    "account.closed": N_("停用账号"),
    "account.opened": N_("恢复账号"),
    "account.linked": N_("关联单点登录身份"),
    "account.unlinked": N_("解除单点登录身份"),
    "factor.asked": N_("提出解除动态码"),
    "factor.granted": N_("批准解除动态码"),
    "factor.refused": N_("拒绝解除动态码"),
    "account.password": N_("重发初始密码"),
    "post.proposed": N_("提出任命"),
    "post.approved": N_("批准任命"),
    "post.refused": N_("不批准任命"),
    "post.withdrawn": N_("撤回任命"),
    "post.given": N_("任命"),
    "post.ended": N_("任期结束"),
    "post.adopted": N_("升级后补记任职"),
    "training.recorded": N_("登记培训"),
    "training.struck": N_("划销培训记录"),
    "relatives.declared": N_("申报亲属关系"),
    "handover.opened": N_("开始移交"),
    "handover.noted": N_("登记移交物品"),
    "handover.listed": N_("确定移交清单"),
    "handover.signed": N_("移交清单签字"),
    "handover.printed": N_("打印移交清单"),
    "handover.late": N_("移交逾期上报"),
    "book.printed": N_("打印登记簿"),
    "analysis.fixed": N_("固定信访研判"),
    "analysis.signed": N_("签发信访研判"),
    "sweep.set": N_("布置矛盾纠纷排查"),
    "reception.planned": N_("安排接待日"),
    "reception.absent": N_("登记接待人缺席"),
    "reception.no_show": N_("登记接待人没有到场"),
    "reception.substituted": N_("指定接待日替补"),
    "reception.cancelled": N_("取消接待日"),
    "reception.held": N_("接待日有人接待"),
    "reception.missed": N_("接待日无人接待，已报告"),
    "reception.noted": N_("知悉接待日未接待"),
    "import.taken": N_("批量导入"),
    TOLD: N_("机构、账号、培训的登记有变动"),
}

#: what a term says of itself: account, post, unit, first and last day
Term = tuple[Any, ...]
_HELD = select(post_holding).order_by(post_holding.c.id)


def _told(journal: Journal, connection: Connection) -> dict[int, tuple[int, Term]]:
    """What the record says of each term: the number of the last entry about it, and how it stands by that."""
    found: dict[int, tuple[int, Term]] = {}
    for row in journal.rows(connection):
        content = row["content"]
        if row["act"] in ("post.given", "post.ended") and "holding" not in content:
            continue  # somebody has emptied it, and the chain says so
        if row["act"] == "post.given":
            found[content["holding"]] = row["seq"], tuple(content[name] for name in (*_PLACE, "until"))
        elif row["act"] == "post.ended":
            _, before = found.get(content["holding"], (0, (None,) * len(_PLACE)))
            since = content.get("since", before[3])  # older entries do not say when it began
            if since is not None:
                place = (content["account"], content["post"], content["unit"], since)
                found[content["holding"]] = row["seq"], (*place, content["day"])
        elif row["act"] == "post.adopted":
            found |= {number: (row["seq"], tuple(term)) for number, *term in content["holdings"]}
    return found


_PLACE: Final = ("account", "post", "unit", "since")


def _stored(connection: Connection) -> Iterator[tuple[int, Term]]:
    for row in connection.execute(_HELD, execution_options={}):
        until = None if row.until is None else row.until.isoformat()
        yield row.id, (row.account_id, row.post, row.unit_id, row.since.isoformat(), until)


def _terms_otherwise(connection: Connection) -> Iterator[Difference]:
    """Who holds a post the record knows nothing of, or not as it says. Terms of old count until an installation was closed."""
    told, closed = _told(JOURNAL, connection), audit_log.is_closed(connection)
    for number, term in _stored(connection):
        seq, said = told.pop(number, (None, None if closed else term))
        if said != term:
            yield seq, Message(N_("任职 {id} 与机构记录不符"), {"id": number})
    yield from ((seq, Message(N_("任职 {id} 与机构记录不符"), {"id": number})) for number, (seq, _) in told.items())


def adopt(work: UnitOfWork) -> None:
    """Take the terms nothing tells of into the record (`engine.adopting`)."""
    told = _told(JOURNAL, work.connection)
    missing = [[number, *term] for number, term in _stored(work.connection) if number not in told]
    if missing:
        write(work, "post.adopted", holdings=missing)


JOURNAL: Final = Journal(
    "organisation",
    organisation_log,
    "organisation",
    N_("机构记录"),
    tells={
        unit: N_("机构"),
        account: N_("账号"),
        training: N_("培训记录"),
        account_identity: N_("单点登录身份"),
        api_token: N_("访问令牌"),
    },
    stored=_terms_otherwise,
    adopt=adopt,
)


def write(work: UnitOfWork, act: str, **content: Any) -> int:
    """Add one entry; returns its number. `act` is one of ACTS."""
    if act not in ACTS:
        raise KeyError(act)
    return JOURNAL.write(work, act, content)
