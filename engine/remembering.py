"""A connection that asks the database the same thing once: rules read the same few rows over and over within one command.

An answer is kept for as long as the transaction lasts, and forgotten as soon as a statement on the same connection writes to a
table it was read from, or takes a lock. So nothing can be stale that the transaction itself has changed or has waited for: what
others commit meanwhile is not seen, as under a snapshot, and a command that met such a change is run again from the start on a
connection of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import closing
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast
from weakref import WeakKeyDictionary

from sqlalchemy import Connection, CursorResult, Engine, Executable, Row, Table
from sqlalchemy.engine.interfaces import DBAPICursor
from sqlalchemy.exc import MultipleResultsFound, NoResultFound
from sqlalchemy.sql import Delete, Insert, Select, Update, visitors
from sqlalchemy.sql.selectable import CompoundSelect

from engine.columns import WATCHED
from engine.prepared import Ready, Statements, shape_of
from engine.reference import REFERENCE, mark_changed, mark_of, reference_state
from engine.told_rows import Written

#: statement → the tables it reads; most statements are built once, at import
_read: WeakKeyDictionary[Executable, frozenset[Table]] = WeakKeyDictionary()


P = ParamSpec("P")
T = TypeVar("T")
_QUESTIONS = (Select, CompoundSelect)


class Answer:
    """The rows of a SELECT, as often as they are asked for: what is used of the library's `Result`, without its cost."""

    __slots__ = ("_rows",)

    def __init__(self, rows: Sequence[Row[Any]]) -> None:
        self._rows = rows

    def __iter__(self) -> Iterator[Row[Any]]:
        return iter(self._rows)

    def all(self) -> list[Row[Any]]:
        """Every row."""
        return list(self._rows)

    def first(self) -> Row[Any] | None:
        """The first row, if there is one."""
        return self._rows[0] if self._rows else None

    def one_or_none(self) -> Row[Any] | None:
        """The only row, None without one; MultipleResultsFound."""
        if len(self._rows) > 1:
            raise MultipleResultsFound
        return self.first()

    def one(self) -> Row[Any]:
        """The only row; NoResultFound, MultipleResultsFound."""
        row = self.one_or_none()
        if row is None:
            raise NoResultFound
        return row

    def scalar(self) -> Any:
        """The first column of the first row, None without one."""
        return self._rows[0][0] if self._rows else None

    def scalar_one(self) -> Any:
        """The first column of the only row."""
        return self.one()[0]

    def scalars(self) -> Answer:
        """The first column of every row, as an answer of its own."""
        return Answer([row[0] for row in self._rows])

    def mappings(self) -> Answer:
        """Every row as a mapping, as an answer of its own."""
        return Answer([cast("Any", row._mapping) for row in self._rows])  # noqa: SLF001 - public, in spite of its name


