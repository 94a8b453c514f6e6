"""Fixed versions of 信访研判: figures and measures of a stretch that is over, and the cases behind each figure on that day.

The author types the measures and fixes them; another person in charge signs with her own password. Neither a later entry of the
register nor a change of the organisation moves a fixed version; what is to be said otherwise is another version. A figure still
opens only those of its cases that the reader may see now.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Connection, Row, bindparam, func, insert, select, update

from engine.access import Permission
from engine.commands.signing import Reauthentication, confirmed
from engine.errors import Forbidden, InvalidAnswers, NotFound, NotNow
from engine.fields import digest
from engine.messages import N_, Message
from workflows import organisation, organisation_log
from workflows.countable import Behind, listed
from workflows.engagements import Place
from workflows.model_analysis import analysis_version
from workflows.petition_analysis import Analysis, Hot, Line, analysis, opens, span_of, within
from workflows.posts import ANALYSTS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from engine.access import Actor
    from engine.fields import Vault
    from engine.runtime import Runtime
    from engine.unit_of_work import UnitOfWork
    from workflows.chart import Unit
    from workflows.petition_analysis import Asked

SHORTEST: Final = 10
LONGEST: Final = 4000
SIGNERS: Final = ("RIGHTS_HEAD", "COUNTY_CHAIR")

_v = analysis_version.c
_ONE = select(analysis_version).where(_v.id == bindparam("b_id"))
_LISTED = (
    select(analysis_version)
    .where(_v.unit_id == bindparam("b_unit"), _v.span == bindparam("b_span"))
    .order_by(_v.number.desc())
)
_NEWEST = select(func.coalesce(func.max(_v.number), 0)).where(
    _v.unit_id == bindparam("b_unit"), _v.span == bindparam("b_span")
)
_SIGN = (
    update(analysis_version)
    .where(_v.id == bindparam("b_id"), _v.signed_by.is_(None))
    .values(signed_by=bindparam("b_by"), signed_post=bindparam("b_post"), signed_at=bindparam("b_at"))
)


@dataclass(frozen=True)
class Fixed:
    """A fixed version: its row, the figures as they were, the measures. `genuine`: it is as it was written."""

    row: Row[Any]
    made: Analysis
    measures: str
    genuine: bool
    #: (case id, code, id of the unit in whose line it counts, id of where it lies)
    cases: Sequence[tuple[int, str, int, int]]


def fix_analysis(uow: UnitOfWork, *, unit_id: int, span: str, measures: str) -> dict[str, Any]:
    """Fix what the register tells of a stretch that is over, with the measures; ``{"version_id", "number"}``.

    Forbidden outside her charge; InvalidAnswers ("span", "measures"): not over, or no measures.
    """
    connection = uow.connection
    top = organisation.unit(connection, unit_id)
    uow.require(Permission.FIX_ANALYSIS, Place(unit_id, top.path))
    wanted, text = span_of(span), measures.strip()
    problems: dict[str, list[Message]] = {}
    if uow.today <= wanted.last:
        told = {"span": str(wanted), "last": wanted.last.isoformat(), "today": uow.today.isoformat()}
        problems["span"] = [Message(N_("{span} 到 {last} 为止，今天（{today}）还没有结束：结束以后才能固定"), told)]
    if not SHORTEST <= len(text) <= LONGEST:
        told = {"least": str(SHORTEST), "most": str(LONGEST), "seen": str(len(text))}
        problems["measures"] = [Message(N_("请写明建议措施，{least} 至 {most} 字（现为 {seen} 字）"), told)]
    if problems:
        raise InvalidAnswers(problems)
    content = _content(uow, top, analysis(uow.runtime, connection, uow.actor, top, wanted, uow.today), text)
    number = connection.execute(_NEWEST, {"b_unit": unit_id, "b_span": str(wanted)}).scalar_one() + 1
    row = {
        "unit_id": unit_id, "span": str(wanted), "number": number, "digest": digest(content),
        "content_sealed": uow.runtime.vault.seal_json(content), "made_by": uow.actor.id,
        "made_post": _post(uow.actor, top, ANALYSTS), "made_at": uow.now,
    }  # fmt: skip
    made = connection.execute(insert(analysis_version).returning(_v.id), row).scalar_one()
    organisation_log.write(uow, "analysis.fixed", version=made, unit=unit_id, span=str(wanted), by=uow.actor.id)
    return {"version_id": made, "number": number}


def sign_analysis(uow: UnitOfWork, *, version_id: int, signature: Reauthentication | None = None) -> dict[str, Any]:
    """Sign a version off with one's own password; ``{"version_id"}``.

    NotFound, Forbidden for its author and for who is not in charge; NotNow when it is signed; SignatureRequired.
    """
    row = _row(uow.connection, version_id)
    top = organisation.unit(uow.connection, row.unit_id)
    uow.require(Permission.SIGN_ANALYSIS, Place(top.id, top.path))
    if row.made_by == uow.actor.id:
        raise Forbidden(why=Message(N_("自己写的研判须由别人签发")))
    if row.signed_by is not None:
        raise NotNow(why=Message(N_("这一版已经签发，不能再改；需要更正的，另固定一版")))
    confirmed(signature, uow.actor, uow.now)
    by = {"b_by": uow.actor.id, "b_post": _post(uow.actor, top, SIGNERS), "b_at": uow.now}
    uow.connection.execute(_SIGN, {"b_id": version_id, **by})
    organisation_log.write(uow, "analysis.signed", version=version_id, digest=row.digest, by=uow.actor.id)
    return {"version_id": version_id}


def versions(connection: Connection, unit_id: int, span: str) -> Sequence[Row[Any]]:
    """The fixed versions of a stretch, the newest first."""
    return connection.execute(_LISTED, {"b_unit": unit_id, "b_span": span}).all()


def fixed(connection: Connection, vault: Vault, actor: Actor, version_id: int) -> Fixed:
    """A version for whoever opens its unit's figures; NotFound for everybody else."""
    row = _row(connection, version_id)
    top = organisation.unit(connection, row.unit_id)
    if not opens(actor, top.path):
        raise _unknown(version_id)
    content = vault.open_json(row.content_sealed)
    return Fixed(
        row, _made(connection, top, row.span, content), content["measures"], digest(content) == row.digest,
        [tuple(each) for each in content["cases"]],
    )  # fmt: skip


