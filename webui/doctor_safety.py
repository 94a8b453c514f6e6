"""What `halfsky doctor` warns of: set-ups that work and are weak. Nothing here stops the house; each line says what to do.

Whoever may read the machine's disk is not kept out by software; what can be seen from here is whether keys, database and
backups lie so that one theft takes them all, whether passwords cross a network in the clear, and whether one person alone could
both act and hide it.
"""

from __future__ import annotations

import stat
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, bindparam, func, select, text
from sqlalchemy.engine import URL, make_url

from engine.messages import N_, message
from engine.model import history
from webui.findings import Finding, Grade
from workflows import demo, model, passwords
from workflows.model_sign_in import second_factor
from workflows.sign_in_policy import KEEPERS, STRICT_POSTS

#: a backup a week, and one day of grace
BACKUP_EVERY: Final = timedelta(days=8)
#: by how much two clocks may differ
_CLOCK: Final = timedelta(seconds=5)
#: when this software did not exist yet: a machine without a battery begins in 1970 or 2000
_BEGINNING: Final = date(2026, 1, 1)
_MOST_FILES: Final = 500


@dataclass(frozen=True)
class Setup:
    """What is looked at: where things are, at which address pages are served, and what time it is."""

    data: Path
    database_url: str
    key_file: Path
    now: datetime
    host: str = "127.0.0.1"
    https: bool = False
    proxy: str | None = None
    keys_given: bool = False
    is_demo: bool = False
    #: settings that single sign-on still needs; None when nobody began to set it up
    sign_on_lacks: list[str] | None = None

    @property
    def url(self) -> URL:
        """The database."""
        return make_url(self.database_url)

    @property
    def database_file(self) -> Path | None:
        """Its file; None on PostgreSQL."""
        return Path(self.url.database or "") if self.url.get_backend_name() == "sqlite" else None


def weak(template: str, remedy: str, /, **params: object) -> Finding:
    """Something that works and is weak."""
    return Finding(Grade.WEAK, message(template, **params), message(remedy, **params))


def is_local(host: str) -> bool:
    """Whether an address is this machine itself: a loopback address, its name, or a folder of sockets."""
    if host in ("", "localhost") or host.startswith("/"):
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False


def files(setup: Setup) -> Iterator[Finding]:
    """The database file is its owner's alone, as are its neighbours."""
    database = setup.database_file
    if database is None:
        return
    for name in (database, *(database.with_name(database.name + end) for end in ("-wal", "-shm"))):
        if name.exists() and stat.S_IMODE(name.stat().st_mode) & 0o077 and _reachable(database.parent):
            yield weak(N_("数据库文件可被本机其他账户读取：{file}"), N_("请执行：chmod 600 {file}"), file=name)


def _reachable(folder: Path) -> bool:
    return bool(stat.S_IMODE(folder.stat().st_mode) & 0o077)


def single_sign_on(setup: Setup) -> Iterator[Finding]:
    """Single sign-on is set up wholly or not at all, and nobody reads what passes between."""
    if setup.sign_on_lacks:
        lacking = "、".join(setup.sign_on_lacks)
        yield weak(
            N_("单点登录只设置了一半，没有启用：缺 {settings}"),
            N_("请补全这些设置，或全部去掉；见 docs/sign_in.md。"),
            settings=lacking,
        )
    elif setup.sign_on_lacks is not None and not setup.https:
        yield weak(N_("已启用单点登录，但网站没有使用 HTTPS"), N_("请在 HTTPS 之后提供服务，并设置 HALFSKY_HTTPS=1。"))


def keys(setup: Setup) -> Iterator[Finding]:
    """The keys lie apart from what they open."""
    if setup.keys_given or not setup.key_file.is_file():
        return
    database = setup.database_file
    if database is not None and database.is_file() and database.stat().st_dev == setup.key_file.stat().st_dev:
        yield weak(
            N_("密钥与数据库在同一块磁盘上：偷走磁盘的人两样都有"),
            N_(
                "请把 {file} 移到另一块盘或可拔出的介质，用 HALFSKY_KEY_FILE 指明；或由系统的保密功能经 HALFSKY_KEYS 提供。"
            ),
            file=setup.key_file,
        )
    for file in _backups(setup.key_file.parent):
        yield weak(
            N_("备份与密钥放在一起：{file}"), N_("请把备份移到别处：同时拿到两者的人可以读取全部内容。"), file=file
        )


def _backups(folder: Path) -> Iterator[Path]:
    """Backups of ours in a folder or in the folders in it."""
    looked = 0
    for place in (folder, *(each for each in sorted(folder.iterdir()) if each.is_dir() and not each.is_symlink())):
        try:
            found = sorted(each for each in place.iterdir() if each.is_file())
        except OSError:
            continue
        for file in found:
            looked += 1
            if looked > _MOST_FILES:
                return
            if _is_backup(file):
                yield file


def _is_backup(file: Path) -> bool:
    try:
        with tarfile.open(file, "r:") as archive:
            first = archive.next()
            return first is not None and first.name == "manifest.json"
    except (OSError, tarfile.TarError):
        return False


def backups(setup: Setup) -> Iterator[Finding]:
    """A backup was made lately."""
    if setup.database_file is None or setup.is_demo:
        return
    try:
        made = datetime.fromisoformat((setup.data / "backed-up").read_text())
    except (OSError, ValueError):
        yield weak(
            N_("从未用 halfsky backup 备份过"), N_("请立即备份一次，并安排每天自动备份；见 docs/operations.md。")
        )
        return
    days = (setup.now - made).days
    if setup.now - made > BACKUP_EVERY:
        yield weak(N_("最近一次备份是 {days} 天前"), N_("请立即备份，并检查自动备份为何没有运行。"), days=days)
    else:
        yield Finding(Grade.FINE, message(N_("最近一次备份是 {days} 天前"), days=days))


