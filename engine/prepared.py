"""Statements built once are made ready once: the text the driver gets, how parameters enter it, how its rows come out.

Everything here is compiled by the library and means what it means there; what is saved is its work for each execution, several
times what the database needs for one of our small statements (docs/performance.md). A statement is made ready when the same
object comes a second time under the same parameter names, so those built for one question never are. What is not plain stays
with the library: locks, RETURNING, long lists, defaults that must be computed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast
from weakref import WeakKeyDictionary

from sqlalchemy import Dialect, Executable, Row, Select
from sqlalchemy.engine import result_tuple
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.sql import Delete, Insert, Update
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.selectable import CompoundSelect
from sqlalchemy.types import TypeEngine

Parameters = Mapping[str, Any] | Sequence[Mapping[str, Any]]
_Convert = Callable[[Any], Any]
#: parameter names in the order given, whether there are several rows of them, and the length of each list among them
_Shape = tuple[tuple[str, ...], bool, tuple[tuple[str, int], ...]]
_LISTS = (list, tuple, set, frozenset)
#: a longer list stays with the library: one text is kept for each length
LONGEST = 8


class Written:
    """What is used of the library's result of an INSERT, UPDATE or DELETE."""

    __slots__ = ("inserted_primary_key", "rowcount")

    def __init__(self, rowcount: int, inserted_primary_key: tuple[Any, ...] | None) -> None:
        self.rowcount = rowcount
        self.inserted_primary_key = inserted_primary_key


class Ready:
    """One statement under one shape of parameters, for one dialect."""

    def __init__(self, statement: Executable, dialect: Dialect, shape: _Shape, fields: Sequence[str]) -> None:
        """`fields` are the names of its columns, as the library gave them the first time. Unsuitable when it is not plain."""
        names, self.many, lists = shape
        written = isinstance(statement, Insert | Update | Delete)
        asked = {"column_keys": list(names), "for_executemany": self.many} if written else {}
        compiled = cast("SQLCompiler", cast("Any", statement).compile(dialect=dialect, **asked))
        lengths = {name: length for name, length in lists if name in compiled.binds and compiled.binds[name].expanding}
        for name, bind in compiled.binds.items():
            if bind.callable or (bind.expanding and name in names and name not in lengths):
                raise Unsuitable
        samples = {name: [None] * lengths[name] if name in lengths else None for name in names}
        whole = compiled.construct_expanded_state(samples)
        self.text = whole.statement
        self._order = tuple(whole.positiontup or ()) if compiled.positional else None
        enter = {**_processors(compiled), **whole.processors}
        self._fixed = {
            name: enter[name](value) if name in enter else value
            for name, value in {**whole.parameters, **_defaults(compiled)}.items()
            if name not in names
        }
        self._spread = [(name, whole.parameter_expansion[name]) for name in lengths]
        inside = (name for _, spread in self._spread for name in spread)
        self._enter = [(name, enter[name]) for name in (*names, *inside) if name in enter and name not in lengths]
        self._key = _key_of(statement, compiled) if isinstance(statement, Insert) and not self.many else None
        self._dialect = dialect
        self._types = _types_of(statement, len(fields))
        self._row = result_tuple(list(fields))
        self._leave: list[tuple[int, _Convert]] | None = None

    def bound(self, parameters: Mapping[str, Any]) -> Any:
        """Parameters as the driver takes them."""
        values = {**self._fixed, **parameters}
        for name, spread in self._spread:
            values.update(zip(spread, values.pop(name), strict=True))
        for name, convert in self._enter:
            values[name] = convert(values[name])
        return values if self._order is None else tuple([values[name] for name in self._order])

    def rows(self, cursor: DBAPICursor) -> list[Row[Any]]:
        """All rows of a SELECT just executed."""
        found = cursor.fetchall()
        if self._leave is None:
            described = cast("Any", cursor.description)
            given = ((i, _result_processor(t, self._dialect, described[i][1])) for i, t in enumerate(self._types))
            self._leave = [(i, convert) for i, convert in given if convert]
        if not self._leave:
            return [self._row(values) for values in found]
        rows = []
        for values in found:
            changed = list(values)
            for place, convert in self._leave:
                changed[place] = convert(changed[place])
            rows.append(self._row(changed))
        return rows

    def written(self, cursor: DBAPICursor, parameters: Parameters) -> Written:
        """What an INSERT, UPDATE or DELETE just executed has done."""
        return Written(cursor.rowcount, self._key(cursor, cast("Any", parameters)) if self._key else None)


