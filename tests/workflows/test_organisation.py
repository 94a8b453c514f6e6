"""Units, posts with terms and relatives: domain.md D1, D3 and D6."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import pytest

from engine.access import Actor, Post
from engine.errors import NotFound
from tests.workflows.conftest import APPLICATION_DATE
from workflows import accounts, organisation
from workflows.organisation import NotPossible
from workflows.posts import POST_KIND, POST_NAMES, UnitKind
from workflows.screening import Screen

TODAY = APPLICATION_DATE.date()
LAST_DAY = date(2026, 6, 30)


@dataclass
class County:
    county: organisation.Unit
    town: organisation.Unit
    village: organisation.Unit
    bank: organisation.Unit
    chair: int


@pytest.fixture
def county(connection):
    top = organisation.add_unit(connection, parent_id=None, kind=UnitKind.COUNTY, name="县", code="C1")
    town = organisation.add_unit(connection, parent_id=top.id, kind=UnitKind.TOWN, name="镇", code="T1")
    village = organisation.add_unit(connection, parent_id=town.id, kind=UnitKind.VILLAGE, name="村", code="V1")
    bank = organisation.add_unit(connection, parent_id=top.id, kind=UnitKind.CREDIT_UNION, name="社", code="X1")
    chair = accounts.add_account(connection, login="v1", name="林秋月", password_hash="-", id_hash="own")
    return County(top, town, village, bank, chair)


def appoint(connection, county, **more):
    given = {
        "account_id": county.chair,
        "post": "VILLAGE_CHAIR",
        "unit_id": county.village.id,
        "since": date(2021, 7, 1),
    }
    return organisation.appoint(connection, **(given | more))


def test_a_path_holds_the_units_own_id_behind_those_of_its_ancestors(connection, county):
    village = organisation.unit(connection, county.village.id)
    assert village == county.village
    assert village.path == f".{county.county.id}.{county.town.id}.{county.village.id}."
    assert village.ancestor_ids == (county.town.id, county.county.id)


def test_ancestors_are_given_the_nearest_first(connection, county):
    assert organisation.ancestors(connection, county.village.id) == (county.town, county.county)
    assert organisation.ancestors(connection, county.county.id) == ()


def test_every_unit_belongs_to_one_county(connection, county):
    for unit in (county.village, county.bank, county.county):
        assert organisation.county_of(connection, unit.id) == county.county


def test_units_below_leave_the_unit_itself_out(connection, county):
    assert organisation.below(connection, county.county.id) == (county.town, county.village, county.bank)
    assert organisation.below(connection, county.county.id, UnitKind.VILLAGE) == (county.village,)
    assert organisation.below(connection, county.village.id) == ()


@pytest.mark.parametrize(
    ("post", "place"),
    [
        ("VILLAGE_CHAIR", "village"),
        ("TOWN_CHAIR", "town"),
        ("LOAN_HEAD", "county"),
        ("CREDIT_OFFICER", "bank"),
    ],
)
def test_a_village_finds_the_unit_of_each_post_responsible_for_it(connection, county, post, place):
    assert organisation.unit_for_post(connection, post, county.village.id) == getattr(county, place)


def test_a_county_has_no_village_chair_of_its_own(connection, county):
    assert organisation.unit_for_post(connection, "VILLAGE_CHAIR", county.county.id) is None
    assert organisation.unit_for_post(connection, "APPLICANT", county.village.id) is None


def test_an_unknown_unit_is_not_found(connection, county):
    with pytest.raises(NotFound):
        organisation.unit(connection, 999)
    assert organisation.unit_by_code(connection, "V9") is None
    assert organisation.unit_by_code(connection, "V1") == county.village


@pytest.mark.parametrize(
    ("parent", "kind", "code"),
    [
        (None, UnitKind.TOWN, "T9"),
        ("county", UnitKind.CITY, "S9"),
        ("town", UnitKind.LIAISON, "L9"),
        ("village", UnitKind.POLICE, "P9"),
        ("town", UnitKind.COMMITTEE, "M9"),
        ("village", UnitKind.VILLAGE, "V9"),
        ("county", UnitKind.COUNTY, "C9"),
        ("town", UnitKind.VILLAGE, "V1"),
    ],
)
def test_a_unit_in_the_wrong_place_or_with_a_used_code_is_refused(connection, county, parent, kind, code):
    parent_id = getattr(county, parent).id if parent else None
    with pytest.raises(NotPossible):
        organisation.add_unit(connection, parent_id=parent_id, kind=kind, name="-", code=code)


def test_a_post_is_held_only_in_a_unit_of_its_kind(connection, county):
    with pytest.raises(NotPossible):
        appoint(connection, county, post="TOWN_CHAIR")
    with pytest.raises(NotPossible):
        appoint(connection, county, post="APPLICANT")


def test_a_term_cannot_end_before_it_begins(connection, county):
    with pytest.raises(NotPossible) as refused:
        appoint(connection, county, until=date(2021, 6, 30))
    assert "2021-06-30" in str(refused.value)


@pytest.mark.parametrize(
    ("on", "serves"),
    [
        (date(2021, 6, 30), False),
        (date(2021, 7, 1), True),
        (LAST_DAY, True),
        (LAST_DAY + timedelta(1), False),
    ],
)
def test_both_the_first_and_the_last_day_of_a_term_are_served(connection, county, on, serves):
    appoint(connection, county, until=LAST_DAY)
    expected = (Post("VILLAGE_CHAIR", county.village.id, county.village.path),) if serves else ()
    assert organisation.actor_of(connection, county.chair, on) == Actor(county.chair, "林秋月", expected)
    assert bool(organisation.holders(connection, "VILLAGE_CHAIR", county.village.id, on)) is serves


def test_ending_a_post_sets_its_last_day(connection, county):
    holding = appoint(connection, county)
    organisation.end_post(connection, holding, LAST_DAY)
    assert organisation.posts_on(connection, county.chair, LAST_DAY)
    assert organisation.posts_on(connection, county.chair, LAST_DAY + timedelta(1)) == ()
    with pytest.raises(NotFound):
        organisation.end_post(connection, 999, LAST_DAY)


def test_holders_are_named_once_and_only_while_their_account_is_open(connection, county):
    appoint(connection, county)
    appoint(connection, county, since=date(2022, 1, 1))
    wanted = organisation.Holder(county.chair, "林秋月", "VILLAGE_CHAIR", county.village.id, "own")
    assert organisation.holders(connection, "VILLAGE_CHAIR", county.village.id, TODAY) == (wanted,)
    accounts.set_active(connection, county.chair, active=False)
    assert organisation.holders(connection, "VILLAGE_CHAIR", county.village.id, TODAY) == ()


def test_a_closed_account_acts_for_nobody(connection, county):
    accounts.set_active(connection, county.chair, active=False)
    with pytest.raises(NotFound):
        organisation.actor_of(connection, county.chair, TODAY)
    with pytest.raises(NotFound):
        organisation.actor_of(connection, 999, TODAY)


def nearest(connection, account_id, *hashes):
    """What the nearest of the parties with these ID numbers is to a member of staff, as conflicts of interest are judged."""
    parties = tuple(("APPLICANT", slot, "idcard", hashed) for slot, hashed in enumerate(hashes))
    hits = Screen(connection, parties, TODAY).hits(account_id)
    return hits[0].relation if hits else None


def test_a_relative_is_found_by_the_hash_of_either_form_of_her_number(vault, connection, county):
    declared = organisation.person_hash(vault, "110101900817868")
    organisation.declare_relative(
        connection, account_id=county.chair, id_hash=declared, relation="IN_LAW", at=APPLICATION_DATE
    )
    same_woman = organisation.person_hash(vault, " 110101199008178689 ")
    assert nearest(connection, county.chair, "other", same_woman) == "IN_LAW"
    assert nearest(connection, county.chair, "other") is None
    assert nearest(connection, county.chair) is None


def test_her_own_number_counts_before_any_relative(connection, county):
    organisation.declare_relative(
        connection, account_id=county.chair, id_hash="h", relation="SIBLING", at=APPLICATION_DATE
    )
    assert nearest(connection, county.chair, "h", "own") == "SELF"
    assert organisation.account_id_hash(connection, county.chair) == "own"
    assert organisation.account_id_hash(connection, 999) is None


def test_declaring_again_corrects_the_relation(connection, county):
    for relation in ("OTHER", "SPOUSE"):
        organisation.declare_relative(
            connection, account_id=county.chair, id_hash="h", relation=relation, at=APPLICATION_DATE
        )
    assert nearest(connection, county.chair, "h") == "SPOUSE"


@pytest.mark.parametrize("relation", ["SELF", "FRIEND"])
def test_an_unknown_relation_is_refused(connection, county, relation):
    with pytest.raises(NotPossible):
        organisation.declare_relative(
            connection, account_id=county.chair, id_hash="h", relation=relation, at=APPLICATION_DATE
        )


def test_every_post_that_is_held_has_a_name_and_a_place():
    assert POST_KIND.keys() | {"APPLICANT"} == POST_NAMES.keys()
