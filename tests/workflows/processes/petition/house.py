"""The county of the scenarios with petitions in it: short ways to take one from the desk to its answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.commands.cases import start_case
from engine.commands.papers import add_paper
from engine.errors import InvalidAnswers
from tests.scenarios.county import County
from tests.workflows.processes.petition import examples
from workflows.processes.petition.register import petition_register

if TYPE_CHECKING:
    from collections.abc import Mapping


class PetitionHouse(County):
    """People of the demo county; the worker of the rights department takes in what `registered` says nothing else of."""

    def take_in(self, login: str = "rightsworker") -> int:
        """A new item at somebody's desk, nothing typed; the case id."""
        return int(self.act(start_case, login, kind="petition")["case_id"])

    def form(self, login: str = "rightsworker", **changes: Any) -> dict[str, Any]:
        """What `registered` types of today: the matter lies in the county, or `at` another unit."""
        place = changes.pop("place", None) or self.unit(changes.pop("at", "C1"))
        if "idcard" in changes:  # another woman has another telephone
            changes.setdefault("phone", f"139{changes['idcard'][9:17]}")
        return examples.register(place, self.today, **changes)

    def registered(self, login: str = "rightsworker", **changes: Any) -> int:
        """An item whose register form was submitted."""
        case_id = self.take_in(login)
        self.submit(case_id, login, self.form(login, **changes))
        return case_id

    def refused(self, login: str = "rightsworker", **changes: Any) -> Any:
        """The problems for which a registration is not taken."""
        return self.problems(self.take_in(login), login, self.form(login, **changes))

    def triage(self, case_id: int, way: str = "ACCEPT", login: str = "rightsworker", **changes: Any) -> None:
        if "to" in changes:
            changes["targetUnit"] = self.unit(changes.pop("to"))
        self.submit(case_id, login, examples.triage(way, **changes), "T_Triage")

    def accepted(self, login: str = "rightsworker", **changes: Any) -> int:
        """An item that was accepted today."""
        case_id = self.registered(login, **changes)
        self.triage(case_id, login=login)
        self.accept(case_id, login)
        return case_id

    def accept(self, case_id: int, login: str = "rightsworker", **changes: Any) -> None:
        self.submit(case_id, login, examples.accept(self.today, **changes), "T_Accept")

    def plan(self, case_id: int, login: str = "rightsworker", **works: Any) -> None:
        self.submit(case_id, login, examples.plan(**works), "T_Plan")

    def decide(self, case_id: int, outcome: str = "SUPPORTED", login: str = "rightsworker", **changes: Any) -> None:
        self.submit(case_id, login, examples.decide(outcome, **changes), "T_Decide")

    def deliver(self, case_id: int, login: str = "rightsworker", **changes: Any) -> None:
        self.submit(case_id, login, examples.deliver(self.today, **changes), "T_Deliver")

    def answer(self, case_id: int, login: str = "rightshead", **changes: Any) -> None:
        self.submit(case_id, login, examples.answer(self.today, **changes), "T_Answer")

    def finish(self, case_id: int, login: str = "rightshead", **changes: Any) -> Mapping[str, Any]:
        return self.submit(case_id, login, examples.close(**changes), "T_Close")

    def concluded(self, outcome: str = "SUPPORTED", **changes: Any) -> int:
        """An item taken from the desk to its end today."""
        case_id = self.accepted(**changes)
        self.plan(case_id)
        self.decide(case_id, outcome)
        self.deliver(case_id)
        self.answer(case_id)
        self.finish(case_id)
        return case_id

    def wrong(self, case_id: int, login: str, element: str, answers: Mapping[str, Any]) -> str:
        """Every sentence for which a step is refused; nothing was changed by it."""
        before = self.where(case_id)
        try:
            self.submit(case_id, login, answers, element)
        except InvalidAnswers as refused:
            found = refused.problems
        else:
            raise AssertionError(element)
        assert self.where(case_id) == before
        return "\n".join(str(message) for each in found.values() for message in each)

    def entry(self, case_id: int) -> Any:
        """The line of the register of petitions."""
        return self.row(petition_register.select().where(petition_register.c.case_id == case_id))

    def paper(self, case_id: int, login: str, element: str, field: str) -> None:
        row = self.open_task(case_id, element)
        self.act(add_paper, login, task_id=row.id, field=field, name="a.png", content=examples.PNG)
