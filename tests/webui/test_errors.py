"""Every refusal has one status, one page and one JSON form, and says a number under which the log can be found."""

from __future__ import annotations

import importlib
import pkgutil
import re

import pytest

import engine
import webui
import workflows
from engine.errors import EngineError, InvalidAnswers, NotFound, SilentChange
from engine.messages import Message
from webui.errors import STATUSES, TITLES, status_of

REFERENCE = re.compile(r"[2-9A-Z]{4}-[2-9A-Z]{4}")


def _family(root):
    for kind in root.__subclasses__():
        yield kind
        yield from _family(kind)


def _all_refusals():
    for package in (engine, workflows, webui):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" not in found.name:
                importlib.import_module(found.name)
    product = ("engine", "workflows", "webui")
    return [kind for kind in _family(EngineError) if kind.__module__.split(".")[0] in product]


def test_every_refusal_of_the_house_has_a_row_of_its_own():
    assert not [kind.__name__ for kind in _all_refusals() if kind not in STATUSES]


def test_every_status_has_a_title():
    assert set(STATUSES.values()) <= set(TITLES)


def test_a_refusal_nobody_listed_answers_like_its_family():
    assert status_of(type("Rarer", (NotFound,), {})(what="x")) == 404


@pytest.fixture
def failing(site):
    """Adds an address that raises what the test wants."""
    wanted = {}

    def fail():
        raise wanted["error"]

    site.add_url_rule("/failing", "failing", fail)
    return wanted


CASES = [
    (NotFound(what="案件 7"), 404, "NotFound"),
    (InvalidAnswers({"amount": [Message("金额不对")]}), 422, "InvalidAnswers"),
    (SilentChange(case_id=7), 500, "SilentChange"),
    (RuntimeError("secret detail"), 500, "InternalError"),
]


@pytest.mark.parametrize(("error", "status", "name"), CASES, ids=[c[2] for c in CASES])
def test_a_refusal_is_a_page_with_a_number_or_json_with_the_same(failing, visit, error, status, name):
    failing["error"] = error
    chair = visit("v1chair")
    page = chair.get("/failing")
    assert page.status == status
    assert REFERENCE.search(page.text)
    assert "secret detail" not in page.text
    data = chair.client.get("/failing", headers={"Accept": "application/json"})
    assert (data.status_code, data.json["error"]) == (status, name)
    assert REFERENCE.fullmatch(data.json["reference"])


def test_the_log_has_the_number_and_nothing_that_was_typed(failing, visit, caplog):
    failing["error"] = RuntimeError("boom")
    page = visit("v1chair").get("/failing?name=苏小禾")
    number = REFERENCE.search(page.text)
    assert number is not None
    assert number[0] in caplog.text
    assert "苏小禾" not in caplog.text


@pytest.mark.parametrize(("method", "address", "status"), [("get", "/nothing", 404), ("delete", "/", 405)])
def test_what_http_itself_refuses_looks_the_same(visit, method, address, status):
    chair = visit("v1chair")
    answer = getattr(chair.client, method)(address, headers={"Accept": "text/html"})
    assert answer.status_code in (status, 400)
    assert REFERENCE.search(answer.get_data(as_text=True))
