"""What whoever answers the telephone may tell about each kind of matter (指引): short, with the clause, true for everybody.

The form notes which of them she was told; the words are those of the software's version of that day.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from engine.messages import N_

#: she is in danger, or was hurt: before any category
VIOLENCE: Final = N_(
    "先问：现在安全吗，对方在不在旁边，孩子在哪里，方便说话吗。有危险的，请她先离开并打 110；不方便说话的，"
    "约定暗语改时间再打。保留伤情照片、病历和报警记录；可以请公安机关出具告诫书，可以向法院申请人身安全保护令，"
    "不交费用（反家庭暴力法 15、16、23—32）。"
)
#: category of the petition → what may be said at once
GUIDES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "FAMILY": N_(
            "可以先由村（社区）妇联或者人民调解组织调解。怀孕期间、分娩后一年内或者终止妊娠后六个月内，"
            "男方不得提出离婚，法院认为确有必要受理的除外（民法典 1082）。"
        ),
        "DV": VIOLENCE,
        "PROPERTY": N_(
            "继承权男女平等（民法典 1126）；夫妻对共同财产有平等的处理权（民法典 1062）。先收好存折、房产和家庭开支的凭据，"
            "可以调解，也可以起诉。"
        ),
        "CUSTODY": N_(
            "不满两周岁的子女，以由母亲直接抚养为原则；已满八周岁的，尊重其真实意愿（民法典 1084）。"
            "不直接抚养的一方有探望的权利，另一方有协助的义务（民法典 1086）。"
        ),
        "LABOUR": N_(
            "不得因结婚、怀孕、产假、哺乳降低工资、辞退（妇女权益保障法 48）。"
            "劳动争议自知道权利被侵害之日起一年内申请仲裁（劳动争议调解仲裁法 27），也可以向劳动保障监察投诉。"
        ),
        "LAND": N_(
            "不得以未婚、结婚、离婚、丧偶、户无男性为由侵害妇女的土地和集体权益，村规民约也不得（妇女权益保障法 55、56）。"
            "可以申请乡镇人民政府协调，也可以起诉（妇女权益保障法 75）。"
        ),
        "DEMOLITION": N_(
            "征收、征用的补偿和安置，妇女与男子权利平等（妇女权益保障法 55）。对补偿决定不服的，可以申请行政复议，"
            "也可以提起行政诉讼，请留意期限。"
        ),
        "HARASSMENT": N_(
            "保留聊天记录、录音和证人。可以向所在单位投诉，单位应当及时处理并书面告知结果（妇女权益保障法 23）；可以报警，"
            "也可以起诉。"
        ),
        "AID": N_(
            "最低生活保障、特困供养和临时救助向乡镇人民政府（街道办事处）申请（社会救助暂行办法）；材料不齐的，"
            "妇联可以帮助准备。"
        ),
        "PERSONAL": N_(
            "限制人身自由、拐卖、收买等，立即打 110；公安等部门和村（居）委会须及时解救（妇女权益保障法 22）。"
        ),
        "EDUCATION": N_(
            "适龄儿童、少年免试就近入学；父母在非户籍所在地工作居住的，"
            "当地人民政府应当提供平等接受义务教育的条件（义务教育法 12）。"
        ),
        "STAFF": N_(
            "反映工作人员的，由上一级妇联办理，不转给被反映的人和其单位（信访工作条例 30）；请她放心说，记下时间和经过。"
        ),
        "OTHER": N_("听清楚她要什么，说明谁办、多久有回音；拿不准的不作承诺，记下来移交。"),
    }
)
