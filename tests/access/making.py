"""What is under way at the desk: matters of the cases, and of the house that keeps them."""

from __future__ import annotations

from datetime import date, timedelta
from importlib import resources
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select

import bpmn
from engine.access import SYSTEM
from engine.batches import work_batches
from engine.commands.auditing import ask_verification
from engine.commands.classes import ask_lowering
from engine.commands.contact import ask_contact
from engine.commands.disclosing import record_consent
from engine.commands.extensions import request_extension
from engine.commands.migration import start_migration
from engine.commands.orders import issue_order
from engine.commands.signing import Reauthentication
from engine.commands.versions import approve_version, propose_version
from engine.commands.views import save_view
from engine.jobs import sweep
from engine.model import definition, task, timer
from engine.model_escalation import escalation, supervision_order
from engine.model_filed import document
from engine.model_teams import case_exclusion, case_member
from engine.model_waiting import wait_reminder
from engine.unit_of_work import unit_of_work
from tests.access.given import CONSENT, WHY
from tests.workflows.processes.loan import examples
from workflows import workbook
from workflows.accounts import account_id
from workflows.organisation_import import SHEETS, UNITS, upload_workbook
from workflows.posts import UNIT_KIND_NAMES, UnitKind

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import Row, Table

    from tests.access.conftest import Town

#: a work book with one village in it
BOOK = workbook.write({UNITS: (SHEETS[UNITS], ("V7", "T1", UNIT_KIND_NAMES[UnitKind.VILLAGE], "枣林村妇联"))})
LOAN = resources.files(bpmn).joinpath("loan.bpmn").read_bytes()


