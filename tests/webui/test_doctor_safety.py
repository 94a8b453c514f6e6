"""`halfsky doctor` warns of set-ups that work and are weak, each with what to do, and keeps quiet about good ones."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import insert, select, update
from sqlalchemy.engine import make_url

from engine.access import SYSTEM
from engine.model import history
from engine.unit_of_work import unit_of_work
from tests.workflows.processes.loan.house import MONDAY, LoanHouse, prepare
from webui import doctor, doctor_safety
from webui.doctor import Installation
from webui.doctor_safety import Setup
from webui.findings import Finding, Grade
from workflows import backup, model, passwords
from workflows.model_sign_in import second_factor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def setup(tmp_path: Path) -> Setup:
    """A good one on SQLite: keys from elsewhere, a backup of today, pages on this machine only."""
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    for name in ("halfsky.db", "keys", "backed-up"):
        (data / name).touch(mode=0o600)
    (data / "keys").write_bytes(Fernet.generate_key())
    (data / "backed-up").write_text(MONDAY.isoformat())
    return Setup(data, f"sqlite:///{data / 'halfsky.db'}", data / "keys", MONDAY, keys_given=True)


def said(found: Iterator[Finding]) -> list[str]:
    """What is warned of; each warning says what to do."""
    warned = [each for each in found if each.grade is not Grade.FINE]
    assert all(each.grade is Grade.WEAK and each.remedy for each in warned)
    return [str(each.seen) for each in warned]


def outside(setup: Setup) -> list[str]:
    return [line for look in doctor_safety.OUTSIDE for line in said(look(setup))]


def open_database(at: Setup) -> Setup:
    at.data.chmod(0o755)
    (at.data / "halfsky.db").chmod(0o644)
    return at


def keys_beside(at: Setup) -> Setup:
    return replace(at, keys_given=False)


def old_backup(at: Setup) -> Setup:
    (at.data / "backed-up").write_text((MONDAY - timedelta(days=9)).isoformat())
    return at


def no_backup(at: Setup) -> Setup:
    (at.data / "backed-up").unlink()
    return at


def test_a_good_set_up_is_not_warned_of(setup: Setup) -> None:
    assert outside(setup) == []


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (open_database, "数据库文件可被本机其他账户读取"),
        (keys_beside, "密钥与数据库在同一块磁盘上"),
        (old_backup, "最近一次备份是 9 天前"),
        (no_backup, "从未用 halfsky backup 备份过"),
        (lambda at: replace(at, host="192.168.1.5"), "以明文（http）提供"),
        (lambda at: replace(at, host="0.0.0.0"), "以明文（http）提供"),
        (lambda at: replace(at, host="::", https=True, is_demo=True), "演示县的账号和公开的密码可从网络登录"),
        (lambda at: replace(at, https=True), "未设 HALFSKY_PROXY"),
        (lambda at: replace(at, now=datetime(2000, 1, 1, tzinfo=UTC)), "2000-01-01，明显不对"),
    ],
    ids=["database", "keys", "old", "none", "http", "everywhere", "demo", "proxy", "clock"],
)
def test_a_weak_set_up_is_warned_of(setup: Setup, spoil: Callable[[Setup], Setup], words: str) -> None:
    assert any(words in line for line in outside(spoil(setup))), outside(setup)


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True),
        ("::1", True),
        ("localhost", True),
        ("/run/pg", True),
        ("", True),
        ("10.0.0.1", False),
        ("0.0.0.0", False),
        ("db.example", False),
        ("::", False),
    ],
)
def test_what_leaves_the_machine_is_told_from_what_does_not(host: str, local: bool) -> None:
    assert doctor_safety.is_local(host) is local


@pytest.fixture
def house(databases: Any) -> Iterator[tuple[LoanHouse, Setup]]:
    """The demo county as if it were a real one."""
    url = databases.create(prepare)
    made = LoanHouse(url)
    yield made, Setup(doctor.MIGRATIONS, url, doctor.MIGRATIONS / "keys", MONDAY)
    made.close()
    databases.drop(url)


def inside(house: LoanHouse, setup: Setup) -> list[str]:
    with house.runtime.reading() as connection:
        return [line for look in doctor_safety.INSIDE[1:] for line in said(look(setup, connection))]


def test_known_passwords_posts_in_one_hand_and_missing_codes_are_named(house: tuple[LoanHouse, Setup]) -> None:
    made, setup = house
    lines = inside(made, setup)
    assert any("公开的演示密码" in line for line in lines), lines
    assert any("还没有绑定验证器" in line and "countychair" in line for line in lines), lines
    assert not any("两职" in line for line in lines)
    assert inside(made, replace(setup, is_demo=True)) == []
    accounts = model.account.c
    with unit_of_work(made.runtime, SYSTEM) as work:
        admin = work.connection.execute(select(accounts.id).where(accounts.login == "sysadmin")).scalar_one()
        unit = made.unit("C1")
        row = {"account_id": admin, "post": "LOG_AUDITOR", "unit_id": unit, "since": MONDAY.date()}
        work.connection.execute(insert(model.post_holding), row)
        work.connection.execute(update(model.account).values(password_hash=passwords.hash_password("another one 2026")))
        for account_id in work.connection.execute(select(accounts.id)).scalars().all():
            row = {"account_id": account_id, "sealed": b"x", "confirmed_at": MONDAY, "last_step": 0}
            work.connection.execute(insert(second_factor), row)
    lines = inside(made, setup)
    assert lines == ["账号 sysadmin 同时担任系统管理员、安全管理员、日志审计员中的两职以上"]


def test_a_clock_that_was_set_back_is_seen_by_what_was_written(house: tuple[LoanHouse, Setup]) -> None:
    made, setup = house
    made.begin(papers=())
    with unit_of_work(made.runtime, SYSTEM) as work:
        work.connection.execute(update(history).values(at=MONDAY + timedelta(hours=3)))
    with made.runtime.reading() as connection:
        lines = said(doctor_safety.stored_clock(setup, connection))
        later = replace(setup, now=MONDAY + timedelta(hours=4))
        rest = said(doctor_safety.stored_clock(later, connection))
    assert any("晚 181 分钟" in line for line in lines), lines
    assert not any("更晚的记录" in line for line in rest)


@pytest.mark.postgresql
def test_a_database_elsewhere_without_tls_and_with_another_clock_is_warned_of(
    house: tuple[LoanHouse, Setup], monkeypatch: pytest.MonkeyPatch
) -> None:
    made, setup = house
    if setup.database_file is not None:
        return
    away = replace(
        setup, database_url=make_url(setup.database_url).set(host="10.0.0.9").render_as_string(hide_password=False)
    )
    with made.runtime.reading() as connection:
        monkeypatch.setattr(doctor_safety, "is_local", lambda _: False)
        assert any("没有加密" in line for line in said(doctor_safety.line(away, connection)))
        monkeypatch.undo()
        assert said(doctor_safety.line(setup, connection)) == []
        assert any("的时间与本机相差" in line for line in said(doctor_safety.stored_clock(setup, connection)))


@pytest.fixture
def filled(setup: Setup, sqlite_databases: Any) -> Setup:
    """With the demo county in its database."""
    shutil.copy(make_url(sqlite_databases.create(prepare)).database or "", setup.data / "halfsky.db")
    return setup


def test_a_backup_that_lies_beside_its_keys_is_warned_of(filled: Setup) -> None:
    (filled.data / "safe").mkdir()
    place = backup.Place(filled.database_url, filled.key_file, filled.data / "demo")
    backup.back_up(place, filled.data / "safe" / "x", MONDAY)
    (filled.data / "safe" / "y.tar").write_bytes(b"no backup")
    lines = outside(replace(filled, keys_given=False))
    assert [line for line in lines if "备份与密钥" in line] == [f"备份与密钥放在一起：{filled.data / 'safe' / 'x'}"]


def test_warnings_come_with_the_rest_and_do_not_count_as_lacking(filled: Setup) -> None:
    setup = filled
    spoilt = replace(setup, keys_given=False)
    found = doctor.examine(Installation(setup.data, setup.database_url, setup.key_file, MONDAY.date(), spoilt))
    warned = [each for each in found if each.grade is Grade.WEAK]
    assert len(warned) >= 3
    assert doctor.healthy(warned)
