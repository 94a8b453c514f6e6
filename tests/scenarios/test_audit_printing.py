"""O07: dossiers printed as one batch, each numbered and written down; C3 without the person in it (domain D1)."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import pytest
from pypdf import PdfReader, PdfWriter
from sqlalchemy import select

from engine.access import SYSTEM
from engine.errors import EngineError, Forbidden, InvalidAnswers, NotFound
from engine.events import Kind
from engine.model import history, read_log
from engine.queries import opening
from tests.scenarios.auditing import (
    ASKER,
    AUDITOR,
    CHAIR,
    approved,
    begun,
    changed,
    items,
    listed,
    number_of,
    opens,
    paper,
    to_c3,
    work,
)
from workflows import sheets
from workflows.audit_batches import ask_batch, cancel_batch, forget_batch
from workflows.bare_prints import ask_bare_print, decide_bare_print, waiting_for
from workflows.engagements import (
    end_engagement,
)
from workflows.model_engagement import bare_print

if TYPE_CHECKING:
    from tests.scenarios.county import County


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
    to_c3(county, violence)
    to_c3(county, raised)
    changed(county, violence, kind="dvCase")
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
    changed(county, violence, kind="loan")


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
    with pytest.raises(Forbidden):
        county.act(forget_batch, "sysadmin", batch_id=batch)
    county.runtime.execute(forget_batch, actor=SYSTEM, key="forget", batch_id=batch)
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
    to_c3(county, case_id)
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
        to_c3(desk, case_id)
        return plain(record, what, pdf, reveal=reveal)

    monkeypatch.setattr(sheets, "print_entry", raise_then)
    work(desk, batch)
    (item,) = items(desk, batch)
    assert [is_redacted for _, is_redacted in quick] == [False]
    assert (item.state, item.why, item.pdf_sealed) == ("failed", "closed", None)
    with desk.runtime.reading() as connection:
        kinds = connection.execute(select(history.c.kind).where(history.c.case_id == case_id)).scalars().all()
        tried = connection.execute(select(read_log.c.actor_id).filter_by(what="refused:keep_print")).scalars().all()
    assert Kind.PAPER_PRINTED not in kinds
    assert tried == [number_of(desk, AUDITOR)]