class Unsuitable(Exception):
    """A statement that stays with the library."""


class Statements:
    """The statements made ready for one dialect; shared by all connections of a database."""

    def __init__(self, dialect: Dialect) -> None:
        self._dialect = dialect
        self._known: WeakKeyDictionary[Executable, dict[_Shape, Ready | tuple[str, ...] | None]] = WeakKeyDictionary()

    def ready(self, statement: Executable, shape: _Shape) -> Ready | None:
        """A statement made ready; None when it comes for the first time, or stays with the library."""
        shapes = self._known.get(statement)
        found = shapes.get(shape) if shapes is not None else None
        if isinstance(found, Ready) or found is None or shapes is None:
            return found  # type: ignore[return-value]
        try:
            shapes[shape] = made = Ready(statement, self._dialect, shape, found)
        except Unsuitable:
            shapes[shape] = None
            return None
        return made

    def seen(self, statement: Executable, shape: _Shape, fields: Sequence[str] = ()) -> None:
        """The library has executed a statement; `fields` are the names of the columns it gave. The next time it is ready."""
        if not _plain(statement):
            return
        self._known.setdefault(statement, {}).setdefault(shape, tuple(fields))


def shape_of(parameters: Any) -> _Shape | None:
    """The shape of parameters; None for what is not a dictionary, or several that differ."""
    if isinstance(parameters, dict):
        lists = [(name, len(value)) for name, value in parameters.items() if type(value) in _LISTS]
        too_long = any(length > LONGEST for _, length in lists)
        return None if too_long else (tuple(parameters), False, tuple(lists))
    if not isinstance(parameters, list) or not parameters or not isinstance(parameters[0], dict):
        return None
    first = tuple(parameters[0])
    return (first, True, ()) if all(tuple(each) == first for each in parameters) else None


def _plain(statement: Any) -> bool:
    if isinstance(statement, Select | CompoundSelect):
        return statement._for_update_arg is None  # noqa: SLF001 - the library offers no other way to ask
    return isinstance(statement, Insert | Update | Delete) and not statement._returning  # noqa: SLF001 - likewise


def _defaults(compiled: SQLCompiler) -> dict[str, Any]:
    """The values of columns that were not given."""
    values = {}
    for column in (*compiled.insert_prefetch, *compiled.update_prefetch):
        default = cast("Any", column.default if compiled.isinsert else column.onupdate)
        if default is None or not default.is_scalar:
            raise Unsuitable
        values[column.key] = default.arg
    return values


def _processors(compiled: SQLCompiler) -> dict[str, _Convert]:
    binds = [
        (name, bind.type.dialect_impl(compiled.dialect)) for name, bind in compiled.binds.items() if not bind.expanding
    ]
    found = ((name, kind.bind_processor(compiled.dialect)) for name, kind in binds)
    return {name: convert for name, convert in found if convert is not None}


def _types_of(statement: Any, count: int) -> list[TypeEngine[Any]]:
    if not isinstance(statement, Select | CompoundSelect):
        return []
    types = [column.type for column in statement.selected_columns]
    if len(types) != count:
        raise Unsuitable
    return types


def _key_of(statement: Insert, compiled: SQLCompiler) -> Callable[[DBAPICursor, Mapping[str, Any]], tuple[Any, ...]]:
    """How the primary key of an inserted row is known: given back, numbered by the database, or among the parameters."""
    if compiled.effective_returning:
        return lambda cursor, _: tuple(cursor.fetchone() or ())
    if compiled.postfetch_lastrowid:
        return lambda cursor, _: (cursor.lastrowid,)
    names = [column.key for column in cast("Any", statement.table).primary_key]
    return lambda _, parameters: tuple(parameters.get(name) for name in names)


def _result_processor(kind: TypeEngine[Any], dialect: Dialect, described: object) -> _Convert | None:
    return cast("_Convert | None", kind.dialect_impl(dialect).result_processor(dialect, described))
