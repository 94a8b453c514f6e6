"""Who was trained in what, and until when it counts: nobody scores risk without (D6, S004-39)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Row, bindparam, insert, or_, select, update

from engine.access import Permission
from engine.errors import Forbidden, InvalidAnswers, NotFound
from engine.messages import N_, Message
from engine.unit_of_work import inserted_id
from workflows import model, organisation_log
from workflows.chart import chart
from workflows.model_organisation import training
from workflows.terms import read_day

if TYPE_CHECKING:
    from engine.unit_of_work import UnitOfWork

KIND_NAMES: Final[Mapping[str, str]] = {
    "RISK": N_("家庭暴力风险评估"),
    "RIGHTS": N_("妇女权益保障法律法规"),
    "MEDIATION": N_("婚姻家庭纠纷调解"),
    "HOTLINE": N_("12338 热线接听"),
    "LOAN": N_("小额贷款业务"),
    "SECURITY": N_("个人信息保护与网络安全"),
    "NEW_CHAIR": N_("新任妇联主席培训"),
}
RISK: Final = "RISK"
LONGEST_NOTE: Final = 120

_t = training.c
_COUNTS = select(_t.account_id).where(
    _t.kind == bindparam("b_kind"),
    _t.struck_at.is_(None),
    _t.held_on <= bindparam("b_on"),
    or_(_t.valid_until.is_(None), _t.valid_until >= bindparam("b_on")),
)
_TRAINED = _COUNTS.where(_t.account_id == bindparam("b_account")).limit(1)
_ROW = select(training).where(_t.id == bindparam("b_id"))
_STRIKE = (
    update(training)
    .where(_t.id == bindparam("b_id"), _t.struck_at.is_(None))
    .values(struck_at=bindparam("b_now"), struck_by=bindparam("b_by"))
)
_OF = select(training).where(_t.account_id.in_(bindparam("b_ids", expanding=True))).order_by(_t.held_on.desc(), _t.id)
_PLACES = (
    select(model.unit.c.id, model.unit.c.path)
    .join(model.post_holding, model.post_holding.c.unit_id == model.unit.c.id)
    .where(model.post_holding.c.account_id == bindparam("b_id"))
)


def is_trained(connection: Connection, account_id: int, kind: str, on: date) -> bool:
    """Whether a person's training of a kind counts on a day: held by then, not lapsed, not struck out. Both ends included."""
    asked = {"b_account": account_id, "b_kind": kind, "b_on": on}
    return connection.execute(_TRAINED, asked).first() is not None


def may_score_risk(connection: Connection, account_id: int, on: date) -> bool:
    """Whether a person may score the risk of a case on a day: only who is trained for it (D6). The one question to ask."""
    return is_trained(connection, account_id, RISK, on)


def require_trained_for_risk(uow: UnitOfWork) -> None:
    """Forbidden unless the actor may score risk today."""
    if not may_score_risk(uow.connection, uow.actor.id, uow.today):
        raise Forbidden(why=Message(N_("风险评估须由完成“家庭暴力风险评估”培训且在有效期内的人员进行")))


def record_training(
    uow: UnitOfWork, *, account_id: int, kind: str, held_on: str, valid_until: str = "", note: str = ""
) -> dict[str, Any]:
    """Note a training somebody has had; ``{"training_id"}``. Forbidden for oneself; InvalidAnswers by field."""
    problems: dict[str, list[Message]] = {}
    person = chart(uow.connection).people.get(account_id)
    if person is None:
        problems["account_id"] = [Message(N_("请选择一个在用的账号"))]
    else:
        _require(uow, account_id)
    if kind not in KIND_NAMES:
        problems["kind"] = [Message(N_("没有这种培训：{seen}"), {"seen": kind[:16]})]
    held = read_day(held_on, "held_on", problems)
    until = read_day(valid_until, "valid_until", problems) if valid_until.strip() else None
    if "held_on" not in problems and held > uow.today:
        problems["held_on"] = [Message(N_("培训日期不能晚于今天，填写的是 {seen}"), {"seen": held_on[:20]})]
    if not problems and until is not None and until < held:
        days = {"seen": until.isoformat(), "first": held.isoformat()}
        problems["valid_until"] = [Message(N_("有效期 {seen} 早于培训日期 {first}"), days)]
    note = " ".join(note.split())
    if len(note) > LONGEST_NOTE:
        problems["note"] = [Message(N_("最多 {limit} 字，现为 {seen} 字"), {"limit": LONGEST_NOTE, "seen": len(note)})]
    if problems:
        raise InvalidAnswers(problems)
    row = {"account_id": account_id, "kind": kind, "held_on": held, "valid_until": until, "note": note}
    by = {"recorded_by": uow.actor.id, "recorded_at": uow.now}
    made = inserted_id(uow.connection.execute(insert(training), {**row, **by}))
    told: dict[str, Any] = {"held": held.isoformat(), "until": until.isoformat() if until else None}
    organisation_log.write(uow, "training.recorded", training=made, account=account_id, kind=kind, **told)
    return {"training_id": made}


def strike_training(uow: UnitOfWork, *, training_id: int) -> dict[str, Any]:
    """Strike out a record that was wrong; ``{"training_id"}``. It stays readable and counts no more."""
    row = uow.connection.execute(_ROW, {"b_id": training_id}).one_or_none()
    if row is None:
        raise NotFound(what=Message(N_("培训记录 {id}"), {"id": training_id}))
    _require(uow, row.account_id)
    if uow.connection.execute(_STRIKE, {"b_id": training_id, "b_now": uow.now, "b_by": uow.actor.id}).rowcount:
        organisation_log.write(uow, "training.struck", training=training_id)
    return {"training_id": training_id}


def trainings(connection: Connection, ids: list[int]) -> Mapping[int, list[Row[Any]]]:
    """Account id → her records, the newest first, those struck out included."""
    found: dict[int, list[Row[Any]]] = {}
    for row in connection.execute(_OF, {"b_ids": ids}):
        found.setdefault(row.account_id, []).append(row)
    return found


def _require(uow: UnitOfWork, account_id: int) -> None:
    if account_id == uow.actor.id:
        raise Forbidden(why=Message(N_("本人的培训须由他人登记")))
    places = uow.connection.execute(_PLACES, {"b_id": account_id}).all()
    allowed = [p for p in places if uow.runtime.rules.permits(uow.actor, Permission.MANAGE_TRAINING, p)]
    if not allowed:
        name = uow.runtime.rules.name_of(Permission.MANAGE_TRAINING)
        raise Forbidden(why=Message(N_("您的岗位没有“{permission}”权限"), {"permission": name}))
