"""The tree and the people from a work book: checked row by row, nothing taken in unless all is right or it is so chosen.

A check is the real thing in a transaction that is rolled back (`rehearse`), so that what the preview says is what would happen.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Row, bindparam, insert, select, update

from engine.access import Permission
from engine.errors import EngineError, InvalidAnswers, NotFound, NotNow
from engine.messages import N_, Message
from engine.unit_of_work import inserted_id
from workflows import organisation, organisation_log, staff, units, workbook
from workflows.model_organisation import appointment, organisation_import
from workflows.posts import FOUR_EYES_POSTS, POST_KINDS, POST_NAMES, UNIT_KIND_NAMES
from workflows.terms import check, read_days
from workflows.workbook import FORMULA, LONGEST_CELL, Line

if TYPE_CHECKING:
    from engine.unit_of_work import UnitOfWork

UNITS: Final = "机构"
PEOPLE: Final = "人员"
#: sheet → its columns, in the order of the template
SHEETS: Final[Mapping[str, tuple[str, ...]]] = {
    UNITS: ("机构代码", "上级代码", "类别", "名称"),
    PEOPLE: ("登录名", "姓名", "身份证号码", "机构代码", "岗位", "任期首日", "任期末日"),
}
#: field of a command → the column it comes from
_COLUMNS: Final = {
    "code": "机构代码", "parent_id": "上级代码", "kind": "类别", "name": "名称", "unit_id": "机构代码",
    "login_name": "登录名", "idcard": "身份证号码", "post": "岗位", "since": "任期首日", "until": "任期末日",
    "account_id": "登录名",
}  # fmt: skip
_KINDS: Final = {name: str(kind) for kind, name in UNIT_KIND_NAMES.items()}
_POSTS: Final = {POST_NAMES[post]: post for post in POST_KINDS}
_i = organisation_import.c
_MINE = select(organisation_import).where(_i.id == bindparam("b_id"), _i.by_id == bindparam("b_me"))


@dataclass(frozen=True)
class Wrong:
    """One thing that is wrong: sheet, row, column, what stands there, and why it cannot be."""

    sheet: str
    row: int
    column: str
    seen: str
    why: Message


@dataclass
class Outcome:
    """What came of a work book: how much of each is good, and everything that is wrong."""

    units: int = 0
    people: int = 0
    posts: int = 0
    proposed: int = 0
    rows: int = 0
    wrong: list[Wrong] = field(default_factory=list)

    @property
    def bad_rows(self) -> set[tuple[str, int]]:
        """The rows in which something is wrong."""
        return {(each.sheet, each.row) for each in self.wrong}


class Rehearsed(Exception):
    """Thrown to roll a rehearsal back."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome


def template() -> bytes:
    """The work book to fill in: the columns, one example row a sheet, and the lists of kinds and posts."""
    people = (SHEETS[PEOPLE], ("zhangsan", "（示例，请删除）", "", "", POST_NAMES["VILLAGE_CHAIR"], "2026-07-01", ""))
    lists = [("类别", "岗位"), *_side_by_side(list(_KINDS), list(_POSTS))]
    return workbook.write({UNITS: (SHEETS[UNITS],), PEOPLE: people[:1], "可选值": lists})


def _side_by_side(left: Sequence[str], right: Sequence[str]) -> list[tuple[str, str]]:
    longest = max(len(left), len(right))
    return [(left[i] if i < len(left) else "", right[i] if i < len(right) else "") for i in range(longest)]


def upload_workbook(uow: UnitOfWork, *, content: bytes) -> dict[str, Any]:
    """Keep a work book to be looked at; ``{"import_id"}``. RefusedUpload. Nothing is taken in by it."""
    uow.require(Permission.MANAGE_ACCOUNTS, None)
    rows = workbook.read(content, SHEETS)
    new = {
        "by_id": uow.actor.id,
        "at": uow.now,
        "content_sealed": uow.runtime.vault.seal(content),
        "digest": hashlib.sha256(content).hexdigest(),
        "state": "checked",
        "good": len(rows),
        "bad": 0,
        "partial": False,
    }
    return {"import_id": inserted_id(uow.connection.execute(insert(organisation_import), new))}


