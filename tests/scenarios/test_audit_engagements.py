"""O07, O08: an auditor sees the dossiers of her engagement while it runs, prints them numbered, and sees nothing else."""

from __future__ import annotations

import io
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from pypdf import PdfReader, PdfWriter
from sqlalchemy import insert, select, update

from engine.access import SYSTEM, Permission
from engine.clock import SHANGHAI
from engine.commands.cases import start_case
from engine.commands.loading import subject_of
from engine.errors import EngineError, Forbidden, InvalidAnswers, NotFound
from engine.events import Kind
from engine.model import case_file, history, read_log
from engine.queries import opening
from engine.unit_of_work import unit_of_work
from workflows import audit_printing, sheets
from workflows.accounts import account_id
from workflows.audit_batches import ask_batch, cancel_batch, forget_batch
from workflows.audit_dossiers import dossier, dossiers
from workflows.bare_prints import ask_bare_print, decide_bare_print, waiting_for
from workflows.engaged import scope_of, within
from workflows.engagements import (
    EngagementClosed,
    approve_engagement,
    ask_engagement,
    draw,
    end_engagement,
    refuse_engagement,
)
from workflows.model_engagement import bare_print, engagement, print_item
from workflows.organisation import appoint

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.scenarios.county import County

AUDITOR, CHAIR, ASKER = "caseauditor", "countychair", "loanhead"
REASON = "按年度计划抽查小额贷款案卷"


def asked(county: County, by: str = ASKER, **changes: Any) -> int:
    """An engagement over the loans of 2026 in county C1, from today for ten days, nobody has decided about yet."""
    today = date.fromisoformat(county.today)
    plain = {
        "auditor_id": number_of(county, AUDITOR),
        "unit_id": county.unit("C1"),
        "kinds": ["loan"],
        "opened_since": "2026-01-01",
        "opened_until": "2026-12-31",
        "since": today.isoformat(),
        "until": (today + timedelta(days=10)).isoformat(),
        "reason": REASON,
    }
    return int(county.act(ask_engagement, by, **{**plain, **changes})["engagement_id"])


def approved(county: County, **changes: Any) -> int:
    number = asked(county, **changes)
    county.act(approve_engagement, CHAIR, engagement_id=number)
    return number


def number_of(county: County, login: str) -> int:
    with county.runtime.reading() as connection:
        return account_id(connection, login)


def listed(county: County, engagement_id: int, login: str = AUDITOR) -> list[str]:
    """The numbers of the dossiers in the auditor's list."""
    with county.runtime.reading() as connection:
        return [r.number for r in dossiers(county.runtime, connection, county.actor(login), engagement_id).rows]


def opens(county: County, engagement_id: int, case_id: int) -> Any:
    with county.runtime.reading() as connection:
        return dossier(county.runtime, connection, county.actor(AUDITOR), engagement_id, case_id)


def begun(county: County, count: int, login: str = "v1chair") -> list[int]:
    return [int(county.act(start_case, login, kind="loan")["case_id"]) for _ in range(count)]


def changed(county: County, case_id: int, **values: Any) -> None:
    with county.runtime.database.engine.begin() as connection:
        connection.execute(update(case_file).where(case_file.c.id == case_id).values(**values))


@dataclass
class Job:
    """What the job sees of itself; `then` happens when it tells its progress for the n-th time."""

    ids: dict[str, int]
    id: int = 1
    told: list[tuple[int, int | None]] = field(default_factory=list)
    then: dict[int, Callable[[], object]] = field(default_factory=dict)

    def progress(self, done: int, total: int | None = None) -> None:
        self.told.append((done, total))
        self.then.get(len(self.told), lambda: None)()


def work(county: County, batch_id: int, **then: Any) -> Job:
    job = Job({"batch": batch_id}, **then)
    audit_printing.print_batch_now(county.runtime, job)
    return job


