"""The demo county with the loan in it: people by login, and short ways to take a loan from step to step."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet
from sqlalchemy import select

from engine.clock import SHANGHAI, FixedClock
from engine.commands.cases import start_case
from engine.commands.context import CaseContext
from engine.commands.papers import add_paper
from engine.commands.signing import Reauthentication
from engine.commands.tasks import complete_task
from engine.database import Database
from engine.errors import InvalidAnswers
from engine.fields import Vault
from engine.model import case_file, task
from engine.runtime import Runtime
from engine.unit_of_work import UnitOfWork, unit_of_work
from tests.workflows.processes.loan import examples
from workflows import catalogue, policy, schema
from workflows.accounts import account_id
from workflows.demo import create_demo
from workflows.federation_rules import FederationRules
from workflows.loan_policy import LOAN_PERIODS, POLICY_A
from workflows.organisation import actor_of, unit_by_code
from workflows.supervision import FederationSupervision

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sqlalchemy import Connection

    from engine.access import Actor
    from engine.process_type import Problems

KEY = Fernet.generate_key()
MONDAY = datetime(2026, 6, 15, 9, tzinfo=SHANGHAI)


def prepare(url: str) -> None:
    """A migrated database with the demo county (once per worker; tests copy it)."""
    schema.upgrade(url)
    house = LoanHouse(url)
    create_demo(house.runtime)
    house.close()


class LoanHouse:
    """A wired house over the demo county."""

    def __init__(self, url: str) -> None:
        self.clock = FixedClock(MONDAY)
        vault = Vault([KEY])
        self.runtime = Runtime(
            Database(url), vault, FederationRules(vault), catalogue.load(), self.clock, FederationSupervision()
        )
        self.keys = 0

    def close(self) -> None:
        self.runtime.database.dispose()

    def actor(self, login: str) -> Actor:
        with self.runtime.reading() as connection:
            return actor_of(connection, account_id(connection, login), self.clock.now().date(), self.clock.now())

    def unit(self, code: str) -> int:
        with self.runtime.reading() as connection:
            found = unit_by_code(connection, code)
        assert found is not None
        return found.id

    def act(self, command: Any, login: str, **parameters: Any) -> Mapping[str, Any]:
        self.keys += 1
        return self.runtime.execute(command, actor=self.actor(login), key=f"k{self.keys}", **parameters).content

    def begin(self, login: str = "v1chair", papers: tuple[str, ...] = examples.APPLICATION_PAPERS) -> int:
        """Open a case and upload the papers of the application; returns the case id."""
        opened = self.act(start_case, login, kind="loan")
        for field in papers:
            self.act(add_paper, login, task_id=opened["task_id"], field=field, name="a.png", content=examples.PNG)
        return int(opened["case_id"])

    def applied(self, login: str = "v1chair", **changes: Any) -> int:
        """A case whose application was submitted."""
        case_id = self.begin(login)
        self.submit(case_id, login, self.application(**changes))
        return case_id

    def application(self, **changes: Any) -> dict[str, Any]:
        return examples.application(**{"hukou": self.unit("V1"), **changes})

    def submit(
        self, case_id: int, login: str, answers: Mapping[str, Any], element: str | None = None
    ) -> Mapping[str, Any]:
        """Complete the case's open task (that of `element`, when several are open), signing where needed."""
        row = self.open_task(case_id, element)
        proof = Reauthentication(self.actor(login).id, self.clock.now())
        return self.act(
            complete_task, login, task_id=row.id, answers=answers, seen_version=row.version, signature=proof
        )

    def upload(self, case_id: int, login: str, field: str) -> None:
        row = self.open_task(case_id)
        self.act(add_paper, login, task_id=row.id, field=field, name="a.png", content=examples.PNG)

    def problems(self, case_id: int, login: str, answers: Mapping[str, Any]) -> Problems:
        """The problems for which submitting is refused."""
        try:
            self.submit(case_id, login, answers)
        except InvalidAnswers as refused:
            return refused.problems
        raise AssertionError("was accepted")

    def open_task(self, case_id: int, element: str | None = None) -> Any:
        wanted = select(task).where(task.c.case_id == case_id, task.c.state == "open").order_by(task.c.id)
        if element:
            wanted = wanted.where(task.c.element == element)
        with self.runtime.reading() as connection:
            return connection.execute(wanted).first()

    def at(self, case_id: int) -> list[str]:
        """The elements the case waits at."""
        wanted = select(task.c.element).where(task.c.case_id == case_id, task.c.state == "open").order_by(task.c.id)
        with self.runtime.reading() as connection:
            return list(connection.execute(wanted).scalars())

    def case(self, case_id: int) -> Any:
        with self.runtime.reading() as connection:
            return connection.execute(select(case_file).where(case_file.c.id == case_id)).one()

    def row(self, statement: Any) -> Any:
        with self.runtime.reading() as connection:
            return connection.execute(statement).first()

    def view(self, connection: Connection, case_id: int, login: str) -> CaseContext:
        """The case as a rule of the process type sees it, for reading."""
        work = UnitOfWork(self.runtime, connection, self.actor(login))
        return CaseContext(work, work.case(case_id), self.runtime.catalogue["loan"])

    def to_credit(self, **changes: Any) -> int:
        """A case signed in village and township."""
        case_id = self.applied(**changes)
        self.submit(case_id, "v1chair", examples.village_review())
        self.submit(case_id, "t1chair", examples.town_review())
        return case_id

    def to_final(self, **changes: Any) -> int:
        case_id = self.to_credit(**changes)
        self.submit(case_id, "credit", examples.credit(approvedAmount=changes.get("amount", "50000.00")))
        return case_id

    def to_stamp(self, **changes: Any) -> int:
        case_id = self.to_final(**changes)
        self.submit(case_id, "loanworker", examples.final_check())
        return case_id

    def to_disburse(self, number: str = "2026-001", **changes: Any) -> int:
        case_id = self.to_stamp(**changes)
        self.upload(case_id, "seal", "scan")
        self.submit(case_id, "seal", examples.stamp(sealRegisterNo=number))
        return case_id

    def disbursed(self, number: str = "2026-001", **changes: Any) -> int:
        case_id = self.to_disburse(number, **changes)
        self.submit(case_id, "credit", examples.disburse(amount=changes.get("amount", "50000.00")))
        return case_id


def set_policy(house: LoanHouse, **changes: Any) -> None:
    """The county decides otherwise from today on."""
    with unit_of_work(house.runtime, house.actor("loanhead")) as work:
        policy.add_policy(
            work.connection,
            county_id=house.unit("C1"),
            scope="loan",
            valid_from=work.today,
            label="测试政策",
            values={**POLICY_A, **changes},
            periods=LOAN_PERIODS,
            at=work.now,
            by=1,
        )


def codes(problems: Problems) -> set[str]:
    """The codes carried by problems, of whatever field."""
    return {str(m.params["code"]) for found in problems.values() for m in found if "code" in m.params}


def opened(databases: Any) -> Iterator[LoanHouse]:
    """For a fixture: a house on a copy of the prepared database."""
    url = databases.create(prepare)
    house = LoanHouse(url)
    yield house
    house.close()
    databases.drop(url)