def take_in(uow: UnitOfWork, *, import_id: int, good_rows_only: bool = False) -> dict[str, Any]:
    """Take a work book in; ``{"import_id", "units", "people", "posts", "proposed", "rejected"}``.

    InvalidAnswers, and nothing is taken in, while a row is wrong and the good rows alone were not chosen. NotNow when it was
    taken in already.
    """
    row = kept(uow, import_id)
    if row.state != "checked":
        raise NotNow(why=Message(N_("此文件已导入，不能再次导入")))
    outcome = apply(uow, workbook.read(uow.runtime.vault.open(row.content_sealed), SHEETS))
    bad = len(outcome.bad_rows)
    if bad and not good_rows_only:
        text = N_("有 {count} 行不能导入；请修改后重新上传，或选择只导入正确的行")
        raise InvalidAnswers({"file": [Message(text, {"count": bad})]})
    made = {name: getattr(outcome, name) for name in ("units", "people", "posts", "proposed")}
    done = {"state": "imported", "good": outcome.rows - bad, "bad": bad, "partial": bool(bad), "done_at": uow.now}
    uow.connection.execute(update(organisation_import).where(_i.id == import_id).values({**done, "taken": made}))
    organisation_log.write(uow, "import.taken", file=row.digest, rejected=bad, **made)
    uow.rescreen.add(None)
    return {"import_id": import_id, **made, "rejected": bad}


def rehearse(uow: UnitOfWork, *, import_id: int) -> dict[str, Any]:
    """Do all of it and throw it away: raises Rehearsed with the outcome, so that the transaction is rolled back."""
    row = kept(uow, import_id)
    raise Rehearsed(apply(uow, workbook.read(uow.runtime.vault.open(row.content_sealed), SHEETS)))


def kept(uow: UnitOfWork, import_id: int) -> Row[Any]:
    """A work book somebody uploaded, for herself alone; NotFound."""
    uow.require(Permission.MANAGE_ACCOUNTS, None)
    row = uow.connection.execute(_MINE, {"b_id": import_id, "b_me": uow.actor.id}).one_or_none()
    if row is None:
        raise NotFound(what=Message(N_("导入文件 {id}"), {"id": import_id}))
    return row


def apply(uow: UnitOfWork, lines: Sequence[Line]) -> Outcome:
    """Take in every row that can be, units before people, and tell what is wrong with the others."""
    outcome = Outcome(rows=len(lines))
    takers = {UNITS: _take_unit, PEOPLE: _take_person}
    for sheet, taker in takers.items():
        for line in (each for each in lines if each.sheet == sheet):
            odd = [title for title, text in line.cells.items() if text == FORMULA or len(text) > LONGEST_CELL]
            if odd:
                outcome.wrong += [_odd(line, title) for title in odd]
                continue
            try:
                with uow.connection.begin_nested():
                    taker(uow, line, outcome)
            except InvalidAnswers as refused:
                for name, found in refused.problems.items():
                    column = _COLUMNS.get(name, name) if name != "name" or sheet == UNITS else "姓名"
                    outcome.wrong += [Wrong(sheet, line.row, column, line.cells.get(column, ""), why) for why in found]
            except EngineError as refused:
                outcome.wrong.append(Wrong(sheet, line.row, "机构代码", line.cells["机构代码"], refused.message))
    return outcome


def _odd(line: Line, title: str) -> Wrong:
    if line.cells[title] == FORMULA:
        return Wrong(line.sheet, line.row, title, "=…", Message(N_("单元格里是公式；请填写值（公式不会被计算）")))
    params = {"limit": LONGEST_CELL, "seen": len(line.cells[title])}
    return Wrong(
        line.sheet, line.row, title, line.cells[title][:40], Message(N_("最多 {limit} 字，现为 {seen} 字"), params)
    )