def network(setup: Setup) -> Iterator[Finding]:
    """What crosses a network is encrypted, and nobody offers known passwords to it."""
    if not is_local(setup.host) and not setup.https:
        yield weak(
            N_("网页经网络以明文（http）提供：密码和案情可在途中被读取"),
            N_("请在前面架设 https（反向代理），设 HALFSKY_HTTPS=1，并让 HALFSKY_HOST 保持 127.0.0.1。"),
        )
    if setup.https and setup.proxy is None:
        yield weak(
            N_("看不出谁从哪里来：https 由反向代理提供，而未设 HALFSKY_PROXY，所有人都像来自代理的地址"),
            N_("请把 HALFSKY_PROXY 设为反向代理的地址（如 127.0.0.1），并让代理附加 X-Forwarded-For。"),
        )
    if setup.is_demo and not is_local(setup.host):
        yield weak(
            N_("演示县的账号和公开的密码可从网络登录"),
            N_("演示环境只供本机使用；正式使用请另建数据文件夹，不要加 --demo。"),
        )


def clock(setup: Setup) -> Iterator[Finding]:
    """The machine knows what day it is."""
    if setup.now.date() < _BEGINNING:
        yield weak(
            N_("本机时间是 {day}，明显不对：期限会算错"), N_("请校准时间并启用自动对时（NTP）。"), day=setup.now.date()
        )


def stored_clock(setup: Setup, connection: Connection) -> Iterator[Finding]:
    """Nothing that was written lies in the future, and the database server agrees on the time."""
    newest = connection.execute(select(func.max(history.c.at))).scalar()
    if newest is not None and newest - setup.now > _CLOCK:
        yield weak(
            N_("数据库里已有比本机时间更晚的记录（晚 {minutes} 分钟）：本机时间被往回拨过"),
            N_("请校准时间并启用自动对时（NTP）。"),
            minutes=int((newest - setup.now).total_seconds() // 60) + 1,
        )
    if connection.dialect.name == "postgresql":
        apart = abs(connection.execute(text("SELECT clock_timestamp()")).scalar_one() - setup.now)
        if apart > _CLOCK:
            yield weak(
                N_("数据库服务器的时间与本机相差 {seconds} 秒"),
                N_("请让两台机器都启用自动对时（NTP）。"),
                seconds=int(apart.total_seconds()),
            )


def line(setup: Setup, connection: Connection) -> Iterator[Finding]:
    """The way to a PostgreSQL on another machine is encrypted."""
    if connection.dialect.name != "postgresql" or is_local(str(setup.url.host or setup.url.query.get("host", ""))):
        return
    if not connection.execute(text("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")).scalar():
        yield weak(
            N_("与数据库服务器之间的连接没有加密"),
            N_("请在服务器上启用 TLS，并在 HALFSKY_DATABASE_URL 末尾加 ?sslmode=verify-full。"),
        )


_held = model.post_holding.c
_HOLDERS = (
    select(model.account.c.id, model.account.c.login, model.account.c.password_hash, _held.post)
    .join(model.post_holding, _held.account_id == model.account.c.id)
    .where(
        model.account.c.active,
        _held.since <= bindparam("b_day"),
        _held.until.is_(None) | (_held.until >= bindparam("b_day")),
    )
    .order_by(model.account.c.login)
)
_WITH_CODE = select(second_factor.c.account_id).where(second_factor.c.confirmed_at.is_not(None))


def people(setup: Setup, connection: Connection) -> Iterator[Finding]:
    """Nobody keeps the house and its log alone; who touches what is confidential needs a second factor; no known passwords."""
    rows = connection.execute(_HOLDERS, {"b_day": setup.now.date()}).all()
    posts: dict[str, set[str]] = {}
    for row in rows:
        posts.setdefault(row.login, set()).add(row.post)
    for login, held in posts.items():
        if len(held & KEEPERS) > 1:
            yield weak(
                N_("账号 {login} 同时担任系统管理员、安全管理员、日志审计员中的两职以上"),
                N_("请由不同的人担任：能改的人不应能查自己的痕迹（等保三员分立）。"),
                login=login,
            )
    coded = set(connection.execute(_WITH_CODE).scalars())
    bare = sorted({row.login for row in rows if row.post in STRICT_POSTS and row.id not in coded})
    if bare and not setup.is_demo:
        yield weak(
            N_("接触 C3 案件或管理本系统的 {count} 个账号还没有绑定验证器：{logins}"),
            N_("她们下次登录时会被要求绑定；请尽快让她们登录一次。"),
            count=len(bare),
            logins="、".join(bare[:8]),
        )
    if not setup.is_demo:
        yield from _known_passwords(rows)


def _known_passwords(rows: Any) -> Iterator[Finding]:
    """Accounts that open with the password every copy of this software prints; those of the same names, and the keepers."""
    invented = {person.login for person in demo.sign_ins()}
    asked = {row.login: row.password_hash for row in rows if row.login in invented or row.post in KEEPERS}
    found = [login for login, hashed in asked.items() if passwords.verify(hashed, demo.PASSWORD)]
    if found:
        yield weak(
            N_("有 {count} 个账号用的是公开的演示密码：{logins}"),
            N_("请立即停用这些账号或更换密码。"),
            count=len(found),
            logins="、".join(found[:8]),
        )


#: looks that need no database, and looks that do
OUTSIDE: Final[tuple[Callable[[Setup], Iterator[Finding]], ...]] = (
    files,
    keys,
    backups,
    network,
    single_sign_on,
    clock,
)
INSIDE: Final[tuple[Callable[[Setup, Connection], Iterator[Finding]], ...]] = (stored_clock, line, people)
