"""Words of the petition process: codes and their Chinese names, notices, and where each clause comes from.

Codes are stored; names are msgids. A clause id ("条例34", "S004-24") is read aloud by :func:`source`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from engine.messages import N_, Message
from workflows import chains

if TYPE_CHECKING:
    from collections.abc import Iterable

CHANNEL = (
    ("VISIT", N_("来访")),
    ("POST", N_("来信")),
    ("HOTLINE", N_("12338 来电")),
    ("CHAIR_BOX", N_("主席信箱")),
    ("LEADER_BOX", N_("领导信箱")),
    ("ONLINE", N_("网上")),
    ("RECEPTION", N_("接待日")),
    ("FORWARDED", N_("转来")),
    ("PATROL", N_("走访发现")),
)
SOURCE = (
    ("PETITION_BUREAU", N_("信访局")),
    ("SUPERIOR", N_("上级妇联")),
    ("VILLAGE", N_("村（社区）上报")),
    ("OTHER_BODY", N_("其他单位")),
)
SEX = (("F", N_("女")), ("M", N_("男")))
MARITAL = (
    ("UNMARRIED", N_("未婚")),
    ("MARRIED", N_("已婚")),
    ("DIVORCED", N_("离异")),
    ("WIDOWED", N_("丧偶")),
    ("UNKNOWN", N_("未说明")),
)
CATEGORY = (
    ("FAMILY", N_("婚姻家庭")),
    ("DV", N_("家庭暴力")),
    ("PROPERTY", N_("财产继承")),
    ("CUSTODY", N_("子女抚养")),
    ("LABOUR", N_("劳动权益")),
    ("LAND", N_("土地和集体权益")),
    ("DEMOLITION", N_("征地拆迁")),
    ("HARASSMENT", N_("性骚扰")),
    ("AID", N_("社会保障和救助")),
    ("PERSONAL", N_("人身权利")),
    ("EDUCATION", N_("教育")),
    ("STAFF", N_("反映工作人员")),
    ("OTHER", N_("其他")),
)
#: what kind of body the matter belongs to when it is not the federation's (D3, 条例 22, 31)
MATTER = (
    ("OWN", N_("妇联职责范围内")),
    ("COURT", N_("诉讼、检察（法院、检察院）")),
    ("LABOUR", N_("劳动争议（仲裁、监察）")),
    ("LOAN_AID", N_("贷款或救助申请")),
    ("OUTSIDE", N_("其他机关的职责")),
)
#: what she says of his ties at the desk (D3.1); who it is stands among the exclusions alone (C4)
TIES = (("NO", N_("没有")), ("YES", N_("有")), ("UNKNOWN", N_("不清楚")))
URGENCY = (("NORMAL", N_("一般")), ("URGENT", N_("紧急")), ("DANGER", N_("有现实危险")))
LEVEL = (
    ("VILLAGE", N_("村（社区）妇联")),
    ("TOWN", N_("乡镇妇联")),
    ("COUNTY", N_("县妇联")),
    ("ABOVE", N_("上级妇联")),
)
RELATION = (
    ("NEW", N_("不是同一事项，按新事项办理")),
    ("JOIN", N_("同一人同一事项，前件在办：并入前件")),
    ("NEW_FACTS", N_("同一人同一事项，前件已办结，有新的事实：按新事项办理")),
    ("OFFER_REVIEW", N_("没有新的事实，复查期内：告知可以申请复查")),
    ("CLOSED_FOR_EVER", N_("已复核终结：不再受理，仍说明并提供帮助")),
)
#: those that mean an earlier item
SAME: Final = ("JOIN", "NEW_FACTS", "OFFER_REVIEW", "CLOSED_FOR_EVER")
WAY = (
    ("HANDLE_NOW", N_("当场办理答复")),
    ("ACCEPT", N_("本级受理")),
    ("FORWARD", N_("转送其他妇联组织")),
    ("ASSIGN", N_("交办（要求报告结果）")),
    ("GUIDE", N_("引导到有权处理的机关")),
)
VILLAGE_WAY = (("HANDLE", N_("村级当场调处")), ("ESCALATE", N_("村级不能处理，上报乡镇")))
BODY_KIND = (
    ("COURT", N_("人民法院")),
    ("PROCURATORATE", N_("人民检察院")),
    ("POLICE", N_("公安机关")),
    ("LABOUR", N_("人社部门（劳动仲裁、监察）")),
    ("CIVIL_AFFAIRS", N_("民政部门")),
    ("EDUCATION", N_("教育部门")),
    ("HEALTH", N_("卫生健康部门")),
    ("TOWN_GOVERNMENT", N_("乡镇人民政府")),
    ("JUSTICE", N_("司法行政部门")),
    ("PETITION_BUREAU", N_("信访局")),
    ("SCOPE", N_("妇联内部其他业务（贷款、救助）")),
    ("HIGHER", N_("上一级妇联（复查、复核）")),
    ("NONE", N_("没有：已经复核终结")),
    ("OTHER", N_("其他机关、单位")),
)
#: bodies that follow their own procedure and owe the federation no answer (条例 22, 31); the matter itself is over here
WITHOUT_ANSWER: Final = frozenset(("COURT", "PROCURATORATE", "SCOPE", "HIGHER", "NONE"))
#: how a letter reached her: the gate is asked about those that go out (`workflows.safe_contact`)
NOTICE_HOW = (
    ("IN_PERSON", N_("当面告知并送达")),
    ("PHONE", N_("按安全号码电话告知")),
    ("NO_CONTACT", N_("姓名或联系方式不清，无法告知")),
    ("NOT_SENT", N_("按安全联系规定未送")),
)
#: those by which it has reached her
REACHED: Final = ("IN_PERSON", "PHONE")
RECEIVED = (("AGREE", N_("同意接收")), ("OBJECT", N_("提出异议，请求退回")))
REPLY = (("UPHELD", N_("异议成立，退回本级")), ("REJECTED", N_("异议不成立，报共同上级决定")))
DISPUTE = (("KEEP", N_("由接收单位办理")), ("BACK", N_("由转送单位办理")), ("OTHER", N_("由另一单位办理")))
URGE = (
    ("OPINION", N_("发出督促处理意见书（P-11）")),
    ("BOARD", N_("提请妇女儿童工作委员会督促")),
    ("INSPECTION", N_("提请同级政府督查")),
    ("ANSWERED", N_("已收到答复，不再督促")),
)
BODY_RESULT = (
    ("HANDLED", N_("该机关已办理并答复")),
    ("PROCEDURE", N_("已导入其他法定程序")),
    ("REFUSED", N_("该机关答复不予办理，已告知其他途径")),
)
OUTCOME = (
    ("SUPPORTED", N_("诉求得到支持")),
    ("PARTLY", N_("诉求部分支持")),
    ("EXPLAINED", N_("没有依据，已作解释")),
    ("NOT_SUPPORTED", N_("不予支持")),
    ("SETTLED", N_("调解达成协议")),
    ("NOT_AGREED", N_("调解未达成协议，已告知其他途径")),
    ("LED_ON", N_("导入其他法定程序")),
    ("MOVED", N_("其他机关已办理答复")),
    ("WITHDRAWN", N_("本人撤回")),
)
#: outcomes that a step at the window may have: withdrawing takes a private talk, another body its answer, a refusal P-07
AT_WINDOW = tuple(pair for pair in OUTCOME if pair[0] in ("SUPPORTED", "PARTLY", "EXPLAINED", "LED_ON"))
DECIDED = tuple(pair for pair in OUTCOME if pair[0] != "MOVED")
MEDIATED = (
    ("AGREED", N_("达成协议")),
    ("NOT_AGREED", N_("未达成协议")),
    ("STOPPED", N_("中止或不适合调解")),
)
LETTER_RESULT = (("ANSWERED", N_("已答复")), ("NONE", N_("到期未答复")))
LEGAL = (
    ("ADVICE", N_("法律咨询")),
    ("LEGAL_AID", N_("转介法律援助")),
    ("SUIT", N_("支持起诉")),
    ("PROCURATORATE", N_("移送检察公益诉讼线索")),
)
RECEIPT = (("SIGNED", N_("有送达回证")), ("NONE", N_("没有回证")))
ASKED_BY = (
    ("OTHER_STAFF", N_("非承办人电话或当面回访")),
    ("HERSELF", N_("本人通过查询码评价")),
    ("NO_CONTACT", N_("匿名或无法联系，未回访")),
)
SATISFACTION = (
    ("5", N_("很满意")),
    ("4", N_("满意")),
    ("3", N_("一般")),
    ("2", N_("不满意")),
    ("1", N_("很不满意")),
    ("REFUSED", N_("不愿评价")),
)
FOLLOW_UP = (
    ("CONFIRMED", N_("再次单独确认：自愿撤回，目前安全")),
    ("CONTINUE", N_("要求继续办理")),
    ("NOT_REACHED", N_("没有安全地联系上")),
)

#: why somebody acts in place of a post (代办, D3.5)
ACTING_REASONS = {
    **chains.ACTING_REASONS,
    "CONFIDENTIAL": N_("保密事项由权益部部长办理"),
}

SIGNING_MEANS = N_("签字意味着责任：以上处理意见由本人提出，事实清楚，依据准确。")
ASKED_ALONE = N_("单独问话：只有本人在场，不当着家人或对方当事人的面。")
HER_RIGHTS = N_("您对处理意见不服的，可以自收到之日起 30 日内向上一级妇联申请复查（《信访工作条例》第三十五条）。")

#: kind of notice → what its receiver reads; content is ids and codes only
#: state of the register → what people call it
STATE = {
    "registered": N_("正在分流"),
    "accepted": N_("正在办理"),
    "guided": N_("已引导，等待其他机关"),
    "concluded": N_("已办结"),
    "withdrawn": N_("已撤回"),
    "transferred": N_("已由其他机关办理"),
    "joined": N_("已并入前件"),
}
NOTICES = {
    "petition.collective": N_("有一件群体信访事项，请考虑召开联席会议"),
    "petition.danger": N_("一件在办的信访事项里又发现了危险的情况，请立即处理"),
    "petition.major": N_("有一件重大信访事项，请及时报告"),
    "petition.joined": N_("同一人就同一事项又来信来访，已并入前件"),
    "petition.review_offered": N_("同一人就已办结的事项又来信来访，已告知可以申请复查、复核，请留意她的申请"),
    "petition.received": N_("有一件信访事项转到本单位，请在 5 个工作日内接收或提出异议"),
    "petition.objected": N_("转出的信访事项被提出异议，请核实"),
    "petition.back": N_("转出的信访事项已退回本单位"),
    "petition.moved": N_("首问事项已转其他单位办理，请继续跟踪"),
    "petition.reported": N_("交办的事项有了结果"),
    "petition.answered": N_("首问事项已有最终答复"),
    "petition.linked": N_("有一件关联事项有了结果"),
}

#: what the id of an article begins with → how the article and its law are called
_LAWS: Final = {
    "条例": (N_("《信访工作条例》第{n}条"), N_("《信访工作条例》")),
    "妇保法": (N_("《妇女权益保障法》第{n}条"), N_("《妇女权益保障法》")),
}
_NAMED = {
    "D3": N_("妇联工作人员回避规定"),
    "D4": N_("安全联系规定"),
    "P2": N_("妇女信访办理规程"),
    "B2": N_("《信访工作条例》及妇联信访工作规定"),
    "S001-3": N_("乡妇联工作计划 2014 第7条（矛盾解决在基层）"),
    "S001-4": N_("乡妇联工作计划 2014 第7条（集体访、重复访、重大案件）"),
    "S001-60": N_("乡妇联工作计划 2014 第65条（及时受理、及时上报）"),
    "S002-10": N_("信访接待首问责任制"),
    "S003-6": N_("群众满意度评价规定"),
    "S004-24": N_("件件有着落、事事有回应"),
    "未保法11": N_("《未成年人保护法》第十一条"),
    "反家暴法": N_("《反家庭暴力法》"),
    "调解法17": N_("《人民调解法》第十七条"),
}


def source(clause: str) -> Message:
    """A clause id, or several joined by "、", as people know them; what is no id is shown as it stands."""
    first, _, rest = clause.partition("、")
    named = _named(first)
    return Message(N_("{first}、{rest}"), {"first": named, "rest": source(rest)}) if rest else named


def _named(clause: str) -> Message:
    for prefix, (text, title) in _LAWS.items():
        number = clause.removeprefix(prefix)
        if number != clause and number.isdigit():
            return Message(text, {"n": number, "clause": clause, "title": Message(title)})
    known = _NAMED.get(clause)
    return Message(known, {"clause": clause, "title": Message(known)}) if known else Message(clause)


def label(choices: Iterable[tuple[str, str]], code: str | None) -> Message:
    """The name of a code out of one of the lists above."""
    return Message(dict(choices).get(code or "", N_("未填写")))


def ruled(text: str, clause: str, **seen: object) -> Message:
    """A refusal with the clause it rests on."""
    return Message(N_("{rule} —— 依据：{source}"), {"rule": Message(text, seen), "source": source(clause)})


HANDLER_MAY_NOT_ASK: Final = ruled(N_("满意度由没有承办此件的人回访，承办人不得自己问"), "S003-6")
