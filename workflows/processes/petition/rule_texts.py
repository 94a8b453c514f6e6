"""The sentences of bpmn/petition.dmn once more, so that the message catalogue finds them (a test holds both together)."""

from __future__ import annotations

from engine.messages import N_

#: message annotations of D3
RULE_TEXTS = (
    N_("反映工作人员的，由上一级妇联按保密事项办理，不转给被反映的人和其单位"),
    N_("有暴力或未成年人受侵害的信号：由县妇联权益部办理，安全第一"),
    N_("属于诉讼、检察职责的，说明情况并引导，同时提供法律援助信息"),
    N_("劳动争议：引导申请仲裁或监察，妇联协助维权"),
    N_("贷款或救助申请：转妇联内部相应业务办理"),
    N_("不属于妇联职责的，书面告知引导到有权处理的机关，并要求其答复"),
    N_("土地、征地拆迁等类别由县妇联办理"),
    N_("群体信访由县妇联办理，考虑召开联席会议"),
    N_("重大事项由县妇联办理，及时报告"),
    N_("事情发生在村里、类别简单的，由村妇联就地调处"),
    N_("其余由事项发生地的乡镇妇联办理"),
)
