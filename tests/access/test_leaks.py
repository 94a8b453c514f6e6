"""Two houses that differ by one confidential case: for whoever is not of its team every page of both is the same, byte for byte.

Left out of the comparison is what is random in every page (protection number, key of the next form, number of the answer, what is
sealed, digests over random salt) and nothing else: no count, no number, no date.
"""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy.engine import make_url

from benchmarks import loans
from engine.access import SYSTEM
from engine.commands.classes import raise_class
from engine.commands.teams import appoint_manager
from engine.jobs import sweep
from engine.unit_of_work import unit_of_work
from tests.access.conftest import REASON
from tests.access.knocking import Browser, addresses
from tests.access.people import Knocker, gather, open_session
from tests.access.sent import AT, ELSEWHERE
from tests.webui.visitors import compile_english, open_site
from tests.workflows.processes.loan import examples
from tests.workflows.processes.loan.house import LoanHouse, prepare
from webui.public import is_public
from workflows.accounts import account_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from flask import Flask

_RANDOM = re.compile(
    rb'name="(?:csrf_token|_key|_paper[^"]*)" value="[^"]*"|value="[^"]*" name="(?:csrf_token|_key)"|'
    rb"\b[2-9A-Z]{4}-[2-9A-Z]{4}\b|gAAAAA[\w%=-]+|\b[0-9a-f]{12,64}\b|/ID \[[^\]]*\]"
)
#: they could be in charge of the case, were it an ordinary one
OUTSIDERS = (
    "here.VILLAGE_CHAIR", "here.TOWN_CHAIR", "here.COUNTY_CHAIR", "here.LOAN_WORKER", "here.LOAN_HEAD", "here.SEAL_KEEPER",
    "here.CREDIT_OFFICER", "here.SYS_ADMIN", "here.CASE_AUDITOR", "away.TOWN_CHAIR",
)  # fmt: skip
INSIDER = "here.RIGHTS_HEAD"
#: what somebody may look for
SOUGHT = ("苏小禾", "小禾", "苏", examples.W, "V1-2026", "养鸡")


@dataclass(frozen=True)
class House:
    """One of the two."""

    house: LoanHouse
    site: Flask
    browsers: dict[str, Browser]


@pytest.fixture(scope="module")
def houses(sqlite_databases: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[House, House]]:
    """With the same ordinary case in both, and a confidential one of the same village and the same applicant in the second."""
    compile_english(tmp_path_factory.mktemp("catalogue"))
    urls = [sqlite_databases.create(prepare) for _ in range(2)]
    first = LoanHouse(urls[0])
    people = gather(first)
    first.applied()
    paths = [make_url(url).database or "" for url in urls]
    with closing(sqlite3.connect(paths[0])) as source, closing(sqlite3.connect(paths[1])) as target:
        source.backup(target)
    second = LoanHouse(urls[1])
    second.keys = 1000
    hide_one(second, people["here.RIGHTS_HEAD"].login, people["here.RIGHTS_WORKER"].login)
    made = []
    for house in (first, second):
        late(house)
        site = open_site(house)
        logins = {label: people[label].login for label in (*OUTSIDERS, INSIDER)}
        made.append(House(house, site, {label: Browser(site, again(house, login)) for label, login in logins.items()}))
    yield made[0], made[1]
    first.close()
    second.close()


def hide_one(house: LoanHouse, head: str, worker: str) -> None:
    """A case of v1chair's that has become confidential, with a team, a text to be found by, and a clock that is running out."""
    backers = [
        examples.payroll(idcard=loans.idcard(5000, 1980, 0)), examples.depositor(idcard=loans.idcard(5000, 1978, 1)),
    ]  # fmt: skip
    born = (
        f"{loans.idcard(5000, 1990, 1)[6:10]}-{loans.idcard(5000, 1990, 1)[10:12]}-{loans.idcard(5000, 1990, 1)[12:14]}"
    )
    case_id = house.applied(idcard=loans.idcard(5000, 1990, 1), birthDate=born, guarantors=backers)
    house.act(raise_class, "v1chair", case_id=case_id, to="C3", reason=REASON)
    with house.runtime.reading() as connection:
        account = account_id(connection, worker)
    house.act(appoint_manager, head, case_id=case_id, account_id=account, reason=REASON)


