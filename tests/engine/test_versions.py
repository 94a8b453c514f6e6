"""A new version is proposed by one and approved by another; exactly one version is in force at an instant; all is on record."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import delete, select, update

from engine import audit
from engine.commands.cases import start_case
from engine.commands.versions import approve_version, propose_version, refuse_version, withdraw_version
from engine.errors import Forbidden, InvalidAnswers, NotFound, ProposalClosed, ProposalStale, RefusedDefinition
from engine.model import definition, instance, number_series
from engine.model_versions import in_force, proposal, version_log
from engine.queries.versions import DRAWING, all_in_force, in_force_id, terms
from tests.engine.test_audit import tamper
from tests.engine.toy import ADMIN, TOY, WRITER, ToyHouse, person
from tests.engine.workers import Request, at_once

SECOND = person(8, "ADMIN")


def drawing(name: str) -> bytes:
    """The toy drawing with its second step called otherwise."""
    return TOY.replace('name="审核"'.encode(), f'name="{name}"'.encode())


def propose(house: ToyHouse, content: bytes, **more: str) -> int:
    return int(house.act(propose_version, ADMIN, kind="toy", sort=DRAWING, content=content, **more)["proposal_id"])


def approve(house: ToyHouse, number: int, base: int = 1, actor: object = SECOND) -> dict[str, object]:
    return dict(house.act(approve_version, actor, proposal_id=number, seen_base=base))  # type: ignore[arg-type]


def faults(house: ToyHouse) -> list[str]:
    with house.runtime.reading() as connection:
        return [str(fault.why) for fault in audit.verify(connection, house.runtime.vault).faults]


def pinned(house: ToyHouse) -> int:
    """The definition a case opened now is pinned to."""
    opened = house.act(start_case, WRITER, kind="toy")
    with house.runtime.reading() as connection:
        wanted = select(instance.c.definition_id).where(instance.c.case_id == opened["case_id"])
        return int(connection.execute(wanted).scalar_one())


def test_a_proposal_changes_nothing_until_a_second_person_approves_it(house: ToyHouse) -> None:
    number = propose(house, drawing("再审"), note="改名")
    assert pinned(house) == 1
    with pytest.raises(Forbidden, match="另一人"):
        approve(house, number, actor=ADMIN)
    assert pinned(house) == 1
    made = approve(house, number)
    assert made["version"] == 2
    assert pinned(house) == made["version_id"]
    assert faults(house) == []


def test_a_future_version_counts_from_its_instant_and_not_a_moment_earlier(house: ToyHouse) -> None:
    since = house.clock.now() + timedelta(days=3)
    made = approve(house, propose(house, drawing("再审"), valid_from=since.isoformat()))
    with house.runtime.reading() as connection:
        before, after = (in_force_id(connection, DRAWING, "toy", at) for at in (since - timedelta(seconds=1), since))
        newest = terms(connection, DRAWING, "toy")[0]
        assert (newest.version.version, newest.since, newest.until) == (2, since, None)
    assert (before, after) == (1, made["version_id"])
    assert pinned(house) == 1
    house.clock.at = since
    assert pinned(house) == made["version_id"]


def test_a_version_approved_after_its_date_counts_from_the_approval_and_never_backwards(house: ToyHouse) -> None:
    number = propose(house, drawing("再审"), valid_from=(house.clock.now() + timedelta(hours=1)).isoformat())
    house.clock.at += timedelta(days=2)
    made = approve(house, number)
    assert datetime.fromisoformat(str(made["since"])) == house.clock.now()


@pytest.mark.parametrize("typed", ["2026-06-15T08:00", "yesterday", "2026-13-40"])
def test_a_date_that_is_past_or_no_date_is_refused_with_an_example(house: ToyHouse, typed: str) -> None:
    with pytest.raises(InvalidAnswers) as wrong:
        propose(house, drawing("再审"), valid_from=typed)
    assert typed in str(wrong.value.problems["valid_from"][0])


def test_an_approval_of_what_was_compared_with_an_older_version_is_stale(house: ToyHouse) -> None:
    first, second = propose(house, drawing("再审")), propose(house, drawing("复审"))
    base = approve(house, first)["version_id"]
    with pytest.raises(ProposalStale, match="第 1 版变为第 2 版"):
        approve(house, second, base=1)
    assert approve(house, second, base=int(str(base)))["version"] == 3


def test_two_approvals_at_once_let_one_through(house: ToyHouse) -> None:
    numbers = [propose(house, drawing(name)) for name in ("再审", "复审")]
    asked = (
        [Request(approve_version, person(20 + n, "ADMIN"), f"a{n}", {"proposal_id": n, "seen_base": 1})]
        for n in numbers
    )
    told = [answer for [answer] in at_once(house, *asked)]
    assert sorted(each if isinstance(each, str) else "won" for each in told) == ["ProposalStale", "won"]
    with house.runtime.reading() as connection:
        assert len(terms(connection, DRAWING, "toy")) == 2
    assert faults(house) == []


def test_the_same_proposal_approved_twice_at_once_counts_once(house: ToyHouse) -> None:
    number = propose(house, drawing("再审"))
    asked = (
        [Request(approve_version, person(20 + n, "ADMIN"), f"b{n}", {"proposal_id": number, "seen_base": 1})]
        for n in (1, 2)
    )
    told = sorted(answer if isinstance(answer, str) else "won" for [answer] in at_once(house, *asked))
    assert told == ["ProposalClosed", "won"]


def test_a_refusal_needs_a_reason_and_ends_the_matter(house: ToyHouse) -> None:
    number = propose(house, drawing("再审"))
    with pytest.raises(InvalidAnswers):
        house.act(refuse_version, SECOND, proposal_id=number, reason=" ")
    house.act(refuse_version, SECOND, proposal_id=number, reason="岗位不对")
    with pytest.raises(ProposalClosed, match="未批准"):
        approve(house, number)
    with pytest.raises(ProposalClosed):
        house.act(withdraw_version, ADMIN, proposal_id=number)
    assert faults(house) == []


def test_only_the_proposer_takes_a_proposal_back(house: ToyHouse) -> None:
    number = propose(house, drawing("再审"))
    with pytest.raises(Forbidden, match="提出人"):
        house.act(withdraw_version, SECOND, proposal_id=number)
    house.act(withdraw_version, ADMIN, proposal_id=number)
    with pytest.raises(ProposalClosed, match="已撤回"):
        approve(house, number)


def test_what_is_in_force_already_is_no_new_version_and_the_same_twice_is_one_proposal(house: ToyHouse) -> None:
    with pytest.raises(RefusedDefinition, match="完全相同"):
        propose(house, TOY + b"<!-- written otherwise -->")
    assert propose(house, drawing("再审")) == propose(house, drawing("再审"))


def test_going_back_to_an_older_version_is_a_new_approval_of_the_same_version(house: ToyHouse) -> None:
    base = int(str(approve(house, propose(house, drawing("再审")))["version_id"]))
    house.clock.at += timedelta(hours=1)
    back = approve(house, propose(house, TOY), base=base)
    assert (back["version"], back["version_id"]) == (1, 1)
    assert pinned(house) == 1
    assert faults(house) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b'id="toy"', b'id="other"', "toy"),
        (b'<bpmn:sequenceFlow id="f5" sourceRef="GW_Read" targetRef="done"/>',
         b'<bpmn:sequenceFlow id="f5" sourceRef="GW_Read" targetRef="T_Write"/>', "done"),
        (b'halfsky:form="read"', b'halfsky:form="nothing"', "nothing"),
    ],
    ids=["another process", "an end that cannot be reached", "a form nobody knows"],
)  # fmt: skip
def test_a_file_that_passes_as_xml_but_could_not_be_worked_is_refused(
    house: ToyHouse, old: bytes, new: bytes, said: str
) -> None:
    assert old in TOY
    with pytest.raises(RefusedDefinition, match=said):
        propose(house, TOY.replace(old, new))


def test_a_proposal_that_is_not_there_is_not_found(house: ToyHouse) -> None:
    with pytest.raises(NotFound):
        approve(house, 4711)


@pytest.mark.parametrize(
    "change",
    [
        update(proposal).values(decided_by=4),
        update(proposal).values(proposed_by=4),
        update(proposal).values(content=drawing("别的")),
        update(definition).where(definition.c.version == 2).values(bpmn=drawing("别的")),
        update(in_force).where(in_force.c.version_id == 2).values(version_id=1),
        delete(in_force).where(in_force.c.version_id == 2),
        update(version_log).where(version_log.c.seq == 3).values(actor_id=4),
        delete(version_log).where(version_log.c.seq == 2),
        delete(version_log).where(version_log.c.seq > 2),
        update(number_series).where(number_series.c.series == "*versions").values(last=2),
    ],
)
def test_whatever_of_a_version_is_changed_behind_the_record_is_found(house: ToyHouse, change: object) -> None:
    approve(house, propose(house, drawing("再审")))
    assert faults(house) == []
    tamper(house, change)
    assert faults(house)


def test_versions_from_before_the_record_are_taken_into_it_once(house: ToyHouse) -> None:
    for table in (version_log, in_force, proposal):
        tamper(house, delete(table))
    tamper(house, delete(number_series))
    with house.runtime.database.engine.begin() as connection:
        row = {"sort": DRAWING, "key": "toy", "version_id": 1, "since": house.clock.now() - timedelta(days=9)}
        connection.execute(in_force.insert(), row)
    assert faults(house) == []
    propose(house, drawing("再审"))
    with house.runtime.reading() as connection:
        acts = list(connection.execute(select(version_log.c.act).order_by(version_log.c.seq)).scalars())
        assert all_in_force(connection, DRAWING, house.clock.now())["toy"].version == 1
    assert acts == ["adopted", "proposed"]
    assert faults(house) == []