def items(county: County, batch_id: int) -> Sequence[Any]:
    with county.runtime.reading() as connection:
        wanted = select(print_item).where(print_item.c.batch_id == batch_id).order_by(print_item.c.seq)
        return connection.execute(wanted).all()


def paper(county: County, item: Any) -> bytes:
    return county.runtime.vault.open(item.pdf_sealed)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, bool]]:
    """Pages without the time to draw them: one empty page with the record attached, and which prints were asked for."""
    made: list[tuple[str, bool]] = []

    def draw_quickly(record: Any, *, number: str, **_: Any) -> bytes:
        made.append((number, record.is_redacted))
        writer = PdfWriter()
        writer.add_blank_page(595, 842)
        writer.add_metadata({"/Title": number})
        written = io.BytesIO()
        writer.write(written)
        return written.getvalue()

    monkeypatch.setattr(sheets, "render_dossier", draw_quickly)
    return made


def test_o07_she_prints_twenty_dossiers_in_one_batch_and_nothing_else_is_even_listed(
    county: County, quick: list[tuple[str, bool]]
) -> None:
    cases = begun(county, 20)
    other = begun(county, 1, "v9chair")[0]
    violence, raised = begun(county, 2)
    changed(county, violence, kind="dvCase", confidentiality="C3")
    changed(county, raised, confidentiality="C3")
    number = approved(county)

    numbers = [county.case(each).number for each in cases]
    assert listed(county, number) == sorted(numbers)
    for hidden in (other, violence, raised):
        with pytest.raises(NotFound):
            opens(county, number, hidden)
        with pytest.raises(NotFound):
            county.act(ask_batch, AUDITOR, engagement_id=number, case_ids=[cases[0], hidden])

    batch = county.act(ask_batch, AUDITOR, engagement_id=number, case_ids=cases)
    job = work(county, batch["batch_id"])
    made = items(county, batch["batch_id"])
    assert job.told == [*((place, 20) for place in range(20)), (20, 20)]
    assert [(item.state, item.redacted) for item in made] == [("printed", False)] * 20
    assert len({item.number for item in made}) == 20
    assert [item.number for item in made] == [name for name, _ in quick]
    for item in made:
        assert PdfReader(io.BytesIO(paper(county, item))).metadata["/Title"] == item.number
    _is_written_down(county, cases[0], made[0], number)
    changed(county, violence, kind="loan", confidentiality="C2")


def _is_written_down(county: County, case_id: int, item: Any, number: int) -> None:
    """The print stands in the history of the case and in its read log, as the auditor's own act."""
    me = number_of(county, AUDITOR)
    with county.runtime.reading() as connection:
        entry = opening.entries(connection, county.runtime.vault, case_id)[-1]
        reads = connection.execute(select(read_log.c.actor_id, read_log.c.what).filter_by(case_id=case_id)).all()
    assert (entry.kind, entry.actor_id) == (Kind.PAPER_PRINTED, me)
    assert (entry.content["number"], entry.content["engagement"]) == (item.number, number)
    assert entry.content["file"] == item.file
    assert (me, f"audit print {number}") in [tuple(row) for row in reads]


def test_an_engagement_opens_no_other_door_to_a_case(county: County) -> None:
    case_id = begun(county, 1)[0]
    approved(county)
    auditor, rules = county.actor(AUDITOR), county.runtime.rules
    with county.runtime.reading() as connection:
        subject = subject_of(connection, county.case(case_id))
        seen = connection.execute(select(case_file.c.id).where(rules.visible_cases(auditor))).all()
    granted = {p for p in Permission if p.value.startswith(("case.", "task.", "paper.")) and p != "paper.verify"}
    assert not seen
    assert {p for p in granted if rules.permits(auditor, p, _as_task(subject))} == {Permission.AUDIT_CASE}


