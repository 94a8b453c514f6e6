"""Files that nobody sends by mistake. Built here, because most are huge, unreadable to editors, or both.

Each entry: the bytes, and a word of the refusal a person reads. ``{address}`` in a text becomes a listener of the test,
``{secret}`` a file whose content must never appear.
"""

from __future__ import annotations

import io
import zipfile

from tests.engine.flow.bpmn_text import HEAD, chain, drawing, end, flow, node, simple, start, user

_BARE_HEAD = HEAD.split("\n", 1)[1]
_DOCUMENTED = f'{_BARE_HEAD}<bpmn:process id="p" isExecutable="true"><bpmn:documentation>{{reference}}</bpmn:documentation></bpmn:process></bpmn:definitions>'

NO_TYPES = "不允许文档类型声明或实体"
NOT_WELL_FORMED = "不是格式正确的 XML"
NOT_UTF8 = "不是 UTF-8"


def _with_type(declaration: str, reference: str = "&x;", head: str = '<?xml version="1.0"?>') -> bytes:
    return (head + declaration + _DOCUMENTED.format(reference=reference)).encode()


def _laughs(levels: int) -> str:
    entities = "".join(f"<!ENTITY a{i} '" + f"&a{i - 1};" * 10 + "'>" for i in range(1, levels + 1))
    return f'<!DOCTYPE x [<!ENTITY a0 "lol">{entities}]>'


def _zip() -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("loan.bpmn", b"0" * 5_000_000)
    return packed.getvalue()


def _attributes(name: str, count: int) -> bytes:
    inside = " ".join(f"{name}{i}='u{i}'" for i in range(count))
    return f"<a {inside}/>".encode()


def _condition(text: str) -> bytes:
    gateway = node("exclusiveGateway", "G", "", 'default="D"')
    ways = flow("G", "T_A", text, key="W") + flow("G", "E", key="D") + flow("T_A", "E")
    return drawing(start(), gateway, flow("S", "G"), user("T_A"), end(), ways)


