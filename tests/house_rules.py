"""The rules of the house as functions: each takes a path (relative, with slashes) and a text, and names what breaks it."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Rule = Callable[[str, str], Iterator[str]]

MOST_LINES = 300
MOST_FUNCTION_LINES = 40
SHAPELESS_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "service", "services", "misc"}
PRODUCT = ("engine/", "workflows/", "webui/")
MACHINE_TIME = {
    "datetime.datetime.now",
    "datetime.now",
    "datetime.today",
    "datetime.utcnow",
    "date.today",
    "datetime.date.today",
    "time.time",
}
ASKING = {name.rpartition(".")[2] for name in MACHINE_TIME}
WRITTEN_ONCE = "workflows/migrations/versions/"
PUT_OFF = "|".join(
    ("TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK", "pragma: no " + "cover", "x" + "fail\\b(?!_strict)")
)
INDEX_HOSTS = "pypi|pythonhosted|npmjs|registry|mirror|debian"


def long_file(path: str, text: str) -> Iterator[str]:
    """A file is read in one sitting. Migrations are written once and not read again."""
    if (lines := text.count("\n")) > MOST_LINES and not path.startswith(WRITTEN_ONCE):
        yield f"{lines} lines"


def long_function(path: str, text: str) -> Iterator[str]:
    """A function fits a screen; migrations again excepted."""
    for node in [] if path.startswith(WRITTEN_ONCE) else ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > MOST_FUNCTION_LINES:
                yield f"{node.name} has {lines} lines"


def shapeless_name(path: str, _text: str) -> Iterator[str]:
    """A module is named after what it is about."""
    yield from sorted(SHAPELESS_NAMES & set(path.removesuffix(".py").split("/")))


def hidden_import(path: str, text: str) -> Iterator[str]:
    """What a module needs stands at its top; WeasyPrint alone waits until a page is printed (it needs Pango)."""
    for function in ast.walk(ast.parse(text)):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.Import | ast.ImportFrom):
                    names = {alias.name for alias in node.names} | {getattr(node, "module", None) or ""}
                    if not (path.startswith("engine/dossier/") and any(n.split(".")[0] == "weasyprint" for n in names)):
                        yield f"line {node.lineno}"


def commit(path: str, text: str) -> Iterator[str]:
    """The unit of work alone commits."""
    if path.startswith(PRODUCT) and path != "engine/unit_of_work.py" and "commit" in text:
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "commit":
                yield f"line {node.lineno}"


def own_clock(path: str, text: str) -> Iterator[str]:
    """Only engine/clock.py asks the machine what time it is."""
    if path.startswith(PRODUCT) and path != "engine/clock.py":
        for node in ast.walk(ast.parse(text)):
            asks = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in ASKING
            if asks and ast.unparse(node.func) in MACHINE_TIME:
                yield f"line {node.lineno}"


def put_off(_path: str, text: str) -> Iterator[str]:
    """What is not done is an issue, not a comment; what is not tested is not hidden."""
    yield from (found.group() for found in re.finditer(rf"\b(?:{PUT_OFF})", text))


def machine_path(_path: str, text: str) -> Iterator[str]:
    """Nothing depends on, or tells of, the machine it was written on, nor where its packages came from."""
    yield from (found.group() for found in re.finditer(r"(?<![\w.)}*])/(?:work|root|home/\w+)/", text))
    yield from (found.group() for found in re.finditer(rf"(?i)https?://[^\s/\"'>)]*(?:{INDEX_HOSTS})", text))


def outside_resource(_path: str, text: str) -> Iterator[str]:
    """No page and no letter asks another host for anything, nor links away: counties may have no way out."""
    attribute = r"(?:src|href|srcset|action|data|poster|hx-(?:get|post|put|patch|delete))\s*=\s*[\"']?\s*(?:https?:)?//"
    yield from (
        found.group() for found in re.finditer(rf"(?i)\b{attribute}|(?:@import|url\()\s*[\"']?(?:https?:)?//", text)
    )


def inline_code(path: str, text: str) -> Iterator[str]:
    """A page carries no script and no style of its own, so that the content policy can refuse them all."""
    if path.startswith("webui/templates/"):
        pattern = r"(?i)<script(?![^>]*\bsrc=)[^>]*>|<style\b|<[^>]*\s(?:on[a-z]+|style)\s*=|hx-on\b|javascript:"
        yield from (found.group() for found in re.finditer(pattern, text))


def unpinned(_path: str, text: str) -> Iterator[str]:
    """A lock names exact versions with hashes, and no place to get them from."""
    yield from (found.group() for found in re.finditer(r"(?m)^\s*-(?!-hash).*|.*://.*", text))
    for requirement in re.findall(r"(?m)^[a-zA-Z](?:[^\\\n]|\\\n)*", text):
        if "==" not in requirement or "--hash=sha256:" not in requirement:
            yield requirement.split("\n")[0]


#: what nobody deletes from: histories, readings, records, anchors
LOG = {"history", "read_log", "version_log", "audit_log", "organisation_log", "grant_log", "anchor", "anchor_head"}


def keeps_the_log(path: str, text: str) -> Iterator[str]:
    """The log is only added to: no code of the product deletes from it. A migration may drop a table on the way back."""
    if not path.startswith(PRODUCT) or path.startswith(WRITTEN_ONCE):
        return
    for node in ast.walk(ast.parse(text)) if "delete" in text else ():
        if isinstance(node, ast.Call) and "delete" in (getattr(node.func, "attr", ""), getattr(node.func, "id", "")):
            called = ast.unparse(node.func).split(".")
            told = {ast.unparse(each).split(".")[-1] for each in node.args[:1]}
            if called[-1] == "delete" and LOG & (told or set(called[-2:-1])):
                yield f"line {node.lineno}"
    raw = rf"(?i)\b(?:delete\s+from|truncate(?:\s+table)?|drop\s+table)\s+\W?(?:{'|'.join(sorted(LOG))})\b"
    yield from (found.group() for found in re.finditer(raw, text))
