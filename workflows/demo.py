"""A county to try things in: units, posts, people, a policy and a calendar. Everybody in it is invented.

Every ID number below is synthetic: the region part of a city district, invented dates, order codes, and a right check digit.
Loading the demo twice changes nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from importlib import resources
from typing import Final

from sqlalchemy import Connection

import bpmn
from engine.access import SYSTEM, Actor
from engine.commands.versions import publish_version
from engine.fields import Vault
from engine.messages import N_
from engine.queries.versions import DRAWING, TABLES
from engine.runtime import Runtime
from engine.unit_of_work import unit_of_work
from workflows import accounts, calendar_days, policy
from workflows.chart import Unit
from workflows.loan_policy import LOAN_PERIODS, POLICY_A
from workflows.organisation import (
    actor_of,
    add_unit,
    appoint,
    declare_relative,
    person_hash,
    unit_by_code,
)
from workflows.passwords import hash_password
from workflows.posts import POST_NAMES, UnitKind

#: the one password of every demo account; shown at start, worthless elsewhere
PASSWORD: Final = "halfsky-demo-2026"  # noqa: S105

_TERM_BEGAN = date(2021, 1, 1)
_POLICY_BEGAN = date(2014, 1, 1)
_POLICY_LABEL = N_("妇女小额担保贷款政策（首版）")

#: the county's code in business numbers
COUNTY_CODE: Final = "C1"
_COUNTY_NAME = N_("示范县妇联")
#: code → (code of the unit above, kind, name)
_UNITS: Final[Mapping[str, tuple[str, UnitKind, str]]] = {
    "T1": ("C1", UnitKind.TOWN, N_("青禾镇妇联")),
    "T2": ("C1", UnitKind.TOWN, N_("云溪乡妇联")),
    "V1": ("T1", UnitKind.VILLAGE, N_("青禾镇杏花村妇联")),
    "V2": ("T1", UnitKind.VILLAGE, N_("青禾镇柳湾村妇联")),
    "V3": ("T2", UnitKind.VILLAGE, N_("云溪乡石桥村妇联")),
    "X1": ("C1", UnitKind.CREDIT_UNION, N_("示范县农村信用合作联社")),
    "C1-01": ("C1", UnitKind.DEPARTMENT, N_("权益部")),
    "C1-02": ("C1", UnitKind.DEPARTMENT, N_("发展部")),
    "C1-03": ("C1", UnitKind.DEPARTMENT, N_("儿少家庭部")),
    "C1-04": ("C1", UnitKind.DEPARTMENT, N_("办公室")),
    "C1-05": ("C1", UnitKind.DEPARTMENT, N_("12338 坐席")),
    "B1": ("C1", UnitKind.LIAISON, N_("示范县妇联驻海州办事处")),
    "P1": ("T1", UnitKind.POLICE, N_("青禾派出所")),
    "J1": ("C1", UnitKind.MEDIATION, N_("示范县家事纠纷调处中心")),
    "L1": ("C1", UnitKind.LAWYERS, N_("示范县妇联志愿律师团")),
    "H1": ("C1", UnitKind.COUNSELLING, N_("示范县心桥心理咨询站")),
    "W1": ("C1", UnitKind.WORKPLACE, N_("示范县青禾纺织厂")),
    "M1": ("W1", UnitKind.COMMITTEE, N_("青禾纺织厂妇委会")),
}


#: post → code of the department in which its holders sit
_DESKS: Final[Mapping[str, str]] = {
    "RIGHTS_HEAD": "C1-01",
    "RIGHTS_WORKER": "C1-01",
    "LOAN_HEAD": "C1-02",
    "LOAN_WORKER": "C1-02",
    "SEAL_KEEPER": "C1-04",
    "ARCHIVIST": "C1-04",
    "STAT_CLERK": "C1-04",
    "HOTLINE_AGENT": "C1-05",
}


@dataclass(frozen=True)
class Person:
    """A demo account: login, name, her own synthetic ID number, the post she holds and the code of its unit."""

    login: str
    name: str
    idcard: str
    post: str
    unit: str


PEOPLE: Final = (
    Person("v1chair", "林秋月", "110101198304128622", "VILLAGE_CHAIR", "V1"),
    Person("v2chair", "何春燕", "110101197909238846", "VILLAGE_CHAIR", "V2"),
    Person("v3chair", "阿芝·乌呷", "110101198801168262", "VILLAGE_CHAIR", "V3"),
    Person("t1chair", "周明霞", "110101197506088484", "TOWN_CHAIR", "T1"),
    Person("t1vice", "吴海棠", "110101198511278623", "TOWN_CHAIR", "T1"),
    Person("t2chair", "郑晓岚", "110101197803038862", "TOWN_CHAIR", "T2"),
    Person("credit", "冯志远", "110101198207198354", "CREDIT_OFFICER", "X1"),
    Person("credit2", "蒋文静", "110101199102058448", "CREDIT_OFFICER", "X1"),
    Person("loanworker", "沈佩兰", "110101198608308286", "LOAN_WORKER", "C1"),
    Person("loanhead", "韩雪梅", "110101197312128660", "LOAN_HEAD", "C1"),
    Person("seal", "杨素琴", "110101198105078220", "SEAL_KEEPER", "C1"),
    Person("countychair", "许婉清", "110101197009218882", "COUNTY_CHAIR", "C1"),
    Person("rightshead", "潘若兰", "110101198302198846", "RIGHTS_HEAD", "C1"),
    Person("rightsworker", "丁晚晴", "110101199007128866", "RIGHTS_WORKER", "C1"),
    Person("hotline", "温知夏", "110101199311038689", "HOTLINE_AGENT", "C1"),
    Person("mediator", "葛守信", "110101196804258731", "MEDIATOR", "J1"),
    Person("lawyer", "傅明哲", "110101198508168757", "LAWYER_VOL", "L1"),
    Person("counsellor", "卢静好", "110101198709238846", "COUNSELLOR", "H1"),
    Person("police", "石敬安", "110101198906178336", "AGENCY_USER", "P1"),
    Person("committee", "姚望舒", "110101198102148684", "COMMITTEE_HEAD", "M1"),
    Person("liaison", "白芷若", "110101198408068847", "LIAISON_WORKER", "B1"),
    Person("statclerk", "叶舒心", "110101199212088445", "STAT_CLERK", "C1"),
    Person("archivist", "邵存真", "110101197910158667", "ARCHIVIST", "C1"),
    Person("caseauditor", "雷明鉴", "11010119760530877X", "CASE_AUDITOR", "C1"),
    Person("secadmin", "岳守一", "110101198803218825", "SEC_ADMIN", "C1"),
    Person("sysadmin", "孟繁星", "110101199206148472", "SYS_ADMIN", "C1"),
    Person("logauditor", "顾知微", "11010119841009864X", "LOG_AUDITOR", "C1"),
)

#: an applicant with this number is the sister-in-law of v2chair, so the township acts in the village's place (L26)
SISTER_IN_LAW_OF_V2CHAIR: Final = "110101199008178689"
#: (login, the relative's ID number, relation)
RELATIVES: Final = (
    ("v2chair", SISTER_IN_LAW_OF_V2CHAIR, "IN_LAW"),
    ("t1chair", "110101197401268737", "SPOUSE"),
    ("loanworker", "110101198904118751", "SIBLING"),
    ("credit", "110101195502288869", "PARENT"),
)


def create_installation(connection: Connection, *, county_name: str, county_code: str, at: datetime) -> Unit:
    """What every installation needs: the official calendar, the county, and its first loan policy (POLICY-A).

    Nothing happens when the county is there already.
    """
    calendar_days.seed(connection)
    known = unit_by_code(connection, county_code)
    if known is not None:
        return known
    county = add_unit(connection, parent_id=None, kind=UnitKind.COUNTY, name=county_name, code=county_code)
    policy.add_policy(
        connection,
        county_id=county.id,
        scope="loan",
        valid_from=_POLICY_BEGAN,
        label=_POLICY_LABEL,
        values=POLICY_A,
        periods=LOAN_PERIODS,
        at=at,
        by=SYSTEM.id,
    )
    return county


def create_demo(runtime: Runtime) -> None:
    """Load the demo county with its people, and publish the drawings of every process type."""
    with unit_of_work(runtime, SYSTEM) as work:
        connection = work.connection
        fresh = unit_by_code(connection, COUNTY_CODE) is None
        county = create_installation(connection, county_name=_COUNTY_NAME, county_code=COUNTY_CODE, at=work.now)
        if fresh:
            ids = _create_people(connection, runtime.vault, _create_units(connection, county))
            for login, idcard, relation in RELATIVES:
                hashed = person_hash(runtime.vault, idcard)
                declare_relative(connection, account_id=ids[login], id_hash=hashed, relation=relation, at=work.now)
        admin = actor_of(connection, accounts.account_id(connection, "sysadmin"), work.today)
    publish_drawings(runtime, admin)


def publish_drawings(runtime: Runtime, actor: Actor) -> None:
    """Publish the drawing and the decision tables of every process type as they come with the software.

    The first of each counts at once; a later one becomes a proposal that somebody must approve; a known one changes nothing.
    """
    for kind, process in runtime.catalogue.items():
        shipped = {
            DRAWING: resources.files(bpmn).joinpath(f"{kind}.bpmn").read_bytes(),
            TABLES: process.shipped_tables(),
        }
        for sort, content in shipped.items():
            if content:
                key = f"publish-{hashlib.sha256(content).hexdigest()[:40]}"
                runtime.execute(publish_version, actor=actor, key=key, kind=kind, sort=sort, content=content)


@dataclass(frozen=True)
class SignIn:
    """A line of the start banner: login, name, and what post she holds where (Chinese, to be translated)."""

    login: str
    name: str
    post: str
    unit: str


def sign_ins() -> tuple[SignIn, ...]:
    """Who can sign in with PASSWORD, in the order in which a loan meets them."""
    names = {COUNTY_CODE: _COUNTY_NAME} | {code: name for code, (_, _, name) in _UNITS.items()}
    return tuple(SignIn(p.login, p.name, POST_NAMES[p.post], names[p.unit]) for p in PEOPLE)


def _create_units(connection: Connection, county: Unit) -> dict[str, Unit]:
    units = {county.code: county}
    for code, (above, kind, name) in _UNITS.items():
        units[code] = add_unit(connection, parent_id=units[above].id, kind=kind, name=name, code=code)
    return units


def _create_people(connection: Connection, vault: Vault, units: Mapping[str, Unit]) -> dict[str, int]:
    """Login → account id. One hash serves all: the password is public, and hashing it for each takes seconds."""
    hashed = hash_password(PASSWORD)
    ids: dict[str, int] = {}
    for person in PEOPLE:
        id_hash = person_hash(vault, person.idcard)
        ids[person.login] = accounts.add_account(
            connection, login=person.login, name=person.name, password_hash=hashed, id_hash=id_hash
        )
        place = units[person.unit].id
        desk = units[_DESKS[person.post]].id if person.post in _DESKS else None
        appoint(
            connection,
            account_id=ids[person.login],
            post=person.post,
            unit_id=place,
            since=_TERM_BEGAN,
            desk_id=desk,
        )
    return ids
