"""Every way out passes the gate (D4): who laid down what, what was missed, what was found out; and no other way out exists."""

from __future__ import annotations

import ast
import secrets
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import func, select, update

from engine.access import SYSTEM
from engine.commands.contact import ask_contact, record_contact, set_contact
from engine.commands.disclosing import give_information, record_consent, withdraw_consent
from engine.contact import NONE
from engine.errors import Forbidden, InvalidAnswers, NotFound
from engine.events import Kind
from engine.model import case_file, case_share, notice
from engine.model_contact import contact_incident, contact_permit, safe_contact
from engine.model_disclosure import consent, disclosure
from engine.outgoing import redeem
from engine.queries import opening
from tests.workflows.processes.loan import examples
from tests.workflows.processes.loan.house import opened
from workflows import catalogue, sheets
from workflows.form import field_infos
from workflows.incidents import log_incident
from workflows.safe_contact import ASKED, ASKED_OF_OTHERS, LAID_DOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.databases import Databases
    from tests.workflows.processes.loan.house import LoanHouse

ROOT = Path(__file__).parents[2]
#: Monday nine o'clock is the first minute of these hours
BLOCK = {"channel": "PHONE", "number": "13800000005", "windows": "1-5 09:00-11:30", "code_word": "桂花"}
ASK = {"channel": "PHONE", "number": "13800000005"}


@pytest.fixture
def house(databases: Databases) -> Iterator[LoanHouse]:
    yield from opened(databases)


def told(house: LoanHouse, case_id: int, kind: Kind) -> list[Any]:
    with house.runtime.reading() as connection:
        found = opening.entries(connection, house.runtime.vault, case_id)
    return [entry.content for entry in found if entry.kind == kind]


def refused(house: LoanHouse, case_id: int, **asked: Any) -> str:
    with pytest.raises(Forbidden) as why:
        house.act(ask_contact, "v1chair", case_id=case_id, **{**ASK, **asked})
    return str(why.value)


def guard(house: LoanHouse, case_id: int) -> None:
    """Another matter of the same woman, confidential, of which the loan's people know nothing."""
    other = house.begin("v2chair")
    hers = house.case(case_id).subject_hash
    with house.runtime.database.writing() as connection:
        here = case_file.c.id == other
        connection.execute(update(case_file).where(here).values(subject_hash=hers, confidentiality="C3"))
        connection.commit()


def test_versions_are_kept_sealed_and_the_newest_counts(house: LoanHouse) -> None:
    case_id = house.applied()
    assert "只能拨打本人为本件留下的电话" in refused(house, case_id)
    assert house.act(set_contact, "v1chair", case_id=case_id, block=BLOCK)["number"] == 1
    permit = house.act(ask_contact, "v1chair", case_id=case_id, **ASK)["permit"]
    assert house.act(set_contact, "v1chair", case_id=case_id, block={})["number"] == 2
    assert "不主动联系" in refused(house, case_id)
    with house.runtime.reading() as connection:
        rows = connection.execute(select(safe_contact).order_by(safe_contact.c.number)).all()
        kept = connection.execute(select(contact_permit).where(contact_permit.c.id == permit)).one()
    assert [row.number for row in rows] == [1, 2]
    stored = b"".join((*(row.block_sealed for row in rows), kept.wish_sealed))
    assert not any(word.encode() in stored for word in ("13800000005", "桂花"))
    assert [sorted(entry) for entry in told(house, case_id, Kind.CONTACT_LAID_DOWN)] == [
        ["digest", "number", "rows"]
    ] * 2


def test_a_missed_attempt_repeats_only_by_a_person_with_a_reason_and_a_betrayed_one_not_at_all(
    house: LoanHouse,
) -> None:
    case_id = house.applied()
    house.act(set_contact, "v1chair", case_id=case_id, block=BLOCK)
    first = house.act(ask_contact, "v1chair", case_id=case_id, **ASK)["permit"]
    house.act(record_contact, "v1chair", case_id=case_id, permit_id=first, outcome="missed")
    with pytest.raises(InvalidAnswers):
        house.act(record_contact, "v1chair", case_id=case_id, permit_id=first, outcome="reached")
    assert "须写明理由" in refused(house, case_id)
    with pytest.raises((Forbidden, NotFound)):
        house.runtime.execute(
            ask_contact, actor=SYSTEM, key=secrets.token_hex(16), case_id=case_id, again="例行", **ASK
        )
    second = house.act(ask_contact, "v1chair", case_id=case_id, again="约好今天补材料", **ASK)["permit"]
    house.act(record_contact, "v1chair", case_id=case_id, permit_id=second, outcome="unsafe")
    assert "重新登记安全联系方式" in refused(house, case_id, again="再试一次")
    house.clock.at += timedelta(minutes=1)
    house.act(set_contact, "v1chair", case_id=case_id, block={**BLOCK, "number": "13800000006"})
    house.act(ask_contact, "v1chair", case_id=case_id, **{**ASK, "number": "13800000006", "again": "换了号码"})


