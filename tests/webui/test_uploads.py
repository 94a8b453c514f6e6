"""Files: judged by their content, bounded while they arrive, and never at the cost of what was typed."""

from __future__ import annotations

import io
import tracemalloc

import pytest

from tests.webui.visitors import attachment
from tests.workflows.processes.loan import examples

MEGABYTE = 1024 * 1024
EXE = b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00" + b"\x00" * 512


@pytest.fixture
def task_id(house):
    return house.open_task(house.begin(papers=())).id


def upload(visitor, task_id, field, *files, **changes):
    fields = {**visitor.get(f"/tasks/{task_id}").fields(), **changes, field: list(files)}
    return visitor.post(f"/tasks/{task_id}/papers/add?field={field}", fields)


def test_a_paper_is_attached_shown_beside_its_field_and_can_be_opened(visit, task_id):
    chair = visit("v1chair")
    answer = upload(chair, task_id, "guarantors.2.proof", attachment(examples.PNG, "存单.png"))
    assert (answer.status, answer.location) == (303, f"/tasks/{task_id}#f-guarantors-2-proof-box")
    (link,) = chair.get(f"/tasks/{task_id}").all("//div[@id='f-guarantors-2-proof-box']//a")
    assert "存单.png" in link.text_content()
    opened = chair.get(link.get("href"))
    assert (opened.body, opened.headers["Content-Type"]) == (examples.PNG, "image/png")
    assert "sandbox" in opened.headers["Content-Security-Policy"]


def test_several_files_of_one_field_are_attached_at_once(visit, task_id):
    chair = visit("v1chair")
    other = examples.PNG[:-12] + b"\x00\x00\x00\x00IEND\xaeB`\x82"
    upload(chair, task_id, "photos", attachment(examples.PNG, "a.png"), attachment(other, "b.png"))
    assert len(chair.get(f"/tasks/{task_id}").all("//div[@id='f-photos-box']//li")) == 2


def test_what_was_typed_meanwhile_is_kept(visit, task_id):
    chair = visit("v1chair")
    upload(chair, task_id, "photos", attachment(examples.PNG, "a.png"), purpose="先写一半")
    assert chair.get(f"/tasks/{task_id}").value("purpose").strip() == "先写一半"


REFUSED = [
    ("合同.pdf", EXE, 415, "程序文件"),
    ("照片.jpg", b"<script>alert(1)</script>" * 20, 415, "PDF、JPEG、PNG"),
    ("空.pdf", b"", 415, "文件是空的"),
]


@pytest.mark.parametrize(("name", "content", "status", "told"), REFUSED, ids=[r[0] for r in REFUSED])
def test_a_refused_file_is_named_with_what_was_seen_and_the_text_stays(visit, task_id, name, content, status, told):
    chair = visit("v1chair")
    answer = upload(chair, task_id, "idcardCopy", attachment(content, name), purpose="先写一半")
    assert answer.status == status
    (box,) = answer.all("//div[@id='f-idcardCopy-box']")
    assert told in box.text_content()
    assert name in box.text_content()
    assert answer.value("purpose").strip() == "先写一半"
    assert not box.xpath(".//li")


def test_a_refused_file_does_not_let_the_form_be_submitted(house, visit, task_id):
    chair = visit("v1chair")
    fields = {**chair.get(f"/tasks/{task_id}").fields(), "photos": attachment(EXE, "a.png"), "purpose": "先写一半"}
    answer = chair.post(f"/tasks/{task_id}", fields)
    assert (answer.status, answer.value("purpose").strip()) == (415, "先写一半")


def test_files_chosen_in_the_form_itself_are_attached_when_it_is_submitted(house, visit):
    case_id = house.begin(papers=examples.APPLICATION_PAPERS[1:])
    chair = visit("v1chair")
    task_id = house.open_task(case_id).id
    from_page = chair.get(f"/tasks/{task_id}").fields()
    fields = {**from_page, **_typed(house), "unemploymentEvidence": attachment(examples.PNG, "证明.png")}
    assert chair.post(f"/tasks/{task_id}", fields).status == 303
    assert house.at(case_id) == ["T_VillageReview"]


def _typed(house):
    return {path: text for path, text in _flat(house.application()).items() if text}


def _flat(answers):
    from_forms = {}
    for name, value in answers.items():
        if name == "guarantors":
            for item in value:
                from_forms.update({f"guarantors.{item['slot']}.{k}": v for k, v in item.items() if k != "slot"})
        else:
            from_forms[name] = value
    return {path: {True: "true", False: "false"}.get(v, str(v)) for path, v in from_forms.items()}


