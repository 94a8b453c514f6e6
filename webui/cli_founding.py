"""The verb `halfsky found`: a real house begins with its county and four people."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from engine.errors import EngineError, InvalidAnswers
from webui.settings import Settings
from workflows.founding import FIRST, Founder, found
from workflows.posts import POST_NAMES

Add = Callable[[str, Callable[[Settings, argparse.Namespace], int], str], argparse.ArgumentParser]


def add(verb: Add) -> None:
    """Make the verb known."""
    told = "、".join(f"{post}（{POST_NAMES[post]}）" for post in FIRST)
    founding = verb("found", handle, f"正式启用：设立县妇联和首批四个账号：{told}")
    founding.add_argument("--county", required=True, metavar="名称", help="县妇联的名称")
    founding.add_argument("--code", required=True, metavar="机构代码", help="业务号的第一段，例如 C1")
    founding.add_argument(
        "--person",
        required=True,
        action="append",
        nargs=4,
        metavar=("岗位", "登录名", "姓名", "身份证号码"),
        help="每人一次，共四次",
    )


def handle(place: Settings, chosen: argparse.Namespace) -> int:
    """Found it; the start passwords are printed once."""
    runtime = place.runtime()
    founders = [Founder(*person) for person in chosen.person]
    try:
        passwords = found(runtime, county_name=chosen.county, county_code=chosen.code, founders=founders)
    except InvalidAnswers as wrong:
        for field, problems in wrong.problems.items():
            print(f"{field}：{'；'.join(each.render(str) for each in problems)}", file=sys.stderr)
        print("未作任何更改。", file=sys.stderr)
        return 1
    except EngineError as refused:
        print(refused.render(str), file=sys.stderr)
        return 1
    finally:
        runtime.database.dispose()
    print("已启用。起始密码只显示这一次，请当面交给本人，登录后立即修改：")
    for login, secret in passwords.items():
        print(f"  {login}  {secret}")
    return 0