def _as_task(subject: Any) -> Any:
    """A case and a task of it that waits for the post of an auditor, which no drawing may give her."""

    class Task:
        post, assignee_id, owner_id, task_kind = "CASE_AUDITOR", 0, None, "loan"
        closed_by = None

        def __getattr__(self, name: str) -> Any:
            return getattr(subject, name)

    return Task()


@pytest.mark.parametrize(
    ("day", "hour", "sees"),
    [
        ("2026-06-19", 23, False),
        ("2026-06-20", 0, True),
        ("2026-06-30", 23, True),
        ("2026-07-01", 0, False),
        ("2026-07-02", 9, False),
    ],
)
def test_o08_she_sees_them_from_the_first_day_to_the_last_and_not_the_day_after(
    county: County, day: str, hour: int, sees: bool
) -> None:
    case_id = begun(county, 1)[0]
    number = approved(county, since="2026-06-20", until="2026-06-30")
    county.on(day, hour, 59 if hour == 23 else 0)
    if sees:
        assert listed(county, number) == [county.case(case_id).number]
        assert opens(county, number, case_id).case.id == case_id
        return
    with pytest.raises(NotFound):
        listed(county, number)
    with pytest.raises(NotFound):
        opens(county, number, case_id)
    with pytest.raises(NotFound):
        county.act(ask_batch, AUDITOR, engagement_id=number, case_ids=[case_id])


def test_it_runs_from_its_approval_when_that_comes_late_and_not_after_its_last_day(county: County) -> None:
    begun(county, 1)
    late, too_late = asked(county, until="2026-06-18"), asked(county, until="2026-06-18")
    county.on("2026-06-18")
    with pytest.raises(NotFound):
        listed(county, late)
    county.act(approve_engagement, CHAIR, engagement_id=late)
    assert len(listed(county, late)) == 1
    county.on("2026-06-19")
    with pytest.raises(EngagementClosed):
        county.act(approve_engagement, CHAIR, engagement_id=too_late)


def test_it_ends_early_with_her_post_or_when_somebody_concerned_ends_it(desk: County) -> None:
    begun(desk, 1)
    for by in (AUDITOR, ASKER, CHAIR):
        number = approved(desk)
        with pytest.raises(NotFound):
            desk.act(end_engagement, "seal", engagement_id=number)
        desk.act(end_engagement, by, engagement_id=number)
        with pytest.raises(NotFound):
            listed(desk, number)
        with pytest.raises(EngagementClosed):
            desk.act(end_engagement, by, engagement_id=number)
    number = approved(desk)
    desk.end_post(AUDITOR, "2026-06-16")
    assert listed(desk, number)
    desk.on("2026-06-17")
    with pytest.raises(NotFound):
        listed(desk, number)


def test_nobody_lets_herself_in(county: County) -> None:
    """Neither auditor nor asker decides, nor a second account of theirs, nor another county's chair, nor anybody twice."""
    number = asked(county, by=AUDITOR)
    for login in ("sysadmin", "t1chair", "logauditor", "head9"):
        with pytest.raises(NotFound):
            county.act(approve_engagement, login, engagement_id=number)
    with pytest.raises(Forbidden):
        county.act(approve_engagement, AUDITOR, engagement_id=number)
    county.appoint(AUDITOR, "COUNTY_CHAIR", "C1")
    with pytest.raises(Forbidden):
        county.act(approve_engagement, AUDITOR, engagement_id=number)
    with pytest.raises(EngagementClosed):  # who works in the county does not audit it
        county.act(approve_engagement, CHAIR, engagement_id=number)

    own = asked(county, by="rightshead", auditor_id=_second_auditor(county))
    county.appoint("rightshead", "COUNTY_CHAIR", "C1")
    with pytest.raises(Forbidden):
        county.act(approve_engagement, "rightshead", engagement_id=own)
    county.act(refuse_engagement, CHAIR, engagement_id=own, note="范围过宽")
    for command in (approve_engagement, refuse_engagement):
        with pytest.raises(EngagementClosed):
            county.act(command, CHAIR, engagement_id=own, note="再议")