def _take_unit(uow: UnitOfWork, line: Line, outcome: Outcome) -> None:
    cells = line.cells
    above = organisation.unit_by_code(uow.connection, cells["上级代码"])
    problems: dict[str, list[Message]] = {}
    if above is None:
        problems["parent_id"] = [Message(N_("没有代码为“{seen}”的机构"), {"seen": cells["上级代码"]})]
    if cells["类别"] not in _KINDS:
        params = {"seen": cells["类别"], "allowed": "、".join(_KINDS)}
        problems["kind"] = [Message(N_("没有这种类别：“{seen}”；可填：{allowed}"), params)]
    if problems or above is None:
        raise InvalidAnswers(problems)
    kind = _KINDS[cells["类别"]]
    units.create_unit(uow, parent_id=above.id, kind=kind, name=cells["名称"], code=cells["机构代码"])
    outcome.units += 1


def _take_person(uow: UnitOfWork, line: Line, outcome: Outcome) -> None:
    """An account, and when a post is named, its proposal: who creates accounts gives no posts (decision 29)."""
    cells = line.cells
    problems = staff.problems_of(uow, login=cells["登录名"], name=cells["姓名"], idcard=cells["身份证号码"])
    place = organisation.unit_by_code(uow.connection, cells["机构代码"])
    post = _POSTS.get(cells["岗位"], "")
    if cells["岗位"]:
        if not post:
            params = {"seen": cells["岗位"], "allowed": "、".join(_POSTS)}
            problems["post"] = [Message(N_("没有这个岗位：“{seen}”；可填：{allowed}"), params)]
        if place is None:
            problems["unit_id"] = [Message(N_("没有代码为“{seen}”的机构"), {"seen": cells["机构代码"]})]
        else:
            uow.require(Permission.MANAGE_UNITS, place)
    dated: dict[str, list[Message]] = {}
    since, until = (
        read_days(uow.today, cells["任期首日"], cells["任期末日"], dated) if cells["岗位"] else (uow.today, None)
    )
    problems |= dated
    if problems:
        raise InvalidAnswers(problems)
    made = staff.create_account(uow, login_name=cells["登录名"], name=cells["姓名"], idcard=cells["身份证号码"])
    if place is not None and post:
        check(uow, made["account_id"], post, place, since, until, problems)
        if problems:
            raise InvalidAnswers(problems)
        row = {"account_id": made["account_id"], "post": post, "unit_id": place.id, "since": since, "until": until}
        by = {"proposed_by": uow.actor.id, "proposed_at": uow.now, "state": "proposed", "reason": ""}
        number = inserted_id(uow.connection.execute(insert(appointment), {**row, **by}))
        organisation_log.write(uow, "post.proposed", appointment=number, account=row["account_id"], post=post)
        outcome.posts += post not in FOUR_EYES_POSTS
        outcome.proposed += 1
    outcome.people += 1


def rejected(lines: Sequence[Line], outcome: Outcome) -> bytes:
    """The rows that were not taken in, with why, as a work book to be put right and uploaded again."""
    why: dict[tuple[str, int], list[str]] = {}
    for each in outcome.wrong:
        why.setdefault((each.sheet, each.row), []).append(f"{each.column}：{each.why}")
    sheets = {}
    for sheet, titles in SHEETS.items():
        bad = [line for line in lines if line.sheet == sheet and (sheet, line.row) in why]
        rows = [
            [_plain(line.cells[t]) for t in titles] + [str(line.row), "；".join(why[sheet, line.row])] for line in bad
        ]
        sheets[sheet] = [[*titles, "原行号", "原因"], *rows]
    return workbook.write(sheets)


def _plain(text: str) -> str:
    return "" if text == FORMULA else text