def behind(
    runtime: Runtime, connection: Connection, actor: Actor, version: Fixed, unit_id: int, asked: Asked
) -> Behind:
    """The cases a figure of a version counted that day; of them those she may read now."""
    top = version.made.top.id
    ids = {
        case_id
        for case_id, code, line, place in version.cases
        if code == asked.code
        and (line == unit_id or (unit_id == top and not asked.own))
        and (not asked.place_id or place == asked.place_id)
    }
    return listed(runtime.rules, connection, actor, ids)


def _content(uow: UnitOfWork, top: Unit, made: Analysis, measures: str) -> dict[str, Any]:
    lines = [{"unit": x.unit.id, "name": x.unit.name, "own": x.own, "figures": dict(x.figures)} for x in made.lines]
    hot = [[x.place.id, x.place.name, x.category, x.number, x.before] for x in made.hot]
    cases = within(uow.runtime, uow.connection, uow.actor, top, made.span, uow.today)
    return {
        "measures": measures, "name": top.name, "lines": lines, "hot": hot, "total": dict(made.total.figures),
        "before": dict(made.before.figures), "cases": sorted(cases),
    }  # fmt: skip


def _made(connection: Connection, top: Unit, span: str, content: Mapping[str, Any]) -> Analysis:
    """The figures again; units bear the names of that day."""

    def named(unit_id: int, name: str) -> Unit:
        return replace(organisation.unit(connection, unit_id), name=name)

    here = named(top.id, content["name"])
    return Analysis(
        span=span_of(span),
        top=here,
        lines=[Line(named(x["unit"], x["name"]), x["figures"], x["own"]) for x in content["lines"]],
        total=Line(here, content["total"]),
        before=Line(here, content["before"]),
        hot=[Hot(named(place, name), *rest) for place, name, *rest in content["hot"]],
        alone=False,
        running=False,
    )


def _row(connection: Connection, version_id: int) -> Row[Any]:
    row = connection.execute(_ONE, {"b_id": version_id}).one_or_none()
    if row is None:
        raise _unknown(version_id)
    return row


def _unknown(version_id: int) -> NotFound:
    return NotFound(what=Message(N_("信访研判第 {id} 号固定版本"), {"id": version_id}))


def _post(actor: Actor, top: Unit, posts: Sequence[str]) -> str:
    """The post by which she acts, the nearest to the unit."""
    held = [post for post in actor.posts if post.code in posts and top.path.startswith(post.path)]
    return max(held, key=lambda post: len(post.path)).code