def _second_auditor(county: County) -> int:
    """The archive of the second county lends somebody."""
    who = number_of(county, "seal9")
    with unit_of_work(county.runtime, SYSTEM) as uow:
        place = county.unit("C1")
        appoint(uow.connection, account_id=who, post="CASE_AUDITOR", unit_id=place, since=uow.today)
    return who


@pytest.mark.parametrize(
    ("changes", "wrong"),
    [
        ({"kinds": []}, {"kinds"}),
        ({"kinds": ["loan", "nothing"]}, {"kinds"}),
        ({"opened_since": "2026-12-31", "opened_until": "2026-01-01"}, {"opened_until"}),
        ({"since": "2026-06-14"}, {"since"}),
        ({"since": "2026-06-20", "until": "2026-06-19"}, {"until"}),
        ({"until": "2027-06-15"}, {"until"}),
        ({"until": "soon", "opened_since": ""}, {"until", "opened_since"}),
        ({"reason": "看看"}, {"reason"}),
        ({"sample": {"rule": "mine"}}, {"sample"}),
        ({"sample": {"rule": "nth", "n": 0}}, {"n"}),
        ({"sample": {"rule": "random", "n": True}}, {"n"}),
        ({"sample": {"rule": "numbers", "numbers": [" "]}}, {"numbers"}),
        ({"auditor_id": 1}, {"auditor"}),
    ],
)
def test_every_field_that_is_wrong_is_told_at_once(desk: County, changes: dict[str, Any], wrong: set[str]) -> None:
    with pytest.raises(InvalidAnswers) as refused:
        asked(desk, **changes)
    assert set(refused.value.problems) == wrong


def test_who_may_ask_asks_for_her_own_units_only(desk: County) -> None:
    for login in (CHAIR, "t1chair", "sysadmin", "head9"):
        with pytest.raises(Forbidden):
            asked(desk, by=login)
    with pytest.raises(Forbidden):
        asked(desk, unit_id=desk.unit("C2"))
    with pytest.raises(Forbidden):
        asked(desk, unit_id=999_999)


#: what differs from a loan of village V1 opened at noon of 15 June 2026 → whether the engagement below covers it
ROWS: list[tuple[dict[str, Any], bool]] = [
    ({}, True),
    ({"path": ".1.3."}, True),
    ({"path": ".1.30."}, False),
    ({"path": ".1.30.4."}, False),
    ({"path": ".1."}, False),
    ({"path": ".11.3.4."}, False),
    ({"path": ".2.1.3.4."}, False),
    ({"kind": "loanAfter"}, False),
    ({"kind": "dvCase"}, False),
    ({"confidentiality": "C1"}, True),
    ({"confidentiality": "C3"}, False),
    ({"confidentiality": "C4"}, False),
    ({"created_at": datetime(2026, 1, 1, tzinfo=SHANGHAI)}, True),
    ({"created_at": datetime(2025, 12, 31, 23, 59, 59, 999999, tzinfo=SHANGHAI)}, False),
    ({"created_at": datetime(2026, 12, 31, 23, 59, 59, 999999, tzinfo=SHANGHAI)}, True),
    ({"created_at": datetime(2027, 1, 1, tzinfo=SHANGHAI)}, False),
]


