"""The world of the acceptance scenarios: one county by its own test calendar, two policies, a second county beside it.

Monday 15 June 2026, nine o'clock in Shanghai. Whoever acts, acts through a command of the engine; what a scenario asks
afterwards is read from the case itself: where it stands, what was decided and why, who was told, what the registers hold.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from sqlalchemy import delete, select

from engine.access import SYSTEM
from engine.clock import SHANGHAI, civil_date
from engine.commands.cases import withdraw_case
from engine.commands.papers import add_paper
from engine.commands.returning import return_task
from engine.commands.signing import Reauthentication
from engine.commands.tasks import complete_task
from engine.jobs import sweep
from engine.model import calendar_day, definition
from engine.unit_of_work import unit_of_work
from tests.scenarios.following import Following
from tests.workflows.processes.loan import examples
from tests.workflows.processes.loan.examples import depositor, idcard, payroll
from tests.workflows.processes.loan.house import LoanHouse
from workflows import accounts, calendar_days, demo, model, policy, schema
from workflows.accounts import account_id
from workflows.loan_policy import LOAN_PERIODS, POLICY_A
from workflows.organisation import add_unit, appoint, declare_relative, person_hash
from workflows.posts import UnitKind
from workflows.processes.loan.application import loan_end
from workflows.processes.loan.register import loan_register

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from engine.flow.definition import DefinitionCache
    from engine.process_type import Problems

#: CALFIX, the calendar of the scenarios: not the official one
_HOLIDAYS = (*(date(2026, 5, day) for day in range(1, 6)), date(2026, 6, 19), *(date(2026, 10, d) for d in range(1, 8)))
_SWAPPED = (date(2026, 5, 9), date(2026, 10, 10))
CALFIX = (
    *(calendar_days.Day(day, False, "放假") for day in _HOLIDAYS),
    *(calendar_days.Day(day, True, "调休上班") for day in _SWAPPED),
)

#: verb → the form it signs
_SIGNED = {"village": "village_review", "town": "town_review", "credit": "credit", "final": "final_check"}

#: what POLICY-B changes from 1 July 2026
POLICY_B = {"maxAmount": "300000.00", "maxTimes": 3, "maxAge": 60}

STAFF = {person.login: person.idcard for person in demo.PEOPLE}

#: G1 and G2 of the base woman W
G1, G2 = payroll(), depositor()


def woman(born: str, serial: int = 0) -> dict[str, Any]:
    """Another woman by her birth date: what differs from W."""
    return {"birthDate": born, "idcard": idcard(date.fromisoformat(born), serial=serial)}


#: login → (post, unit code) in the second county
NEIGHBOURS = {
    "v9chair": ("VILLAGE_CHAIR", "V9"),
    "t9chair": ("TOWN_CHAIR", "T9"),
    "credit9": ("CREDIT_OFFICER", "X9"),
    "worker9": ("LOAN_WORKER", "C2"),
    "head9": ("LOAN_HEAD", "C2"),
    "seal9": ("SEAL_KEEPER", "C2"),
}


def prepare(url: str) -> None:
    """The template: demo county C1, CALFIX, POLICY-A and POLICY-B, county C2 (once per worker; scenarios copy it)."""
    schema.upgrade(url)
    county = LoanHouse(url)
    demo.create_demo(county.runtime)
    with unit_of_work(county.runtime, SYSTEM) as work:
        connection = work.connection
        connection.execute(delete(calendar_day))
        calendar_days.replace_days(connection, CALFIX)
        add_policy(connection, "C1", date(2026, 7, 1), work.now, "政策乙", **POLICY_B)
        demo.create_installation(connection, county_name="邻县妇联", county_code="C2", at=work.now)
        _settle_neighbours(connection, county)
    county.close()


def add_policy(connection: Connection, code: str, start: date, at: datetime, label: str, **changes: Any) -> None:
    """A new version of the loan policy of a county: POLICY-A with changes."""
    policy.add_policy(
        connection,
        county_id=_unit_id(connection, code),
        scope="loan",
        valid_from=start,
        label=label,
        values={**POLICY_A, **changes},
        periods=LOAN_PERIODS,
        at=at,
        by=SYSTEM.id,
    )


def _unit_id(connection: Connection, code: str) -> int:
    return int(connection.execute(select(model.unit.c.id).where(model.unit.c.code == code)).scalar_one())


def _settle_neighbours(connection: Connection, county: LoanHouse) -> None:
    above = {"T9": ("C2", UnitKind.TOWN), "V9": ("T9", UnitKind.VILLAGE), "X9": ("C2", UnitKind.CREDIT_UNION)}
    for code, (parent, kind) in above.items():
        add_unit(connection, parent_id=_unit_id(connection, parent), kind=kind, name=f"邻县{code}", code=code)
    for number, (login, (post, code)) in enumerate(NEIGHBOURS.items()):
        hashed = person_hash(county.runtime.vault, idcard(date(1980, 9, 1), serial=number))
        who = accounts.add_account(connection, login=login, name="郝邻芳", password_hash="-", id_hash=hashed)
        place = _unit_id(connection, code)
        appoint(connection, account_id=who, post=post, unit_id=place, since=date(2021, 1, 1), until=None)


class County(Following):
    """The county at work, with the short verbs of the scenarios. A verb fills in today's dates; `changes` overrides."""

    #: every scenario's database is a copy of one template, so drawings are parsed once for all of them
    drawings: ClassVar[DefinitionCache | None] = None

    def __init__(self, url: str) -> None:
        super().__init__(url)
        if County.drawings is None:
            County.drawings = self.runtime.definitions
            with self.runtime.reading() as connection:
                list(map(County.drawings.get, connection.execute(select(definition.c.id)).scalars()))
        self.runtime.definitions = County.drawings

    # time and people

    def on(self, day: date | str, hour: int = 9, minute: int = 0) -> None:
        """It is now that day."""
        civil = date.fromisoformat(day) if isinstance(day, str) else day
        self.clock.at = datetime.combine(civil, time(hour, minute), SHANGHAI)

    @property
    def today(self) -> str:
        return civil_date(self.clock.now()).isoformat()

    def later(self, **passed: float) -> None:
        """Some time passes."""
        self.clock.at += timedelta(**passed)

    def set_policy(self, **changes: Any) -> None:
        """The county decides otherwise from today on."""
        with unit_of_work(self.runtime, SYSTEM) as work:
            add_policy(work.connection, "C1", work.today, work.now, "试行政策", **changes)

    def declare(self, login: str, idcard: str, relation: str = "SIBLING") -> None:
        """A member of staff declares a relative."""
        hashed = person_hash(self.runtime.vault, idcard)
        with unit_of_work(self.runtime, SYSTEM) as work:
            who = account_id(work.connection, login)
            declare_relative(work.connection, account_id=who, id_hash=hashed, relation=relation, at=work.now)

    def end_post(self, login: str, last_day: date | str) -> None:
        """The last day of her term; it is still served."""
        until = date.fromisoformat(last_day) if isinstance(last_day, str) else last_day
        held = model.post_holding
        with unit_of_work(self.runtime, SYSTEM) as work:
            hers = held.c.account_id == account_id(work.connection, login)
            work.connection.execute(held.update().where(hers).values(until=until))

    def appoint(self, login: str, post: str, code: str) -> None:
        """She takes a post from today on."""
        with unit_of_work(self.runtime, SYSTEM) as work:
            who = account_id(work.connection, login)
            appoint(
                work.connection, account_id=who, post=post, unit_id=_unit_id(work.connection, code), since=work.today
            )

    def settle(self, case_id: int) -> None:
        """The loan was repaid. What follows a disbursement is a process of its own; here its end is set in the register."""
        with unit_of_work(self.runtime, SYSTEM) as work:
            mine = loan_register.c.case_id == case_id
            work.connection.execute(loan_register.update().where(mine).values(state="settled"))

    # the steps

    def apply(
        self, login: str = "v1chair", *, papers: tuple[str, ...] = examples.APPLICATION_PAPERS, **changes: Any
    ) -> int:
        """Type the application of W (unless `changes` make it another woman's) in the chair's village; the case id."""
        case_id = self.begin(login, papers)
        self.submit(case_id, login, self.form(login, **changes))
        return case_id

    def form(self, login: str = "v1chair", **changes: Any) -> dict[str, Any]:
        """What `apply` types: registered in the village or township of the chair who types."""
        return self.application(**{"hukou": self.actor(login).posts[0].unit_id, **changes})

    def blocked(self, login: str = "v1chair", **changes: Any) -> Problems:
        """The problems for which an application is not even taken; nothing was stored."""
        papers = changes.pop("papers", examples.APPLICATION_PAPERS)
        return self.problems(self.begin(login, papers), login, self.form(login, **changes))

    def correct(self, case_id: int, login: str = "v1chair", **changes: Any) -> None:
        self.submit(case_id, login, self.form(login, **changes))

    def village(self, case_id: int, login: str = "v1chair", **changes: Any) -> None:
        self.submit(case_id, login, examples.village_review(**{"projectVisitedOn": self.today, **changes}))

    def town(self, case_id: int, login: str = "t1chair", **changes: Any) -> None:
        self.submit(case_id, login, examples.town_review(**{"siteVisitedOn": self.today, **changes}))

    def credit(self, case_id: int, login: str = "credit", **changes: Any) -> None:
        """The credit union agrees to what was asked for."""
        asked = (self.stored(case_id, "apply") or {}).get("amount")
        said = {"receivedOn": self.today, "decidedOn": self.today, "approvedAmount": asked}
        self.submit(case_id, login, examples.credit(**{**said, **changes}))

    def final(self, case_id: int, login: str = "loanworker", **changes: Any) -> None:
        self.submit(case_id, login, examples.final_check(**changes))

    def stamp(self, case_id: int, login: str = "seal", **changes: Any) -> None:
        self.upload(case_id, login, "scan")
        number = f"{self.today[:4]}-{case_id:04d}"
        self.submit(case_id, login, examples.stamp(**{"stampedOn": self.today, "sealRegisterNo": number, **changes}))

    def disburse(self, case_id: int, login: str = "credit", **changes: Any) -> None:
        """The credit union pays out what it approved."""
        approved = self.stored(case_id, "credit") or {}
        end = loan_end(date.fromisoformat(self.today), approved.get("termMonths") or 24).isoformat()
        said = {"disbursedOn": self.today, "dueOn": end, "amount": approved.get("approvedAmount")}
        self.submit(case_id, login, examples.disburse(**{**said, **changes}), "T_Disburse")

    def refuse(self, case_id: int, login: str = "t1chair", **changes: Any) -> None:
        """The township confirms a refusal and tells the applicant (L-07)."""
        self.submit(case_id, login, examples.refusal(**{"deliveredOn": self.today, **changes}))

    def objects(self, case_id: int, login: str = "t1chair", why: str = "申请人认为理由不成立") -> None:
        """The applicant does not accept the refusal."""
        self.refuse(case_id, login, applicantObjects=True, objection=why)

    def lapse(self, case_id: int, decision: str, login: str = "t1chair") -> None:
        answers = {"contactedOn": self.today, "decision": decision, "reason": "已电话联系申请人"}
        self.submit(case_id, login, answers, "T_ConfirmLapse")

    def asked(self, case_id: int, result: str, login: str = "loanworker") -> None:
        answers = {"contactedOn": self.today, "result": result, "note": "已联系信用社和申请人"}
        self.submit(case_id, login, answers, "T_AskDisbursement")

    def withdraw(self, case_id: int, login: str = "v1chair", reason: str = "申请人改做别的生意") -> str:
        return str(self.act(withdraw_case, login, case_id=case_id, reason=reason)["ended"])

    def send_back(self, case_id: int, login: str, target: str) -> None:
        """The return verb, without the form."""
        row = self.open_task(case_id)
        self.act(return_task, login, task_id=row.id, target=target, reason="请补充材料后再报", seen_version=row.version)

    def attach(self, case_id: int, login: str, *fields: str) -> None:
        for field in fields:
            self.act(
                add_paper, login, task_id=self.open_task(case_id).id, field=field, name="补.png", content=examples.PNG
            )

    def unsigned(
        self, case_id: int, login: str, verb: str, *, proof_of: str | None = None, age_in_seconds: int = 0
    ) -> None:
        """A sign-off with a proof that is missing, another person's, or of a while ago."""
        row = self.open_task(case_id)
        at = self.clock.now() - timedelta(seconds=age_in_seconds)
        proof = Reauthentication(self.actor(proof_of or login).id, at) if proof_of or age_in_seconds else None
        self.act(
            complete_task,
            login,
            task_id=row.id,
            answers=getattr(examples, _SIGNED[verb])(),
            seen_version=row.version,
            signature=proof,
        )

    def until(self, case_id: int, element: str) -> int:
        """Everybody recommends and agrees until the case waits at `element`; the case id."""
        way = {
            "T_VillageReview": self.village,
            "T_TownReview": self.town,
            "T_Credit": self.credit,
            "T_FinalCheck": self.final,
            "T_Stamp": self.stamp,
            "T_Disburse": self.disburse,
        }
        while (here := self.where(case_id)) != element:
            way[here](case_id)
        return case_id

    def sweep(self) -> int:
        """The jobs look for what is due."""
        return sweep(self.runtime)
