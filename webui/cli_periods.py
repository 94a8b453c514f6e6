"""`halfsky sla export|import`: the county's table of time limits as a file, brought in as a new version from a day on."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from engine.access import Permission
from engine.clock import civil_date
from engine.errors import NotFound
from engine.messages import N_, Message
from engine.unit_of_work import unit_of_work
from webui.settings import Settings
from workflows import accounts, organisation
from workflows.period_file import import_periods, table
from workflows.policy import SCOPES, policy_on

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from engine.clock import Period
    from engine.runtime import Runtime
    from workflows.chart import Unit


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What the command takes."""
    parser.add_argument("what", choices=("export", "import"), metavar="export|import")
    parser.add_argument("file", nargs="?", type=Path, metavar="文件", help="import 的 CSV 文件")
    parser.add_argument("--county", required=True, metavar="机构代码", help="县妇联的机构代码，如 C1")
    parser.add_argument("--from", dest="valid_from", type=date.fromisoformat, metavar="日期", help="自哪一天起生效")
    parser.add_argument("--label", default="时限表", metavar="名称", help="新版本的名称")
    parser.add_argument(
        "--as", dest="login", default="countychair", metavar="账号", help="以哪位有权维护时限表的人员的名义"
    )


def run(place: Settings, chosen: argparse.Namespace) -> int:
    """Print the table in force, or bring one in."""
    runtime = place.runtime()
    on = chosen.valid_from or civil_date(runtime.clock.now())
    try:
        with runtime.reading() as connection:
            county = organisation.unit_by_code(connection, chosen.county)
            if county is None:
                raise NotFound(what=Message(N_("机构代码 {code}"), {"code": chosen.county}))
            standing = _in_force(connection, county, on)
        if chosen.what == "export" or chosen.file is None:
            print(table(standing), end="")
        else:
            _bring_in(runtime, county, chosen, on)
    finally:
        runtime.database.dispose()
    return 0


def _in_force(connection: Connection, county: Unit, on: date) -> dict[str, Period]:
    found: dict[str, Period] = {}
    for scope, rules in SCOPES.items():
        try:
            found.update(policy_on(connection, county.id, scope, on).periods)
        except NotFound:
            found.update(rules.periods)
    return found


def _bring_in(runtime: Runtime, county: Unit, chosen: argparse.Namespace, on: date) -> None:
    with runtime.reading() as connection:
        account = accounts.account_id(connection, chosen.login)
        actor = organisation.actor_of(connection, account, civil_date(runtime.clock.now()))
    content = chosen.file.read_bytes()
    with unit_of_work(runtime, actor) as work:
        work.require(Permission.MANAGE_PERIODS, county)
        made = import_periods(
            work.connection,
            content,
            county_id=county.id,
            valid_from=on,
            label=chosen.label,
            at=work.now,
            by=actor.id,
        )
    for policy in made:
        print(f"已导入：{policy.version}（{policy.scope}）")
