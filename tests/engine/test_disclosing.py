"""Whether information may be given to another body (V-12): one consent for one recipient and purpose, or a duty that is law that day."""

from __future__ import annotations

from datetime import date, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from engine.clock import SHANGHAI
from engine.disclosing import Cover, Wanted, cover, last_day, may_consent

NOON = datetime(2026, 6, 15, 12, tzinfo=SHANGHAI)


def given(**changes: Any) -> Any:
    plain = {
        "id": 7, "recipient": "SHELTER", "purpose": "REFERRAL", "kinds": ["IDENTITY", "CONTACT"], "given_on": date(2026, 6, 1),
        "expires_on": date(2026, 6, 30), "withdrawn_at": None,
    }  # fmt: skip
    return SimpleNamespace(**{**plain, **changes})


def basis(**changes: Any) -> Any:
    plain = {
        "code": "UMP11", "clause": "未成年人保护法第11条", "valid_from": date(2021, 6, 1), "valid_until": None,
        "recipients": ["POLICE", "EDUCATION"], "purposes": ["REPORT"], "kinds": ["IDENTITY", "FACTS"],
    }  # fmt: skip
    return SimpleNamespace(**{**plain, **changes})


def wanted(at: datetime = NOON, **changes: Any) -> Wanted:
    plain = {"recipient": "SHELTER", "purpose": "REFERRAL", "kinds": frozenset(("IDENTITY",)), "at": at}
    return Wanted(**{**plain, **changes})


REPORT = {"recipient": "POLICE", "purpose": "REPORT", "kinds": frozenset(("FACTS",)), "basis": "UMP11"}


@pytest.mark.parametrize(
    ("consents", "asked", "why"),
    [
        ([], wanted(), "没有对这个接收方"),
        ([given()], wanted(), None),
        ([given()], wanted(kinds=frozenset(("IDENTITY", "CONTACT"))), None),
        ([given()], wanted(kinds=frozenset(("IDENTITY", "WHEREABOUTS"))), "现住地址"),
        ([given(), given(id=8, kinds=["WHEREABOUTS"])], wanted(kinds=frozenset(("IDENTITY", "WHEREABOUTS"))), "没有同意提供"),
        ([given()], wanted(kinds=frozenset()), "哪几类"),
        ([given()], wanted(kinds=frozenset(("GOSSIP",))), "哪几类"),
        ([given()], wanted(recipient="HOSPITAL"), "没有对这个接收方"),
        ([given()], wanted(purpose="EVIDENCE"), "不能用于"),
        ([given()], wanted(datetime(2026, 5, 31, 23, 59, tzinfo=SHANGHAI)), "2026-06-01 起"),
        ([given()], wanted(datetime(2026, 6, 1, 0, 0, tzinfo=SHANGHAI)), None),
        ([given()], wanted(datetime(2026, 6, 30, 23, 59, 59, tzinfo=SHANGHAI)), None),
        ([given()], wanted(datetime(2026, 7, 1, tzinfo=SHANGHAI)), "2026-06-30 到期"),
        ([given(expires_on=None)], wanted(datetime(2036, 7, 1, tzinfo=SHANGHAI)), None),
        ([given(withdrawn_at=NOON)], wanted(datetime(2026, 6, 15, 11, 59, tzinfo=SHANGHAI)), None),
        ([given(withdrawn_at=NOON)], wanted(), "2026-06-15 撤回"),
        ([given(withdrawn_at=NOON)], wanted(datetime(2026, 6, 15, 12, 1, tzinfo=SHANGHAI)), "2026-06-15 撤回"),
        ([given(withdrawn_at=NOON), given(id=8)], wanted(), None),
        ([], wanted(**REPORT), None),
        ([], wanted(**{**REPORT, "recipient": "unit:5", "body": "POLICE"}), None),
        ([], wanted(**{**REPORT, "recipient": "COURT"}), "不适用"),
        ([], wanted(**{**REPORT, "purpose": "REFERRAL"}), "不适用"),
        ([], wanted(**{**REPORT, "kinds": frozenset(("HEALTH",))}), "不包括"),
        ([], wanted(datetime(2021, 5, 31, 23, 59, tzinfo=SHANGHAI), **REPORT), "不在有效期"),
        ([], wanted(datetime(2021, 6, 1, tzinfo=SHANGHAI), **REPORT), None),
        ([given()], wanted(basis="NONE"), "没有这项法定依据"),
    ],
)  # fmt: skip
def test_what_is_given_is_covered_or_refused_with_the_reason(
    consents: list[Any], asked: Wanted, why: str | None
) -> None:
    found = cover(consents, {"UMP11": basis()}, asked)
    assert isinstance(found, Cover) if why is None else why in str(found)


def test_a_duty_that_was_repealed_counts_on_its_last_day_and_no_longer() -> None:
    known = {"UMP11": basis(valid_until=date(2026, 6, 15))}
    assert cover([], known, wanted(**REPORT)) == Cover(basis="UMP11")
    assert "不在有效期" in str(cover([], known, wanted(datetime(2026, 6, 16, tzinfo=SHANGHAI), **REPORT)))


@pytest.mark.parametrize(
    ("by", "age", "abuser", "allowed"),
    [
        ("SELF", None, False, True),
        ("SELF", 14, False, True),
        ("SELF", 13, False, False),
        ("GUARDIAN", 13, False, True),
        ("GUARDIAN", 13, True, False),
        ("SELF", 13, True, False),
        ("GUARDIAN", 16, True, False),
        ("SELF", 16, True, True),
        ("GUARDIAN", None, False, False),
        ("GUARDIAN", 17, False, True),
        ("GUARDIAN", 18, False, False),
        ("SELF", 18, False, True),
    ],
)
def test_below_fourteen_the_guardian_consents_unless_he_may_be_the_abuser(
    by: str, age: int | None, *, abuser: bool, allowed: bool
) -> None:
    assert (may_consent(by, age, guardian_is_abuser=abuser) is None) is allowed


@pytest.mark.parametrize(
    ("first", "last"),
    [
        (date(2026, 6, 15), date(2031, 6, 14)),
        (date(2024, 2, 29), date(2029, 2, 28)),
        (date(2026, 1, 1), date(2030, 12, 31)),
    ],
)
def test_so_many_years_end_the_day_before_the_anniversary(first: date, last: date) -> None:
    assert last_day(first, 5) == last
