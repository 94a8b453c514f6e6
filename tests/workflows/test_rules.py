"""Who may do what: domain.md D1 and D2, closed by default; and lists show exactly what pages permit."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from cryptography.fernet import Fernet

from engine.access import SYSTEM, Actor, Permission, Post
from engine.fields import Vault
from engine.guard import UNGUARDED, Share
from tests.workflows.conftest import APPLICATION_DATE
from workflows import permission_matrix
from workflows.federation_rules import FederationRules
from workflows.permission_names import PERMISSION_NAMES
from workflows.posts import POST_KIND, POST_NAMES, RECEIVING_POSTS
from workflows.rules import RULES

vault = Vault([Fernet.generate_key()])
rules = FederationRules(vault)

#: a small country: two counties, towns in the first, villages in its first town, and a credit union
PATHS = {
    1: ".1.",
    2: ".1.2.",
    3: ".1.3.",
    4: ".1.2.4.",
    5: ".1.2.5.",
    6: ".1.3.6.",
    7: ".1.7.",
    11: ".11.",
    12: ".11.12.",
}
RIGHTS = ("RIGHTS_WORKER", "RIGHTS_HEAD")
COUNTY, T1, T2, V1, V2, V3, BANK = 1, 2, 3, 4, 5, 6, 7
CASE_PERMISSIONS = (Permission.READ_CASE, Permission.READ_HISTORY, Permission.PRINT_CASE, Permission.WITHDRAW_CASE)
TASK_PERMISSIONS = (Permission.WORK_TASK, Permission.RETURN_TASK, Permission.ADD_PAPER)


def holding(*posts):
    places = tuple(Post(code, unit_id, PATHS[unit_id]) for code, unit_id in posts)
    return Actor(7, "某人", places, at=APPLICATION_DATE)


def case(unit_id=V1, kind="loan", confidentiality="C2", shared_with=(), **more):
    return SimpleNamespace(
        unit_id=unit_id,
        path=PATHS[unit_id],
        kind=kind,
        confidentiality=confidentiality,
        shared_with=tuple(each if isinstance(each, Share) else Share(each) for each in shared_with),
        **{"guard": UNGUARDED, **more},
    )


def granted(actor, subject, asked=CASE_PERMISSIONS):
    return {permission.value.split(".")[1] for permission in asked if rules.permits(actor, permission, subject)}


@pytest.mark.parametrize(
    ("post", "unit_id", "may"),
    [
        ("VILLAGE_CHAIR", V1, {"read", "history", "print", "withdraw"}),
        ("VILLAGE_CHAIR", V2, set()),
        ("TOWN_CHAIR", T1, {"read", "history", "print", "withdraw"}),
        ("TOWN_CHAIR", T2, set()),
        ("LOAN_WORKER", COUNTY, {"read", "history", "print", "withdraw"}),
        ("LOAN_WORKER", 11, set()),
        ("LOAN_HEAD", COUNTY, {"read", "history", "print", "withdraw"}),
        ("SEAL_KEEPER", COUNTY, {"read", "history", "print"}),
        ("COUNTY_CHAIR", COUNTY, {"read", "history", "print"}),
        ("COUNTY_CHAIR", 11, set()),
        ("CREDIT_OFFICER", BANK, set()),
        ("SYS_ADMIN", COUNTY, set()),
        ("LOG_AUDITOR", COUNTY, set()),
    ],
)
def test_what_each_post_may_do_with_a_loan_of_village_v1(post, unit_id, may):
    assert granted(holding((post, unit_id)), case()) == may


def test_a_credit_officer_reads_and_prints_only_what_was_shared_with_her_credit_union():
    officer = holding(("CREDIT_OFFICER", BANK))
    assert granted(officer, case(shared_with=(BANK,))) == {"read", "print"}
    assert granted(officer, case(shared_with=(12,))) == set()
    assert granted(officer, case(shared_with=(BANK,), kind="petition")) == set()
    assert granted(officer, case(shared_with=(Share(BANK, APPLICATION_DATE),))) == set()
    assert granted(officer, case(shared_with=(Share(BANK, APPLICATION_DATE + timedelta(microseconds=1)),))) == {
        "read",
        "print",
    }


@pytest.mark.parametrize("confidentiality", ["C3", "C4", "", "c2"])
@pytest.mark.parametrize("post", POST_KIND)
def test_a_confidential_case_is_open_to_no_post_by_rank(post, confidentiality):
    everywhere = holding(*((post, unit_id) for unit_id in PATHS))
    secret = case(confidentiality=confidentiality, shared_with=tuple(PATHS), post=post, assignee_id=0)
    found = granted(everywhere, secret, CASE_PERMISSIONS + TASK_PERMISSIONS)
    assert bool(found) == (post == "RIGHTS_HEAD" and confidentiality == "C3")


@pytest.mark.parametrize(
    ("post", "reads"), [("TOWN_CHAIR", True), ("COUNTY_CHAIR", True), ("LOAN_WORKER", False), ("SEAL_KEEPER", False)]
)
def test_loan_posts_see_no_petitions(post, reads):
    everywhere = holding(*((post, unit_id) for unit_id in PATHS))
    assert rules.permits(everywhere, Permission.READ_CASE, case(kind="petition")) is reads


@pytest.mark.parametrize("kind", ["petition", "mediation", "joint_conference"])
@pytest.mark.parametrize(
    ("post", "unit_id", "may"),
    [
        ("VILLAGE_CHAIR", V1, {"read", "history", "print", "withdraw"}),
        ("VILLAGE_CHAIR", V2, set()),
        ("RIGHTS_WORKER", COUNTY, {"read", "history", "print", "withdraw"}),
        ("RIGHTS_WORKER", T2, set()),
        ("RIGHTS_HEAD", COUNTY, {"read", "history", "print", "withdraw"}),
        ("RIGHTS_HEAD", 11, set()),
        ("LOAN_HEAD", COUNTY, set()),
        ("LOAN_WORKER", COUNTY, set()),
        ("HOTLINE_AGENT", COUNTY, set()),
        ("CREDIT_OFFICER", BANK, set()),
        ("STAT_CLERK", COUNTY, set()),
        ("SYS_ADMIN", COUNTY, set()),
    ],
)
def test_what_each_post_may_do_with_a_matter_of_the_rights_desk(post, unit_id, may, kind):
    assert granted(holding((post, unit_id)), case(kind=kind)) == may


@pytest.mark.parametrize(
    ("post", "kind", "confidentiality", "may"),
    [
        ("HOTLINE_AGENT", "petition", "C2", {"read", "history", "print"}),
        ("LOAN_WORKER", "petition", "C2", {"read", "history", "print"}),
        ("HOTLINE_AGENT", "petition", "C3", set()),
        ("HOTLINE_AGENT", "mediation", "C2", set()),
        ("HOTLINE_AGENT", "loan", "C2", set()),
        ("SYS_ADMIN", "petition", "C2", set()),
        ("LOG_AUDITOR", "petition", "C2", set()),
        ("CASE_AUDITOR", "petition", "C2", set()),
    ],
)
def test_whoever_took_a_petition_in_follows_it_while_she_works_on_cases(post, kind, confidentiality, may):
    receiver = holding((post, COUNTY))
    assert granted(receiver, case(kind=kind, confidentiality=confidentiality, created_by=receiver.id)) == may
    assert granted(receiver, case(kind=kind, confidentiality=confidentiality, created_by=receiver.id + 1)) == set()


@pytest.mark.parametrize("post", POST_KIND)
def test_every_cadre_receives_petitions_and_the_two_heads_call_conferences(post):
    asked = {key: SimpleNamespace(key=key, confidentiality="C2") for key in ("petition", "joint_conference")}
    begins = {
        key for key, process in asked.items() if rules.permits(holding((post, 1)), Permission.START_CASE, process)
    }
    assert ("petition" in begins) == (post in ("VILLAGE_CHAIR", "TOWN_CHAIR", *RECEIVING_POSTS))
    assert ("joint_conference" in begins) == (post in ("RIGHTS_HEAD", "COUNTY_CHAIR"))


def test_the_right_of_one_post_is_not_carried_to_the_place_of_another():
    both = holding(("TOWN_CHAIR", T2), ("SEAL_KEEPER", COUNTY))
    assert granted(both, case(V1)) == {"read", "history", "print"}


def test_a_unit_whose_number_begins_alike_is_not_below():
    county_1, county_11 = holding(("COUNTY_CHAIR", 1)), holding(("COUNTY_CHAIR", 11))
    assert granted(county_1, case(12)) == set()
    assert granted(county_11, case(12)) == {"read", "history", "print"}


@pytest.mark.parametrize(
    ("posts", "assignee", "may"),
    [
        ([("TOWN_CHAIR", T1)], 0, True),
        ([("TOWN_CHAIR", T1)], 7, True),
        ([("TOWN_CHAIR", T1)], 8, False),
        ([("TOWN_CHAIR", T2)], 0, False),
        ([("TOWN_CHAIR", T2)], 7, False),
        ([("COUNTY_CHAIR", COUNTY)], 0, False),
        ([("VILLAGE_CHAIR", V1)], 0, False),
        ([], 7, False),
    ],
)
@pytest.mark.parametrize("permission", TASK_PERMISSIONS)
def test_a_task_is_worked_by_who_holds_its_post_in_its_unit_unless_claimed_by_another(permission, posts, assignee, may):
    job = SimpleNamespace(**vars(case()) | {"unit_id": T1, "post": "TOWN_CHAIR", "assignee_id": assignee})
    assert rules.permits(holding(*posts), permission, job) is may


@pytest.mark.parametrize(
    ("permission", "subject", "posts"),
    [
        (Permission.START_CASE, SimpleNamespace(key="loan", confidentiality="C2"), {"VILLAGE_CHAIR", "TOWN_CHAIR"}),
        (
            Permission.START_CASE,
            SimpleNamespace(key="dvCase", confidentiality="C3"),
            {"VILLAGE_CHAIR", "TOWN_CHAIR", *RIGHTS},
        ),
        (Permission.START_CASE, SimpleNamespace(key="sealed", confidentiality="C4"), set()),
        (Permission.SEE_OVERDUE, None, {"TOWN_CHAIR", "LOAN_WORKER", "LOAN_HEAD", "COUNTY_CHAIR", *RIGHTS}),
        (Permission.READ_DEFINITIONS, None, set(POST_KIND)),
        (Permission.UPLOAD_DEFINITION, "loan", {"SYS_ADMIN"}),
        (Permission.VERIFY_HISTORY, None, {"LOG_AUDITOR"}),
    ],
)
def test_permissions_that_need_a_post_and_no_place(permission, subject, posts):
    found = {post for post in POST_KIND if rules.permits(holding((post, COUNTY)), permission, subject)}
    assert found == posts


@pytest.mark.parametrize(
    ("held", "sees", "supervises"),
    [
        (("TOWN_CHAIR", T1), True, True),
        (("COUNTY_CHAIR", COUNTY), True, True),
        (("TOWN_CHAIR", T2), False, False),
        (("LOAN_HEAD", COUNTY), True, False),
        (("LOAN_WORKER", COUNTY), True, False),
        (("VILLAGE_CHAIR", V1), False, False),
        (("CREDIT_OFFICER", BANK), False, False),
        (("SYS_ADMIN", COUNTY), False, False),
        (("LOG_AUDITOR", COUNTY), False, False),
        (("COUNTY_CHAIR", 11), False, False),
    ],
)
def test_who_stands_above_supervises_and_nobody_sees_beyond_her_unit(held, sees, supervises):
    subject = case(shared_with=(BANK,), chain=[[["TOWN_CHAIR", T1]], [["COUNTY_CHAIR", COUNTY]]])
    assert rules.permits(holding(held), Permission.SEE_ESCALATION, subject) is sees
    assert rules.permits(holding(held), Permission.SUPERVISE, subject) is supervises
    secret = case(confidentiality="C3", chain=subject.chain)
    assert not rules.permits(holding(held), Permission.SEE_ESCALATION, secret)
    assert not rules.permits(holding(held), Permission.SUPERVISE, secret)


@pytest.mark.parametrize("permission", Permission)
def test_nobody_without_a_post_may_do_anything_and_nor_may_the_system(permission):
    lifted = [[["TOWN_CHAIR", T1]], [["COUNTY_CHAIR", COUNTY]]]
    subject = case(shared_with=tuple(PATHS), post="TOWN_CHAIR", assignee_id=0, chain=lifted)
    assert not rules.permits(holding(), permission, subject)
    assert not rules.permits(SYSTEM, permission, subject)


@pytest.mark.parametrize("permission", Permission)
def test_every_permission_has_a_rule_a_name_and_posts_that_exist(permission):
    assert RULES[permission]
    assert PERMISSION_NAMES[permission]
    assert {condition.post for clause in RULES[permission] for condition in clause} <= {None, *POST_NAMES}


def test_a_condition_that_chooses_no_cases_refuses_to_be_listed():
    officer = RULES[Permission.DECIDE_EXTENSION][0][0]
    with pytest.raises(TypeError):
        officer.where(holding(("SYS_ADMIN", COUNTY)))


def test_the_printed_matrix_is_up_to_date():
    printed = Path(__file__).parents[2] / "docs" / "permissions.md"
    assert printed.read_text("utf-8") == permission_matrix.page(), (
        "write it again: halfsky permissions > docs/permissions.md"
    )


@pytest.mark.parametrize(
    ("post", "permission", "mark"),
    [
        ("SEAL_KEEPER", Permission.PRINT_CASE, "●"),
        ("SEAL_KEEPER", Permission.WITHDRAW_CASE, "◇"),
        ("SYS_ADMIN", Permission.WITHDRAW_CASE, ""),
        ("SEAL_KEEPER", Permission.WORK_TASK, "○"),
        ("SYS_ADMIN", Permission.WORK_TASK, ""),
        ("SYS_ADMIN", Permission.READ_DEFINITIONS, "●"),
    ],
)
def test_the_matrix_tells_what_a_post_has_by_itself_from_what_a_task_brings(post, permission, mark):
    assert permission_matrix.mark(post, permission) == mark


@pytest.mark.parametrize("post", ["SYS_ADMIN", "LOG_AUDITOR"])
def test_a_task_given_to_a_keeper_of_the_machine_is_worked_by_nobody(post):
    job = SimpleNamespace(**vars(case()) | {"unit_id": COUNTY, "post": post, "assignee_id": 0})
    assert granted(holding((post, COUNTY)), job, TASK_PERMISSIONS) == set()
