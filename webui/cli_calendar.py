"""`halfsky calendar import FILE`: bring in a holiday notice and print which due dates it moves, before and after."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from engine.clock import civil_date, due_day
from engine.commands.calendars import import_calendar
from engine.holidays import read_table
from engine.queries import calendars
from engine.recounting import preview, recount
from engine.runtime import Runtime
from webui.runtime import new_key
from webui.settings import Settings
from workflows import accounts, organisation
from workflows.period_names import period_name


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("what", choices=("import",), metavar="import")
    parser.add_argument("file", type=Path, metavar="文件", help="三列：日期,安排（休/班）,名称")
    parser.add_argument("--dry-run", action="store_true", help="只列出会有哪些变化，不导入")
    parser.add_argument("--as", dest="login", default="sysadmin", metavar="账号", help="以哪个系统管理员的名义")


def run(place: Settings, chosen: argparse.Namespace) -> int:
    """Import, or with --dry-run only say what would happen."""
    content = chosen.file.read_bytes()
    runtime = place.runtime()
    try:
        return _tried(runtime, content) if chosen.dry_run else _imported(runtime, content, chosen)
    finally:
        runtime.database.dispose()


def _tried(runtime: Runtime, content: bytes) -> int:
    found = preview(runtime, read_table(content))
    print(f"试算：有变化的日期 {len(found.changed)} 天，会移动的时限 {len(found.moves)} 个；没有导入。")
    for day in found.changed:
        print(f"  {day.day.isoformat()}  {'班' if day.working else '休'}  {day.note}")
    _list_moves((move.number, move.period, move.old_due_at, move.new_due_at) for move in found.moves)
    return 0


def _imported(runtime: Runtime, content: bytes, chosen: argparse.Namespace) -> int:
    with runtime.reading() as connection:
        account_id = accounts.account_id(connection, chosen.login)
        admin = organisation.actor_of(connection, account_id, civil_date(runtime.clock.now()))
    name = chosen.file.name
    told: Any = runtime.execute(import_calendar, actor=admin, key=new_key(), content=content, name=name).content
    recount(runtime, told["import_id"])
    with runtime.reading() as connection:
        row, moves = calendars.moves(connection, told["import_id"])
    print(f"已导入 {told['days']} 天（有变化 {told['changed']} 天），移动时限 {len(moves)} 个。")
    _list_moves((move.number, move.period, move.old_due_at, move.new_due_at) for move in moves)
    if row.state != "done":
        print("有案件正被办理，其余时限由后台任务继续重新计算。")
    return 0


def _list_moves(moves: Iterable[tuple[str, str, datetime | None, datetime | None]]) -> None:
    for number, period, old, new in moves:
        print(f"  {number}  {period_name(period)}  {_day(old)} → {_day(new)}")


def _day(due_at: datetime | None) -> str:
    return due_day(due_at).isoformat() if due_at else "—"