def late(house: LoanHouse) -> None:
    """Months later: clocks have warned and broken, superiors have been told."""
    house.clock.at = house.clock.at.replace(month=8)
    while sweep(house.runtime):
        pass


def again(house: LoanHouse, login: str) -> Knocker:
    """Somebody signs in once more."""
    with unit_of_work(house.runtime, SYSTEM) as work:
        return Knocker(login, login, open_session(work, account_id(work.connection, login)))


def seen(answer: Any) -> tuple[int, list[tuple[str, str]], bytes]:
    headers = [
        (name, _RANDOM.sub(b"", value.encode()).decode())
        for name, value in answer.headers
        if name not in ("Set-Cookie", "Content-Length")
    ]
    return answer.status_code, headers, _RANDOM.sub(b"", answer.get_data())


def paths(site: Flask) -> Iterator[str]:
    """Every page there is that is about no case, and those of the ordinary one; with what may be chosen on some of them."""
    ids = {"case_id": 1, "task_id": 2, "paper_id": 1, **ELSEWHERE}
    for endpoint, method, names in sorted(addresses(site)):
        if method == "GET" and endpoint != "assets.serve" and not is_public(site.view_functions[endpoint]):
            values = {name: AT.get(endpoint, {}).get(name, ids.get(name, 1)) for name in names}
            yield site.url_map.bind("localhost").build(endpoint, values, "GET")
    yield from (f"/?tab={tab}" for tab in ("todo", "claimable", "done", "started", "copied", "deputy", "notices"))
    yield from (f"/escalations?state={state}" for state in ("open", "closed", "map", "orders"))
    yield from (f"/cases/1?tab={tab}" for tab in ("overview", "timeline", "forms", "papers", "signatures", "collab"))


@pytest.mark.parametrize("label", OUTSIDERS)
def test_no_page_tells_an_outsider_of_a_confidential_case(houses: tuple[House, House], label: str) -> None:
    without, hidden = houses
    different = []
    for path in paths(without.site):
        answers = [seen(each.browsers[label].knock("GET", path, {})) for each in (without, hidden)]
        if answers[0] != answers[1]:
            different.append((path, _first_difference(answers[0][2], answers[1][2]), answers[0][:2], answers[1][:2]))
    assert not different


@pytest.mark.parametrize("label", [label for label in OUTSIDERS if label != "here.SYS_ADMIN"])
def test_no_search_finds_it_and_none_is_answered_otherwise(houses: tuple[House, House], label: str) -> None:
    without, hidden = houses
    for sought in SOUGHT:
        pages = []
        for each in (without, hidden):
            browser = each.browsers[label]
            for path in ("/search/", "/"):
                answer = browser.knock("POST", path, {"sought": sought, "tab": "todo"})
                pages.append((path, sought, *seen(answer)))
                if location := answer.headers.get("Location"):
                    pages.append(seen(browser.knock("GET", location, {})))
        assert pages[: len(pages) // 2] == pages[len(pages) // 2 :], sought


def test_it_is_there_all_the_same_and_shown_to_whom_it_concerns(houses: tuple[House, House]) -> None:
    shown = [each.browsers[INSIDER].knock("GET", "/cases/2", {}).status_code for each in houses]
    assert shown == [404, 200]
    found = [
        each.browsers[INSIDER].knock("POST", "/search/", {"sought": "苏小禾"}).headers["Location"] for each in houses
    ]
    pages = [each.browsers[INSIDER].knock("GET", at, {}).get_data() for each, at in zip(houses, found, strict=True)]
    assert [b"/cases/2" in page for page in pages] == [False, True]


def _first_difference(one: bytes, other: bytes) -> str:
    at = next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    around = slice(max(0, at - 120), at + 120)
    return f"{one[around].decode(errors='replace')} | {other[around].decode(errors='replace')}"
