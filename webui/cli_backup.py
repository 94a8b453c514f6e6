"""The verbs `halfsky backup` and `halfsky restore`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from engine.clock import SystemClock
from webui.settings import Settings
from workflows import backup, schema

Add = Callable[[str, Callable[[Settings, argparse.Namespace], int], str], argparse.ArgumentParser]


def add(verb: Add) -> None:
    """Make the two verbs known."""
    copy = verb("backup", make, "备份数据库到一个文件（运行中即可；不含密钥）")
    copy.add_argument("file", type=Path, metavar="文件")
    back = verb("restore", bring_back, "在空的机器上从备份文件恢复（不覆盖任何东西）")
    back.add_argument("file", type=Path, metavar="文件")
    back.add_argument("--keys", type=Path, metavar="密钥文件", help="另行保存的密钥文件；数据文件夹中已有则不必写")


def make(place: Settings, chosen: argparse.Namespace) -> int:
    """Back up, and say what is still to be kept elsewhere."""
    manifest = backup.back_up(_place(place), chosen.file, SystemClock().now())
    print(f"已备份到 {chosen.file}：{manifest.cases} 件、{manifest.entries} 条记录，{manifest.bytes} 字节。")
    print(f"密钥不在备份中。请把密钥（{place.keys().where}）另存到别处（不要与备份放在一起）：没有它，备份无法读取。")
    return 0


def bring_back(place: Settings, chosen: argparse.Namespace) -> int:
    """Restore, and say what comes next."""
    manifest = backup.restore(_place(place), chosen.file, chosen.keys)
    print(f"已恢复 {backup.made_at(manifest)} 的备份：{manifest.cases} 件、{manifest.entries} 条记录。")
    if manifest.revision != schema.newest():
        print("备份来自较早的软件版本，请先运行：halfsky init", file=sys.stderr)
    print("请接着运行 halfsky doctor 和 halfsky audit verify，然后 halfsky serve。所有人须重新登录。")
    return 0


def _place(place: Settings) -> backup.Place:
    given = place.keys() if place.given_keys is not None else None
    return backup.Place(place.database_url, place.key_file, place.demo_mark, given)
