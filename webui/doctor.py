"""What `halfsky doctor` says: what this machine has, what it lacks, and what to do about it, in words.

Nothing is created or changed by looking, but for one temporary file in the data folder.
"""

from __future__ import annotations

import ctypes
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

import workflows
from engine.database import Database
from engine.errors import Unavailable
from engine.keyring import BadKeys, KeyFile
from engine.messages import N_, Message, message
from engine.model import calendar_day
from webui import doctor_safety
from webui.doctor_safety import Setup
from webui.findings import Finding, Grade

OLDEST_PYTHON = (3, 11)
PANGO = ("libgobject-2.0.so.0", "libpango-1.0.so.0", "libpangoft2-1.0.so.0")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
MIB = 1024 * 1024
LITTLE_SPACE = 2048 * MIB
NO_SPACE = 200 * MIB
MIGRATIONS = Path(workflows.__file__).parent / "migrations"


@dataclass(frozen=True)
class Installation:
    """What the doctor looks at: the data folder, the SQLAlchemy URL of the database, the key file and today's date.

    `setup`: the same with what matters to safety; without it nobody is warned.
    """

    data: Path
    database_url: str
    key_file: Path
    today: date
    setup: Setup | None = None


def examine(installation: Installation) -> list[Finding]:
    """Every finding, in the order in which they should be put right."""
    looks: tuple[Callable[[Installation], Iterator[Finding]], ...] = (
        python_version,
        pango,
        chinese_fonts,
        data_folder,
        disk_space,
        key_file,
        database,
        browser,
    )
    found = [finding for look in looks for finding in look(installation)]
    return found if installation.setup is None else [*found, *_warnings(installation.setup)]


def _warnings(setup: Setup) -> Iterator[Finding]:
    """Set-ups that work and are weak; those inside the database only where it can be asked."""
    for look in doctor_safety.OUTSIDE:
        yield from look(setup)
    if setup.database_file is not None and not setup.database_file.is_file():
        return
    opened = Database(setup.database_url)
    try:
        with opened.reading() as connection:
            for inside in doctor_safety.INSIDE:
                yield from inside(setup, connection)
    except (SQLAlchemyError, Unavailable):
        return  # told above: it does not answer, or is of another version
    finally:
        opened.dispose()


def healthy(findings: list[Finding]) -> bool:
    """Whether everything works; advice and warnings do not count against it."""
    return all(finding.grade is not Grade.LACKING for finding in findings)


def _fine(template: str, **params: object) -> Finding:
    return Finding(Grade.FINE, message(template, **params))


def _advice(seen: Message, remedy: Message) -> Finding:
    return Finding(Grade.ADVICE, seen, remedy)


def _lacking(seen: Message, remedy: Message) -> Finding:
    return Finding(Grade.LACKING, seen, remedy)


def python_version(_: Installation) -> Iterator[Finding]:
    """Python 3.11 or newer."""
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] >= OLDEST_PYTHON:
        yield _fine(N_("Python {version}"), version=version)
    else:
        yield _lacking(
            message(N_("Python 版本过低：{version}"), version=version),
            message(N_("请安装 Python 3.11 或更新版本，删除 .venv 文件夹后重新运行 ./run。")),
        )


def pango(_: Installation) -> Iterator[Finding]:
    """The libraries that set the type of every printed page."""
    missing = [library for library in PANGO if not _loads(library)]
    if missing:
        yield _lacking(
            message(N_("缺少排版库 {libraries}：不能打印表格和卷宗，其余功能不受影响"), libraries=", ".join(missing)),
            message(N_("请管理员执行：apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0")),
        )
    else:
        yield _fine(N_("排版库 Pango 已就绪，可以打印"))


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def chinese_fonts(_: Installation) -> Iterator[Finding]:
    """A font with Chinese characters; without one, printed pages show boxes."""
    remedy = message(N_("请管理员执行：apt-get install fontconfig fonts-noto-cjk"))
    program = shutil.which("fc-list")
    if program is None:
        yield _lacking(message(N_("没有 fontconfig，无法找到字体")), remedy)
        return
    listed = subprocess.run([program, ":lang=zh-cn", "family"], capture_output=True, encoding="utf-8", check=False)  # noqa: S603 - fixed arguments
    families = sorted(
        {line.split(",")[0] for line in listed.stdout.splitlines() if line}, key=lambda f: (" SC" not in f, f)
    )
    if families:
        yield _fine(N_("中文字体：{families}"), families="、".join(families[:4]))
    else:
        yield _lacking(message(N_("没有中文字体：打印出来的汉字会是方框")), remedy)


def data_folder(installation: Installation) -> Iterator[Finding]:
    """A folder that can be written and that nobody else can read."""
    folder = installation.data
    if not folder.is_dir():
        yield _lacking(message(N_("数据文件夹不存在：{folder}"), folder=folder), message(N_("请运行 halfsky init")))
        return
    try:
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError:
        yield _lacking(
            message(N_("数据文件夹不可写：{folder}"), folder=folder),
            message(N_("请把该文件夹的所有者改为运行 Halfsky 的账户，或用 HALFSKY_DATA 另指定一个。")),
        )
        return
    if _others_may_enter(folder):
        yield _advice(
            message(N_("数据文件夹对本机其他账户开放：{folder}"), folder=folder),
            message(N_("请执行：chmod 700 {folder}"), folder=folder),
        )
    else:
        yield _fine(N_("数据文件夹可写：{folder}"), folder=folder)


