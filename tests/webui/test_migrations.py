"""The pages of moving cases: a dry run with reasons, a batch with its progress, and taking it back."""

from __future__ import annotations

from datetime import timedelta
from importlib import resources

import pytest
from sqlalchemy import select, update

import bpmn
from engine.access import SYSTEM
from engine.batches import work_batches
from engine.model import definition
from engine.unit_of_work import unit_of_work
from tests.webui.visitors import attachment
from workflows import model
from workflows.accounts import account_id

LOAN = resources.files(bpmn).joinpath("loan.bpmn").read_bytes()
BEGIN = "//form[@action='/processes/loan/migrations/plan' and @method='post']"
STEP = (
    '<bpmn:userTask id="T_Visit" name="入户核实" halfsky:form="village_review"/>'
    '<bpmn:sequenceFlow id="F_T_Visit" sourceRef="T_Visit" targetRef="T_VillageReview"/>'
)
_WAY = 'name="符合" sourceRef="GW_Eligible" targetRef="T_VillageReview"'.encode()


def visited_first() -> bytes:
    """The loan with a visit before the village's review."""
    assert _WAY in LOAN
    drawn = LOAN.replace(_WAY, _WAY.replace(b'targetRef="T_VillageReview"', b'targetRef="T_Visit"'))
    drawn = drawn.replace(b"<bpmn:startEvent", STEP.encode() + b"<bpmn:startEvent", 1)
    member = b"<bpmn:flowNodeRef>T_VillageReview</bpmn:flowNodeRef>"
    drawn = drawn.replace(member, member + b"<bpmn:flowNodeRef>T_Visit</bpmn:flowNodeRef>", 1)
    shape = (
        b'<bpmndi:BPMNShape id="T_Visit_di" bpmnElement="T_Visit"><dc:Bounds x="300" y="900" width="100" height="80"/></bpmndi:BPMNShape>'
        b'<bpmndi:BPMNEdge id="F_T_Visit_di" bpmnElement="F_T_Visit"><di:waypoint x="350" y="900"/><di:waypoint x="350" y="700"/></bpmndi:BPMNEdge>'
    )
    return drawn.replace(b"</bpmndi:BPMNPlane>", shape + b"</bpmndi:BPMNPlane>", 1)


@pytest.fixture
def two_versions(house, visit):
    """One case still with its applicant, one before the township, and a second version that has a new first step."""
    house.begin()
    past = house.applied()
    admin, chair = visit("sysadmin"), visit("countychair")
    form = admin.get("/processes/loan").fields("//form[.//input[@value='drawing']]")
    page = admin.post("/processes/loan/proposals", {**form, "file": attachment(visited_first(), "loan.bpmn")})
    assert page.status == 303, page.text
    address = page.location.partition("?")[0]
    approve = chair.get(address).fields("//form[contains(@action, 'approve')]")
    assert chair.post(f"{address}/approve", approve).status == 303
    return past


@pytest.fixture
def plan(house):
    """The dry run from the loan's first version."""
    with house.runtime.reading() as connection:
        first = connection.execute(select(definition.c.id).where(definition.c.key == "loan")).scalar()
    return f"/processes/loan/migrations/plan?old={first}"


def test_the_dry_run_says_of_each_case_whether_it_can_move_and_why(house, visit, two_versions, plan):
    told = visit("countychair").get(plan)
    assert "2 件在办，1 件可以转，1 件不能转" in told.text
    assert "新增或有改动的“入户核实”在本件已办过的环节之前" in told.text
    assert "T_VillageReview" not in told.text
    held = visit("countychair").get(f"{plan}&shown=held").all("//table//tbody/tr")
    assert len(held) == 1
    assert house.at(two_versions) == ["T_VillageReview"]


def test_a_batch_moves_what_may_move_tells_the_rest_and_is_taken_back(house, visit, two_versions, plan):
    chair = visit("countychair")
    fields = {**chair.get(plan).fields(BEGIN), "ack.T_Visit": "村里已入户"}
    answer = chair.post("/processes/loan/migrations/plan", fields)
    assert answer.status == 303
    assert "0 / 2" in chair.get(answer.location).text
    work_batches(house.runtime)
    told = chair.get(answer.location)
    assert "2 / 2" in told.text
    assert "已办完，可以撤销" in told.text
    assert "不再补办“入户核实”：村里已入户" in visit("v1chair").get(f"/cases/{two_versions}?tab=timeline").text
    undo = told.fields("//form[contains(@action, '/undo')]")
    assert chair.post(f"{answer.location}/undo", undo).status == 303
    work_batches(house.runtime)
    assert "已撤销 2" in chair.get(answer.location).text
    assert "第 1 版" in chair.get("/processes/loan").text


def test_a_batch_reaches_what_is_hers_to_move_and_is_taken_back_by_whoever_began_it(house, visit, two_versions, plan):
    assert "0 件在办" in visit("rightshead").get(plan).text, "ordinary loans are not of the rights department"
    chair, admin = visit("countychair"), visit("sysadmin")
    batch = chair.post("/processes/loan/migrations/plan", chair.get(plan).fields(BEGIN)).location
    work_batches(house.runtime)
    theirs = chair.get(batch).fields("//form[contains(@action, '/undo')]")
    assert "撤销整批" not in admin.get(batch).text
    for act in ("undo", "close"):
        assert admin.post(f"{batch}/{act}", {**theirs, **admin.get(plan).fields(BEGIN)}).status == 403
    house.clock.at += timedelta(days=1)
    with unit_of_work(house.runtime, SYSTEM) as work:
        held = model.post_holding.c.account_id == account_id(work.connection, "countychair")
        work.connection.execute(update(model.post_holding).where(held).values(until=work.today - timedelta(days=1)))
    assert "撤销整批" in visit("sysadmin").get(batch).text, "who began it is gone"


def test_what_is_typed_wrong_is_told_and_kept(house, visit, two_versions, plan):
    chair = visit("countychair")
    fields = {**chair.get(plan).fields(BEGIN), "mapping": "T_Apply -> T_Visit", "ack.T_Visit": "村里已入户"}
    answer = chair.post("/processes/loan/migrations/plan", fields)
    assert answer.status == 422
    assert "第 1 行" in answer.text
    assert answer.fields(BEGIN)["ack.T_Visit"] == "村里已入户"


def test_only_who_may_approve_leaves_a_step_out_and_others_see_no_page(visit, two_versions, plan):
    admin = visit("sysadmin")
    fields = {**admin.get(plan).fields(BEGIN), "ack.T_Visit": "不用"}
    assert admin.post("/processes/loan/migrations/plan", fields).status == 403
    assert "须由县妇联主席写明理由" in admin.get(plan).text
    for address in (plan, "/processes/loan/migrations", "/processes/loan/migrations/1"):
        assert visit("loanhead").get(address).status == 403
    assert admin.get("/processes/loan/migrations/99").status == 404
    assert admin.get("/processes/loan/migrations/plan?old=77").status == 404