def test_forty_megabytes_are_refused_without_filling_the_memory(visit, task_id):
    chair = visit("v1chair")
    fields = {**chair.get(f"/tasks/{task_id}").fields(), "purpose": "先写一半"}
    boundary = b"----halfsky"
    head = b"".join(
        b'--%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (boundary, k.encode(), v.encode())
        for k, v in fields.items()
    )
    head += b'--%s\r\nContent-Disposition: form-data; name="photos"; filename="a.png"\r\n\r\n' % boundary
    tail = b"\r\n--%s--\r\n" % boundary
    size = 40 * MEGABYTE
    stream = Zeros(head, size, tail)
    tracemalloc.start()
    response = chair.client.post(
        f"/tasks/{task_id}",
        environ_overrides={
            "wsgi.input": stream,
            "CONTENT_LENGTH": str(len(head) + size + len(tail)),
            "CONTENT_TYPE": f"multipart/form-data; boundary={boundary.decode()}",
        },
    )
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert response.status_code == 413
    assert "上限 10 MB" in response.get_data(as_text=True)
    assert "先写一半" in response.get_data(as_text=True)
    assert peak < 16 * MEGABYTE


class Zeros(io.RawIOBase):
    """A body that is made while it is read."""

    def __init__(self, head: bytes, size: int, tail: bytes) -> None:
        self.parts = [head, size, tail]

    def readable(self) -> bool:
        return True

    def readinto(self, into: bytearray) -> int:
        given = self._next(len(into))
        into[: len(given)] = given
        return len(given)

    def _next(self, size: int) -> bytes:
        head, zeros, tail = self.parts
        if head:
            given, self.parts[0] = head[:size], head[size:]
        elif zeros:
            given = b"\x00" * min(size, zeros)
            self.parts[1] = zeros - len(given)
        else:
            given, self.parts[2] = tail[:size], tail[size:]
        return given


def test_a_request_beyond_every_measure_is_refused_before_it_is_read(visit, task_id):
    chair = visit("v1chair")
    response = chair.client.post(
        f"/tasks/{task_id}",
        environ_overrides={
            "wsgi.input": Zeros(b"", 1, b""),
            "CONTENT_LENGTH": str(10**12),
            "CONTENT_TYPE": "multipart/form-data; boundary=x",
        },
    )
    assert response.status_code == 413


def test_a_paper_is_taken_off_again_and_what_was_typed_stays(visit, task_id):
    chair = visit("v1chair")
    upload(chair, task_id, "photos", attachment(examples.PNG, "a.png"))
    page = chair.get(f"/tasks/{task_id}")
    (button,) = page.all("//div[@id='f-photos-box']//button[@name='paper']")
    fields = {**page.fields(), "purpose": "先写一半", "paper": button.get("value")}
    assert chair.post(button.get("formaction"), fields).status == 303
    after = chair.get(f"/tasks/{task_id}")
    assert not after.all("//div[@id='f-photos-box']//li")
    assert after.value("purpose").strip() == "先写一半"


def test_with_a_script_only_the_field_is_drawn_again(visit, task_id):
    chair = visit("v1chair")
    fields = {**chair.get(f"/tasks/{task_id}").fields(), "photos": attachment(EXE, "a.png")}
    answer = chair.client.post(f"/tasks/{task_id}/papers/add?field=photos", data=fields, headers={"HX-Request": "true"})
    told = answer.get_data(as_text=True)
    assert answer.status_code == 415
    assert 'id="f-photos-box"' in told
    assert "<html" not in told


def test_papers_are_shown_to_those_who_may_read_the_case_and_to_nobody_else(house, visit, task_id):
    chair = visit("v1chair")
    upload(chair, task_id, "photos", attachment(examples.PNG, "a.png"))
    (link,) = chair.get(f"/tasks/{task_id}").all("//div[@id='f-photos-box']//a")
    assert visit("t1chair").get(link.get("href")).status == 200
    for outsider in ("v2chair", "credit", "sysadmin", "logauditor"):
        assert visit(outsider).get(link.get("href")).status == 404, outsider


def test_an_unknown_field_takes_no_file(visit, task_id):
    chair = visit("v1chair")
    fields = {**chair.get(f"/tasks/{task_id}").fields(), "nothing": attachment(examples.PNG, "a.png")}
    assert chair.post(f"/tasks/{task_id}/papers/add?field=nothing", fields).status == 404
