"""Who is too close to a case (D3): by ID number, telephone, home, household, place of work; at once, and told with its reason."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import delete, select

from engine.commands.tasks import claim_task
from engine.commands.transferring import delegate_task, transfer_task
from engine.dossier import story
from engine.errors import Forbidden, InvalidAnswers
from engine.events import Kind
from engine.queries import opening
from tests.workflows.processes.loan import examples
from tests.workflows.processes.loan.house import opened
from workflows import model, sheets
from workflows.addresses import address_key
from workflows.declaring import declare_kin
from workflows.model_conflict import party_mark, staff_mark
from workflows.screening import Screen, marks_of, unit_mark

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.databases import Databases
    from tests.workflows.processes.loan.house import LoanHouse

HOME = "柳湾村三组27号"
#: what is said of the applicant, what a member of staff declared, and whether that makes her too close
CLOSE = [
    ({"phone": "13800000077"}, {"phone": "138-0000-0077"}, "phone"),
    ({"phone": "13800000077"}, {"phone": "13800000078"}, None),
    ({"phone": "13800000077"}, {"phone": "13800000077", "relation": "SIBLING"}, "phone"),
    ({"address": HOME}, {"address": "示范县柳湾村第3组 27 号"}, "address"),
    ({"address": HOME}, {"address": "柳湾村三组28号"}, None),
    ({"address": "柳湾村三组"}, {"address": HOME}, None),
    ({"household": "H-2201 03"}, {"household": "h220103"}, "household"),
    ({"household": "220103"}, {"phone": "13800000099"}, None),
]


@pytest.fixture
def house(databases: Databases) -> Iterator[LoanHouse]:
    yield from opened(databases)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("柳湾村三组 27 号", "示范县城关镇柳湾村第3组27号", True),
        ("柳湾村3村民小组二十七号", "柳湾村三组27号", True),
        ("幸福小区3栋2单元401室", "幸福小区3-2-401", True),
        ("幸福社区十二号楼1单元301", "城关镇幸福社区12号楼1单元301室", True),
        ("柳湾村三组27号", "柳湾村三组28号", False),
        ("柳湾村三组27号", "柳湾村四组27号", False),
        ("柳湾村27号", "河东村27号", False),
        ("柳湾村三组2号", "柳湾村三组12号", False),
    ],
)
def test_one_home_is_recognised_however_it_is_written(one: str, other: str, *, same: bool) -> None:
    first, second = address_key(one), address_key(other)
    assert None not in (first, second)
    assert (first == second) is same


@pytest.mark.parametrize("text", ["", "柳湾村", "柳湾村三组", "城关镇", "柳湾村第二生产队"])
def test_an_address_that_names_no_house_makes_nobody_close(text: str) -> None:
    assert address_key(text, "柳湾村") is None


def test_what_is_declared_is_held_against_what_is_known_of_the_parties(house: LoanHouse) -> None:
    for applicant, declared, by in CLOSE:
        house.act(declare_kin, "v1chair", **{"relation": "SELF", **declared})
        with house.runtime.database.writing() as connection:
            marks = marks_of(house.runtime.vault, connection, **applicant)
            parties = tuple(("APPLICANT", 0, kind, mark) for kind, mark in marks)
            hits = Screen(connection, parties, house.clock.now().date()).hits(house.actor("v1chair").id)
            assert [(hit.kind, hit.relation) for hit in hits] == (
                [(by, declared.get("relation", "SELF"))] if by else []
            ), applicant
            connection.execute(delete(staff_mark))
            connection.commit()


def test_a_declaration_sends_an_open_step_one_level_up_at_once_and_the_history_says_why(house: LoanHouse) -> None:
    case_id = house.applied(phone="13800000077")
    house.act(declare_kin, "v1chair", relation="SELF", phone="138-0000-0077")
    row = house.open_task(case_id)
    assert (row.post, row.acting_for, row.acting_reason) == ("TOWN_CHAIR", "VILLAGE_CHAIR", "CONFLICT")
    with house.runtime.reading() as connection:
        found = opening.entries(connection, house.runtime.vault, case_id)
    (moved,) = [entry for entry in found if entry.kind == Kind.TASK_MOVED]
    who = house.actor("v1chair").id
    told = {"account": who, "post": "VILLAGE_CHAIR", "relation": "SELF", "by": "phone", "role": "APPLICANT"}
    assert (moved.actor_id, moved.content["barred"]) == (0, [told])


def test_the_record_and_the_sheet_say_who_acted_in_whose_place_and_why(house: LoanHouse) -> None:
    case_id = house.applied(residence=HOME)
    house.act(declare_kin, "v1chair", relation="SELF", address=HOME)
    house.submit(case_id, "t1chair", examples.village_review())
    with house.runtime.reading() as connection:
        record = sheets.load_record(house.runtime, connection, house.actor("t1vice"), case_id)
    (signed,) = record.signatures
    assert (signed.acting_for_code, signed.acting_reason) == ("VILLAGE_CHAIR", "CONFLICT")
    lines = [line for row in story.rows(sheets.book_of("loan"), record) for line in row.lines]
    assert "回避：村妇联主席与当事人有利害关系（本人，住址相同）" in lines
    assert "理由：回避" in lines


def test_a_guarantor_who_works_in_a_unit_bars_those_who_serve_there(house: LoanHouse) -> None:
    town = house.unit("T1")
    name = house.row(select(model.unit.c.name).where(model.unit.c.id == town)).name
    with house.runtime.reading() as connection:
        known = marks_of(house.runtime.vault, connection, employer=f"示范县 {name}")
        other = marks_of(house.runtime.vault, connection, employer="示范县第一小学")
    assert {mark for _, mark in known if mark.startswith("unit:")} == {unit_mark(town)}
    assert not any(mark.startswith("unit:") for _, mark in other)
    case_id = house.applied(guarantors=[examples.payroll(employer=name), examples.depositor()])
    house.submit(case_id, "v1chair", examples.village_review())
    row = house.open_task(case_id)
    assert (row.post, row.acting_for, row.acting_reason) == ("LOAN_HEAD", "TOWN_CHAIR", "CONFLICT")


def test_nobody_hands_a_step_to_a_colleague_who_is_too_close(house: LoanHouse) -> None:
    case_id = house.applied()
    house.submit(case_id, "v1chair", examples.village_review())
    house.act(declare_kin, "t1vice", relation="COLLATERAL", idcard=examples.PAYROLL)
    row = house.open_task(case_id)
    to = house.actor("t1vice").id
    for verb in (transfer_task, delegate_task):
        said = {"reason": "外出"} if verb is transfer_task else {"note": "请填写"}
        with pytest.raises(InvalidAnswers) as refused:
            house.act(verb, "t1chair", task_id=row.id, to=to, seen_version=row.version, **said)
        assert "没有利害关系" in str(refused.value.problems["to"][0])
    with pytest.raises(Forbidden, match="担保人的亲属关系"):
        house.act(claim_task, "t1vice", task_id=row.id, seen_version=row.version)


def test_whoever_opened_the_case_goes_on_typing_and_no_other_close_person_does(house: LoanHouse) -> None:
    case_id = house.applied(phone="13800000077")
    house.act(declare_kin, "v1chair", relation="SELF", phone="13800000077")
    with house.runtime.reading() as connection:
        view = house.view(connection, case_id, "v1chair")
        process = house.runtime.catalogue["loan"]
        assert process.may_work(view, "T_Correct", "apply") is None
        assert "您本人的电话号码与当事人的相同" in str(process.may_work(view, "T_VillageReview", "village_review"))
    house.act(declare_kin, "t1chair", relation="SIBLING", phone="13800000077")
    with house.runtime.reading() as connection:
        view = house.view(connection, case_id, "t1chair")
        assert "您申报的亲属（兄弟姐妹）的电话号码" in str(process.may_work(view, "T_Correct", "apply"))


def test_only_keyed_hashes_are_stored(house: LoanHouse) -> None:
    house.applied(phone="13800000077", residence=HOME)
    house.act(declare_kin, "v2chair", relation="SPOUSE", phone="13800000088", address="柳湾村三组99号")
    with house.runtime.reading() as connection:
        rows = [*connection.execute(select(party_mark)), *connection.execute(select(staff_mark))]
    marks = [row.mark for row in rows if row.mark is not None]
    assert len(marks) >= 5
    assert all(len(mark) == 64 and not set(mark) - set("0123456789abcdef") for mark in marks)


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"relation": "FRIEND", "phone": "13800000077"}, "relation"),
        ({"relation": "SELF"}, "idcard"),
        ({"relation": "SELF", "phone": "1380000007"}, "phone"),
        ({"relation": "SPOUSE", "idcard": "110105199005040021"}, "idcard"),
        ({"relation": "SELF", "address": "柳湾村三组"}, "address"),
        ({"relation": "SELF", "employer": "长" * 121}, "employer"),
    ],
)
def test_a_declaration_that_could_never_match_is_refused_with_its_field(
    house: LoanHouse, said: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidAnswers) as refused:
        house.act(declare_kin, "v1chair", **said)
    assert set(refused.value.problems) == {field}


def test_who_holds_no_post_declares_nothing(house: LoanHouse) -> None:
    nobody = replace(house.actor("v1chair"), posts=())
    with pytest.raises(Forbidden, match="没有有效的岗位"):
        house.runtime.execute(declare_kin, actor=nobody, key="n1", relation="SELF", phone="13800000077")
