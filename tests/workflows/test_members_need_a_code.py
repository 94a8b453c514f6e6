"""Who needs an authenticator: by her post, and whoever is in the team of a C3 or C4 case, for as long as she is (decision 32)."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import insert, update

from engine.access import Post
from engine.commands.classes import raise_class
from engine.commands.signing import Reauthentication
from engine.commands.teams import add_member, appoint_manager, end_member
from engine.errors import NotNow
from engine.model import case_file
from engine.model_teams import case_member
from tests.workflows.processes.loan.house import LoanHouse, opened
from workflows import accounts, own_account
from workflows.posts import POST_KINDS
from workflows.sign_in_policy import ORDINARY, STRICT, is_strict, limits
from workflows.whereabouts import origin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

#: posts that may do without; every other post there is may not
FREE = {
    "VILLAGE_CHAIR", "TOWN_CHAIR", "CREDIT_OFFICER", "LOAN_WORKER", "LOAN_HEAD", "SEAL_KEEPER", "AGENCY_USER", "COMMITTEE_HEAD",
    "LIAISON_WORKER", "STAT_CLERK", "ARCHIVIST",
}  # fmt: skip
INSTANT = timedelta(microseconds=1)
WHY = "当事人要求保密"
ROLES = ("manager", "member", "intake", "glass")


@pytest.fixture(scope="module")
def county(sqlite_databases: Any) -> Iterator[LoanHouse]:
    """A house of which every test forgets what it did."""
    yield from opened(sqlite_databases)


@pytest.fixture
def house(databases: Any) -> Iterator[LoanHouse]:
    yield from opened(databases)


@contextmanager
def in_team(house: LoanHouse, case_id: int, confidentiality: str, **row: Any) -> Iterator[Connection]:
    """Somebody (account 1) is in the team of a case of a class; forgotten afterwards."""
    with house.runtime.database.writing() as connection:
        connection.execute(update(case_file).where(case_file.c.id == case_id).values(confidentiality=confidentiality))
        plain = {"case_id": case_id, "account_id": 1, "role": "member", "since": house.clock.now(), "added_by": 1}
        connection.execute(insert(case_member), {**plain, "reason_sealed": b"", **row})
        yield connection


@pytest.fixture(scope="module")
def case_id(county: LoanHouse) -> int:
    return county.begin(papers=())


@pytest.mark.parametrize("post", POST_KINDS)
def test_a_post_that_touches_what_is_confidential_or_keeps_the_house_or_lets_others_in(
    county: LoanHouse, post: str
) -> None:
    with county.runtime.reading() as connection:
        for others in ((), ("VILLAGE_CHAIR",)):
            posts = [Post(code, 1, ".1.") for code in (*others, post)]
            assert is_strict(connection, 0, posts, county.clock.now()) is (post not in FREE)


@pytest.mark.parametrize(
    ("confidentiality", "row", "strict"),
    [
        *((each, {}, each in ("C3", "C4")) for each in ("C0", "C1", "C2", "C3", "C4")),
        *(("C3", {"role": role}, True) for role in ROLES),
        ("C4", {"documents": [1]}, True),  # named for one paper
        ("C3", {"account_id": 2}, False),  # somebody else
    ],
)
def test_a_place_in_a_team_counts_by_the_class_of_the_case(
    county: LoanHouse, case_id: int, confidentiality: str, row: dict[str, Any], strict: bool
) -> None:
    with in_team(county, case_id, confidentiality, **row) as connection:
        assert is_strict(connection, 1, [Post("VILLAGE_CHAIR", 4, ".1.2.4.")], county.clock.now()) is strict


@pytest.mark.parametrize(
    ("until", "ended", "strict"),
    [
        (None, None, True),
        (INSTANT, None, True),  # its last instant
        (timedelta(0), None, False),  # the first one after it
        (-INSTANT, None, False),
        (None, timedelta(0), False),  # taken out
        (timedelta(days=1), timedelta(0), False),  # taken out before her time
    ],
)
def test_a_place_in_a_team_counts_until_its_last_instant(
    county: LoanHouse, case_id: int, until: timedelta | None, ended: timedelta | None, strict: bool
) -> None:
    now = county.clock.now()
    row = {"until": None if until is None else now + until, "ended_at": None if ended is None else now + ended}
    with in_team(county, case_id, "C3", **row) as connection:
        assert is_strict(connection, 1, [], now) is strict


def test_two_teams_are_left_before_she_may_do_without(county: LoanHouse, case_id: int) -> None:
    with in_team(county, case_id, "C3") as connection:
        left = {"case_id": case_id, "account_id": 1, "role": "member", "since": county.clock.now(), "added_by": 1}
        connection.execute(insert(case_member), {**left, "reason_sealed": b"", "ended_at": county.clock.now()})
        assert is_strict(connection, 1, [], county.clock.now())


def test_her_session_is_as_short_as_what_she_touches_needs() -> None:
    assert (limits(strict=True), limits(strict=False)) == (STRICT, ORDINARY)
    assert STRICT.idle < ORDINARY.idle
    assert STRICT.absolute < ORDINARY.absolute


def stage(house: LoanHouse, login: str, *, asks: bool = True) -> str:
    """What signing in with the right password comes to."""
    return accounts.sign_in(house.runtime, login, "right", asks=asks).stage


def test_she_enrols_at_the_next_sign_in_from_joining_until_leaving(house: LoanHouse, monkeypatch: Any) -> None:
    monkeypatch.setattr(accounts, "verify", lambda *_: True)
    assert [stage(house, login) for login in ("v1chair", "t1chair", "rightshead")] == ["full", "full", "enrol"]
    case_id = house.begin(papers=())
    house.act(raise_class, "v1chair", case_id=case_id, to="C3", reason=WHY)
    assert [stage(house, login) for login in ("v1chair", "t1chair")] == ["enrol", "full"], (
        "who took it in has it in hand"
    )
    assert stage(house, "v1chair", asks=False) == "full", "nothing is asked in a demonstration"
    actors = {login: house.actor(login) for login in ("v1chair", "t1chair", "rightsworker")}
    house.act(appoint_manager, "rightshead", case_id=case_id, account_id=actors["rightsworker"].id, reason=WHY)
    assert stage(house, "v1chair") == "full", "she has handed it over"
    joined = house.act(add_member, "rightshead", case_id=case_id, account_id=actors["t1chair"].id, reason=WHY)
    assert stage(house, "t1chair") == "enrol"
    proof = Reauthentication(actors["t1chair"].id, house.clock.now())
    with pytest.raises(NotNow):
        own_account.drop_authenticator(house.runtime, actors["t1chair"], proof, origin=origin(""))
    house.act(end_member, "rightshead", case_id=case_id, member_id=joined["member_id"], reason=WHY)
    assert stage(house, "t1chair") == "full"


def test_a_place_for_some_days_asks_until_the_end_of_the_last(house: LoanHouse, monkeypatch: Any) -> None:
    monkeypatch.setattr(accounts, "verify", lambda *_: True)
    case_id = house.begin(papers=())
    house.act(raise_class, "v1chair", case_id=case_id, to="C3", reason=WHY)
    place = {"case_id": case_id, "account_id": house.actor("t1chair").id, "until": "2026-06-16"}
    house.act(add_member, "rightshead", **place, reason=WHY)
    for moment, comes_to in (((16, 23, 59), "enrol"), ((17, 0, 0), "full")):
        day, hour, minute = moment
        house.clock.at = house.clock.at.replace(day=day, hour=hour, minute=minute)
        assert stage(house, "t1chair") == comes_to
