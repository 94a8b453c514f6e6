"""The command `halfsky`: start the house, set it up, look after it. Speaks Chinese; `--help` of each verb says what it does."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from engine import logs
from engine.access import SYSTEM
from engine.clock import SystemClock, civil_date
from engine.commands.indexing import index_all
from engine.commands.keys import adopt_keys
from engine.commands.versions import publish_version
from engine.errors import EngineError, NotFound, RefusedDefinition
from engine.flow import gate, soundness
from engine.messages import N_, Message
from engine.queries.versions import DRAWING, TABLES, pending
from webui import (
    cli_audit,
    cli_backup,
    cli_calendar,
    cli_founding,
    cli_identity,
    cli_jobs,
    cli_keys,
    cli_periods,
    cli_rehearse,
    doctor,
    doctor_safety,
    serving,
    settings,
)
from webui.app import Demo, DemoAccount
from webui.findings import Grade
from webui.runtime import new_key
from webui.settings import Settings
from workflows import (
    accounts,
    catalogue,
    continuing,
    demo,
    demo_petitions,
    loan_report,
    loan_statistics,
    organisation,
    permission_matrix,
    schema,
)
from workflows.countable import uncounted

log = logging.getLogger("halfsky")

Verb = Callable[[Settings, argparse.Namespace], int]


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; the exit status is 0 when all is well."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    if not hasattr(chosen, "verb"):
        parser.print_help()
        return 2
    logs.begin()
    logging.getLogger("waitress.queue").setLevel(
        logging.ERROR
    )  # a short queue is no event: there are more browsers than threads
    verb: Verb = chosen.verb
    try:
        place = settings.from_environment()
        os.environ.pop("HALFSKY_KEYS", None)  # programs that are started from here need no keys
        return verb(place, chosen)
    except EngineError as refused:
        print(refused.render(), file=sys.stderr)
        return 1
    except Exception:
        log.exception("a command failed")
        print("命令没有完成。出错的位置见上；其中不含案件内容。", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="halfsky", description="半边天：妇联案件办理系统")
    verbs = parser.add_subparsers(title="命令", metavar="命令")

    def add(name: str, verb: Verb, told: str) -> argparse.ArgumentParser:
        one = verbs.add_parser(name, help=told, description=told)
        one.set_defaults(verb=verb)
        return one

    serve_verb = add("serve", serve, "启动网站；SQLite 上同时执行后台作业")
    serve_verb.add_argument("--with-jobs", action="store_true", help="在 PostgreSQL 上也由本进程执行后台作业")
    serve_verb.add_argument("--processes", type=int, default=1, metavar="个数", help="网站进程数，仅限 PostgreSQL")
    add("init", init, "建立或升级数据库").add_argument("--demo", action="store_true", help="载入虚构的演示县")
    add("doctor", examine, "检查本机缺什么、怎么补")
    check_verb = add("check", check, "检查流程图能否使用、能否办结")
    check_verb.add_argument("files", nargs="+", type=Path, metavar="文件", help=".bpmn 或 .dmn 文件")
    cli_audit.add(add("audit", cli_audit.run, "校验历史记录；审计锚；存在证明"))
    cli_jobs.add(add)
    cli_founding.add(add)
    cli_identity.add(add)
    cli_backup.add(add)
    cli_keys.add(add)
    definitions = add("definitions", publish, "发布随软件提供的或指定的流程图和规则表；已有版本的，须另一人批准")
    definitions.add_argument("what", choices=("publish",), metavar="publish")
    definitions.add_argument(
        "files", nargs="*", type=Path, metavar="文件", help="文件名即事项类型，如 loan.bpmn、loan.dmn"
    )
    definitions.add_argument("--as", dest="login", default="sysadmin", metavar="账号", help="以哪个系统管理员的名义")
    add("continue", go_on, "让升级前已放款办结的贷款转入贷后管理")
    cli_periods.add_arguments(add("sla", cli_periods.run, "导出、导入县级时限表（新版本自某日起生效）"))
    cli_calendar.add_arguments(add("calendar", cli_calendar.run, "导入节假日安排，重新计算未办结的时限"))
    add("rehearse", cli_rehearse.run, "在数据库副本上演练升级，试办每一件在办案件")
    figures = add("statistics", statistics, "贷款统计报表（L-08）：打印一个月的数字，或者固定下来")
    figures.add_argument("month", metavar="月份", help="如 2026-07")
    figures.add_argument("--county", default="C1", metavar="县代码")
    figures.add_argument("--fix", action="store_true", help="固定这个月；以后有更正的，再次固定得到新的一版")
    add("permissions", permissions, "列出每种权限归哪些岗位")
    add("search-index", index, "为已有案件建立检索（可随时重复运行）")
    return parser


def serve(place: Settings, chosen: argparse.Namespace) -> int:
    """Web pages until told to stop; with jobs on SQLite, where one process does it all, and elsewhere when asked."""
    if _behind(place):
        print("数据库还没有建立或需要升级，请先运行：halfsky init（演示环境：halfsky init --demo）", file=sys.stderr)
        return 1
    sqlite = place.database_url.startswith("sqlite")
    if sqlite and chosen.processes > 1:
        print("SQLite 只能用一个进程；要用多个进程，请改用 PostgreSQL（HALFSKY_DATABASE_URL）。", file=sys.stderr)
        return 1
    hint = _demo() if place.demo_mark.exists() else None
    logs.catch_rest()
    house = serving.Service(place, hint, with_jobs=sqlite or chosen.with_jobs, greet=lambda: _greet(place, hint))
    if chosen.processes > 1:
        house.answer_in(chosen.processes)
    else:
        house.answer()
    return 0


def _greet(place: Settings, hint: Demo | None) -> None:
    print(f"半边天已启动：http://{place.host}:{place.port}/")
    if hint is not None:
        print(f"演示账号（密码均为 {hint.password}）：")
        for account in hint.accounts:
            print(f"  {account.login:<12}{account.name}  {account.post}")
    print("按 Ctrl+C 停止。", flush=True)


def _demo() -> Demo:
    listed = tuple(DemoAccount(s.login, s.name, f"{s.unit} {s.post}") for s in demo.sign_ins())
    return Demo(demo.PASSWORD, listed)


def _behind(place: Settings) -> bool:
    if place.database_url.startswith("sqlite") and not place.data.exists():
        return True
    return schema.current(place.database_url) != schema.newest()


def init(place: Settings, chosen: argparse.Namespace) -> int:
    """Create or upgrade the database; with --demo, the invented county."""
    os.umask(0o077)
    place.data.mkdir(parents=True, exist_ok=True)
    if schema.current(place.database_url) is None:
        place.make_keys()
    schema.upgrade(place.database_url)
    print(f"数据库已就绪：版本 {schema.current(place.database_url)}")
    runtime = place.runtime()
    runtime.execute(adopt_keys, actor=SYSTEM, key=new_key())
    if chosen.demo:
        demo.create_demo(runtime)
        demo_petitions.create_demo_matters(runtime)
        place.demo_mark.touch()
        print("演示县已载入：人员与案件均为虚构。")
    runtime.database.dispose()
    return 0


def examine(place: Settings, _: argparse.Namespace) -> int:
    """Say what this machine has and lacks."""
    now = SystemClock().now()
    setup = doctor_safety.Setup(
        place.data,
        place.database_url,
        place.key_file,
        now,
        host=place.host,
        https=place.https,
        proxy=place.proxy,
        keys_given=place.given_keys is not None,
        is_demo=place.demo_mark.exists(),
        sign_on_lacks=place.provider_lacks() if place.single_sign_on else None,
    )
    where = (place.data, place.database_url, place.key_file)
    findings = doctor.examine(doctor.Installation(*where, civil_date(now), setup))
    signs = {Grade.FINE: "好", Grade.ADVICE: "建议", Grade.WEAK: "警告", Grade.LACKING: "缺"}
    for finding in findings:
        print(f"[{signs[finding.grade]}] {finding.seen}")
        if finding.remedy is not None:
            print(f"      {finding.remedy}")
    return 0 if doctor.healthy(findings) else 1


def check(_: Settings, chosen: argparse.Namespace) -> int:
    """The gate and the soundness check, for files; forms are checked where the file is named like a process type."""
    failed, known = False, catalogue.load()
    for path in chosen.files:
        content = path.read_bytes()
        process = known.get(path.stem)
        forms = process.forms if process is not None else None
        reasons = gate.check_tables(content) if path.suffix == ".dmn" else gate.check(content, known_forms=forms)
        lines = [str(reason) for reason in reasons]
        if not reasons and path.suffix != ".dmn":
            report = soundness.examine(content, forms=forms)
            failed |= bool(report.errors)
            lines = [str(line) for line in soundness.report_lines(report)]
        failed |= bool(reasons)
        print(f"{path}：{'未通过' if reasons else '通过检查'}")
        for line in lines:
            print(f"  {line}")
    return 1 if failed else 0


def publish(place: Settings, chosen: argparse.Namespace) -> int:
    """Publish drawings: those that come with the software, or the files named."""
    runtime = place.runtime()
    with runtime.reading() as connection:
        account_id = accounts.account_id(connection, chosen.login)
        admin = organisation.actor_of(connection, account_id, civil_date(runtime.clock.now()))
    if not chosen.files:
        demo.publish_drawings(runtime, admin)
        with runtime.reading() as connection:
            waiting = pending(connection)
        print("随软件提供的流程图和规则表已发布。" + (f"有 {waiting} 个新版本待批准。" if waiting else ""))
        return 0
    for path in chosen.files:
        sort = TABLES if path.suffix == ".dmn" else DRAWING
        given = {"kind": path.stem, "sort": sort, "content": path.read_bytes()}
        try:
            answer = runtime.execute(publish_version, actor=admin, key=new_key(), **given)
        except RefusedDefinition as refused:
            print(f"{path}：未被接受", *(f"  {reason}" for reason in refused.refusals), sep="\n", file=sys.stderr)
            return 1
        if answer.content["version"] is None:
            print(f"{path}：已提出（提案 {answer.content['proposal_id']}），须由另一人在网页上批准后才生效")
        else:
            print(f"{path}：第 {answer.content['version']} 版" + ("" if answer.content["new"] else "（没有变化）"))
    return 0


def index(place: Settings, _: argparse.Namespace) -> int:
    """Let every case be found by name and words; tells how many were looked at and changed."""
    seen, changed = index_all(place.runtime())
    print(f"已检查 {seen} 件，更新 {changed} 件。")
    return 0


def go_on(place: Settings, _: argparse.Namespace) -> int:
    """Cases closed before their sequel existed go on; harmless when there are none."""
    runtime = place.runtime()
    print(f"转入后续流程：{continuing.continue_all(runtime)} 件。")
    runtime.database.dispose()
    return 0


def statistics(place: Settings, chosen: argparse.Namespace) -> int:
    """The month of the loans, or a version of it fixed for good."""
    runtime, month = place.runtime(), loan_report.month_of(chosen.month)
    with runtime.reading() as connection:
        county = organisation.unit_by_code(connection, chosen.county)
        if county is None:
            raise NotFound(what=Message(N_("单位 {code}"), {"code": chosen.county}))
        found = loan_statistics.figures(connection, county.id, month, uncounted(connection, runtime.rules, SYSTEM))
        made = loan_report.report(connection, county, month, found)
    for line in (*made.lines, made.total):
        told = (f"{loan_report.code_name(code)} {line.of(code).number}" for code in loan_statistics.CODES)
        print(line.unit.name if line is not made.total else "合计", *told, f"逾期比例 {line.overdue_rate}", sep="，")
    if chosen.fix:
        try:
            version, new = loan_statistics.fix(runtime, county.id, month)
        except ValueError:
            print(f"{month} 还没有结束，不能固定。", file=sys.stderr)
            return 1
        print(f"第 {version} 版" + ("已固定。" if new else "与现在的数字相同，没有新的一版。"))
    return 0


def permissions(_: Settings, __: argparse.Namespace) -> int:
    """The permission matrix, as docs/permissions.md has it."""
    print(permission_matrix.page(), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
