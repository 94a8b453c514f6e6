"""How the people of the demo act: each command by its own person, on a day before the demo is loaded."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, select

from engine.clock import FixedClock, civil_date
from engine.commands.papers import add_paper
from engine.commands.signing import Reauthentication
from engine.commands.tasks import complete_task
from engine.model import task
from workflows.accounts import account_id
from workflows.demo_cases import SHEET
from workflows.organisation import actor_of, unit_by_code

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from engine.runtime import Runtime

_OPEN: Final = select(task.c.id, task.c.version).where(
    task.c.case_id == bindparam("b_case"), task.c.state == "open", task.c.element == bindparam("b_element")
)


class Acting:
    """Somebody acts; the clock stands where she stood, `ago` days before the demo is loaded."""

    def __init__(self, runtime: Runtime, ago: int) -> None:
        self.now = runtime.clock.now()
        self.ago = ago
        self.clock = FixedClock(self.now)
        self.runtime = replace(runtime, clock=self.clock)
        self.pass_days(0)

    @property
    def today(self) -> date:
        """The day on which the demo is loaded."""
        return civil_date(self.now)

    @property
    def day(self) -> str:
        """The day on which its people stand."""
        return civil_date(self.clock.now()).isoformat()

    def pass_days(self, days: int, *, hour: int = 10) -> None:
        """So many days pass, never beyond today; it is that hour then, or now."""
        self.ago = max(0, self.ago - days)
        if self.ago:
            self.clock.set_day(self.today - timedelta(days=self.ago), hour=hour)
        else:
            self.clock.at = self.now

    def account(self, login: str) -> int:
        """Somebody's account id."""
        with self.runtime.reading() as connection:
            return account_id(connection, login)

    def unit(self, code: str) -> int:
        """The id of a unit of the demo county."""
        with self.runtime.reading() as connection:
            found = unit_by_code(connection, code)
        assert found is not None  # noqa: S101 - the demo county has been created
        return found.id

    def act(self, command: Any, login: str, **parameters: Any) -> Mapping[str, Any]:
        """Somebody gives a command; its answer."""
        with self.runtime.reading() as connection:
            actor = actor_of(connection, account_id(connection, login), civil_date(self.clock.now()))
        return self.runtime.execute(command, actor=actor, key=secrets.token_hex(16), **parameters).content

    def attach(self, case_id: int, element: str, login: str, field: str) -> None:
        """A scan for a field of an open step."""
        row = self._open(case_id, element)
        self.act(add_paper, login, task_id=row.id, field=field, name="演示材料.png", content=SHEET)

    def put(self, case_id: int, element: str, login: str, answers: Mapping[str, Any]) -> None:
        """Somebody submits an open step."""
        row, proof = self._open(case_id, element), Reauthentication(self.account(login), self.clock.now())
        self.act(complete_task, login, task_id=row.id, answers=answers, seen_version=row.version, signature=proof)

    def _open(self, case_id: int, element: str) -> Any:
        with self.runtime.reading() as connection:
            return connection.execute(_OPEN, {"b_case": case_id, "b_element": element}).one()
