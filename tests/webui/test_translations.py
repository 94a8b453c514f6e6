"""Chinese first, English second: no msgid without its English, and no language left over on the pages of the other."""

from __future__ import annotations

import re
import string
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from sqlalchemy import select

import webui
from engine.commands.orders import issue_order
from engine.jobs import sweep
from engine.model_escalation import escalation
from tests.webui.visitors import CATALOGUE
from tests.workflows.processes.loan import examples
from webui.extract import drawing

ROOT = Path(webui.__file__).parent.parent
CFG = Path(webui.__file__).parent / "translations" / "babel.cfg"
HAN = re.compile(r"[\u3400-\u9fff]")
LATIN = re.compile(r"[A-Za-z]{2,}")


def catalogue():
    with (CATALOGUE / "messages.po").open("rb") as source:
        return {message.id: message.string for message in read_po(source, locale="en") if message.id}


@pytest.fixture(scope="module")
def msgids():
    """Every string marked for translation in the tree as it is."""
    with CFG.open() as source:
        methods, options = parse_mapping_cfg(source)
    keywords = {"N_": None, "_": None, "gettext": None}
    found = extract_from_dir(str(ROOT), methods, options, keywords, directory_filter=_ours)
    return {message for _, _, message, _, _ in found if isinstance(message, str)}


def _ours(path):
    return Path(path).name in ("engine", "workflows", "webui", "bpmn") or any(
        part in ("engine", "workflows", "webui", "bpmn") for part in Path(path).relative_to(ROOT).parts
    )


def test_every_marked_string_has_its_english(msgids):
    known = catalogue()
    assert len(msgids) > 1000
    assert not sorted(m for m in msgids if not known.get(m))


def test_the_catalogue_holds_nothing_that_nobody_says_any_more(msgids):
    assert not sorted(set(catalogue()) - msgids)


def test_nothing_is_marked_as_unsure_because_the_compiler_would_leave_it_out_of_what_people_read():
    with (CATALOGUE / "messages.po").open("rb") as source:
        read = read_po(source, locale="en")
    assert (read.fuzzy, [message.id for message in read if message.id and message.fuzzy]) == (False, [])


def test_the_english_fills_in_the_same_names_as_the_chinese():
    def names(text):
        return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}

    assert not [m for m, english in catalogue().items() if names(m) != names(english)]


def test_no_english_text_holds_chinese_characters():
    assert not [english for english in catalogue().values() if HAN.search(english)]


def test_a_drawings_names_and_explanations_are_marked_and_nothing_else():
    source = b"""<definitions xmlns="http://www.omg.org/spec/BPMN/20100524/MODEL"><process name="P">
      <userTask id="A" name="Do"><documentation>Why</documentation></userTask><exclusiveGateway name="G"/></process></definitions>"""
    assert [found[2] for found in drawing(BytesIO(source), {}, (), {})] == ["P", "Do", "Why"]


#: what stays as it is in either language: names of sheets, formats, units of data, keys of the keyboard, logins, digests
KEPT = re.compile(
    r"PDF|JPEG|PNG|MB|KB|BPMN|Esc|Ctrl|Enter|English|L-0\d|halfsky-demo-\d+|v1chair|a\.png|[A-Z]\d-\d{4}-L-\d{4}(?:-DB\d\d)?"
    r"|[2-9A-Z]{4}-[2-9A-Z]{4}|S001-\d+|CC683|PIPL\d+|SEAL\d+|[DG]\d+|[0-9a-f]{12,64}|12338"
)
PAGES = {
    "v1chair": [
        "/",
        "/?tab=done",
        "/?tab=started",
        "/?tab=notices",
        "/cases/new",
        "/tasks/4",
        "/absences/",
        "/search/",
        "/search/?number=V1",
    ],
    "t1chair": [
        "/tasks/3",
        "/escalations",
        "/processes",
        "/verify",
        "/processes/loan",
        "/cases/999",
        "/cases/1/withdraw",
        "/cases/1/print",
    ]
    + [f"/cases/1?tab={tab}" for tab in ("overview", "timeline", "forms", "papers", "signatures", "collab")],
    "loanhead": [
        "/escalations",
        "/escalations/1",
        "/escalations/orders/1",
        "/escalations?state=map",
        "/escalations?state=closed",
    ],
    "secadmin": [
        "/organisation/",
        "/organisation/units/2",
        "/organisation/people/",
        "/organisation/people/1",
        "/organisation/committees",
        "/organisation/handovers/",
        "/organisation/relatives/",
    ],
    "logauditor": ["/audit"],
}


def words(answer):
    """What a person reads or hears, without drawings and without what somebody typed."""
    skipped = "//script | //style | //*[local-name()='svg'] | //textarea | //*[contains(@class, 'hash')]"
    for element in answer.all(skipped):
        element.drop_tree()
    spoken = [
        value
        for name in ("aria-label", "title", "alt", "placeholder", "data-label")
        for value in answer.all(f"//@{name}")
    ]
    return [text.strip() for text in (*answer.page.itertext(), *spoken) if text.strip()]


@pytest.fixture
def furnished(house):
    first = house.applied()
    house.submit(first, "v1chair", examples.village_review())
    house.begin()
    house.clock.at += timedelta(days=9)
    sweep(house.runtime)
    asked = {
        "text": "请说明原因",
        "reply_by": house.clock.at.date(),
        "seen_version": house.row(select(escalation.c.version)).version,
    }
    house.act(issue_order, "loanhead", escalation_id=1, **asked)


@pytest.mark.parametrize("login", PAGES)
@pytest.mark.usefixtures("furnished")
def test_no_english_is_left_over_on_a_chinese_page(visit, login):
    visitor = visit(login)
    for path in PAGES[login]:
        left = [text for text in words(visitor.get(path)) if LATIN.search(KEPT.sub("", text))]
        assert not left, path


#: data stay in the language they were entered in; the history tells rules and registers in the language of the file
DATA = re.compile(
    "[\u3400-\u9fff·（）《》、，。；：“” 0-9A-Za-z()._%-]*(妇联|信用|苏|方立群|罗玉芬|林秋月|周明霞|顾知微|孟繁星|中文)"
)
CHINESE_DATA = ["/?tab=notices", "/cases/new", "/escalations", "/processes", "/processes/loan", "/cases/1/withdraw"]

SUPERVISED = ["/escalations", "/escalations/1"]
#: names of people, and what one of them wrote
STAFF = re.compile("韩雪梅|周明霞|吴海棠|许婉清|请说明原因")


@pytest.mark.usefixtures("furnished")
def test_no_chinese_is_left_over_on_an_english_page(visit):
    for login, path in [*(("t1chair", path) for path in CHINESE_DATA), *(("loanhead", path) for path in SUPERVISED)]:
        visitor = visit(login)
        visitor.client.set_cookie("language", "en")
        left = [
            t for t in words(visitor.get(path)) if HAN.search(STAFF.sub("", t)) and not DATA.match(t) and "*" not in t
        ]
        assert not left, path
