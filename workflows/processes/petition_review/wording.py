"""Words of review and recheck: codes and their Chinese names. Codes are stored; names are msgids."""

from __future__ import annotations

from engine.messages import N_

ASKED = (
    ("ASKED", N_("在期限内提出申请")),
    ("LATE", N_("超过期限才提出，说明不再受理并提供帮助")),
    ("NONE", N_("期满没有申请")),
)
RESULT = (
    ("UPHELD", N_("维持原处理意见")),
    ("CHANGED", N_("变更原处理意见")),
    ("REVOKED", N_("撤销原处理意见，重新办理")),
)
RECHECK = (*RESULT, ("HEARING", N_("先举行听证，意见在听证后提出")))
NOTICES = {
    "review.asked": N_("有一件信访事项申请复查或者复核"),
    "review.answered": N_("复查或者复核意见已经作出，请送达"),
}
OPERATIONS = {
    "review.open": N_("看有没有处理意见书"),
    "review.send": N_("报上一级妇联复查"),
    "recheck.send": N_("报再上一级妇联复核"),
}
REVIEW_PERIOD = N_("《信访工作条例》第三十五条：自收到书面答复之日起 30 日内可以请求复查")
RECHECK_PERIOD = N_("《信访工作条例》第三十六条：自收到复查意见之日起 30 日内可以请求复核")
