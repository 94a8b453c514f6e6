"""The pages 组织: each post sees its doors, mistakes keep what was typed, and what is done shows at once."""

from __future__ import annotations

import io
import re

import pytest
from pypdf import PdfReader

from engine.commands.classes import raise_class
from tests.webui.visitors import attachment
from tests.workflows.organisation.test_appointing import IDCARD
from tests.workflows.organisation.test_import import PERSON, UNIT, book
from workflows.demo import PASSWORD

BASE = "/organisation"
OWN = "七只喜鹊落在老槐树的北边枝头上"
LACKS = "//td/span[@class='tag danger']"


def posted(page, action):
    """The first form that is posted to an address with this end."""
    return next(form for form in page.all("//main//form[@method='post']") if form.action.endswith(action))


def form_of(page, action):
    return dict(posted(page, action).form_values())


def send(visitor, page, action, **boxes):
    return visitor.post(posted(page, action).action, {**form_of(page, action), **boxes})


def test_the_tree_shows_who_serves_where_and_only_to_the_federation(visit):
    page = visit("v1chair").get(f"{BASE}/")
    assert "林秋月（村妇联主席）" in page.text
    assert not page.all("//main//form[@method='post']")
    assert len(visit("v1chair").get(f"{BASE}/?q=V1").all("//tbody/tr")) == 1
    for stranger in ("credit", "police", "lawyer"):
        assert visit(stranger).get(f"{BASE}/").status == 403
        assert visit(stranger).get(f"{BASE}/people/").status == 403
        assert visit(stranger).get(f"{BASE}/relatives/").status == 200


def test_an_account_is_created_by_one_and_appointed_by_another(house, visit):
    admin, security = visit("sysadmin"), visit("secadmin")
    people = admin.get(f"{BASE}/people/")
    wrong = send(admin, people, "/people/", name="江映雪", login_name="v1chair", idcard="1")
    assert wrong.status == 422
    assert wrong.all("//input[@name='name']/@value") == ["江映雪"]
    made = send(admin, people, "/people/", name="江映雪", login_name="newchair", idcard=IDCARD)
    assert made.status == 303, made.text
    hers = made.location.partition("?")[0]
    shown = send(admin, admin.get(hers), "/password")
    [secret] = shown.all("//code/text()")
    village = f"{BASE}/units/{house.unit('V1')}"
    assert not any(f.action.endswith("/appoint") for f in admin.get(village).all("//main//form"))
    page = security.get(village)
    [number] = [o.get("value") for o in page.all("//select[@name='account_id']/option") if o.text == "江映雪"]
    boxes = {"account_id": number, "post": "VILLAGE_CHAIR", "since": "2026-06-15"}
    taken = send(security, page, "/appoint", **boxes)
    assert taken.status == 422
    assert "每个单位只设一人" in taken.text
    assert taken.all("//select[@name='post']/option[@selected]/@value") == ["VILLAGE_CHAIR"]
    end = posted(page, "/end").action.removeprefix(village)
    assert send(security, page, end, last_day="2026-06-14").status == 303
    assert send(security, security.get(village), "/appoint", **boxes).status == 303
    assert "江映雪" in security.get(village).text
    assert secret not in admin.get(hers).text
    stranger = visit("")
    answer = stranger.post("/login", {**stranger.get("/login").fields("//form[@action='/login']"), "login": "newchair", "password": secret})  # fmt: skip
    assert (answer.status, stranger.get("/cases/new").location) == (200, "/login?next=/cases/new"), "nothing else opens"
    own = {**answer.fields("//form[@action='/login/password']"), "new": OWN, "again": OWN}
    assert "不一致" in stranger.post("/login/password", {**own, "again": OWN[1:]}).text
    assert "起始密码，请换" in stranger.post("/login/password", {**own, "new": secret, "again": secret}).text
    assert "姓名" in stranger.post("/login/password", {**own, "new": f"{OWN}江映雪", "again": f"{OWN}江映雪"}).text
    assert stranger.post("/login/password", own).location == "/"
    assert stranger.get("/cases/new").status == 200
    assert stranger.get("/login/password").location.startswith("/login"), "that page is over"
    assert visit("").sign_in("newchair", OWN)


