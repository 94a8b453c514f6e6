"""`halfsky doctor`: what is missing is said in words, with what to do about it, and nothing is changed by asking."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import insert, text

from engine.database import Database
from engine.model import calendar_day
from webui import doctor
from webui.doctor import Installation
from webui.findings import Finding, Grade

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

NEWEST = "0001"
REVISION = f'revision = "{NEWEST}"\ndown_revision = None\n\n\ndef upgrade(): pass\n'


@pytest.fixture
def installation(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installation:
    """A healthy installation on SQLite, its migrations replaced by a single one."""
    versions = tmp_path / "migrations" / "versions"
    versions.mkdir(parents=True)
    (versions / "0001_first.py").write_text(REVISION)
    monkeypatch.setattr(doctor, "MIGRATIONS", versions.parent)
    data = tmp_path / "data"
    data.mkdir(mode=0o700)
    (data / "keys").touch(mode=0o600)
    (data / "keys").write_bytes(Fernet.generate_key() + b"\n")
    url = f"sqlite:///{tmp_path}/halfsky.sqlite"
    migrate(url, NEWEST)
    return Installation(data, url, data / "keys", date(2026, 11, 21))


@pytest.fixture
def installed(installation: Installation, database_url: str) -> Installation:
    """The same on either database."""
    migrate(database_url, NEWEST)
    return replace(installation, database_url=database_url)


def migrate(url: str, revision: str) -> None:
    """A database at `revision` that knows one holiday of 2026 and one of 2027."""
    database = Database(url)
    with database.engine.begin() as connection:
        calendar_day.create(connection)
        connection.execute(
            insert(calendar_day), [{"day": date(year, 10, 1), "working": False} for year in (2026, 2027)]
        )
        connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:revision)"), {"revision": revision})
    database.dispose()


def forget_calendar(url: str, year: int) -> None:
    """Remove what is known of `year`."""
    database = Database(url)
    with database.engine.begin() as connection:
        connection.execute(
            calendar_day.delete().where(calendar_day.c.day.between(date(year, 1, 1), date(year, 12, 31)))
        )
    database.dispose()


def said(findings: Iterator[Finding]) -> list[tuple[Grade, str, str]]:
    """Grade, what was seen and the remedy, as text."""
    return [(f.grade, str(f.seen), str(f.remedy or "")) for f in findings]


def test_a_healthy_installation_lacks_nothing(installed: Installation) -> None:
    findings = doctor.examine(installed)
    assert [f for f in findings if f.grade is Grade.LACKING] == []
    assert doctor.healthy(findings)
    assert len(findings) >= 9


def test_looking_changes_nothing(installation: Installation) -> None:
    empty = replace(installation, data=installation.data / "new", key_file=installation.data / "new" / "keys")
    doctor.examine(empty)
    assert [path.name for path in installation.data.iterdir()] == ["keys"]


def test_every_finding_that_is_not_fine_says_what_to_do(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    missing = installation.data / "nowhere"
    findings = doctor.examine(
        Installation(missing, f"sqlite:///{missing}/x.sqlite", missing / "keys", date(2026, 1, 1))
    )
    troubles = [f for f in findings if f.grade is not Grade.FINE]
    assert len(troubles) >= 5
    assert all(f.remedy for f in troubles)
    assert not doctor.healthy(findings)


def test_an_old_python_is_named(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "OLDEST_PYTHON", (9, 0))
    ((grade, seen, _),) = said(doctor.python_version(installation))
    assert grade is Grade.LACKING
    assert "Python 版本过低：3." in seen


def test_without_pango_printing_is_what_fails_and_nothing_else(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(doctor, "PANGO", ("libnosuch.so.9",))
    ((grade, seen, remedy),) = said(doctor.pango(installation))
    assert grade is Grade.LACKING
    assert "libnosuch.so.9" in seen
    assert "其余功能不受影响" in seen
    assert "apt-get install libpango" in remedy


@pytest.mark.parametrize(("fc_list", "words"), [(None, "没有 fontconfig"), ("/bin/true", "方框")])
def test_missing_fonts_are_said_before_a_page_shows_boxes(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, fc_list: str | None, words: str
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: fc_list)
    ((grade, seen, remedy),) = said(doctor.chinese_fonts(installation))
    assert grade is Grade.LACKING
    assert words in seen
    assert "fonts-noto-cjk" in remedy


def no_folder(at: Installation) -> Installation:
    return replace(at, data=at.data / "nowhere")


def file_for_folder(at: Installation) -> Installation:
    return replace(at, data=at.key_file)


def no_keys(at: Installation) -> Installation:
    at.key_file.unlink()
    return at


def open_keys(at: Installation) -> Installation:
    at.key_file.chmod(0o640)
    return at


def broken_keys(at: Installation) -> Installation:
    at.key_file.write_bytes(b"not a key\n")
    return at


def open_folder(at: Installation) -> Installation:
    at.data.chmod(0o755)
    return at


@pytest.mark.parametrize(
    ("spoil", "look", "grade", "words"),
    [
        (no_folder, doctor.data_folder, Grade.LACKING, "数据文件夹不存在"),
        (file_for_folder, doctor.data_folder, Grade.LACKING, "数据文件夹不存在"),
        (open_folder, doctor.data_folder, Grade.ADVICE, "对本机其他账户开放"),
        (no_keys, doctor.key_file, Grade.LACKING, "没有密钥文件"),
        (open_keys, doctor.key_file, Grade.LACKING, "可被本机其他账户读取"),
        (broken_keys, doctor.key_file, Grade.LACKING, "密钥文件无法使用"),
    ],
)
def test_what_is_wrong_with_the_folder_or_the_keys_is_named(
    installation: Installation,
    spoil: Callable[[Installation], Installation],
    look: Callable[[Installation], Iterator[Finding]],
    grade: Grade,
    words: str,
) -> None:
    ((found, seen, remedy),) = said(look(spoil(installation)))
    assert found is grade
    assert words in seen
    assert remedy


def test_a_folder_that_cannot_be_written_is_named(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(doctor.tempfile, "TemporaryFile", refuse)
    ((grade, seen, _),) = said(doctor.data_folder(installation))
    assert grade is Grade.LACKING
    assert "不可写" in seen


@pytest.mark.parametrize(
    ("free_mib", "grade"), [(199, Grade.LACKING), (200, Grade.ADVICE), (2047, Grade.ADVICE), (2048, Grade.FINE)]
)
def test_the_disk_warns_below_two_gigabytes_and_stops_at_two_hundred_megabytes(
    installation: Installation, monkeypatch: pytest.MonkeyPatch, free_mib: int, grade: Grade
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(0, 0, free_mib * doctor.MIB))
    ((found, seen, _),) = said(doctor.disk_space(installation))
    assert found is grade
    assert f"{free_mib} MB" in seen


def test_a_database_file_that_does_not_exist_is_not_made_by_looking(installation: Installation) -> None:
    path = installation.data / "absent.sqlite"
    ((grade, seen, remedy),) = said(doctor.database(replace(installation, database_url=f"sqlite:///{path}")))
    assert grade is Grade.LACKING
    assert "尚未建立" in seen
    assert "halfsky init" in remedy
    assert not path.exists()


def test_a_server_that_does_not_answer_is_named_without_its_password(installation: Installation) -> None:
    url = "postgresql://clerk:secret@127.0.0.1:1/halfsky"
    ((grade, seen, _),) = said(doctor.database(replace(installation, database_url=url)))
    assert grade is Grade.LACKING
    assert "无法连接" in seen
    assert "secret" not in seen


def test_a_database_of_another_release_is_named(installed: Installation) -> None:
    (doctor.MIGRATIONS / "versions" / "0002_second.py").write_text('revision = "0002"\ndown_revision = "0001"\n')
    ((grade, seen, remedy),) = said(doctor.database(installed))
    assert grade is Grade.LACKING
    assert "结构不是本版本的" in seen
    assert "备份" in remedy


@pytest.mark.parametrize(("year", "grade"), [(2026, Grade.LACKING), (2027, Grade.ADVICE)])
def test_a_year_without_working_calendar_is_named_before_a_deadline_crosses_into_it(
    installed: Installation, year: int, grade: Grade
) -> None:
    forget_calendar(installed.database_url, year)
    found = said(doctor.database(installed))
    assert (grade, f"没有 {year} 年的工作日历：工作日期限只能按周末推算（暂定）") in [row[:2] for row in found]


def test_a_new_year_asks_for_the_next_calendar(installed: Installation) -> None:
    later = replace(installed, today=installed.today + timedelta(days=365))
    assert any("没有 2028 年的工作日历" in seen for _, seen, _ in said(doctor.database(later)))


def test_a_missing_browser_is_advice_because_only_tests_need_it(
    installation: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    ((grade, seen, _),) = said(doctor.browser(installation))
    assert grade is Grade.ADVICE
    assert "日常使用不受影响" in seen