def disk_space(installation: Installation) -> Iterator[Finding]:
    """Room for the database and the papers."""
    if not installation.data.is_dir():
        return
    free = shutil.disk_usage(installation.data).free
    seen = message(N_("数据文件夹所在磁盘剩余 {size} MB"), size=free // MIB)
    if free < NO_SPACE:
        yield _lacking(seen, message(N_("空间即将用尽，请立即清理磁盘或迁移数据文件夹。")))
    elif free < LITTLE_SPACE:
        yield _advice(seen, message(N_("空间偏少，建议至少留出 {size} MB。"), size=LITTLE_SPACE // MIB))
    else:
        yield Finding(Grade.FINE, seen)


def key_file(installation: Installation) -> Iterator[Finding]:
    """The keys that open personal data: present, well-formed, readable by the owner alone."""
    path = installation.key_file
    if installation.setup is not None and installation.setup.keys_given:
        yield _fine(N_("密钥由环境变量 HALFSKY_KEYS 提供（请另行备份）"))
        return
    if not path.is_file():
        yield _lacking(
            message(N_("没有密钥文件：{path}"), path=path),
            message(N_("新安装请运行 halfsky init；如已有数据，请从备份恢复原密钥文件：没有它，加密的内容无法读取。")),
        )
        return
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        yield _lacking(
            message(N_("密钥文件可被本机其他账户读取：{path}"), path=path),
            message(N_("请执行：chmod 600 {path}"), path=path),
        )
        return
    try:
        keys = KeyFile(path).load()
    except BadKeys:
        keys = ()
    if keys:
        yield _fine(
            N_("密钥文件完好，共 {count} 把，仅本账户可读（请另行备份）"),
            count=sum(key.secret is not None for key in keys),
        )
    else:
        yield _lacking(message(N_("密钥文件无法使用：{path}"), path=path), message(N_("请从备份恢复原密钥文件。")))


def database(installation: Installation) -> Iterator[Finding]:
    """Reachable, at the newest migration, with the working days of this year and the next."""
    url = make_url(installation.database_url)
    shown = url.render_as_string(hide_password=True)
    is_file = url.get_backend_name() == "sqlite"
    if is_file and not Path(url.database or "").is_file():
        yield _lacking(message(N_("数据库尚未建立：{url}"), url=shown), message(N_("请运行 halfsky init")))
        return
    opened = Database(installation.database_url)
    try:
        with opened.reading() as connection:
            current = MigrationContext.configure(connection).get_current_heads()
            behind = set(current) != set(ScriptDirectory(str(MIGRATIONS)).get_heads())
            yield _migrated(shown, behind)
            if not behind:
                yield from _working_days(
                    set(connection.execute(select(calendar_day.c.day)).scalars()), installation.today
                )
    except (SQLAlchemyError, Unavailable) as error:
        yield _lacking(
            message(N_("数据库无法连接：{url}（{error}）"), url=shown, error=type(error).__name__),
            message(N_("请检查 HALFSKY_DATABASE_URL、数据库服务是否已启动，以及账户权限。")),
        )
    finally:
        opened.dispose()


def _migrated(shown: str, behind: bool) -> Finding:
    if behind:
        return _lacking(
            message(N_("数据库结构不是本版本的：{url}"), url=shown), message(N_("请先备份，再运行 halfsky init"))
        )
    return _fine(N_("数据库已连接，结构为最新：{url}"), url=shown)


def _working_days(noted: set[date], today: date) -> Iterator[Finding]:
    """Which years' State Council notices are loaded, by the days in `noted`; other years count by weekends alone (暂定)."""
    years = {day.year for day in noted}
    remedy = message(N_("国务院办公厅公布放假安排后，请由管理员导入该年度的工作日历。"))
    for year, grade in ((today.year, Grade.LACKING), (today.year + 1, Grade.ADVICE)):
        if year in years:
            yield _fine(N_("{year} 年工作日历已导入"), year=year)
        else:
            yield Finding(
                grade, message(N_("没有 {year} 年的工作日历：工作日期限只能按周末推算（暂定）"), year=year), remedy
            )


def browser(_: Installation) -> Iterator[Finding]:
    """A Chromium, which only the project's own tests need."""
    if any(map(shutil.which, BROWSERS)):
        yield _fine(N_("浏览器 Chromium 已就绪（仅测试需要）"))
    else:
        yield _advice(
            message(N_("没有 Chromium：浏览器测试将被跳过，日常使用不受影响")),
            message(N_("需要运行测试时：apt-get install chromium libatomic1")),
        )


def _others_may_enter(path: Path) -> bool:
    return bool(stat.S_IMODE(path.stat().st_mode) & 0o077)