def test_a_permit_is_for_whoever_asked_and_not_for_long(house: LoanHouse) -> None:
    case_id = house.applied()
    house.act(set_contact, "v1chair", case_id=case_id, block=BLOCK)
    permit = house.act(ask_contact, "v1chair", case_id=case_id, **ASK)["permit"]
    now, vault, chair = house.clock.now(), house.runtime.vault, house.actor("v1chair")
    with house.runtime.reading() as connection:
        made = redeem(connection, vault, chair, permit, now)
        assert (made.case_id, made.number) == (case_id, "13800000005")
        for who, at in ((house.actor("t1chair"), now), (chair, made.until)):
            with pytest.raises(NotFound):
                redeem(connection, vault, who, permit, at)


def test_a_letter_to_her_is_printed_with_a_permit_alone(house: LoanHouse) -> None:
    case_id = house.applied()
    house.submit(case_id, "v1chair", examples.village_review(opinion="REFUSE", reason="项目不成立，已当面说明"))
    house.submit(case_id, "t1chair", examples.refusal())
    mark = {"reveal": True, "printed_by": "", "printed_at": house.clock.now()}
    with house.runtime.reading() as connection:
        record = sheets.load_record(house.runtime, connection, house.actor("t1chair"), case_id)
    other = replace(record, case_id=case_id + 1)
    permit_id = house.act(ask_contact, "t1chair", case_id=case_id, channel="IN_PERSON", sheet="L-07")["permit"]
    with house.runtime.reading() as connection:
        permit = redeem(connection, house.runtime.vault, house.actor("t1chair"), permit_id, house.clock.now())
    for what, given in ((record, None), (record, replace(permit, sheet="L-10", issued=permit.issued)), (other, permit)):
        with pytest.raises(Forbidden, match="联系许可"):
            sheets.render_sheet(what, "L-07", permit=given, **mark)
    guard(house, case_id)
    with pytest.raises(Forbidden) as why:
        house.act(ask_contact, "t1chair", case_id=case_id, channel="IN_PERSON", sheet="L-07")
    assert str(NONE) in str(why.value)


@pytest.mark.parametrize("how", ["MAIL", "IN_PERSON", "PHONE"])
def test_a_refusal_is_not_recorded_as_sent_to_her_home_or_to_a_woman_who_must_not_be_reached(
    house: LoanHouse, how: str
) -> None:
    case_id = house.applied()
    house.submit(case_id, "v1chair", examples.village_review(opinion="REFUSE", reason="项目不成立，已当面说明"))
    if how != "MAIL":
        guard(house, case_id)
    problems = house.problems(case_id, "t1chair", examples.refusal(deliveredHow=how))
    assert set(problems) == {"deliveredHow"}
    house.submit(case_id, "t1chair", examples.refusal(deliveredHow="NOT_SENT"))


def test_whoever_asks_for_a_woman_learns_nothing_and_nor_does_who_answers(house: LoanHouse) -> None:
    case_id = house.applied()
    said = {"kind": "CALL", "told": "自称其丈夫，问是否来过；答复：不提供任何人的信息", "nothing_said": True}
    known = house.act(log_incident, "credit", asked_for=" 苏小禾", **said)
    unknown = house.act(log_incident, "credit", asked_for="无此人", **said)
    assert set(known) == set(unknown) == {"incident"}
    assert len(told(house, case_id, Kind.INCIDENT_LOGGED)) == 1
    alerts = (
        select(func.count()).select_from(notice).where(notice.c.kind == "contact.incident", notice.c.case_id == case_id)
    )
    assert house.row(alerts)[0] >= 1
    with house.runtime.reading() as connection:
        rows = connection.execute(select(contact_incident)).all()
    assert len(rows) == 2
    assert not any("苏小禾".encode() in row.told_sealed for row in rows)
    with pytest.raises(InvalidAnswers) as wrong:
        house.act(log_incident, "credit", asked_for="苏小禾", **{**said, "nothing_said": False})
    assert set(wrong.value.problems) == {"nothing_said"}
    with pytest.raises(NotFound):
        house.act(log_incident, "v2chair", asked_for="苏小禾", case_id=case_id, **said)


def test_the_loan_goes_to_the_credit_union_by_the_consent_on_the_application(house: LoanHouse) -> None:
    case_id = house.to_credit()
    bank = house.unit("X1")
    given = house.row(select(consent).where(consent.c.case_id == case_id))
    assert (given.recipient, given.purpose, given.given_by) == (f"unit:{bank}", "LOAN", "SELF")
    assert (given.given_on.isoformat(), given.expires_on.isoformat()) == ("2026-06-15", "2031-06-14")
    (entry,) = told(house, case_id, Kind.DISCLOSED)
    assert (entry["consent"], entry["kinds"]) == (given.id, ["CONTACT", "FINANCE", "IDENTITY"])
    assert house.row(select(func.count()).select_from(disclosure))[0] == 1
    house.act(withdraw_consent, "v1chair", case_id=case_id, consent_id=given.id)
    assert house.row(select(case_share).where(case_share.c.case_id == case_id)).until == house.clock.now()
    with pytest.raises((Forbidden, NotFound)):
        house.submit(case_id, "credit", examples.credit())
    told_of = select(func.count()).select_from(notice).where(notice.c.kind == "consent.withdrawn")
    assert house.row(told_of)[0] >= 1
    with pytest.raises(Forbidden, match="撤回"):
        house.act(
            give_information, "t1chair", case_id=case_id, recipient=f"unit:{bank}", purpose="LOAN", kinds=["FINANCE"]
        )


