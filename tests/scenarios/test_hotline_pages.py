"""A call as people see it: its history, what came of it, and its record on paper."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from pypdf import PdfReader

from tests.scenarios.test_hotline import call, take
from tests.webui.visitors import Visitor, open_site
from workflows.sheets import load_record, render_dossier

if TYPE_CHECKING:
    from tests.workflows.processes.petition.house import PetitionHouse


def test_a_call_and_what_came_of_it_can_be_read_and_printed(rights_desk: PetitionHouse) -> None:
    case_id = call(rights_desk)
    petition = take(rights_desk, case_id)
    agent, worker = (Visitor(open_site(rights_desk)).sign_in(login) for login in ("hotline", "rightsworker"))
    told = agent.get(f"/cases/{case_id}?tab=timeline")
    assert (told.status, "由此转成的信访件" in told.text) == (200, True)
    assert "转成此件的来电" in worker.get(f"/cases/{petition}").text
    assert worker.get(f"/cases/{petition}?tab=timeline").status == 200
    with rights_desk.runtime.reading() as connection:
        record = load_record(rights_desk.runtime, connection, rights_desk.actor("hotline"), case_id)
    pdf = render_dossier(record, reveal=True, printed_by="温知夏", printed_at=rights_desk.clock.now())
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
    assert text.count("已按指引告知") == 0
    assert "移交给 示范县妇联" in " ".join(text.split())
