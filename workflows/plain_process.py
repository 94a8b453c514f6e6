"""What most kinds of process answer alike. A kind overrides what is its own; what it does not override stays closed."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Any

from engine.process_type import Check
from workflows import calendar_days, chains
from workflows.screening import too_close
from workflows.staffing import unheld

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from sqlalchemy import Connection

    from engine.clock import Calendar
    from engine.decisions import DecisionTable
    from engine.messages import Message
    from engine.process_type import Answers, Candidates, CaseView, Problems


class PlainProcess(ABC):
    """The answers of `engine.process_type.ProcessType` for a kind without lists, tables, automatic steps or several signers.

    Nothing is sent back, paused, withdrawn or ended by decree unless the kind says so.
    """

    key: str
    notices: Mapping[str, str] = {}
    sequels: Mapping[str, str] = {}

    @abstractmethod
    def examine(self, view: CaseView, form: str, values: Answers) -> Problems:
        """Rules that need the case."""

    @abstractmethod
    def candidates(self, view: CaseView, element: str, lane: str, facts: Mapping[str, Any]) -> Candidates:
        """Who may work on a task that opens now."""

    def options(self, view: CaseView, name: str) -> Sequence[tuple[str, str]]:  # noqa: ARG002
        """No list is needed."""
        return ()

    def check(self, view: CaseView, form: str, values: Answers) -> Check:
        """Problems only: nothing is refused by a table."""
        return Check(self.examine(view, form, values))

    def shipped_tables(self) -> bytes:
        """None."""
        return b""

    def unfit_tables(self, tables: Mapping[str, DecisionTable]) -> Sequence[Message]:  # noqa: ARG002
        """No step asks a table."""
        return ()

    def facts(self, form: str, values: Answers) -> Mapping[str, Any]:  # noqa: ARG002
        """The way does not depend on an answer."""
        return {}

    def submitted(self, view: CaseView, form: str, values: Answers) -> None:  # noqa: B027 - nothing is an answer
        """No register is kept."""

    def decide(self, view: CaseView, decision: str, facts: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG002
        """Never asked: the drawing has no business-rule task."""
        return {}

    def perform(self, view: CaseView, operation: str, facts: Mapping[str, Any]) -> Mapping[str, Any]:  # noqa: ARG002
        """Never asked: the drawing has no automatic step."""
        return {}

    def seats(self, view: CaseView, element: str, lane: str, facts: Mapping[str, Any]) -> Sequence[Candidates]:
        """No step has several signers; one is asked as for every step."""
        return (self.candidates(view, element, lane, facts),)

    def colleagues(self, view: CaseView, element: str) -> Sequence[Candidates]:  # noqa: ARG002
        """Nobody is asked for an opinion."""
        return ()

    def misplaced(self, connection: Connection, on: date) -> Sequence[int]:
        """Posts that nobody holds any more (D6), conflicts declared since (D3.2)."""
        return sorted({*unheld(connection, self.key, on), *too_close(connection, on)})

    def pauses(self, form: str, values: Answers) -> bool:  # noqa: ARG002
        """Nothing here pauses a clock."""
        return False

    def anchor(self, view: CaseView, key: str) -> date | None:  # noqa: ARG002
        """Every period counts from its start."""
        return None

    def calendar(self, view: CaseView) -> Calendar:
        """The installation's working calendar."""
        return calendar_days.calendar_of(view.connection)

    def superiors(self, view: CaseView, posts: Sequence[str]) -> Sequence[tuple[str, int]]:
        """Where the posts named by a period are held for this case."""
        return chains.superiors(view, posts)

    def returns(self, element: str) -> Sequence[tuple[str, str]]:  # noqa: ARG002
        """Nothing is sent back."""
        return ()

    def withdrawal(self, element: str) -> str | None:  # noqa: ARG002
        """It is not withdrawn."""
        return None

    def withdrawn(self, view: CaseView) -> None:  # noqa: B027 - nothing is an answer
        """Never asked: see `withdrawal`."""

    def termination(self, elements: Sequence[str]) -> str | None:  # noqa: ARG002
        """It is not ended by decree."""
        return None

    def terminated(self, view: CaseView) -> None:  # noqa: B027 - nothing is an answer
        """Never asked: see `termination`."""
