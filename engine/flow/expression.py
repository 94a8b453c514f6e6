"""The only language a drawing or a decision table may speak: small, closed, decimal, and bounded in size and time.

Three walls, each closed by default. (1) The text must consist of listed tokens. (2) Its syntax tree may hold only
listed nodes. (3) Every operation that could grow a value goes through a guard in :mod:`engine.flow.arithmetic`. The
library's own engine runs any Python as the server's user (engine.md §2); nothing here reaches an attribute, an import,
a loop or a builtin.

Allowed: numbers, strings, ``True False None`` (also ``true false null``), facts by name, comparisons, ``in``,
``is None``, ``and or not``, ``+ - * / // %`` on numbers, lists and tuples, ``x[i]``, the functions in ``FUNCTIONS`` and
``due('clock.key')``. A literal with a decimal point is a Decimal, never a float; ``/`` divides decimals; ``round``
rounds half up (四舍五入).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from engine.errors import EngineError
from engine.flow.arithmetic import FUNCTIONS, OPERATORS, CannotCompute
from engine.messages import N_, Message, message

MAX_LENGTH = 1000  # characters of source
MAX_DEPTH = 40  # levels of the syntax tree
MAX_NODES = 250
MAX_NAME = 64
MAX_INTEGER = 10**18

Due = Callable[[str], datetime]

_NUMBER = r"\d+(?:\.\d+)?(?![\w.])"
_TOKENS = re.compile(
    rf"""\s*(?:(?P<text>'[^'\\\n]*'|"[^"\\\n]*")|(?P<number>{_NUMBER})|(?P<name>[^\W\d]\w*)
    |(?P<operator>==|!=|<=|>=|//|[<>+\-*/%()\[\],])|(?P<placeholder>\?))\s*""",
    re.VERBOSE,
)
_PLACEHOLDER = "_value_"  # stands for `?`; a person cannot type it, because names may not begin with an underscore
_WORDS = {"true": True, "false": False, "null": None}
_COMPARISONS = (ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.In, ast.NotIn)


class ExpressionRefused(EngineError):
    """The text is not in the allow-list; nothing of it was executed. `params`: expression, why."""

    text = N_("表达式“{expression}”未被接受：{why}")


class ExpressionFailed(EngineError):
    """An accepted expression met facts it cannot work with. `missing` names the absent fact, if that was the reason."""

    text = N_("表达式“{expression}”无法求值：{why}")

    def __init__(self, expression: str, why: Message, missing: str | None = None) -> None:
        super().__init__(expression=expression, why=why)
        self.missing = missing


@dataclass(frozen=True, slots=True)
class Expression:
    """A compiled expression: `source` as written, `names` of the facts it may read, `clocks` it asks with ``due``.

    `compares` is true when it is a comparison or joined by and/or/not, so that its value is meant as yes or no;
    `asks` when it contains the placeholder ``?``. `plain` is the source with one blank between its tokens.
    """

    source: str
    names: frozenset[str]
    clocks: tuple[str, ...]
    compares: bool
    asks: bool
    plain: str
    _run: Callable[[Mapping[str, Any], Due], Any] = field(repr=False, compare=False)

    def evaluate(self, names: Mapping[str, Any], *, due: Due | None = None) -> Any:
        """The value under the facts `names`; ``due(key)`` answers clocks.

        Facts are read only when reached (``or`` stops early). Raises ExpressionFailed; never changes `names`.
        """
        try:
            return self._run(names, due or _no_clock)
        except KeyError as error:  # only the facts mapping is read with a bare subscript; `x[i]` goes through a guard
            missing = str(error.args[0])
            raise ExpressionFailed(self.source, message(N_("缺少事实“{name}”"), name=missing), missing) from None
        except CannotCompute as error:
            raise ExpressionFailed(self.source, error.why) from None
        except (TypeError, ValueError, ArithmeticError, RecursionError):
            # The library's own text is dropped: it may quote a person's data.
            raise ExpressionFailed(self.source, message(N_("事实的类型不适合这个运算"))) from None


def compile_expression(source: str, *, placeholder: bool = False) -> Expression:
    """Compile `source` once (cached) or raise ExpressionRefused.

    With `placeholder`, ``?`` may stand for the value a decision cell is asked about; it is read from the fact ``"?"``.
    """
    if len(source) > MAX_LENGTH:
        raise _refused(source, N_("超过 {limit} 个字符"), limit=MAX_LENGTH)
    return _compile(source.strip(), placeholder)


@lru_cache(maxsize=4096)
def _compile(source: str, placeholder: bool) -> Expression:
    builder = _Builder(source)
    parts = _tokens(source, placeholder, builder.constants)
    tree = _parse(source, " ".join(parts))
    body = builder.build(tree.body, 0)
    arguments = ast.arguments([], [ast.arg("facts"), ast.arg("due")], None, [], [], None, [])
    function = ast.fix_missing_locations(ast.Expression(ast.Lambda(arguments, body)))
    world = {"__builtins__": {}, **builder.constants, **OPERATORS, **{f"{k}()": v for k, v in FUNCTIONS.items()}}
    run = eval(compile(function, "<expression>", "eval"), world)  # noqa: S307 - every node was rebuilt by _Builder
    plain = " ".join(str(builder.constants.get(part, part)) for part in parts)
    negates = isinstance(tree.body, ast.UnaryOp) and isinstance(tree.body.op, ast.Not)
    compares = negates or isinstance(tree.body, ast.Compare | ast.BoolOp)
    return Expression(source, frozenset(builder.names), tuple(builder.clocks), compares, builder.asks, plain, run)


def _tokens(source: str, placeholder: bool, decimals: dict[str, Any]) -> list[str]:
    """The listed tokens of `source`; joined by blanks they are all that Python ever reads of it.

    A literal with a decimal point becomes a reserved name whose exact value goes into `decimals`: it never is a float.
    """
    parts: list[str] = []
    position = depth = 0
    while position < len(source):
        found = _TOKENS.match(source, position)
        if found is None or (found["placeholder"] and not placeholder):
            where = len(source) - len(source[position:].lstrip())
            unlisted = N_("第 {position} 个字符“{seen}”不允许（符号须用半角）")
            raise _refused(source, unlisted, position=where + 1, seen=printable(source[where]))
        if found["name"] and (found["name"].startswith("_") or len(found["name"]) > MAX_NAME):
            raise _refused(source, N_("名称“{name}”不允许"), name=found["name"][:MAX_NAME])
        part = _PLACEHOLDER if found["placeholder"] else found[0].strip()
        depth += (part in "([") - (part in ")]")
        if depth > MAX_DEPTH:
            raise _refused(source, N_("嵌套超过 {limit} 层"), limit=MAX_DEPTH)
        if found["number"] and "." in part:
            reserved = f"_decimal{len(decimals)}_"
            decimals[reserved] = Decimal(part)
            part = reserved
        parts.append(part)
        position = found.end()
    return parts


def _parse(source: str, text: str) -> ast.Expression:
    try:
        return ast.parse(text, mode="eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise _refused(source, N_("语法不正确")) from None


def _refused(source: str, template: str, **params: Any) -> ExpressionRefused:
    return ExpressionRefused(expression=printable(source), why=message(template, **params))


def printable(text: str, limit: int = 80) -> str:
    """`text` shortened, the unprintable shown as ``�``: a hostile file shall not break a page or a log."""
    shown = "".join(c if c.isprintable() else "�" for c in text[: limit + 1])
    return shown if len(shown) <= limit else shown[:limit] + "…"


def _no_clock(key: str) -> datetime:
    raise CannotCompute(message(N_("此处不能询问期限“{key}”"), key=key))


class _Builder:
    """Rebuilds a parsed tree node by node into one that can only do what is listed; nothing of the first survives."""

    def __init__(self, source: str) -> None:
        self.source = source
        self.names: set[str] = set()
        self.clocks: list[str] = []
        self.asks = False
        self.constants: dict[str, Any] = {}
        self._nodes = 0

    def build(self, node: ast.expr, depth: int) -> ast.expr:
        """The safe twin of `node`, or ExpressionRefused naming what is not allowed."""
        self._nodes += 1
        if depth > MAX_DEPTH or self._nodes > MAX_NODES:
            complex_ = N_("过于复杂（最多 {nodes} 个成分、{depth} 层）")
            raise _refused(self.source, complex_, nodes=MAX_NODES, depth=MAX_DEPTH)
        method: Callable[[Any, int], ast.expr] | None = getattr(self, "_" + type(node).__name__, None)
        if method is None:
            raise self._unlisted(node)
        return method(node, depth + 1)

    def _unlisted(self, node: ast.AST) -> ExpressionRefused:
        return _refused(self.source, N_("不允许的写法（{kind}）"), kind=type(node).__name__)

    def _guard(self, operator: ast.AST, *operands: ast.expr) -> ast.expr:
        name = type(operator).__name__
        if name not in OPERATORS:
            raise self._unlisted(operator)
        return ast.Call(ast.Name(name, ast.Load()), list(operands), [])

    def _Constant(self, node: ast.Constant, _depth: int) -> ast.expr:  # noqa: N802 - named after the node it builds
        value = node.value
        if value is None or isinstance(value, bool | str):
            return ast.Constant(value)
        if type(value) is int and value <= MAX_INTEGER:
            return ast.Constant(value)
        raise _refused(self.source, N_("数值过大或类型不允许"))

    def _Name(self, node: ast.Name, _depth: int) -> ast.expr:  # noqa: N802
        if node.id in _WORDS:
            return ast.Constant(_WORDS[node.id])
        if node.id in self.constants:
            return ast.Name(node.id, ast.Load())
        if node.id in FUNCTIONS or node.id == "due":
            raise _refused(self.source, N_("函数 {name} 后须有括号"), name=node.id)
        if node.id == _PLACEHOLDER:
            self.asks = True
        else:
            self.names.add(node.id)
        key = "?" if node.id == _PLACEHOLDER else node.id
        return ast.Subscript(ast.Name("facts", ast.Load()), ast.Constant(key), ast.Load())

    def _BoolOp(self, node: ast.BoolOp, depth: int) -> ast.expr:  # noqa: N802
        return ast.BoolOp(type(node.op)(), [self.build(v, depth) for v in node.values])

    def _UnaryOp(self, node: ast.UnaryOp, depth: int) -> ast.expr:  # noqa: N802
        operand = self.build(node.operand, depth)
        return ast.UnaryOp(ast.Not(), operand) if isinstance(node.op, ast.Not) else self._guard(node.op, operand)

    def _BinOp(self, node: ast.BinOp, depth: int) -> ast.expr:  # noqa: N802
        return self._guard(node.op, self.build(node.left, depth), self.build(node.right, depth))

    def _Compare(self, node: ast.Compare, depth: int) -> ast.expr:  # noqa: N802
        left, *rights = (self.build(n, depth) for n in (node.left, *node.comparators))
        for operator, right in zip(node.ops, rights, strict=True):
            nothing = isinstance(right, ast.Constant) and right.value is None
            if not (isinstance(operator, _COMPARISONS) or (isinstance(operator, ast.Is | ast.IsNot) and nothing)):
                raise self._unlisted(operator)
        return ast.Compare(left, [type(o)() for o in node.ops], rights)

    def _List(self, node: ast.List, depth: int) -> ast.expr:  # noqa: N802
        return ast.List([self.build(e, depth) for e in node.elts], ast.Load())

    def _Tuple(self, node: ast.Tuple, depth: int) -> ast.expr:  # noqa: N802
        return ast.Tuple([self.build(e, depth) for e in node.elts], ast.Load())

    def _Subscript(self, node: ast.Subscript, depth: int) -> ast.expr:  # noqa: N802
        # A slice is no listed node, so only one index can arrive here.
        return self._guard(node, self.build(node.value, depth), self.build(node.slice, depth))

    def _Call(self, node: ast.Call, depth: int) -> ast.expr:  # noqa: N802
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if node.keywords or not (name in FUNCTIONS or name == "due"):
            raise _refused(self.source, N_("不允许的函数调用；可用：{names}"), names="、".join([*FUNCTIONS, "due"]))
        if name == "due":
            return self._clock(node)
        function = ast.Name(f"{name}()", ast.Load())
        return ast.Call(function, [self.build(a, depth) for a in node.args], [])

    def _clock(self, node: ast.Call) -> ast.expr:
        key = node.args[0].value if len(node.args) == 1 and isinstance(node.args[0], ast.Constant) else None
        if not isinstance(key, str) or not key:
            raise _refused(self.source, N_("due 只接受一个带引号的期限名"))
        self.clocks.append(key)
        return self._guard(node, ast.Name("due", ast.Load()), ast.Constant(key))
