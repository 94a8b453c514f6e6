"""Every drawing we ship hangs on a wall one day: no crossing lines, no words on lines, everyone in her own lane."""

from __future__ import annotations

import re
from itertools import combinations, pairwise
from pathlib import Path

import pytest

from engine.flow.definition import parse
from tests import drawn as geometry
from tests.drawn import HALFSKY, STRIP, B, Drawn, Rect, meet, on_border, pieces, within

FOLDER = Path(__file__).parent.parent / "bpmn"
DRAWINGS = sorted(FOLDER.glob("*.bpmn"))
CLEARANCE = 6  # px between two lines, and between a line and a shape it does not belong to
LABEL_SIZE = 14  # px per Chinese character on paper
CHINESE = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(params=DRAWINGS, ids=lambda path: path.stem)
def drawing(request: pytest.FixtureRequest) -> Drawn:
    return geometry.read(request.param)


def near(lines: list[Rect], box: Rect, clearance: float) -> bool:
    return any(meet(line, box, clearance) for line in lines)


def test_there_is_a_drawing_of_the_loan() -> None:
    assert "loan" in {path.stem for path in DRAWINGS}


@pytest.mark.parametrize("path", DRAWINGS, ids=lambda path: path.stem)
def test_a_shipped_drawing_passes_the_gate_under_its_own_key(path: Path) -> None:
    assert parse(path.stem, path.read_bytes()).key == path.stem


def test_every_element_is_pictured_exactly_once(drawing: Drawn) -> None:
    wanted = [*drawing.nodes, *drawing.flows, *drawing.of("participant", "lane")]
    assert sorted(drawing.pictures) == sorted(wanted)


def test_every_line_is_orthogonal_and_has_at_least_two_points(drawing: Drawn) -> None:
    for flow in drawing.flows:
        points = drawing.edges[flow]
        assert len(points) >= 2, flow
        for (x1, y1), (x2, y2) in pairwise(points):
            assert (x1 == x2) != (y1 == y2), (flow, (x1, y1), (x2, y2))


def test_every_line_runs_from_the_border_of_its_source_to_the_border_of_its_target(drawing: Drawn) -> None:
    for flow in drawing.flows:
        source, target = drawing.ends(flow)
        assert on_border(drawing, source, drawing.edges[flow][0]), flow
        assert on_border(drawing, target, drawing.edges[flow][-1]), flow


def test_no_two_lines_cross_touch_or_run_into_each_other(drawing: Drawn) -> None:
    """So the embedding is planar: the file itself is the proof that no crossing is needed."""
    for one, other in combinations(drawing.flows, 2):
        lines = pieces(drawing.edges[one])
        assert not any(near(lines, piece, CLEARANCE) for piece in pieces(drawing.edges[other])), (one, other)


def test_no_line_runs_through_or_close_by_a_shape_that_is_not_its_own(drawing: Drawn) -> None:
    for flow in drawing.flows:
        own = set(drawing.ends(flow))
        own |= {drawing.host(end) or "" for end in own}
        for node in set(drawing.nodes) - own:
            assert not near(pieces(drawing.edges[flow]), drawing.shapes[node], CLEARANCE), (flow, node)


def test_no_two_shapes_overlap_except_a_clock_on_its_task(drawing: Drawn) -> None:
    for one, other in combinations(drawing.nodes, 2):
        if one != drawing.host(other) and other != drawing.host(one):
            assert not meet(drawing.shapes[one], drawing.shapes[other], CLEARANCE), (one, other)


def test_a_clock_sits_on_the_lower_border_of_its_task_and_its_line_leaves_downwards(drawing: Drawn) -> None:
    for clock in drawing.of("boundaryEvent"):
        left, top, right, bottom = drawing.shapes[clock]
        task = drawing.shapes[drawing.host(clock) or ""]
        assert (top + bottom) / 2 == task[3], clock
        assert task[0] <= left, clock
        assert right <= task[2], clock
        (flow,) = [f for f in drawing.flows if drawing.ends(f)[0] == clock]
        (x1, y1), (x2, y2) = drawing.edges[flow][:2]
        assert x1 == x2, flow
        assert y2 > y1 >= bottom, flow


