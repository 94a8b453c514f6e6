"""The page 委托代理: both see it, a mistake keeps what was typed, and the deputy's work says in whose place it was done."""

from __future__ import annotations

from tests.webui.test_attention import lines, send
from tests.workflows.processes.loan import examples
from workflows.demo import PASSWORD


def register(house, visitor, **changes):
    page = visitor.get("/absences/")
    boxes = {"deputy": str(house.actor("t1vice").id), "since": "2026-06-15", "until": "2026-06-19", "with_held": "1"}
    (form,) = [f for f in page.all("//main//form") if f.action == "/absences/"]
    return visitor.post("/absences/", {**dict(form.form_values()), **boxes, **changes})


def test_only_those_who_may_act_in_her_place_are_offered(visit):
    options = [o.text_content() for o in visit("v1chair").get("/absences/").all("//select[@name='deputy']/option")]
    assert options == ["请选择", "吴海棠（乡镇妇联主席）", "周明霞（乡镇妇联主席）"]
    assert not visit("sysadmin").get("/absences/").all("//select[@name='deputy']")


def test_a_mistake_is_told_beside_its_box_and_nothing_typed_is_lost(house, visit):
    answer = register(house, visit("v1chair"), until="2026-06-01")
    assert answer.status == 422
    assert "结束日期须在 2026-06-15 至" in answer.text
    assert answer.all("//input[@name='until']/@value") == ["2026-06-01"]
    assert answer.all("//option[@selected]/text()") == ["吴海棠（乡镇妇联主席）"]


def test_a_deputy_signs_and_every_place_says_in_whose_stead(house, visit):
    case_id = house.applied()
    village, vice = visit("v1chair"), visit("t1vice")
    assert register(house, village).status == 303
    assert "由吴海棠代林秋月办理" in vice.get("/absences/").text
    assert "代 林秋月" in lines(vice.get("/?tab=deputy"))[0]
    job = house.open_task(case_id)
    assert "您在代 林秋月 办理" in vice.get(f"/tasks/{job.id}").text
    boxes = {k: str(v) for k, v in examples.village_review().items() if v is not None and not isinstance(v, list)}
    boxes = {k: v.replace("True", "true") for k, v in boxes.items()}
    done = vice.submit(job.id, **boxes, _password=PASSWORD)
    assert done.status == 303, done.text
    for tab in ("timeline", "signatures", "forms"):
        assert "由吴海棠代林秋月办理" in visit("t1chair").get(f"/cases/{case_id}?tab={tab}").text, tab
    for visitor in (village, vice):
        assert "V1-2026-L-0001" in lines(visitor.get("/absences/"))[0]
    assert not lines(visit("t2chair").get("/absences/"))


def test_ending_it_empties_the_deputys_list_at_once(house, visit):
    house.applied()
    village, vice = visit("v1chair"), visit("t1vice")
    register(house, village)
    assert lines(vice.get("/"))
    assert send(village, village.get("/absences/"), "/end").status == 303
    assert not lines(vice.get("/"))
    assert "已提前结束" in vice.get("/absences/").text
    assert "代办" not in [a.text_content().strip() for a in vice.get("/").all("//ul[@class='tabs']//a")]
