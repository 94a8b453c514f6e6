"""The verb `halfsky identity`: which identity at the provider of single sign-on may sign in as which account."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable

from engine.clock import civil_date
from webui.runtime import new_key
from webui.settings import Settings
from workflows import accounts, organisation, single_sign_on

Add = Callable[[str, Callable[[Settings, argparse.Namespace], int], str], argparse.ArgumentParser]


def add(verb: Add) -> None:
    """Make the verb known."""
    linked = verb("identity", handle, "把单点登录的身份关联到账号，或解除")
    linked.add_argument("what", choices=("link", "unlink"), metavar="link|unlink")
    linked.add_argument("login", metavar="账号")
    linked.add_argument("subject", nargs="?", default="", metavar="身份标识", help="提供方给出的 sub，link 需要")
    linked.add_argument("--as", dest="by", default="sysadmin", metavar="账号", help="以哪个系统管理员的名义")


def handle(place: Settings, chosen: argparse.Namespace) -> int:
    """Link or unlink, as the administrator named."""
    issuer = place.single_sign_on.get("HALFSKY_OIDC_ISSUER", "")
    if chosen.what == "link" and not issuer:
        print("请先设置 HALFSKY_OIDC_ISSUER。", file=sys.stderr)
        return 1
    runtime = place.runtime()
    try:
        with runtime.reading() as connection:
            today = civil_date(runtime.clock.now())
            admin = organisation.actor_of(connection, accounts.account_id(connection, chosen.by), today)
            account = accounts.account_id(connection, chosen.login)
        key = new_key()
        if chosen.what == "link":
            given = {"account_id": account, "issuer": issuer, "subject": chosen.subject}
            runtime.execute(single_sign_on.link, actor=admin, key=key, **given)
        else:
            runtime.execute(single_sign_on.unlink, actor=admin, key=key, account_id=account)
    finally:
        runtime.database.dispose()
    print("已关联。" if chosen.what == "link" else "已解除。")
    return 0