class RememberingConnection(Connection):
    """A connection of `engine.database`. Only SELECTs with named parameters are remembered; the rest goes straight through.

    What goes to the database goes by `engine.prepared` when the same statement has been there before.
    """

    def __init__(self, engine: Engine, statements: Statements) -> None:
        super().__init__(engine)
        self._statements = statements
        self._known: dict[Hashable, tuple[Any, frozenset[Table]]] = {}
        #: the transaction in which `_known` was learnt; the next one knows nothing
        self._within: object = None
        #: the tables read by what is being derived; None when nothing is
        self._sources: set[Table] | None = None
        #: how often something happened after which an answer read before may be another
        self._turns = 0
        #: the rows written so far of tables whose every change is told of (`columns.WATCHED`)
        self.watched: dict[Table, set[int]] = {}
        #: the mark of the reference tables, and the transaction and turn in which it was read
        self._mark: int | None = None
        self._marked: tuple[object, int] | None = None

    def mark(self) -> int | None:
        """The mark of the reference tables as of this transaction: a command asks for it fifty times."""
        if self._marked is None or self._marked != (self.get_transaction(), self._turns):
            self._mark = mark_of(self)
            self._marked = self.get_transaction(), self._turns
        if self._sources is not None:
            self._sources.add(reference_state)
        return self._mark

    def execute(self, statement: Executable, parameters: Any = None, *, execution_options: Any = None) -> Any:
        """As the library's, from memory where the answer cannot have changed."""
        if not isinstance(statement, _QUESTIONS):
            return self._write(statement, parameters, execution_options)
        key = _key(statement, parameters) if execution_options is None else None
        if key is not None and self.get_transaction() is self._within:
            found = self._known.get(key)
            if found is not None:
                if self._sources is not None:
                    self._sources |= found[1]
                return found[0]
        tables = _tables(statement)
        # whoever takes a lock may have waited for others and wants to see what they have done; a function asked for its
        # effect (an advisory lock) reads no table
        waits = statement._for_update_arg is not None or not tables  # noqa: SLF001 - the library offers no other way to ask
        if waits or self.get_transaction() is not self._within:
            self._known.clear()
        if waits or key is None:
            self._turns += 1
            return super().execute(statement, parameters, execution_options=execution_options)
        answer = Answer(self._asked(statement, parameters))
        self._within = self.get_transaction()
        self._known[key] = answer, tables
        if self._sources is not None:
            self._sources |= tables
        return answer

    def derived(self, function: Callable[..., T], arguments: tuple[Hashable, ...]) -> T:
        """What `function` of this connection and `arguments` answers, remembered like what it reads; see `remembered`."""
        key = function, arguments
        if self.get_transaction() is self._within:
            found = self._known.get(key)
            if found is not None:
                if self._sources is not None:
                    self._sources |= found[1]
                return cast("T", found[0])
        around, turns = self._sources, self._turns
        self._sources = read = set[Table]()
        try:
            value = function(self, *arguments)
        finally:
            self._sources = around
            if around is not None:
                around |= read
        if turns == self._turns and self.get_transaction() is self._within:
            self._known[key] = value, frozenset(read)
        return value

    def _write(self, statement: Executable, parameters: Any, execution_options: Any) -> Any:
        written = statement.table if isinstance(statement, Insert | Update | Delete) else None
        try:
            if isinstance(written, Table) and WATCHED in written.info and _tells(statement, written):
                result = self._told(statement, written, parameters)
            elif execution_options is None:
                result = self._changed(statement, parameters)
            else:
                result = super().execute(statement, parameters, execution_options=execution_options)
        finally:
            self._forget(written)
        if isinstance(written, Table) and REFERENCE.items() <= written.info.items():
            mark_changed(self)
        return result

    def _told(self, statement: Any, table: Table, parameters: Any) -> Any:
        """Write to a watched table, and know which rows; a statement may give back ids, and nothing else."""
        gives_back = [column.name for column in statement._returning]  # noqa: SLF001 - the library has no public name for it
        if gives_back not in ([], ["id"]):
            raise TypeError(f"of a watched table a statement gives back ids alone: {statement}")
        asked = statement if gives_back else statement.returning(table.c.id)
        rows = super().execute(asked, parameters).all()
        ids = tuple(row[0] for row in rows)
        self.watched.setdefault(table, set()).update(ids)
        return Answer(rows) if gives_back else Written(ids)

    def _asked(self, statement: Executable, parameters: Mapping[str, Any]) -> Sequence[Row[Any]]:
        shape = shape_of(parameters)
        ready = self._statements.ready(statement, shape) if shape is not None else None
        if ready is None:
            result = super().execute(statement, parameters)
            if shape is not None:
                self._statements.seen(statement, shape, tuple(result.keys()))
            return result.all()
        with closing(self._sent(ready, parameters)) as cursor:
            return ready.rows(cursor)

    def _changed(self, statement: Executable, parameters: Any) -> Any:
        if isinstance(parameters, list) and len(parameters) == 1:
            parameters = parameters[0]
        shape = shape_of(parameters)
        ready = self._statements.ready(statement, shape) if shape is not None else None
        if ready is None:
            result = super().execute(statement, parameters)
            if shape is not None:
                self._statements.seen(statement, shape)
            return result
        with closing(self._sent(ready, parameters)) as cursor:
            return ready.written(cursor, parameters)

    def _sent(self, ready: Ready, parameters: Any) -> DBAPICursor:
        """Execute a statement as the library does: in a transaction, heard by listeners, its errors wrapped."""
        if not self.in_transaction():
            self.begin()
        bound = [ready.bound(each) for each in parameters] if ready.many else ready.bound(parameters)
        cursor = self.connection.cursor()
        for hear in self.dispatch.before_cursor_execute:
            hear(self, cursor, ready.text, bound, None, ready.many)
        try:
            (cursor.executemany if ready.many else cursor.execute)(ready.text, bound)
        except self.dialect.loaded_dbapi.Error as error:
            self._handle_dbapi_exception(error, ready.text, bound, cursor, None)
        return cursor

    def scalar(self, statement: Executable, parameters: Any = None, *, execution_options: Any = None) -> Any:
        """The first column of the first row."""
        return self.execute(statement, parameters, execution_options=execution_options).scalar()

    def scalars(self, statement: Executable, parameters: Any = None, *, execution_options: Any = None) -> Any:
        """The first column of every row."""
        return self.execute(statement, parameters, execution_options=execution_options).scalars()

    def exec_driver_sql(
        self, statement: str, parameters: Any = None, execution_options: Any = None
    ) -> CursorResult[Any]:
        """As the library's; what such a statement writes is not known, so everything is forgotten."""
        self._forget(None)
        return super().exec_driver_sql(statement, parameters, execution_options)

    def _forget(self, written: Any) -> None:
        self._turns += 1
        if not isinstance(written, Table):
            self._known.clear()
            return
        for key in [key for key, (_, tables) in self._known.items() if written in tables]:
            del self._known[key]


