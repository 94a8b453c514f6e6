"""Reading XML from strangers: the bytes are judged before any parser sees them, and the parser may reach nothing.

What a BPMN or DMN file never needs is refused rather than defused: document types, entities, processing instructions,
other encodings than UTF-8, and sizes no drawing has (engine.md §2).
"""

from __future__ import annotations

import re

from lxml import etree

from engine.flow.expression import printable
from engine.messages import N_, Message, message

MAX_BYTES = 2 * 1024 * 1024
MAX_TAGS = 15_000  # "<" in the file; a drawing of 100 tasks with its diagram has about 3,000
MAX_DEPTH = 40
MAX_ATTRIBUTES = 40  # of one element
MAX_ATTRIBUTE_LENGTH = 4_000  # characters
MAX_TEXT_LENGTH = 20_000  # characters between two tags

_DECLARATION = re.compile(r"\A<\?xml\s+version\s*=\s*[\"']1\.0[\"'](?P<rest>[^?<>]*)\?>")
_ENCODING = re.compile(r"encoding\s*=\s*[\"'](?P<name>[^\"']*)[\"']")
_FORBIDDEN = re.compile(r"<!\s*(?P<what>DOCTYPE|ENTITY|ELEMENT|ATTLIST|NOTATION)|<\?(?P<pi>[^\s?>]*)", re.IGNORECASE)


class RefusedXml(Exception):
    """The bytes are not a plain XML document of acceptable size; `why` is for the person who sent them."""

    def __init__(self, template: str, **params: object) -> None:
        super().__init__()
        self.why: Message = message(template, **params)


def read_xml(data: bytes) -> etree._Element:
    """The root element of `data`, without comments; raises RefusedXml. Reaches no file and no network."""
    body = _plain_text(data)
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, recover=False
    )
    try:
        root = etree.fromstring(body.encode(), parser)
    except etree.XMLSyntaxError as error:
        raise RefusedXml(N_("不是格式正确的 XML（第 {line} 行）"), line=error.lineno or 1) from None
    _measure(root)
    return root


def _plain_text(data: bytes) -> str:
    """`data` as text without its XML declaration, if nothing in it is forbidden."""
    if not data.strip():
        raise RefusedXml(N_("文件是空的"))
    if len(data) > MAX_BYTES:
        raise RefusedXml(N_("文件为 {size} 字节，超过上限 {limit} 字节"), size=len(data), limit=MAX_BYTES)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise RefusedXml(N_("文件不是 UTF-8 编码的文本")) from None
    declaration = _DECLARATION.match(text)
    encoding = _ENCODING.search(declaration["rest"]) if declaration else None
    if "\0" in text or (encoding and encoding["name"].lower() not in {"utf-8", "utf8", "us-ascii", "ascii"}):
        raise RefusedXml(N_("文件不是 UTF-8 编码的文本"))
    body = text[declaration.end() :] if declaration else text
    forbidden = _FORBIDDEN.search(body)
    if forbidden and forbidden["what"]:
        raise RefusedXml(N_("不允许文档类型声明或实体（见到 {seen}）"), seen="<!" + forbidden["what"])
    if forbidden:
        raise RefusedXml(N_("不允许处理指令（见到 {seen}）"), seen="<?" + printable(forbidden["pi"], 20))
    tags = body.count("<")
    if tags > MAX_TAGS:
        raise RefusedXml(N_("文件有 {seen} 个标签，超过上限 {limit} 个"), seen=tags, limit=MAX_TAGS)
    # The parser receives no declaration: the text is known to be UTF-8, whatever it claimed.
    return body


def _measure(root: etree._Element) -> None:
    """Refuse depth, attributes and texts that no drawing has."""
    depth = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if event == "end":
            continue
        if depth > MAX_DEPTH:
            raise RefusedXml(N_("元素嵌套超过 {limit} 层"), limit=MAX_DEPTH)
        texts = (element.text or "", element.tail or "")
        if len(element.attrib) > MAX_ATTRIBUTES or any(len(v) > MAX_ATTRIBUTE_LENGTH for v in element.attrib.values()):
            raise RefusedXml(N_("第 {line} 行的元素属性过多或过长"), line=element.sourceline or 1)
        if any(len(text) > MAX_TEXT_LENGTH for text in texts):
            raise RefusedXml(
                N_("第 {line} 行的文字超过 {limit} 字"), line=element.sourceline or 1, limit=MAX_TEXT_LENGTH
            )


def local_name(element: etree._Element) -> str:
    """The element's name without its namespace."""
    return str(element.tag).rpartition("}")[2]


def namespace(element: etree._Element) -> str:
    """The element's namespace, "" when it has none."""
    return str(element.tag).rpartition("}")[0].removeprefix("{")


def text_of(element: etree._Element) -> str:
    """The element's own text, stripped."""
    return (element.text or "").strip()