def test_a_far_reaching_post_waits_for_the_chair_who_finds_it_in_her_inbox(house, visit):
    security, chair = visit("secadmin"), visit("countychair")
    county = f"{BASE}/units/{house.unit('C1')}"
    boxes = {"account_id": str(house.actor("v2chair").id), "post": "ARCHIVIST", "since": "2026-06-15"}
    assert send(security, security.get(county), "/appoint", **boxes).status == 303
    assert "任命待您批准" in chair.get("/").text
    assert "须由另一人批准" in visit("v1chair").get(f"{BASE}/").text
    page = chair.get(f"{BASE}/")
    action = posted(page, "/appointments/1").action
    assert chair.post(action, {**form_of(page, action), "verb": "refuse", "reason": ""}).status == 422
    assert chair.post(action, {**form_of(page, action), "verb": "approve"}).status == 303
    assert "待批准" not in chair.get(f"{BASE}/").text


@pytest.mark.parametrize(
    ("verb", "boxes", "told"),
    [
        ("/below", {"kind": "VILLAGE", "name": "", "code": "V7"}, "机构名称"),
        ("/rename", {"name": ""}, "机构名称"),
        ("/move", {"parent_id": ""}, "没有找到"),
        ("/close", {"last_day": "2026-06-15"}, "任期"),
    ],
)
def test_a_change_that_cannot_be_is_told_on_the_page(house, visit, verb, boxes, told):
    admin = visit("sysadmin")
    page = admin.get(f"{BASE}/units/{house.unit('T1')}")
    answer = send(admin, page, verb, **boxes)
    assert answer.status in (404, 422)
    assert told in answer.text


def test_the_check_list_names_a_work_unit_with_thirty_women_and_no_committee(house, visit):
    admin = visit("sysadmin")
    police = f"{BASE}/units/{house.unit('P1')}"
    for women, lacks in (("29", False), ("30", True)):
        assert send(admin, admin.get(police), "/women", women=women, counted_on="2026-06-15").status == 303
        assert bool(visit("t1chair").get(f"{BASE}/committees").all(LACKS)) is lacks
    assert send(admin, admin.get(police), "/below", kind="COMMITTEE", name="派出所妇委会", code="M9").status == 303
    assert not visit("t1chair").get(f"{BASE}/committees").all(LACKS)


def test_training_is_recorded_and_struck_out_on_her_page(house, visit):
    security = visit("secadmin")
    page = f"{BASE}/people/{house.actor('hotline').id}"
    assert "不能做风险评估" in security.get(page).text
    boxes = {"kind": "RISK", "held_on": "2026-06-01", "valid_until": "2026-06-15"}
    assert security.post(f"{page}/training", {**form_of(security.get(page), "/training"), **boxes}).status == 303
    assert "可做风险评估" in security.get(page).text
    strike = security.get(page)
    [button] = strike.all("//button[@name='training_id']")
    values = dict(button.getparent().form_values())
    assert security.post(f"{page}/training", {**values, "training_id": button.get("value")}).status == 303
    assert "已划销" in security.get(page).text


def test_relatives_are_declared_and_shown_to_her_alone(house, visit):
    chair = visit("v1chair")
    assert "请作年度亲属申报" in chair.get("/").text
    page = chair.get(f"{BASE}/relatives/")
    boxes = {"name": "苏大禾", "relation": "SIBLING", "idcard": IDCARD}
    assert send(chair, page, "/relatives/", **{**boxes, "idcard": "1"}).status == 422
    assert send(chair, page, "/relatives/", **boxes).status == 303
    assert "苏大禾" in chair.get(f"{BASE}/relatives/").text
    assert "苏大禾" not in visit("secadmin").get(f"{BASE}/people/{house.actor('v1chair').id}").text
    assert "请作年度亲属申报" not in chair.get("/").text


