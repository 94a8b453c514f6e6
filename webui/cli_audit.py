"""The verb `halfsky audit`: verify the log, make and export anchors, prove that an entry was there, check such a proof."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import select

from engine import adopting, anchors, audit, audit_log, proofs
from engine.access import SYSTEM
from engine.anchoring import make_anchor
from engine.anchors import Anchor
from engine.clock import SHANGHAI
from engine.commands.auditing import record_audit, told_of
from engine.errors import EngineError, NotFound
from engine.messages import N_, Message
from engine.model import case_file
from webui.runtime import new_key
from webui.settings import Settings
from webui.verifying import Wanted, verify_all

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from engine.runtime import Runtime


def add(verb: argparse.ArgumentParser) -> None:
    """What the command takes."""
    whats = verb.add_subparsers(dest="what", required=True, metavar="verify|anchor|prove|check-proof|adopt")
    one = whats.add_parser("verify", help="核对历史记录；有不一致时退出码为 1")
    one.add_argument("number", nargs="?", metavar="业务号", help="只核对这一件")
    one.add_argument("--anchor", type=Path, metavar="文件", help="与另行保存的审计锚核对")
    one.add_argument("--fast", action="store_true", help="不打开材料的字节（记录、表单、签字照样核对）")
    one.add_argument("--deep", action="store_true", help="重新计算每一个审计锚的根值")
    one.add_argument("--processes", type=int, default=0, metavar="个数", help="进程数（默认自动）")
    one.add_argument("--no-record", action="store_true", help="不把这次核对写入审计记录")
    one = whats.add_parser("anchor", help="现在生成一个审计锚并打印")
    one.add_argument("--export", type=Path, metavar="文件", help="同时写入文件，另行保存")
    one.add_argument("--of", type=int, metavar="锚号", help="不生成，只打印或导出已有的这一个")
    one = whats.add_parser("prove", help="出具存在证明（JSON）")
    one.add_argument("number", metavar="业务号", help="或案件编号，如 #12")
    one.add_argument("entry", nargs="?", type=int, metavar="第几条", help="不写则为最后一条已入锚的")
    one.add_argument("--of", type=int, metavar="锚号", help="以这一个审计锚证明")
    one.add_argument("--to", type=Path, metavar="文件", help="写入文件，并打印说明")
    one = whats.add_parser("check-proof", help="核对存在证明：只需证明文件和根值")
    one.add_argument("file", type=Path, metavar="文件")
    whats.add_parser("adopt", help="升级后做一次：把此前没有记录说明的登记补记入历史")
    held = one.add_mutually_exclusive_group(required=True)
    held.add_argument("--root", metavar="根值", help="另行保存的根值（64 位十六进制）")
    held.add_argument("--anchor", type=Path, metavar="文件", help="另行保存的审计锚文件")


def run(place: Settings, chosen: argparse.Namespace) -> int:
    """One of the five."""
    if chosen.what == "check-proof":
        return _check(chosen)
    runtime = place.runtime()
    try:
        if chosen.what == "verify":
            return _verify(place, runtime, chosen)
        if chosen.what == "adopt":
            print(f"补记了 {adopting.adopt(runtime)} 件。")
            return 0
        return _anchor(runtime, chosen) if chosen.what == "anchor" else _prove(runtime, chosen)
    finally:
        runtime.database.dispose()


def _verify(place: Settings, runtime: Runtime, chosen: argparse.Namespace) -> int:
    kept = Anchor.read(_text(chosen.anchor)) if chosen.anchor is not None else None
    case_id = None
    if chosen.number:
        with runtime.reading() as connection:
            case_id = _case(connection, chosen.number)
            found = audit.verify(connection, runtime.vault, case_id, papers=not chosen.fast, kept=kept)
    else:
        found = verify_all(place, runtime, Wanted(not chosen.fast, chosen.deep, kept, chosen.processes))
    if not chosen.no_record:
        mode = "deep" if chosen.deep else "fast" if chosen.fast else "full"
        told = told_of(found, case_id, mode)
        act = audit_log.VERIFIED if case_id is None else audit_log.VERIFIED_ONE
        runtime.execute(record_audit, actor=SYSTEM, key=new_key(), act=act, told=told)
    print(f"核对了 {found.cases} 件、{found.entries} 条记录。")
    if found.anchor is None:
        print("还没有审计锚：整个数据库被换回旧副本时无从发现。请运行 halfsky audit anchor --export 文件，并另行保存。")
    else:
        held = "所持的" if kept is not None else "库中最新的"
        print(f"对照{held}第 {found.anchor} 号审计锚；其后的 {found.unanchored} 条记录尚未入锚。")
    if found.genuine:
        print("全部一致：没有发现改动、删除或插入。")
        return 0
    with runtime.reading() as connection:
        named = {fault.case_id for fault in found.faults}
        chosen_rows = select(case_file.c.id, case_file.c.number).where(case_file.c.id.in_(sorted(named)[:10_000]))
        numbers = {row.id: row.number for row in connection.execute(chosen_rows)}
    print(f"发现 {len(found.faults)} 处不一致：")
    for fault in found.faults:
        print(f"  {numbers.get(fault.case_id, fault.case_id or '—')}：{fault.why}")
    return 1


def _anchor(runtime: Runtime, chosen: argparse.Namespace) -> int:
    if chosen.of is None:
        made = make_anchor(runtime)
    else:
        with runtime.reading() as connection:
            row = anchors.numbered(connection, chosen.of)
        if row is None:
            raise NotFound(what=Message(N_("第 {seq} 号审计锚"), {"seq": chosen.of}))
        made = anchors.of_row(row)
    print(made.text(), end="")
    if chosen.export is not None:
        chosen.export.write_text(made.text(), "utf-8")
        print(f"已写入 {chosen.export}。请把它保存到数据库之外：寄出、打印或抄下锚值。")
    return 0


def _prove(runtime: Runtime, chosen: argparse.Namespace) -> int:
    with runtime.reading() as connection:
        case_id = _case(connection, chosen.number)
        proof = proofs.prove(connection, case_id, chosen.entry, anchor_seq=chosen.of)
    told = {"case": case_id, "entry": proof["entries"][0]["seq"], "anchor": proof["anchor"]["seq"]}
    runtime.execute(record_audit, actor=SYSTEM, key=new_key(), act=audit_log.PROVED, told=told)
    text = json.dumps(proof, ensure_ascii=False, indent=1) + "\n"
    if chosen.to is None:
        print(text, end="")
        return 0
    chosen.to.write_text(text, "utf-8")
    _tell(proofs.check(proof, proof["anchor"]["root"]))
    print(f"证明已写入 {chosen.to}。核对：halfsky audit check-proof {chosen.to} --root 另行保存的根值")
    return 0


def _check(chosen: argparse.Namespace) -> int:
    kept = Anchor.read(_text(chosen.anchor)) if chosen.anchor is not None else None
    try:
        proof = json.loads(_text(chosen.file))
    except ValueError as error:
        raise proofs.BadProof(why=Message(N_("文件残缺或不能读懂"))) from error
    shown = proofs.check(proof, kept.root if kept is not None else chosen.root)
    if kept is not None and kept != shown.anchor:
        raise proofs.BadProof(why=Message(N_("所附审计锚不是所给的那一个")))
    _tell(shown)
    print("证明成立。")
    return 0


def _tell(shown: proofs.Proved) -> None:
    at = anchors.moment(shown.anchor.at).astimezone(SHANGHAI)
    entry = shown.entry
    print(f"案件 #{shown.case_id} 第 {shown.seq} 条记录：{entry['kind']}，{entry['at']}，人员 {entry['actor_id']}")
    print(f"  记录的哈希 {shown.hash}，内容摘要 {entry['content_digest']}")
    print(
        f"  在 {at:%Y-%m-%d %H:%M:%S}（第 {shown.anchor.seq} 号审计锚）之前已经存在，其后至第 {shown.last_seq} 条环环相接。"
    )
    print(f"  根值 {shown.anchor.root}")


def _case(connection: Connection, number: str) -> int:
    if number.startswith("#") and number[1:].isdecimal() and len(number) < 18:
        chosen = select(case_file.c.id).where(case_file.c.id == int(number[1:]))
    else:
        chosen = select(case_file.c.id).where(case_file.c.number == number)
    found = connection.execute(chosen).scalar()
    if found is None:
        raise NotFound(what=Message(N_("案件 {id}"), {"id": number}))
    return int(found)


class NoFile(EngineError):
    """A file that was named cannot be read."""

    text = N_("文件 {file} 不能读取")


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except (OSError, UnicodeError) as error:
        raise NoFile(file=str(path)) from error