def remembered(function: Callable[Concatenate[Connection, P], T]) -> Callable[Concatenate[Connection, P], T]:
    """A function of a connection and hashable arguments, and of nothing else, that is worked out once.

    Its answer is kept as the rows it was made from are: within one transaction, until one of the tables it read is written.
    Nobody may change what it returns.
    """

    @wraps(function)
    def asked(connection: Connection, *arguments: P.args, **named: P.kwargs) -> T:
        if named or not isinstance(connection, RememberingConnection):
            return function(connection, *arguments, **named)
        return connection.derived(function, cast("tuple[Hashable, ...]", arguments))

    return cast("Callable[Concatenate[Connection, P], T]", asked)


def _tells(statement: Any, table: Table) -> bool:
    """Whether a statement writes to more of a watched table than what nobody is told of (keyed hashes, when it was used last)."""
    if not isinstance(statement, Update):
        return True
    changed = {getattr(column, "name", column) for column in statement._values or ()}  # noqa: SLF001 - see above
    return not changed or not changed <= table.info[WATCHED]


def _key(statement: Executable, parameters: Any) -> Hashable | None:
    """What an answer is remembered under; None for a statement that is not remembered."""
    if not parameters or not isinstance(parameters, dict):
        return None
    key: Hashable = statement, tuple(parameters.items())
    try:
        hash(key)
    except TypeError:
        listed = {name: tuple(v) if isinstance(v, list | set) else v for name, v in parameters.items()}
        key = statement, tuple(listed.items())
        try:
            hash(key)
        except TypeError:
            return None
    return key


def _tables(statement: Executable) -> frozenset[Table]:
    found = _read.get(statement)
    if found is None:
        inside = visitors.iterate(cast("Any", statement))
        found = _read[statement] = frozenset(each for each in inside if isinstance(each, Table))
    return found