XML: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "文件是空的"),
    "white space": (b" \n\t ", "文件是空的"),
    "a zip bomb": (_zip(), NOT_UTF8),
    "a PNG": (b"\x89PNG\r\n\x1a\n" + bytes(100), NOT_UTF8),
    "an executable": (b"MZ\x90\x00" + bytes(range(256)), NOT_UTF8),
    "NUL bytes": (simple().replace(b"T_A", b"T\0A"), NOT_UTF8),
    "UTF-16 with mark": (simple().decode().replace("UTF-8", "UTF-16").encode("utf-16"), NOT_UTF8),
    "UTF-16 without mark": (simple().decode().encode("utf-16-be"), NOT_UTF8),
    "UTF-32": (simple().decode().encode("utf-32"), NOT_UTF8),
    "UTF-7 by declaration": (simple().replace(b"UTF-8", b"UTF-7"), NOT_UTF8),
    "EBCDIC by declaration": (simple().replace(b"UTF-8", b"IBM037"), NOT_UTF8),
    "GBK text": (simple().decode().replace("UTF-8", "GBK").replace("岗位", "妇联").encode("gbk"), NOT_UTF8),
    "overlong UTF-8": (simple().replace(b"T_A", b"T\xc0\xaf"), NOT_UTF8),
    "surrogates in UTF-8": (simple().replace(b"T_A", b"T\xed\xa0\x80"), NOT_UTF8),
    "prose": ("请批准我的申请".encode(), NOT_WELL_FORMED),
    "HTML": (b"<html><body>x<br></body></html>", NOT_WELL_FORMED),
    "JSON": (b'{"process": 1}', NOT_WELL_FORMED),
    "half a file": (simple()[:-30], NOT_WELL_FORMED),
    "two roots": (b"<a/><b/>", NOT_WELL_FORMED),
    "an unknown prefix": (b"<bpmn:definitions/>", NOT_WELL_FORMED),
    "another vocabulary": (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "不是 BPMN 2.0 文件"),
    "billion laughs": (_with_type(_laughs(10), "&a10;"), NO_TYPES),
    "a million laughs": (_with_type(_laughs(6), "&a6;"), NO_TYPES),
    "laughs in an attribute": (_with_type(_laughs(9), "", "").replace(b'id="p"', b'id="p" name="&a9;"'), NO_TYPES),
    "quadratic blow-up": (_with_type(f'<!DOCTYPE x [<!ENTITY x "{"A" * 100_000}">]>', "&x;" * 500), NO_TYPES),
    "an entity of a local file": (_with_type('<!DOCTYPE x [<!ENTITY x SYSTEM "file://{secret}">]>'), NO_TYPES),
    "an entity of the network": (_with_type('<!DOCTYPE x [<!ENTITY x SYSTEM "http://{address}/e">]>'), NO_TYPES),
    "a parameter entity": (_with_type('<!DOCTYPE x [<!ENTITY % x SYSTEM "http://{address}/p"> %x;]>', ""), NO_TYPES),
    "an external DTD": (_with_type('<!DOCTYPE x SYSTEM "http://{address}/d.dtd">', ""), NO_TYPES),
    "a public DTD": (_with_type('<!DOCTYPE x PUBLIC "-//X" "http://{address}/d.dtd">', ""), NO_TYPES),
    "a document type in small letters": (_with_type('<!doctype x [<!entity x "y">]>'), NO_TYPES),
    "a document type behind a comment": (_with_type("<!-- --><!DOCTYPE x []>", ""), NO_TYPES),
    "XInclude of a file": (
        _with_type("", '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file://{secret}" parse="text"/>'), "不允许扩展元素（见到 include）",
    ),
    "a style sheet": (b'<?xml-stylesheet href="http://{address}/x.xsl"?>' + simple().split(b"\n", 1)[1], "不允许处理指令"),
    "PHP": (simple().replace(b"</bpmn:definitions>", b"<?php system('id') ?></bpmn:definitions>"), "不允许处理指令"),
    "three megabytes": (b"<a>" + b"x" * 3_000_000 + b"</a>", "超过上限 2097152 字节"),
    "a long text": (simple().replace(b"<bpmn:process", b"<bpmn:documentation>" + b"x" * 1_900_000 + b"</bpmn:documentation><bpmn:process", 1), "文字超过 20000 字"),
    "deep nesting": (b"<a>" * 7_000 + b"</a>" * 7_000, NOT_WELL_FORMED),
    "nesting of sub-processes": (
        drawing("".join(f'<bpmn:subProcess id="s{i}">' for i in range(60)) + "</bpmn:subProcess>" * 60), "元素嵌套超过 40 层",
    ),
    "half a million tags": (b"<a>" + b"<b/>" * 500_000 + b"</a>", "个标签，超过上限"),
    "twelve thousand elements": (drawing("<bpmn:foo/>" * 12_000), "不支持元素 foo"),
    "a thousand attributes": (_attributes("b", 1000), "属性过多或过长"),
    "a huge attribute": (simple().replace(b'id="S"', b'id="' + b"S" * 1_500_000 + b'"'), "属性过多或过长"),
    "attributes that collide": (b'<a b="1" b="2"/>', NOT_WELL_FORMED),
    "many name spaces": (_attributes("xmlns:n", 20_000), "不是 BPMN 2.0 文件"),
    "a sub-process that says it is its own process": (
        drawing(start(), node("subProcess", "p", start("S2") + node("callActivity", "C", "", 'calledElement="p"') + end("E2")), end()), "p：标识重复",
    ),
    "two sub-processes inside each other, by name": (
        drawing(node("subProcess", "a", node("subProcess", "b", node("subProcess", "a", node("callActivity", "C", "", 'calledElement="p"'))))), "a：标识重复",
    ),
    "two thousand timers": (
        drawing(start(), user("T_A"), end(), chain("S", "T_A", "E"), *[node("boundaryEvent", f"B{i}", "", 'attachedToRef="T_A"') for i in range(2000)]),
        "超过上限 500",
    ),
}  # fmt: skip

BEHAVIOUR: dict[str, tuple[bytes, str]] = {
    "a script that opens a shell": (
        drawing(start(), node("scriptTask", "X", "<bpmn:script>import os; os.system('id')</bpmn:script>"), end(), chain("S", "X", "E")),
        "脚本一律不允许",
    ),
    "a walk through the object graph": (_condition("().__class__.__base__.__subclasses__()"), "W：条件"),
    "an import": (_condition("__import__('os').getuid() == 0"), "W：条件"),
    "a tower of powers": (_condition("9**9**9 > 1"), "W：条件"),
    "a lambda": (_condition("(lambda: 1)()"), "W：条件"),
    "a comprehension": (_condition("[x for x in (1, 2)]"), "W：条件"),
    "a format string": (_condition("f'{x.__class__}'"), "W：条件"),
    "five hundred long conditions": (
        drawing(start(), end(), *[flow("S", "E", f"x{i} == 1 and " * 70 + "y", key=f"W{i}") for i in range(450)]), "图中的条件共",
    ),
    "a long condition": (_condition("x == 1 or " * 1500 + "x == 2"), "W：条件"),
    "a deep condition": (_condition("(" * 300 + "x" + ")" * 300), "W：条件"),
    "a condition of minus signs": (_condition("-" * 900 + "1"), "W：条件"),
    "an unprintable condition": (_condition("x == '\u202e\u2066'\u200b"), "W：条件"),
}  # fmt: skip

#: Accepted as text, because the syntax is harmless; refused when evaluated, because the value would not be.
BOMBS = ("'a' * 3000000000", "[0] * 2000000000", "'%9999999999d' % 1", "x * x * x * x * x * x", "int(y)")
