"""Two records of one case held against each other: everything that differs, named, and no stored value told."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from engine.messages import N_, Message

#: form key and field path → its Chinese name
Label = Callable[[str, str], str]

#: part of a record → what tells its items apart, and how one of them is named
PARTS: Mapping[str, tuple[str, str]] = {
    "forms": ("id", N_("表单《{name}》第{number}版")),
    "signatures": ("id", N_("签字 {id}（{name}）")),
    "papers": ("id", N_("材料 {id}")),
    "history": ("seq", N_("办理记录第 {seq} 条")),
}


def compare(
    stated: Mapping[str, Any], stored: Mapping[str, Any], *, titles: Mapping[str, str], label: Label
) -> Iterator[Message]:
    """Everything that differs between two records, named: which form and field, signature, paper or entry."""
    for name in ("kind", "unit", "opened_at", "head"):
        if stated.get(name) != stored[name]:
            yield Message(N_("案卷首部：{part}与在库不符"), {"part": Message(_HEADS[name])})
    for part, (key, name) in PARTS.items():
        mine = {item.get(key): item for item in stated[part]}
        ours = {item[key]: item for item in stored[part]}
        if len(mine) != len(stated[part]):
            yield Message(N_("{part}：卷宗中有重复"), {"part": Message(_LISTS[part])})
        for number in sorted(mine.keys() | ours.keys(), key=str):
            said, true = mine.get(number), ours.get(number)
            what = _name(name, said or true or {}, titles)
            if true is None:
                yield Message(N_("{what}：在库没有"), {"what": what})
            elif said is None:
                yield Message(N_("{what}：卷宗中缺失"), {"what": what})
            else:
                yield from _item(what, said, true, label)


_HEADS = {"kind": N_("事项类型"), "unit": N_("单位"), "opened_at": N_("立案时间"), "head": N_("记录链头")}
_LISTS = {"forms": N_("表单"), "signatures": N_("签字"), "papers": N_("材料"), "history": N_("办理记录")}
_COLUMNS = {
    "at": N_("时间"),
    "by": N_("填表人"),
    "number": N_("版次"),
    "digest": N_("校验码"),
    "form": N_("所属表单"),
    "field": N_("所属栏目"),
    "form_version": N_("所签的版次"),
    "signer": N_("签字人"),
    "name": N_("名称"),
    "post": N_("岗位"),
    "acting_for": N_("代办"),
    "unit": N_("单位"),
    "method": N_("签字方式"),
    "media_type": N_("文件类型"),
    "size": N_("大小"),
    "sha256": N_("文件校验码"),
    "kind": N_("事项"),
    "actor": N_("办理人"),
    "element": N_("步骤"),
    "hash": N_("校验码"),
}


def _name(template: str, item: Mapping[str, Any], titles: Mapping[str, str]) -> Message:
    form = str(item.get("form", ""))
    shown = {key: str(item.get(key, "")) for key in ("id", "number", "seq")}
    return Message(template, {**shown, "name": titles.get(form, form)})


def _item(what: Message, said: Mapping[str, Any], true: Mapping[str, Any], label: Label) -> Iterator[Message]:
    """What differs inside one form, signature, paper or entry."""
    for key in sorted(said.keys() | true.keys()):
        if said.get(key) == true.get(key):
            continue
        if key == "answers":
            for path in _paths(said.get(key), true.get(key)):
                field = label(str(true.get("form", "")), path)
                yield Message(N_("{what}：“{field}”与在库不符"), {"what": what, "field": field})
        else:
            column = Message(_COLUMNS[key]) if key in _COLUMNS else key
            yield Message(N_("{what}：{column}与在库不符"), {"what": what, "column": column})


def _paths(said: Any, true: Any, path: str = "") -> Iterator[str]:
    """The paths at which two JSON values differ."""
    if isinstance(said, dict) and isinstance(true, dict):
        for key in sorted(said.keys() | true.keys()):
            yield from _paths(said.get(key), true.get(key), f"{path}.{key}" if path else key)
    elif isinstance(said, list) and isinstance(true, list):
        for index in range(max(len(said), len(true))):
            mine, ours = (values[index] if index < len(values) else None for values in (said, true))
            yield from _paths(mine, ours, f"{path}.{index}")
    elif said != true:
        yield path