def test_the_list_and_the_single_case_follow_one_scope(county: County) -> None:
    number = approved(county)
    plain = {
        "kind": "loan",
        "confidentiality": "C2",
        "unit_id": 4,
        "path": ".1.3.4.",
        "created_by": 1,
        "created_at": datetime(2026, 6, 15, 12, tzinfo=SHANGHAI),
    }
    with county.runtime.database.engine.connect() as connection:
        ids = [
            connection.execute(insert(case_file), {**plain, **row, "number": f"S-{place}"}).inserted_primary_key[0]
            for place, (row, _) in enumerate(ROWS)
        ]
        row = connection.execute(select(engagement).where(engagement.c.id == number)).one()
        for scope, expected in [
            (replace(scope_of(row), path=".1.3."), [covered for _, covered in ROWS]),
            (
                replace(scope_of(row), path=".1.3.", classes=frozenset(("C0", "C1", "C2", "C3"))),
                [covered or row.get("confidentiality") == "C3" for row, covered in ROWS],
            ),
            (replace(scope_of(row), path=".1.3.", cases=frozenset(ids[1:3])), [i == 1 for i in range(len(ROWS))]),
        ]:
            found = set(connection.execute(select(case_file.c.id).where(within(scope))).scalars())
            cases = [connection.execute(select(case_file).where(case_file.c.id == each)).one() for each in ids]
            assert [each in found for each in ids] == expected
            assert [scope.covers(case) for case in cases] == expected


def test_a_sample_is_drawn_at_approval_and_stays_as_it_was_drawn(county: County) -> None:
    cases = begun(county, 7)
    numbers = [county.case(each).number for each in cases]
    chosen = approved(county, sample={"rule": "numbers", "numbers": [numbers[2].lower(), " ", "NO-SUCH-NUMBER"]})
    third = approved(county, sample={"rule": "nth", "n": 3})
    some = approved(county, sample={"rule": "random", "n": 4})
    begun(county, 3)
    assert listed(county, chosen) == [numbers[2]]
    assert listed(county, third) == [numbers[2], numbers[5]]
    with county.runtime.reading() as connection:
        row = connection.execute(select(engagement).where(engagement.c.id == some)).one()
    assert (len(row.cases), row.population) == (4, 7)
    assert draw(row.sample, list(zip(cases, numbers, strict=True))) == row.cases
    drawn = {str(draw({**row.sample, "seed": str(seed)}, list(zip(cases, numbers, strict=True)))) for seed in range(9)}
    assert len(drawn) > 1


def test_a_batch_goes_on_where_it_was_left_and_stops_when_it_is_called_off(
    county: County, quick: list[tuple[str, bool]]
) -> None:
    cases = begun(county, 4)
    number = approved(county)
    batch = county.act(ask_batch, AUDITOR, engagement_id=number, case_ids=cases)["batch_id"]
    with pytest.raises(NotFound):
        county.act(cancel_batch, CHAIR, batch_id=batch)

    def die() -> None:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        work(county, batch, then={3: die})
    assert [item.state for item in items(county, batch)] == ["printed", "printed", "waiting", "waiting"]
    job = work(county, batch, then={2: lambda: county.act(cancel_batch, AUDITOR, batch_id=batch)})
    assert job.told == [(2, 4), (3, 4)]
    assert [item.state for item in items(county, batch)] == ["printed", "printed", "printed", "cancelled"]
    assert len(quick) == 3
    assert county.act(cancel_batch, AUDITOR, batch_id=batch)["cancelled"] is False
    county.act(forget_batch, "sysadmin", batch_id=batch)
    assert {item.pdf_sealed for item in items(county, batch)} == {None}


def test_an_engagement_that_ends_while_the_batch_runs_lets_out_nothing_more(
    county: County, quick: list[tuple[str, bool]]
) -> None:
    cases = begun(county, 2)
    number = approved(county)
    batch = county.act(ask_batch, AUDITOR, engagement_id=number, case_ids=cases)["batch_id"]
    work(county, batch, then={2: lambda: county.act(end_engagement, CHAIR, engagement_id=number)})
    assert [(item.state, item.why) for item in items(county, batch)] == [("printed", ""), ("failed", "closed")]
    assert len(quick) == 1


