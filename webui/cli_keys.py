"""The verbs `halfsky keys …`: which keys there are, add one, change over to it, lay an old one to rest."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from typing import Any

from engine.access import Actor
from engine.clock import SystemClock, civil_date
from engine.commands.keys import announce_key, rest_key
from engine.fields import KeyState
from engine.keyring import Key, KeysFixed, new_key
from engine.runtime import Runtime
from webui.runtime import new_key as new_number
from webui.settings import Settings
from workflows import accounts, organisation, rekeying

Add = Callable[[str, Callable[[Settings, argparse.Namespace], int], str], argparse.ArgumentParser]

_STATES = {
    KeyState.ANNOUNCED: "等待启用",
    KeyState.CURRENT: "当前",
    KeyState.OLD: "旧",
    KeyState.RESTED: "已停用",
}


def add(verb: Add) -> None:
    """Make the verb known."""
    keys = verb("keys", handle, "查看、添加、更换、停用密钥")
    keys.add_argument("what", choices=("list", "new", "add", "rotate", "retire"), metavar="list|new|add|rotate|retire")
    keys.add_argument("key", nargs="?", metavar="密钥编号", help="retire 时：停用哪一把；不写则为全部旧密钥")
    keys.add_argument("--here", action="store_true", help="rotate 时：就在本命令中重新加密，不等后台作业")
    keys.add_argument("--as", dest="login", default="sysadmin", metavar="账号", help="以哪个系统管理员的名义")


def handle(place: Settings, chosen: argparse.Namespace) -> int:
    """Do what was asked."""
    if chosen.what == "new":
        print((new_key().secret or b"").decode())
        return 0
    runtime = place.runtime()
    try:
        with runtime.reading() as connection:
            account_id = accounts.account_id(connection, chosen.login)
            admin = organisation.actor_of(connection, account_id, civil_date(SystemClock().now()))
        verbs: Mapping[str, Callable[[Runtime, Actor, argparse.Namespace], int]] = {
            "list": show,
            "add": add_key,
            "rotate": rotate,
            "retire": retire,
        }
        return verbs[chosen.what](runtime, admin, chosen)
    finally:
        runtime.database.dispose()


def show(runtime: Runtime, _: Actor, __: argparse.Namespace) -> int:
    """The keys, by id; what they are is never shown."""
    uses = {use.key_id: use for use in runtime.vault.uses}
    for key in runtime.vault.keys:
        use = uses.get(key.id)
        state = (
            _STATES[KeyState(use.state)]
            if use is not None
            else ("当前" if key.id == runtime.vault.current else "未启用")
        )
        print(f"{key.id}  {state}" + ("" if key.secret else "（只用于检索）"))
    print(f"密钥在：{runtime.vault.source.where}")
    return 0


def _unused(runtime: Runtime) -> Key | None:
    """A key that is there and does not count yet; of a house that has said nothing, one on top of another."""
    known = {use.key_id for use in runtime.vault.uses if use.state != KeyState.ANNOUNCED}
    if known:
        return next((key for key in runtime.vault.keys if key.id not in known), None)
    return runtime.vault.keys[0] if len(runtime.vault.keys) > 1 else None


def add_key(runtime: Runtime, _: Actor, __: argparse.Namespace) -> int:
    """Put a new key on top of the key file, where it waits."""
    if (waiting := _unused(runtime)) is not None:
        print(f"密钥 {waiting.id} 已在等待启用，不另添加。")
        return 0
    made = _added(runtime)
    print(f"已添加密钥 {made.id}，尚未启用。请先另行备份 {runtime.vault.source.where}；有多台机器的，逐台复制。")
    print("然后运行：halfsky keys rotate")
    return 0


def _added(runtime: Runtime) -> Key:
    """A new key on top of the others; KeysFixed."""
    made = new_key()
    runtime.vault.source.save([made, *runtime.vault.keys])
    runtime.vault.reload()
    return made


def rotate(runtime: Runtime, admin: Actor, chosen: argparse.Namespace) -> int:
    """Let the waiting key count, and have everything brought over to it; or go on with that."""
    coming = _unused(runtime)
    current = runtime.vault.current
    if coming is None and not _behind(runtime):
        if not runtime.database.is_sqlite:
            print(
                "没有等待启用的密钥。请先运行 halfsky keys add，把密钥文件复制到每台机器，再运行本命令。",
                file=sys.stderr,
            )
            return 1
        coming = _added(runtime)
    key_id = coming.id if coming is not None else current
    job = runtime.execute(announce_key, actor=admin, key=new_number(), key_id=key_id).content["job"]
    if not chosen.here:
        print(f"密钥 {key_id}：后台作业 {job} 将重新加密全部内容，办公不受影响。进度见“作业”页面或 halfsky jobs list。")
        print("完成后可运行 halfsky keys retire 停用旧密钥。请现在就另行备份密钥。")
        return 0
    rekeying.rekey(runtime, _Here())
    print(f"\n密钥 {key_id}：全部内容已重新加密。")
    return 0


def _behind(runtime: Runtime) -> bool:
    """Whether a change of keys was begun and not finished."""
    with runtime.reading() as connection:
        return rekeying.remaining(connection, runtime.vault) > 0


class _Here:
    """The job of this command (`jobs.Running`)."""

    id = 0
    ids: Mapping[str, Any] = {}

    def progress(self, done: int, total: int | None = None) -> None:
        """Tell how far it is, on one line."""
        print(f"\r{done}/{total}", end="", flush=True)


def retire(runtime: Runtime, admin: Actor, chosen: argparse.Namespace) -> int:
    """Lay old keys to rest, each only when it is proved that nothing needs it."""
    old = [use.key_id for use in runtime.vault.uses if use.state == KeyState.OLD and chosen.key in (None, use.key_id)]
    if not old:
        print("没有可停用的旧密钥。" if chosen.key is None else f"密钥 {chosen.key} 不是旧密钥。", file=sys.stderr)
        return 1
    return max(_retire(runtime, admin, key_id) for key_id in old)


def _retire(runtime: Runtime, admin: Actor, key_id: str) -> int:
    print(f"正在核对密钥 {key_id}：逐项确认不用它也能打开……", flush=True)
    need = rekeying.need_of(runtime, key_id)
    for place in need.damaged:
        print(f"  任何密钥都打不开：{place}", file=sys.stderr)
    if need.rows:
        for column, count in need.rows.items():
            print(f"  仍需要它：{column} {count} 行", file=sys.stderr)
        print("未停用。请先运行 halfsky keys rotate 并等它完成。", file=sys.stderr)
        return 1
    runtime.execute(rest_key, actor=admin, key=new_number(), key_id=key_id)
    rested = [key.at_rest() if key.id == key_id else key for key in runtime.vault.keys]
    line = next(key.line.decode() for key in rested if key.id == key_id)
    try:
        runtime.vault.source.save(rested)
    except KeysFixed:
        print(f"密钥 {key_id} 已停用。请在 HALFSKY_KEYS 中把它换成：{line}")
        return 0
    print(f"密钥 {key_id} 已停用，密钥文件中只留下检索所需的部分。停用前做的备份仍需要它：请保留那时的密钥副本。")
    return 0