def test_a_handover_is_prepared_fixed_signed_and_printed(house, visit):
    house.applied()
    security, town = visit("secadmin"), visit("t1chair")
    village = f"{BASE}/units/{house.unit('V1')}"
    page = security.get(village)
    end = posted(page, "/end").action.removeprefix(village)
    assert send(security, page, end, last_day="2026-06-14").status == 303
    boxes = {"account_id": str(house.actor("v3chair").id), "post": "VILLAGE_CHAIR", "since": "2026-06-15"}
    assert send(security, security.get(village), "/appoint", **boxes).status == 303
    assert "换届移交与您有关" in town.get("/").text
    one = f"{BASE}/handovers/1"
    assert visit("t2chair").get(one).status == 404
    assert send(town, town.get(one), "/things", registers="台账一册", seals="印章一枚").status == 303
    assert "V1-2026-L-0001" in town.get(one).text
    assert send(town, town.get(one), "/list").status == 303
    assert send(town, town.get(one), "/sign", _password="wrong").status == 422
    heir = visit("v3chair")
    for visitor in (town, heir):
        assert send(visitor, visitor.get(one), "/sign", _password=PASSWORD).status == 303
    assert send(town, town.get(one), "/paper", signed_on="2026-06-15").status == 303
    assert "已移交" in town.get(one).text
    printed = send(heir, heir.get(one), "/print")
    assert printed.body.startswith(b"%PDF")
    assert "打印登记" in town.get(one).text
    text = "".join("".join(page.extract_text().split()) for page in PdfReader(io.BytesIO(printed.body)).pages)
    number, code = re.search(r"编号(V1-2026-YJ-\d{4})校验码([0-9a-f]{16})", text).groups()
    asked = {"number": number, "code": code}
    for visitor, told in ((town, "打印登记中有这一份"), (visit("t2chair"), "打印登记中没有这一份")):
        assert told in visitor.post("/verify/printed", {"csrf_token": visitor.token(), **asked}).text


def test_who_leads_a_confidential_case_decides_on_a_page_of_the_assistant_to_whom_it_goes(house, visit):
    case_id = house.applied()
    house.act(raise_class, "v1chair", case_id=case_id, to="C3", reason="涉及家庭暴力")
    security, head, town = visit("secadmin"), visit("rightshead"), visit("t1chair")
    before = town.get(f"{BASE}/handovers/").text
    village = f"{BASE}/units/{house.unit('V1')}"
    page = security.get(village)
    assert send(security, page, posted(page, "/end").action.removeprefix(village), last_day="2026-06-30").status == 303
    assert "由您决定转给谁" in head.get("/").text
    page = head.get(f"{BASE}/handovers/")
    number = house.case(case_id).number
    assert number in page.text
    assert number not in town.get(f"{BASE}/handovers/").text + before
    action = f"/handovers/cases/{case_id}"
    wrong = send(head, page, action, reason="", to=str(house.actor("rightsworker").id))
    assert (wrong.status, "请写明理由" in wrong.text) == (422, True)
    assert wrong.all("//option[@selected]/@value") == [str(house.actor("rightsworker").id)]
    assert send(head, wrong, action, reason="由权益干部接续").status == 303
    assert "由您决定的保密事项" not in head.get(f"{BASE}/handovers/").text


def test_a_work_book_is_looked_at_before_it_is_taken_in(visit):
    admin = visit("sysadmin")
    page = admin.get(f"{BASE}/import/")
    form = posted(page, "/import/")
    wrong = book(units=(UNIT, ("V5", "T9", "村妇联", "名")), people=(PERSON,))
    for content, status in ((b"", 422), (b"nothing", 422), (wrong, 303)):
        fields = {
            **dict(form.form_values()),
            "file": attachment(content, "a.xlsx"),
            "_key": "k" * 16 + str(status) + str(len(content)),
        }
        answer = admin.post(f"{BASE}/import/", fields)
        assert answer.status == status, answer.text
    shown = admin.get(answer.location)
    assert "机构 第 3 行" in shown.text
    assert "没有代码为“T9”的机构" in shown.text
    assert not any("全部导入" in button.text_content() for button in shown.all("//button"))
    assert admin.get(f"{answer.location}/rejected").body.startswith(b"PK")
    assert admin.get(f"{BASE}/import/template").body.startswith(b"PK")
    assert send(admin, shown, answer.location, good="1").status == 303
    assert "已导入：机构 1 个" in admin.get(answer.location).text
    assert visit("secadmin").get(answer.location).status == 403