def test_lanes_fill_their_pool_and_every_step_stands_in_its_own_lane(drawing: Drawn) -> None:
    lanes = sorted(drawing.of("lane"), key=lambda lane: drawing.shapes[lane][1])
    (pool,) = (drawing.shapes[p] for p in drawing.of("participant"))
    boxes = [drawing.shapes[lane] for lane in lanes]
    assert [b[1] for b in boxes] == [pool[1], *(b[3] for b in boxes[:-1])]
    assert boxes[-1][3] == pool[3]
    assert {(b[0], b[2]) for b in boxes} == {(pool[0] + STRIP, pool[2])}
    placed = []
    for lane in lanes:
        left, top, right, bottom = drawing.shapes[lane]
        for node in (ref.text or "" for ref in drawing.elements[lane].findall(f"{B}flowNodeRef")):
            placed.append(node)
            assert within(drawing.shapes[node], (left + STRIP, top, right, bottom)), (lane, node)
    assert sorted(placed) == sorted(drawing.nodes)


def test_every_element_has_a_chinese_name_and_every_outcome_of_a_gateway_too(drawing: Drawn) -> None:
    outcomes = [f for f in drawing.flows if drawing.kind(drawing.ends(f)[0]) == "exclusiveGateway"]
    for named in [*drawing.nodes, *drawing.of("participant", "lane"), *outcomes]:
        assert CHINESE.search(drawing.name(named)), named


def test_every_task_says_which_rule_it_serves(drawing: Drawn) -> None:
    for task in drawing.of("Task"):
        assert drawing.elements[task].findtext(f"{B}documentation", "").strip(), task


def test_every_name_beside_a_shape_or_line_has_room_at_the_size_of_the_printed_sheet(drawing: Drawn) -> None:
    beside = [i for i in (*drawing.of("Event", "Gateway"), *drawing.flows) if drawing.name(i)]
    assert sorted(drawing.labels) == sorted(beside)
    for ident in beside:
        left, top, right, bottom = drawing.labels[ident]
        assert right - left >= len(drawing.name(ident)) * LABEL_SIZE, ident
        assert bottom - top >= LABEL_SIZE, ident


def test_no_words_lie_on_a_shape_a_line_a_border_or_on_other_words(drawing: Drawn) -> None:
    for ident, label in drawing.labels.items():
        for node in drawing.nodes:
            assert not geometry.covers(drawing, node, label), (ident, node)
        for flow in drawing.flows:
            assert not near(pieces(drawing.edges[flow]), label, 1), (ident, flow)
        for lane in drawing.of("lane"):
            box = drawing.shapes[lane]
            assert within(label, box) or not meet(label, box), (ident, lane)
    for one, other in combinations(drawing.labels, 2):
        assert not meet(drawing.labels[one], drawing.labels[other], 1), (one, other)


# The loan's contract: forms, commands, tests and printed papers refer to these ids (S001-46..55).

LOAN_TASKS = {
    "T_Apply": ("APPLICANT", "apply", None),
    "T_VillageReview": ("VILLAGE_CHAIR", "village_review", "loan.village.review"),
    "T_Correct": ("APPLICANT", "apply", "loan.correction"),
    "T_ConfirmLapse": ("TOWN_CHAIR", "confirm_lapse", "loan.lapse"),
    "T_TownReview": ("TOWN_CHAIR", "town_review", "loan.township.review"),
    "T_Credit": ("CREDIT_OFFICER", "credit", "loan.credit.decision"),
    "T_AcceptLess": ("APPLICANT", "accept_less", "loan.correction"),
    "T_Supplement": ("APPLICANT", "supplement", "loan.correction"),
    "T_FinalCheck": ("LOAN_WORKER", "final_check", "loan.final"),
    "T_Stamp": ("SEAL_KEEPER", "stamp", "loan.stamp"),
    "T_Disburse": ("CREDIT_OFFICER", "disburse", "loan.disburse"),
    "T_AskDisbursement": ("LOAN_WORKER", "ask_disbursement", None),
    "T_ConfirmRefusal": ("TOWN_CHAIR", "confirm_refusal", "loan.refusal"),
}
LOAN_CALLS = {
    "A_CheckOnce": "loan.check_once",
    "A_SendToCredit": "loan.send_to_credit",
    "A_TellCreditRefusal": "loan.tell_credit_refusal",
    "A_FormsComplete": "loan.forms_complete",
    "A_Release": "loan.release",
    "A_Disbursed": "loan.disbursed",
    "D_Eligibility": "loan_eligibility",
    "D_FinalEligibility": "loan_final",
}
#: gateway → where it leads: the condition, or None for all other cases
LOAN_CHOICES: dict[str, dict[str, str | None]] = {
    "GW_Eligible": {"T_VillageReview": "eligible", "T_ConfirmRefusal": None},
    "GW_Village": {
        "T_TownReview": "village_opinion == 'RECOMMEND'",
        "T_Correct": "village_opinion == 'RETURN'",
        "T_ConfirmRefusal": None,
    },
    "GW_Lapse": {"lapsed": "lapse == 'LAPSE'", "T_Correct": None},
    "GW_Town": {
        "A_SendToCredit": "town_opinion == 'RECOMMEND'",
        "T_VillageReview": "town_opinion == 'RETURN'",
        "T_ConfirmRefusal": None,
    },
    "GW_Credit": {
        "A_FormsComplete": "credit_decision == 'AGREE'",
        "T_AcceptLess": "credit_decision == 'AGREE_LESS'",
        "T_TownReview": "credit_decision == 'RETURN'",
        "A_TellCreditRefusal": None,
    },
    "GW_AcceptLess": {"A_FormsComplete": "accepts_less", "withdrawn": None},
    "GW_Forms": {"D_FinalEligibility": "forms_complete", "T_Supplement": None},
    "GW_Final": {
        "T_Stamp": "final_decision == 'APPROVE'",
        "T_TownReview": "final_decision == 'RETURN'",
        "T_ConfirmRefusal": None,
    },
    "GW_Ask": {"withdrawnAfterStamp": "ask_result == 'WITHDRAWN'", "asked": None},
    "GW_Refusal": {"T_TownReview": "applicant_objects", "notEligible": None},
}
FINAL_ENDS = {
    "lapsed", "refusedByCredit", "withdrawn", "withdrawnAfterStamp", "disbursed", "notEligible",
}  # fmt: skip
#: The seed's order (S001-49, S001-55): village, township, credit union, forms complete, final check, stamp, release.
LOAN_CHAIN = (
    "applicationReceived", "T_Apply", "A_CheckOnce", "D_Eligibility", "GW_Eligible", "T_VillageReview", "GW_Village",
    "T_TownReview", "GW_Town", "A_SendToCredit", "T_Credit", "GW_Credit", "A_FormsComplete", "GW_Forms",
    "D_FinalEligibility", "T_FinalCheck", "GW_Final", "T_Stamp", "A_Release", "T_Disburse", "A_Disbursed", "disbursed",
)  # fmt: skip


