"""D39: a confidential case is opened to somebody outside its team by two persons, for 24 hours, and reviewed afterwards."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select, update

from engine.access import SYSTEM, Permission
from engine.commands.classes import raise_class
from engine.commands.loading import subject_of
from engine.commands.signing import Reauthentication
from engine.commands.teams import appoint_manager, exclude
from engine.errors import Forbidden, InvalidAnswers, NotFound, SignatureRequired
from engine.events import Kind
from engine.model import case_file, notice
from engine.model_jobs import job
from engine.queries import opening
from engine.unit_of_work import unit_of_work
from tests.scenarios.auditing import begun, number_of, to_c3
from workflows import glass, glass_register, model
from workflows.glass import GlassClosed, ask_glass, confirm_glass, end_glass, note_glass, refuse_glass, review_glass
from workflows.model_glass import glass as requests

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.scenarios.county import County

ASKER, SECOND, LEADER = "t1chair", "countychair", "rightshead"
REASON = "当事人来电求助，经办人联系不上"


def proof(county: County, login: str, age: int = 0) -> Reauthentication:
    return Reauthentication(number_of(county, login), county.clock.now() - timedelta(seconds=age))


def ask(county: County, number: str, by: str = ASKER, **changes: Any) -> dict[str, Any]:
    return dict(
        county.act(ask_glass, by, **{"number": number, "reason": REASON, "proof": proof(county, by), **changes})
    )


def confirm(county: County, request_id: int, by: str = SECOND) -> bool:
    return bool(county.act(confirm_glass, by, request_id=request_id, proof=proof(county, by))["opened"])


def secret(county: County) -> int:
    """A case of village V1 that was raised to C3: nobody but who took it in and the rights head may know of it."""
    case_id = begun(county, 1)[0]
    to_c3(county, case_id)
    return case_id


def granted(county: County, case_id: int, login: str = ASKER) -> set[str]:
    """What she may do with the case; and the lists show it exactly when she may read it."""
    actor, rules = county.actor(login), county.runtime.rules
    with county.runtime.reading() as connection:
        subject = subject_of(connection, county.case(case_id))
        wanted = select(case_file.c.id).where(rules.visible_cases(actor), case_file.c.id == case_id)
        seen = connection.execute(wanted).first()
    found = {p.value for p in Permission if p.value.startswith("case.") and rules.permits(actor, p, subject)}
    assert (seen is not None) is ("case.read" in found)
    return found - {"case.start", "case.migrate"}


def told(county: County, login: str) -> list[Any]:
    with county.runtime.reading() as connection:
        return glass_register.lines(county.runtime, connection, county.actor(login), county.clock.now())


def kinds(county: County, case_id: int) -> list[str]:
    with county.runtime.reading() as connection:
        return [entry.kind for entry in opening.entries(connection, county.runtime.vault, case_id)]


def test_d39_one_person_gets_nowhere_and_two_open_it_for_a_day_of_reading(county: County) -> None:
    case_id = secret(county)
    request = ask(county, county.case(case_id).number.lower())["request_id"]
    assert granted(county, case_id) == set()
    for by, refusal in ((ASKER, NotFound), ("t2chair", NotFound), ("sysadmin", NotFound), ("logauditor", NotFound)):
        with pytest.raises(refusal):
            confirm(county, request, by)
    assert granted(county, case_id) == set()
    assert confirm(county, request) is True
    assert granted(county, case_id) == {"case.read", "case.history"}
    assert granted(county, case_id, SECOND) == set()
    _all_are_told(county, case_id, request)
    county.later(hours=24, seconds=-1)
    assert granted(county, case_id) == {"case.read", "case.history"}
    county.later(seconds=1)
    assert granted(county, case_id) == set()
    _ends_by_itself(county, case_id, request)


def _all_are_told(county: County, case_id: int, request: int) -> None:
    """The history, a notice for who leads the case, and the log auditor's register, which takes note once."""
    assert Kind.GLASS_OPENED in kinds(county, case_id)
    with county.runtime.reading() as connection:
        row = connection.execute(select(notice).where(notice.c.kind == "glass.opened")).one()
    assert (row.case_id, row.post, row.content) == (case_id, "RIGHTS_HEAD", {"request": request})
    (line,) = told(county, "logauditor")
    assert (line.row.id, line.notes, line.reason) == (request, True, "")
    county.act(note_glass, "logauditor", request_id=request)
    assert [line.notes for line in told(county, "logauditor")] == [False]
    with pytest.raises(Forbidden):
        county.act(note_glass, SECOND, request_id=request)
    (line,) = told(county, LEADER)
    assert (line.reviews, line.reason) == (True, REASON)


def _ends_by_itself(county: County, case_id: int, request: int) -> None:
    """The job that was asked for at the beginning writes the end down, once; who leads the case reviews it."""
    with county.runtime.reading() as connection:
        waiting = connection.execute(select(job.c.next_at, job.c.ids).where(job.c.kind == glass.END_JOB)).one()
    assert (waiting.next_at, waiting.ids) == (county.clock.now(), {"request": request})
    for expected in (True, False):
        ended = county.runtime.execute(glass.end_due, actor=SYSTEM, key=f"end-{expected}", request_id=request)
        assert ended.content["ended"] is expected
    for by, refusal in ((ASKER, NotFound), (SECOND, NotFound), ("logauditor", NotFound)):
        with pytest.raises(refusal):
            county.act(review_glass, by, request_id=request, justified=True, text="情况属实，处置及时得当")
    with pytest.raises(InvalidAnswers):
        county.act(review_glass, LEADER, request_id=request, justified=True, text="好")
    county.act(review_glass, LEADER, request_id=request, justified=False, text="经办人当时在岗，无须紧急查阅")
    with pytest.raises(GlassClosed):
        county.act(review_glass, LEADER, request_id=request, justified=True, text="情况属实，处置及时得当")
    assert kinds(county, case_id)[-3:] == [Kind.GLASS_OPENED, Kind.GLASS_ENDED, Kind.GLASS_REVIEWED]


