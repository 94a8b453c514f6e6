"""`halfsky rehearse`: try an upgrade on a copy before it is done, and say which running cases would fail."""

from __future__ import annotations

import argparse
from dataclasses import replace

from webui.settings import Settings
from workflows import schema
from workflows.rehearsing import rehearse, upgraded_copy


def run(place: Settings, _: argparse.Namespace) -> int:
    """Copy, upgrade the copy, open and move on every running case in memory; 1 when any would fail."""
    with upgraded_copy(place.database_url) as url:
        runtime = replace(place, database_url=url).runtime()
        try:
            report = rehearse(runtime)
        finally:
            runtime.database.dispose()
    print(f"已在副本上升级到 {schema.newest()}；原数据库未作任何更改。")
    print(f"试办了 {report.cases} 件在办案件的 {report.tried} 个步骤和期限。")
    for failure in report.failures:
        print(f"  {failure.number} {failure.element}：{failure.why}")
    if report.failures:
        print(f"有 {len(report.failures)} 处不能办理，请勿升级。")
        return 1
    print("全部可以打开并继续办理。")
    return 0