def test_one_dossier_that_fails_does_not_hold_up_the_others(desk: County, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = begun(desk, 2)
    number = approved(desk)
    batch = desk.act(ask_batch, AUDITOR, engagement_id=number, case_ids=cases)["batch_id"]
    tries: list[str] = []

    def broken(_record: Any, *, number: str, **_: Any) -> bytes:
        tries.append(number)
        raise ValueError

    monkeypatch.setattr(sheets, "render_dossier", broken)
    work(desk, batch)
    found = items(desk, batch)
    assert [(item.state, item.why) for item in found] == [("failed", "fault")] * 2
    assert all(len(item.reference) == 8 for item in found)
    assert len(tries) == 2


def test_a_c3_dossier_is_printed_redacted_unless_a_second_person_lets_it_be_printed_whole_once(
    county: County, quick: list[tuple[str, bool]]
) -> None:
    case_id, plain = begun(county, 2)
    changed(county, case_id, confidentiality="C3")
    number = approved(county, confidential=True)
    assert opens(county, number, case_id).record.is_redacted
    with pytest.raises(InvalidAnswers):
        county.act(ask_bare_print, AUDITOR, engagement_id=number, case_id=plain, reason="须核对当事人身份是否一致")
    with pytest.raises(InvalidAnswers):
        county.act(ask_bare_print, AUDITOR, engagement_id=number, case_id=case_id, reason="想看")
    asked_for = county.act(
        ask_bare_print, AUDITOR, engagement_id=number, case_id=case_id, reason="须核对当事人身份是否一致"
    )["bare_id"]
    _print(county, number, case_id)
    for login, refusal in ((AUDITOR, NotFound), ("t1chair", NotFound), ("sysadmin", NotFound), (ASKER, NotFound)):
        with pytest.raises(refusal):
            county.act(decide_bare_print, login, bare_id=asked_for, approve=True)
    with county.runtime.reading() as connection:
        told = [(r.id, r.number) for r in waiting_for(county.runtime.rules, connection, county.actor("rightshead"))]
    assert told == [(asked_for, county.case(case_id).number)]
    county.act(decide_bare_print, "rightshead", bare_id=asked_for, approve=True)
    with pytest.raises(EngineError):
        county.act(decide_bare_print, CHAIR, bare_id=asked_for, approve=False)
    _print(county, number, case_id)
    _print(county, number, case_id)
    assert [is_redacted for _, is_redacted in quick] == [True, False, True]
    with county.runtime.reading() as connection:
        used = connection.execute(select(bare_print.c.state, bare_print.c.item_id)).one()
    assert (used.state, used.item_id) == ("used", 2)


def _print(county: County, number: int, case_id: int) -> None:
    batch = county.act(ask_batch, AUDITOR, engagement_id=number, case_ids=[case_id], reveal=True)["batch_id"]
    work(county, batch)
    assert [item.state for item in items(county, batch)] == ["printed"]


def test_a_case_raised_to_c3_while_it_is_drawn_is_not_let_out_whole(
    desk: County, monkeypatch: pytest.MonkeyPatch, quick: list[tuple[str, bool]]
) -> None:
    case_id = begun(desk, 1)[0]
    number = approved(desk, confidential=True)
    batch = desk.act(ask_batch, AUDITOR, engagement_id=number, case_ids=[case_id])["batch_id"]
    plain = sheets.print_entry

    def raise_then(record: Any, what: str, pdf: bytes, *, reveal: bool) -> Any:
        changed(desk, case_id, confidentiality="C3")
        return plain(record, what, pdf, reveal=reveal)

    monkeypatch.setattr(sheets, "print_entry", raise_then)
    work(desk, batch)
    (item,) = items(desk, batch)
    assert [is_redacted for _, is_redacted in quick] == [False]
    assert (item.state, item.why, item.pdf_sealed) == ("failed", "closed", None)
    with desk.runtime.reading() as connection:
        kinds = connection.execute(select(history.c.kind).where(history.c.case_id == case_id)).scalars().all()
    assert Kind.PAPER_PRINTED not in kinds
    assert Kind.ATTEMPT_REFUSED in kinds