def _missing(county: County) -> str:
    return "V1-2026-L-9999"


def _ordinary(county: County) -> str:
    return str(county.case(begun(county, 1)[0]).number)


def _elsewhere(county: County) -> str:
    """Confidential, but in a township that is not the asker's."""
    case_id = begun(county, 1, "v3chair")[0]
    county.act(raise_class, "v3chair", case_id=case_id, to="C3", reason="当事人遭受家庭暴力，须保密")
    return str(county.case(case_id).number)


def _sealed(county: County) -> str:
    case_id = secret(county)
    manager = {"account_id": number_of(county, "rightsworker"), "keep_intake": True}
    county.act(appoint_manager, LEADER, case_id=case_id, reason="指定承办人", **manager)
    county.act(raise_class, "rightsworker", case_id=case_id, to="C4", reason="涉及庇护场所地址，须封存")
    return str(county.case(case_id).number)


def _kept_from(login: str) -> Callable[[County], str]:
    def made(county: County) -> str:
        case_id = secret(county)
        who = number_of(county, login)
        county.act(exclude, "v1chair", case_id=case_id, account_id=who, reason="是对方当事人的亲属")
        return str(county.case(case_id).number)

    return made


@pytest.mark.parametrize("made", [_missing, _ordinary, _elsewhere, _sealed, _kept_from(ASKER), _kept_from(SECOND)])
def test_who_asks_cannot_tell_a_case_she_may_not_have_from_none_at_all(
    desk: County, made: Callable[[County], str]
) -> None:
    real, other = ask(desk, desk.case(secret(desk)).number), ask(desk, made(desk))
    assert {**real, "request_id": 0} == {**other, "request_id": 0}
    before = [(line.standing, line.reason, line.decides) for line in told(desk, ASKER)]
    assert before[0] == before[1]
    desk.act(refuse_glass, SECOND, request_id=real["request_id"])
    assert confirm(desk, other["request_id"]) is False
    after = [(line.standing, line.reason, line.ends, line.finding) for line in told(desk, ASKER)]
    assert after[0] == after[1]
    assert after[0][0] == glass_register.Standing.DENIED


def test_the_second_person_is_another_person_who_has_just_shown_who_she_is(desk: County) -> None:
    number = desk.case(secret(desk)).number
    own = ask(desk, number, SECOND)["request_id"]
    with pytest.raises(Forbidden):
        confirm(desk, own)
    request = ask(desk, number)["request_id"]
    for stale in (None, proof(desk, ASKER), proof(desk, SECOND, age=121), proof(desk, SECOND, age=-1)):
        with pytest.raises(SignatureRequired):
            desk.act(confirm_glass, SECOND, request_id=request, proof=stale)
    with pytest.raises(SignatureRequired):
        ask(desk, number, proof=None)
    with unit_of_work(desk.runtime, SYSTEM) as work:
        hashed = select(model.account.c.id_hash).where(model.account.c.login == ASKER).scalar_subquery()
        hers = update(model.account).where(model.account.c.login == SECOND).values(id_hash=hashed)
        work.connection.execute(hers)
    with pytest.raises(Forbidden):  # another account of the same person
        confirm(desk, request)


def test_a_request_is_asked_with_a_reason_lapses_and_is_not_asked_without_end(desk: County) -> None:
    number = desk.case(secret(desk)).number
    for login in ("v1chair", "seal", "logauditor", "sysadmin", "caseauditor", "credit"):
        with pytest.raises(Forbidden):
            ask(desk, number, login)
    with pytest.raises(InvalidAnswers) as refused:
        ask(desk, " ", reason="急")
    assert set(refused.value.problems) == {"number", "reason"}
    first, *_ = [ask(desk, number)["request_id"] for _ in range(5)]
    with pytest.raises(InvalidAnswers):
        ask(desk, number)
    desk.later(hours=24)
    with pytest.raises(GlassClosed):
        confirm(desk, first)
    assert ask(desk, number)["request_id"]


def test_it_closes_early_and_with_the_post_by_which_it_was_opened(desk: County) -> None:
    case_id = secret(desk)
    for by in (ASKER, SECOND, LEADER):
        request = ask(desk, desk.case(case_id).number)["request_id"]
        assert confirm(desk, request)
        with pytest.raises(NotFound):
            desk.act(end_glass, "seal", request_id=request)
        desk.act(end_glass, by, request_id=request)
        assert granted(desk, case_id) == set()
        with pytest.raises(GlassClosed):
            desk.act(end_glass, by, request_id=request)
    assert confirm(desk, ask(desk, desk.case(case_id).number)["request_id"])
    desk.end_post(ASKER, desk.today)
    desk.later(hours=20)
    assert granted(desk, case_id) == set()


def test_a_request_is_confirmed_once(desk: County) -> None:
    request = ask(desk, desk.case(secret(desk)).number)["request_id"]
    assert confirm(desk, request)
    for command in (lambda: confirm(desk, request), lambda: desk.act(refuse_glass, SECOND, request_id=request)):
        with pytest.raises(GlassClosed):
            command()
    with desk.runtime.reading() as connection:
        assert connection.execute(select(requests.c.state)).scalars().all() == ["opened"]