class Making:
    """Sets things up one after the other; `known` is what a command can be given, by situation."""

    def __init__(self, town: Town) -> None:
        self.town, self.act = town, town.house.act
        self.known: dict[str, dict[str, Any]] = {"-": {}, **{name: dict(ids) for name, ids in town.subjects.items()}}
        self.logins = {label: each.login for label, each in town.people.items()}
        self.today = town.house.clock.at.date().isoformat()

    def id(self, who: str) -> int:
        """The account of a label or a login."""
        with self.town.house.runtime.reading() as connection:
            return account_id(connection, self.logins.get(who, who))

    def proof(self, who: str) -> Reauthentication:
        """She has shown again who she is."""
        return Reauthentication(self.id(who), self.town.house.clock.at)

    def rows(self, wanted: Any) -> list[Row[Any]]:
        with self.town.house.runtime.reading() as connection:
            return list(connection.execute(wanted).all())

    def house(self) -> None:
        """A second version, to which the ordinary cases were moved; another waits. Jobs, an import, a notice, a view."""
        admin, chair = self.logins["here.SYS_ADMIN"], self.logins["here.COUNTY_CHAIR"]
        proposed = [
            self.act(
                propose_version, admin, kind="loan", sort="drawing", content=LOAN.replace(b'name="', b'name="%d' % n, 1)
            )
            for n in (1, 2)
        ]
        first = proposed[0]["proposal_id"]
        old = self.rows(select(definition.c.id).where(definition.c.key == "loan"))[0].id
        new = self.act(approve_version, chair, proposal_id=first, seen_base=old)["version_id"]
        batch = self.act(start_migration, admin, kind="loan", from_id=old, to_id=new)["batch_id"]
        work_batches(self.town.house.runtime)
        self.known["-"] |= {
            "proposal_id": proposed[1]["proposal_id"],
            "seen_base": new,
            "batch_id": batch,
            "item_id": 1,
            "from_id": old,
        }
        self.known["-"]["import_id"] = self.act(upload_workbook, admin, content=BOOK)["import_id"]
        self.known["-"]["job_id"] = self.act(ask_verification, "logauditor")["job"]
        chosen = {"name": "急", "filters": {"kind": "loan"}}
        self.known["-"]["view_id"] = self.act(save_view, self.logins["here.TOWN_CHAIR"], **chosen)["view_id"]

    def cases(self) -> None:
        """A lowering, consents, a permit; and a case of which the credit union has to decide, for which it asked more time."""
        head, manager = self.logins["here.RIGHTS_HEAD"], self.logins["member"]
        for name, login in (("case", "v1chair"), ("secret", manager), ("shut", "v1chair")):
            case_id = self.known[name]["case_id"]
            self.known[name]["consent_id"] = self.act(record_consent, login, case_id=case_id, **CONSENT)["consent"]
        lowering = self.act(
            ask_lowering, head, case_id=self.known["secret"]["case_id"], to="C2", reason=WHY, proof=self.proof(head)
        )
        self.known["secret"]["change_id"] = lowering["change_id"]
        permit = self.act(ask_contact, "v1chair", case_id=self.known["case"]["case_id"], channel="IN_PERSON")
        self.known["case"]["permit_id"] = permit["permit"]
        lent = self.town.house.to_credit(idcard=examples.idcard(date(1991, 5, 4), serial=7), birthDate="1991-05-04")
        row = self.town.house.open_task(lent)
        asked = self.act(request_extension, "credit", task_id=row.id, units=1, reason="贷款资料较多，需要核实经营场所")
        self.known["lent"] = {
            "case_id": lent,
            "task_id": row.id,
            "element": row.element,
            "extension_id": asked["extension_id"],
        }
        self._parts()

    def _parts(self) -> None:
        """What each case has of what any case may have; who could take its open step, and what she would fill in."""
        by_case = {ids["case_id"]: ids for name, ids in self.known.items() if name != "-"}
        stands = case_member.c.ended_at.is_(None) & (case_member.c.role == "member")
        for table, name, chosen in (
            (case_member, "member_id", stands),
            (case_exclusion, "exclusion_id", case_exclusion.c.id > 0),
            (document, "paper_id", document.c.removed_at.is_(None)),
            (timer, "timer_id", timer.c.state == "armed"),
        ):
            for row in self.rows(select(table.c.id, table.c.case_id).where(chosen).order_by(table.c.id.desc())):
                by_case.setdefault(row.case_id, {})[name] = row.id
        village = ("here.VILLAGE_CHAIR", "VILLAGE_CHAIR", "V1")
        heirs = {
            "T_Credit": ("credit2", "CREDIT_OFFICER", "X1", examples.credit(receivedOn=self.today)),
            "T_VillageReview": (*village, examples.village_review()),
        }
        for row in self.rows(select(task).where(task.c.state == "open")):
            login, post, unit, answers = heirs.get(row.element, (*village, {}))
            known = by_case.setdefault(row.case_id, {})
            known |= {"to": self.id(login), "post": post, "unit_id": self.town.house.unit(unit), "answers": answers}
            known |= {"seen_version": row.version, "version": row.version, "higher": "C3"}
        for name, to in (("secret", "v1chair"), ("danger", "here.RIGHTS_HEAD")):
            self.known[name] |= {"to": self.id(to), "higher": "C4"}

    def supervision(self) -> None:
        """The village is late, and an order was given; the clocks of the other cases are copied from it."""
        while sweep(self.town.house.runtime):
            pass
        about = self.known["case"]["case_id"]
        (late,) = self.rows(select(escalation).where(escalation.c.level == "broken", escalation.c.case_id == about))
        words = {
            "text": WHY,
            "reply_by": self.town.house.clock.at.date() + timedelta(days=3),
            "seen_version": late.version,
        }
        self.act(issue_order, "t1chair", escalation_id=late.id, **words)
        (late,) = self.rows(select(escalation).where(escalation.c.id == late.id))
        (order,) = self.rows(select(supervision_order))
        with unit_of_work(self.town.house.runtime, SYSTEM) as work:
            for name, ids in self.known.items():
                if name == "-":
                    continue
                mine = {"case_id": ids["case_id"], "task_id": ids["task_id"], "number": f"{order.number}-{name}"}
                if name in ("secret", "danger"):
                    mine["chain"] = [[["RIGHTS_HEAD", self.town.house.unit("C1")]]]
                raised = late.id if name == "case" else _copied(work, escalation, late, mine)
                given = (
                    order.id
                    if name == "case"
                    else _copied(work, supervision_order, order, {**mine, "escalation_id": raised})
                )
                ids |= {"escalation_id": raised, "order_id": given, "seen_escalation": late.version}
            (waits,) = work.connection.execute(select(task).where(task.c.id == self.known["case"]["task_id"])).all()
            row = {"case_id": waits.case_id, "instance_id": waits.instance_id, "token": waits.token, "since": work.now}
            row |= {"until": work.today, "reminded_at": work.now}
            self.known["-"]["reminder_id"] = _added(work, wait_reminder, row)


def _copied(work: Any, table: Table, row: Any, changes: Mapping[str, Any]) -> int:
    values = {key: value for key, value in row._mapping.items() if key != "id"}
    return _added(work, table, {**values, **{key: value for key, value in changes.items() if key in values}})


def _added(work: Any, table: Table, row: Mapping[str, Any]) -> int:
    return int(work.connection.execute(insert(table).returning(table.c.id), row).scalar_one())
