"""The tab 协作 and the list of copies on the pages."""

from __future__ import annotations

from tests.webui.test_attention import in_township, send


def test_a_comment_with_a_mention_comes_as_a_notice_and_into_the_file_when_asked(house, visit):
    case_id = in_township(house)
    chair = visit("t1chair")
    page = chair.get(f"/cases/{case_id}?tab=collab")
    unknown = send(chair, page, "/comments", text="@郑晓岚 请看")
    assert unknown.status == 422
    assert "@郑晓岚" in unknown.all("//textarea[@name='text']")[0].text
    assert "后面不是能查看此件的同事" in unknown.text
    assert send(chair, page, "/comments", text="@林秋月 请补照片", in_file="1").status == 303
    village = visit("v1chair")
    assert "在此件的留言中提及您" in village.get("/?tab=notices").text
    assert "请补照片" in village.get(f"/cases/{case_id}?tab=collab").text
    assert "入卷说明：@林秋月 请补照片" in village.get(f"/cases/{case_id}?tab=timeline").text


def test_suggestions_name_readers_only_and_a_stranger_is_told_nothing(house, visit):
    case_id = in_township(house)
    text = visit("t1chair").get(f"/cases/{case_id}/colleagues?named=林").body.decode()
    assert "林秋月" in text
    assert "郑晓岚" not in visit("t1chair").get(f"/cases/{case_id}/colleagues?named=郑").body.decode()
    for login in ("t2chair", "credit"):
        assert visit(login).get(f"/cases/{case_id}/colleagues").status == 404


def test_a_copy_is_listed_by_both_and_its_receipt_seen_by_the_sender(house, visit):
    case_id = in_township(house)
    village, head = visit("v1chair"), visit("loanhead")
    page = village.get(f"/cases/{case_id}?tab=collab")
    none = send(village, page, "/copy", note="请知悉")
    assert none.status == 422
    assert none.all("//input[@name='note']/@value") == ["请知悉"]
    assert send(village, page, "/copy", to=f"person:{house.actor('loanhead').id}", note="请知悉").status == 303
    assert "未阅" in village.get("/?tab=notices").text
    assert "请知悉" in head.get("/?tab=notices").text
    head.get(f"/cases/{case_id}")
    assert "韩雪梅 已阅" in village.get("/?tab=notices").text
    assert "韩雪梅 已阅" in village.get(f"/cases/{case_id}?tab=collab").text
