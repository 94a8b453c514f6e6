"""The verbs `halfsky worker` and `halfsky jobs`: run background jobs, list them, try one again, call one off."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Callable

from sqlalchemy import Row

from engine import jobs, logs
from engine.clock import SHANGHAI, civil_date
from engine.commands.jobs import cancel_job, retry_job
from engine.queries.jobs import GROUPS, jobs_page
from webui.runtime import new_key
from webui.settings import Settings
from workflows import accounts, organisation

Add = Callable[[str, Callable[[Settings, argparse.Namespace], int], str], argparse.ArgumentParser]


def add(verb: Add) -> None:
    """Make the two verbs known."""
    verb("worker", work, "执行后台作业，不启动网站（PostgreSQL 上可启动任意多个）")
    listed = verb("jobs", handle, "查看后台作业；重试或取消其中一项")
    listed.add_argument("what", choices=("list", "retry", "cancel"), metavar="list|retry|cancel")
    listed.add_argument("job", nargs="?", type=int, metavar="作业编号", help="retry 与 cancel 需要")
    listed.add_argument("--all", action="store_true", help="list 时也列出已结束的作业")
    listed.add_argument("--as", dest="login", default="sysadmin", metavar="账号", help="以哪个系统管理员的名义")


def work(place: Settings, _: argparse.Namespace) -> int:
    """Jobs only, until told to stop. A seat that is taken or lost ends it with a sentence, for whoever starts it to read."""
    logs.catch_rest()
    runtime = place.runtime()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    print("后台作业进程已启动，按 Ctrl+C 停止。", flush=True)
    try:
        jobs.worker(runtime, place.node).run(stop)
    finally:
        runtime.database.dispose()
    return 0


def handle(place: Settings, chosen: argparse.Namespace) -> int:
    """List jobs, or change one as the page would."""
    runtime = place.runtime()
    with runtime.reading() as connection:
        account_id = accounts.account_id(connection, chosen.login)
        admin = organisation.actor_of(connection, account_id, civil_date(runtime.clock.now()))
        if chosen.what == "list":
            groups = [key for key in GROUPS if chosen.all or key != "ended"]
            rows = [row for key in groups for row in jobs_page(connection, runtime.rules, admin, group=key).rows]
    if chosen.what == "list":
        runtime.database.dispose()
        for row in rows:
            print(_line(row))
        print(f"共 {len(rows)} 项。")
        return 0
    if chosen.job is None:
        print(f"请写明作业编号，如：halfsky jobs {chosen.what} 12", file=sys.stderr)
        return 2
    command = retry_job if chosen.what == "retry" else cancel_job
    content = runtime.execute(command, actor=admin, key=new_key(), job_id=chosen.job).content
    runtime.database.dispose()
    print(f"作业 {chosen.job}：{jobs.STATE_NAMES[jobs.State(content['state'])]}")
    return 0


def _line(row: Row[object]) -> str:
    about = " ".join(f"{name}={value}" for name, value in dict(row.ids).items())
    kind = jobs.KINDS.get(row.kind)
    told = [str(row.id), jobs.STATE_NAMES[jobs.State(row.state)], kind.title if kind else row.kind, about]
    told += [f"第 {row.attempt} 次", row.asked_at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")]
    if row.error:
        told.append(f"{row.error} {row.reference or ''}".rstrip())
    return "  ".join(told)
