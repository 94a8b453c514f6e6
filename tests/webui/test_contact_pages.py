"""Safe contact, consent and disclosure on the tab of a case; V-12 on paper; the page on which anybody notes who came asking."""

from __future__ import annotations

import io
import re

from pypdf import PdfReader


def test_a_block_is_laid_down_refused_with_its_field_and_shown_and_the_gate_answers(house, visit):
    case_id = house.applied()
    chair = visit("v1chair")
    page = chair.get(f"/cases/{case_id}?tab=contact")
    assert "默认不主动联系" in page.text
    typed = {"channel": "PHONE", "number": "13800000005", "cover_story": "妇联通知"}
    wrong = chair.post(f"/cases/{case_id}/contact", {**_hidden(page), **typed})
    assert wrong.status == 422
    assert "会暴露事项的字词“妇联”" in wrong.text
    assert "请填写可以联系的时段" in wrong.text
    assert "妇联通知" in wrong.all("//input[@name='cover_story']")[0].value
    done = chair.post(
        f"/cases/{case_id}/contact",
        {**_hidden(wrong), "channel": "PHONE", "number": "13800000005", "windows": "1-5 09:00-11:30"},
    )
    assert done.status == 303
    shown = chair.get(done.location)
    assert "13800000005" in shown.text
    assert "09:00–11:30" in shown.text
    asked = chair.post(f"/cases/{case_id}/contact/ask", {**_hidden(shown), "channel": "LETTER"})
    assert asked.status == 403
    assert "书信不寄到家里" in asked.text
    allowed = chair.post(
        f"/cases/{case_id}/contact/ask", {**_hidden(shown), "channel": "PHONE", "number": "13800000005"}
    )
    assert "请在半小时内" in chair.get(allowed.location).text
    assert visit("v2chair").get(f"/cases/{case_id}?tab=contact").status == 404


def test_consents_and_disclosures_are_listed_checked_withdrawn_and_printed(house, visit):
    case_id = house.to_credit()
    chair = visit("t1chair")
    page = chair.get(f"/cases/{case_id}?tab=contact")
    assert "贷款审查、放款和贷后管理" in page.text
    assert "依据：同意书" in page.text
    refused = chair.post(
        f"/cases/{case_id}/disclosures",
        {**_hidden(page), "recipient": "SHELTER", "purpose": "REFERRAL", "kinds": "IDENTITY"},
    )
    assert refused.status == 403
    assert "没有对这个接收方的单独同意" in refused.text
    duty = {"recipient": "POLICE", "purpose": "REPORT", "kinds": "FACTS", "basis": "UMP11", "note": "电话报告"}
    given = chair.post(f"/cases/{case_id}/disclosures", {**_hidden(refused), **duty})
    assert given.status == 303
    assert "未成年人保护法第11条" in chair.get(given.location).text
    printed = chair.client.post(f"/cases/{case_id}/v-12", data=_hidden(chair.get(given.location)))
    text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(printed.data)).pages).replace("\n", "")
    code = re.search(r"校验码([0-9A-F]{16})", "".join(text.split()))[1]
    asked = {"csrf_token": chair.token(), "number": house.case(case_id).number, "code": code}
    assert "打印登记中有这一份" in chair.post("/verify/printed", asked).text, "the paper bears what it is found by"
    assert "信息共享记录" in text
    assert "2026-06-15 至 2031-06-14；有效" in text
    assert "未成年人保护法第11条" in text
    (form,) = [f for f in page.all("//main//form") if "/withdraw" in (f.action or "") and "consents" in f.action]
    assert chair.post(form.action, dict(form.form_values())).status == 303
    assert "本人撤回" not in chair.get(f"/cases/{case_id}?tab=contact").text


def test_whoever_notes_that_somebody_came_asking_reads_the_same_whoever_was_asked_for(house, visit):
    case_id = house.applied()
    desk = visit("credit")
    page = desk.get("/incidents")
    said = {"kind": "CALL", "told": "自称其丈夫；不答复", "nothing_said": "1"}
    answers = []
    for name in ("苏小禾", "无此人"):
        sent = desk.post("/incidents", {**_hidden(desk.get("/incidents")), **said, "asked_for": name})
        assert sent.status == 303
        answers.append(desk.get(sent.location).text)
    assert answers[0] == answers[1]
    assert "来访或来电打听" in visit("t1chair").get("/?tab=notices").text
    wrong = desk.post("/incidents", {**_hidden(page), **said, "asked_for": "苏小禾", "nothing_said": ""})
    assert wrong.status == 422
    assert "既没有承认，也没有否认" in wrong.text
    assert desk.get(f"/cases/{case_id}?tab=contact").status == 404


def _hidden(page):
    """Protection number and key of the page's first form."""
    form = next(f for f in page.all("//main//form") if "_key" in dict(f.form_values()))
    return {name: value for name, value in form.form_values() if name in ("csrf_token", "_key")}
