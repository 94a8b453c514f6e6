"""Words of the joint conference: codes and their Chinese names. Codes are stored; names are msgids."""

from __future__ import annotations

from engine.messages import N_, Message

TYPE = (
    ("PETITION", N_("集体、重复或重大信访")),
    ("RISK", N_("高风险个案")),
    ("PERIODIC", N_("定期会议")),
)
#: the bodies that may be asked (processes.md §8)
BODY = (
    ("FEDERATION", N_("妇联")),
    ("POLICE", N_("公安机关")),
    ("COURT", N_("人民法院")),
    ("PROCURATORATE", N_("人民检察院")),
    ("JUSTICE", N_("司法行政机关")),
    ("CIVIL_AFFAIRS", N_("民政部门")),
    ("HEALTH", N_("卫生健康部门")),
    ("EDUCATION", N_("教育部门")),
    ("LABOUR", N_("人力资源社会保障部门")),
    ("SHELTER", N_("庇护场所、救助管理机构")),
    ("LEGAL_AID", N_("法律援助机构")),
    ("COUNSELLOR", N_("心理咨询机构")),
    ("GOVERNMENT", N_("乡镇人民政府、街道办事处")),
    ("VILLAGE", N_("村（居）民委员会")),
    ("OTHER", N_("其他单位")),
)
WISH = (
    ("AGREED", N_("已问过，同意向到会单位说明情况")),
    ("LIMITED", N_("已问过，只同意说明一部分")),
    ("REFUSED", N_("已问过，不同意：会上不说可以认出本人的内容")),
    ("NO_PERSON", N_("定期会议，不涉及个人")),
)
CAME = (
    ("PRESENT", N_("到会说明")),
    ("WRITTEN", N_("书面说明")),
    ("ABSENT", N_("没有到会，说了原因")),
    ("SILENT", N_("没有到会，也没有音信")),
)
#: how the minutes went to a body that was silent; by hand or by official post, never by somebody who happens to go there
SENT = (("HAND", N_("专人送达")), ("OFFICIAL", N_("机要或公文交换")), ("POST", N_("挂号邮寄")))
RECEIPT = (
    ("RECEIVED", N_("已收到回执")),
    ("NOT_YET", N_("还没有，已再催一次")),
    ("REPORTED", N_("不给回执，已报告其上级或本级政府")),
)
HELD = (("HELD", N_("按时开会")), ("CALLED_OFF", N_("会议取消")))
ISSUE = (("ISSUE", N_("签发")), ("RETURN", N_("退回修改")))
RESULT = (("DONE", N_("已办到")), ("NOT_YET", N_("还没有办到")), ("CANNOT", N_("办不到")))

NOTICES = {
    "conference.concluded": N_("联席会议议定的事项都有了结果"),
    "conference.called_off": N_("联席会议已经取消"),
    "conference.result": N_("有一件关联的联席会议有了结果，请登记"),
    "conference.linked": N_("有一件关联事项有了结果"),
}
OPERATIONS = {"conference.silent": N_("核对没有音信的单位")}
_SOURCES = {
    "P8": N_("联席会议工作规范"),
    "S004-33": N_("危险评估机制、联席会议制度"),
    "S004-38": N_("联席会议召开情况"),
    "S001-4": N_("重视集体上访、重复上访和重大案件的协调处理"),
    "D3": N_("回避规定"),
    "PIPL23": N_("个人信息保护法第二十三条"),
}


def source(clause: str) -> Message:
    """A clause id as people know it; what is no id is shown as it stands."""
    known = _SOURCES.get(clause)
    return Message(N_("{clause}《{title}》"), {"clause": clause, "title": Message(known)}) if known else Message(clause)


def ruled(text: str, clause: str) -> Message:
    """A refusal with the clause it rests on."""
    return Message(N_("{rule} —— 依据：{source}"), {"rule": Message(text), "source": source(clause)})
