"""What the wire carries: little at first, next to nothing afterwards, and never a file from outside the static folder."""

from __future__ import annotations

import pytest

from tests.workflows.processes.loan import examples
from webui import assets

FIRST_LOAD = 150_000
REPEAT = 15_000
GZIP = {"Accept-Encoding": "gzip"}


def test_the_first_load_of_the_inbox_fits_a_weak_signal_and_a_repeat_costs_next_to_nothing(house, visit):
    for _ in range(1):
        house.submit(house.applied(), "v1chair", examples.village_review())
    chair = visit("t1chair")
    page = chair.client.get("/", headers=GZIP)
    shown = chair.get("/")
    files = set(shown.all("//link/@href | //script/@src")) | {
        h.split("#")[0] for h in shown.all("//*[local-name()='use']/@href")
    }
    sizes = {name: len(chair.client.get(name, headers=GZIP).get_data()) for name in files}
    assert page.headers["Content-Encoding"] == "gzip"
    assert len(page.get_data()) <= REPEAT
    assert len(page.get_data()) + sum(sizes.values()) <= FIRST_LOAD, sizes


def test_a_file_is_kept_for_a_year_under_an_address_that_changes_with_its_content(visit):
    stranger = visit("")
    address = assets.asset("halfsky.css")
    answer = stranger.client.get(address, headers=GZIP)
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["Content-Encoding"] == "gzip"
    again = stranger.client.get(address, headers={**GZIP, "If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.get_data()) == (304, b"")
    assert stranger.client.get(address.replace(assets.find("halfsky.css").digest, "0" * 16)).status_code == 404


def test_a_browser_without_gzip_gets_the_plain_file(visit):
    answer = visit("").client.get(assets.asset("halfsky.js"), headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in answer.headers
    assert answer.get_data().startswith(b"/* Halfsky")


@pytest.mark.parametrize("name", ["../app.py", "..%2Fapp.py", "/etc/passwd", "vendor", "nothing.css"])
def test_nothing_outside_the_folder_is_served(visit, name):
    assert assets.find(name) is None
    assert visit("").client.get(f"/assets/0000000000000000/{name}").status_code in (303, 404)


def test_a_template_that_names_a_missing_file_is_an_error():
    with pytest.raises(LookupError):
        assets.asset("missing.css")