def test_what_belongs_to_another_case_is_not_there(house: LoanHouse) -> None:
    case_id, other = house.applied(), house.begin()
    given = house.row(select(consent.c.id).where(consent.c.case_id == case_id))
    with pytest.raises(NotFound, match="同意"):
        house.act(withdraw_consent, "v1chair", case_id=other, consent_id=given.id)
    permit = house.act(ask_contact, "v1chair", case_id=case_id, channel="IN_PERSON")["permit"]
    with pytest.raises(NotFound, match="联系许可"):
        house.act(record_contact, "v1chair", case_id=other, permit_id=permit, outcome="missed")


def test_without_a_consent_nothing_goes_to_the_credit_union(house: LoanHouse) -> None:
    case_id = house.applied()
    given = house.row(select(consent.c.id).where(consent.c.case_id == case_id))
    house.act(withdraw_consent, "v1chair", case_id=case_id, consent_id=given.id)
    house.act(
        record_consent, "v1chair", case_id=case_id, recipient="SHELTER", purpose="REFERRAL", kinds=["IDENTITY"],
        given_on="2026-06-15", expires_on="2026-06-15",
    )  # fmt: skip
    house.act(give_information, "v1chair", case_id=case_id, recipient="SHELTER", purpose="REFERRAL", kinds=["IDENTITY"])
    with pytest.raises(Forbidden, match="没有同意提供"):
        house.act(
            give_information, "v1chair", case_id=case_id, recipient="SHELTER", purpose="REFERRAL", kinds=["FACTS"]
        )
    with pytest.raises(InvalidAnswers) as wrong:
        house.act(
            record_consent, "v1chair", case_id=case_id, recipient="", purpose="", kinds=[], given_on="2026-06-16",
            expires_on="", age=13,
        )  # fmt: skip
    assert set(wrong.value.problems) == {"recipient", "purpose", "kinds", "given_on", "expires_on", "given_by"}
    house.act(
        give_information,
        "v1chair",
        case_id=case_id,
        recipient="POLICE",
        purpose="REPORT",
        kinds=["FACTS"],
        basis="UMP11",
    )
    with pytest.raises(NotFound):
        house.act(withdraw_consent, "v1chair", case_id=case_id, consent_id=given.id)


def _ours() -> Iterator[tuple[str, ast.Module]]:
    for folder in ("engine", "workflows", "webui"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text())


#: modules by which something could be sent to a person; whoever needs one belongs behind the gate
SENDERS = {"smtplib", "smtpd", "aiosmtplib", "telnetlib", "ftplib", "email"}


def test_no_module_but_the_gate_makes_a_permit_and_none_can_send_by_itself() -> None:
    for name, tree in _ours():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and name != "engine/outgoing.py":
                called = getattr(node.func, "id", getattr(node.func, "attr", ""))
                assert called != "Permit", name
            imported = {alias.name.partition(".")[0] for alias in node.names} if isinstance(node, ast.Import) else set()
            if isinstance(node, ast.ImportFrom):
                imported = {(node.module or "").partition(".")[0]}
                assert not (node.module == "engine.outgoing" and "_ISSUED" in {a.name for a in node.names}), name
                printing = (node.module or "") == "engine.dossier" and "render" in {a.name for a in node.names}
                assert not printing or name.startswith("workflows/"), f"{name}: print by workflows.sheets"
            assert not imported & SENDERS, name


def test_every_sheet_that_speaks_to_somebody_says_to_whom() -> None:
    """A new letter that nobody classified fails here."""
    for kind in catalogue.load():
        if not catalogue.load()[kind].series:
            continue  # it goes on in the case, and the book, of another
        book = sheets.book_of(kind)
        for code, sheet in book.sheets.items():
            texts = [folder / sheet.template for folder in (book.folder, *book.more)]
            text = next(path.read_text() for path in texts if path.exists())
            speaks = any(word in sheet.title for word in ("告知", "通知", "致", "函")) or "您" in text
            assert bool(sheet.addressed) is speaks, code


def test_every_form_that_records_how_something_went_out_asks_the_gate() -> None:
    ways = {"MAIL", "IN_PERSON", "PHONE", "BY_PHONE", "SMS", "WECHAT", "EMAIL", "LETTER"}
    found = {
        (form.key, ".".join(part for part in path.split(".") if not part.isdigit()))
        for process in catalogue.load().values()
        for form in process.forms.values()
        for path, info in field_infos(form).items()  # type: ignore[arg-type]
        if ways & {str(code) for code, _ in info.choices}
    }
    assert found == set(ASKED) | set(ASKED_OF_OTHERS) | LAID_DOWN
