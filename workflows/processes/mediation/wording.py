"""Words of mediation: codes and their Chinese names, and where each clause comes from. Codes are stored; names are msgids."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.messages import N_, Message

INJURY = (("NONE", N_("没有")), ("SLIGHT", N_("轻微伤")), ("MINOR", N_("轻伤及以上")))
BANDS = (("STANDARD", N_("一般")), ("MEDIUM", N_("中")), ("HIGH", N_("高")))
RELATION = (
    ("SPOUSE", N_("配偶")),
    ("EX", N_("前配偶或者前男女朋友")),
    ("PARTNER", N_("同居或者恋爱关系")),
    ("FAMILY", N_("其他家庭成员")),
    ("NEIGHBOUR", N_("邻里")),
    ("OTHER", N_("其他")),
)
TOPIC = (
    ("PROPERTY", N_("财产")),
    ("MAINTENANCE", N_("扶养费、赡养费、抚养费")),
    ("CUSTODY", N_("子女抚养和探望")),
    ("DEBT", N_("债务")),
    ("MARRIAGE", N_("婚姻关系")),
    ("ADOPTION", N_("收养")),
    ("INHERITANCE", N_("继承")),
    ("OTHER", N_("其他")),
)
#: what may be talked about where there was violence (D5 LIMITED)
LIMITED_TOPICS: Final = ("PROPERTY", "MAINTENANCE", "CUSTODY", "DEBT")
#: documents about these are no electronic ones (电子签名法 3)
BY_HAND_TOPICS: Final = ("MARRIAGE", "ADOPTION", "INHERITANCE")
#: words by which a clause touches them, under whatever topic it stands
BY_HAND_WORDS: Final = ("离婚", "复婚", "结婚", "婚姻关系", "收养", "继承", "遗产")
CONSENT_FORM = (("WRITTEN", N_("书面，本人签名")), ("ORAL", N_("口头")))
MODE = (("TOGETHER", N_("双方同席")), ("SEPARATE", N_("分室（背靠背）进行")))
SUPPORT = (
    ("PRESENT", N_("支持的人在场")),
    ("DECLINED", N_("她自己说不需要")),
    ("ABSENT", N_("支持的人未能到场")),
)
CHOSEN_BY = (("COMMITTEE", N_("调解组织指定")), ("PARTIES", N_("双方选定")))
REJECTED = (("NONE", N_("双方都接受")), ("HER", N_("她不接受")), ("OTHER", N_("对方不接受")))
SESSION_RESULT = (
    ("NEXT", N_("再谈一次")),
    ("CHANGE", N_("更换调解员")),
    ("WRITTEN", N_("达成一致，制作书面协议")),
    ("ORAL", N_("达成口头协议")),
    ("NOT_AGREED", N_("没有达成一致")),
    ("STOP_HER", N_("她不愿继续")),
    ("STOP_OTHER", N_("对方不愿继续")),
    ("GATE", N_("按调解关口停止，未继续")),
)
STOP_REASON = (
    ("STOP_HER", N_("她不愿继续")),
    ("STOP_OTHER", N_("对方不愿继续")),
    ("VIOLENCE", N_("出现新的暴力或者威胁")),
    ("GATE", N_("出现不得调解的情形")),
)
ENDING = (
    ("REFUSED_HER", N_("她不同意调解")),
    ("NOT_ALONE", N_("她的同意不是单独、书面作出的")),
    ("REFUSED_OTHER", N_("对方不同意调解")),
    ("GATE", N_("按规定不得调解")),
    ("VIOLENCE", N_("出现新的暴力或者威胁，立即停止")),
    ("STOP_HER", N_("她不愿继续")),
    ("STOP_OTHER", N_("对方不愿继续")),
    ("NOT_AGREED", N_("没有达成一致")),
    ("OVER_TIME", N_("调解期限已满，没有达成一致")),
)
#: why it ended → the end event
ENDS: Final[Mapping[str, str]] = {
    "REFUSED_HER": "refused",
    "NOT_ALONE": "refused",
    "REFUSED_OTHER": "refused",
    "GATE": "forbidden",
    "VIOLENCE": "stopped",
    "STOP_HER": "stopped",
    "STOP_OTHER": "stopped",
    "NOT_AGREED": "notAgreed",
    "OVER_TIME": "notAgreed",
}
OUTCOMES: Final[Mapping[str, str]] = {
    "agreed": N_("达成协议"),
    "notAgreed": N_("没有达成一致"),
    "refused": N_("一方拒绝调解"),
    "stopped": N_("中途停止"),
    "forbidden": N_("按规定不得调解"),
}
DELIVERY = (
    ("IN_PERSON", N_("当面告知本人")),
    ("PHONE", N_("电话告知本人")),
    ("NOT_SENT", N_("按安全联系规定未送")),
)
DELIVERY_OTHER = (
    ("IN_PERSON", N_("当面告知")),
    ("MAIL", N_("书面邮寄")),
    ("NOT_SENT", N_("没有另行告知")),
)
WAY = (("WRITTEN", N_("书面协议")), ("ORAL", N_("口头协议，记录在案")))
SIGN_WAY = (("HAND", N_("打印后亲笔签名、盖章或者按指印")), ("ELECTRONIC", N_("可靠的电子签名")))
DUTY = (("HER", N_("她")), ("OTHER", N_("对方")), ("BOTH", N_("双方")))

#: what she agrees to, word for word (人民调解法 17; 个人信息保护法 23)
CONSENT_TEXT = N_(
    "我自愿申请（接受）人民调解，是在对方不在场时单独决定的；我同意妇联把与本次调解有关的姓名和纠纷情况提供给调解组织，"
    "我的电话和住址不提供；我知道可以随时停止，停止后这些信息不再用于调解。"
)
#: what a protection case reads that begins because she told of violence when she was asked for her consent
TOLD_ALONE: Final = "征求调解意愿时，她单独说到有过暴力或者威胁"
#: who consents to more time
BOTH: Final[Mapping[str, Message]] = {"HER": Message(N_("她本人")), "OTHER": Message(N_("对方当事人"))}
RIGHTS_TEXT = N_(
    "已告知双方：调解出于自愿，可以选择或者不接受调解员，可以要求公开或者不公开进行，可以接受、拒绝或者随时要求终止；"
    "调解不影响依法报警、起诉、申请保护令（人民调解法第23条、第3条）。"
)
NO_TIES = N_("我不是任何一方的近亲属、同住人或者利害关系人。")

OPERATIONS = {
    "mediation.open": N_("登记调解"),
    "mediation.session": N_("登记调解会"),
    "mediation.stopped": N_("停止调解"),
    "mediation.effective": N_("协议生效"),
    "mediation.ended": N_("终止调解"),
}
REGISTERS = {
    "mediation_register": N_("调解登记簿"),
    "mediation_item": N_("协议履行登记"),
    "mediation_mediator": N_("调解员登记"),
}
NOTICES = {
    "mediation.result": N_("有一件关联的调解有了结果，请登记"),
    "mediation.linked": N_("有一件关联事项有了结果"),
    "mediation.danger": N_("调解协议履行中又发现危险的情况，请立即处理"),
    "mediation.violence": N_("调解中出现新的暴力或者威胁，调解已停止，请立即处理"),
}

#: clause id → the document it stands in
_SOURCES = {
    "RML3": N_("《人民调解法》第3条"),
    "RML17": N_("《人民调解法》第17条"),
    "RML19": N_("《人民调解法》第19条"),
    "RML20": N_("《人民调解法》第20条"),
    "RML23": N_("《人民调解法》第23条"),
    "RML25": N_("《人民调解法》第25条"),
    "RML26": N_("《人民调解法》第26条"),
    "RML27": N_("《人民调解法》第27条"),
    "RML28": N_("《人民调解法》第28条"),
    "RML29": N_("《人民调解法》第29条"),
    "RML31": N_("《人民调解法》第31条"),
    "RML32": N_("《人民调解法》第32条"),
    "RML33": N_("《人民调解法》第33条"),
    "ESL3": N_("《电子签名法》第3条"),
    "DVL3": N_("《反家庭暴力法》第3条"),
    "DVL16": N_("《反家庭暴力法》第16条"),
    "DVL23": N_("《反家庭暴力法》第23条"),
    "CC1041": N_("《民法典》第1041条"),
    "PIPL23": N_("《个人信息保护法》第23条"),
    "D4": N_("安全联系规定"),
    "WF-RISK": N_("危险评估规定"),
    "D5": N_("调解关口规定"),
}


def source(clause: str) -> Message:
    """A clause id as people know it; what is no id is shown as it stands."""
    known = _SOURCES.get(clause)
    if known is None:
        return Message(clause)
    text = N_("{clause} {title}") if known.startswith("《") else N_("{clause}《{title}》")
    return Message(text, {"clause": clause, "title": Message(known)})


def ruled(rule: Message, clause: str, *, code: str) -> Message:
    """A sentence with the clause it rests on; `code` rides along for machines."""
    return Message(N_("{rule} —— 依据：{source}"), {"rule": rule, "source": source(clause), "code": code})