@pytest.fixture(scope="module")
def loan() -> Drawn:
    return geometry.read(FOLDER / "loan.bpmn")


@pytest.mark.parametrize("task", LOAN_TASKS)
def test_the_loan_keeps_the_lane_form_and_clock_of_every_task(task: str) -> None:
    elements = parse("loan", (FOLDER / "loan.bpmn").read_bytes()).elements
    found = elements[task]
    assert (found.lane, found.form, found.sla) == LOAN_TASKS[task]
    assert {e for e, info in elements.items() if info.kind == "userTask"} == set(LOAN_TASKS)


@pytest.mark.parametrize("step", LOAN_CALLS)
def test_the_loan_keeps_what_every_automatic_step_calls(loan: Drawn, step: str) -> None:
    called = "decision" if loan.kind(step) == "businessRuleTask" else "operation"
    assert loan.elements[step].get(HALFSKY + called) == LOAN_CALLS[step]


@pytest.mark.parametrize("gateway", LOAN_CHOICES)
def test_the_loan_leaves_every_gateway_by_the_facts_of_the_contract(loan: Drawn, gateway: str) -> None:
    leaving = [f for f in loan.flows if loan.ends(f)[0] == gateway]
    choices = {loan.ends(f)[1]: loan.elements[f].findtext(f"{B}conditionExpression") for f in leaving}
    assert choices == LOAN_CHOICES[gateway]
    default = loan.elements[gateway].get("default", "")
    assert choices[loan.ends(default)[1]] is None


def test_the_loan_runs_in_the_order_of_the_seed(loan: Drawn) -> None:
    flows = {loan.ends(f) for f in loan.flows}
    assert all(step in flows for step in pairwise(LOAN_CHAIN))


def test_only_a_final_end_stops_the_whole_case(loan: Drawn) -> None:
    stops = {e for e in loan.of("endEvent") if loan.elements[e].find(f"{B}terminateEventDefinition") is not None}
    assert stops == FINAL_ENDS


def test_a_clock_that_runs_out_decides_nothing_only_the_correction_period_interrupts(loan: Drawn) -> None:
    interrupting = {c for c in loan.of("boundaryEvent") if loan.elements[c].get("cancelActivity") != "false"}
    assert interrupting == {"BT_T_Correct"}
    leads = {loan.ends(f)[0]: loan.ends(f)[1] for f in loan.flows}
    assert leads["BT_T_Correct"] == "T_ConfirmLapse"  # a person confirms
    for clock in set(loan.of("boundaryEvent")) - {"BT_T_Correct", "BT_T_Disburse"}:
        assert clock == f"BT_{loan.host(clock)}"
        assert leads[clock] == f"late_{loan.host(clock)}"
    assert leads["BT_T_Disburse"] == "T_AskDisbursement"
