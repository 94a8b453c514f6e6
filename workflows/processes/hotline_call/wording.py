"""Words of the telephone desk: notices, operations, and what the register tells."""

from __future__ import annotations

from engine.messages import N_

NOTICES = {
    "hotline_call.received": N_("有一件 12338 来电移交本单位，请在期限内接收"),
    "hotline_call.passed_on": N_("移交的 12338 来电已转给另一单位接收"),
    "hotline_call.taken": N_("移交的 12338 来电已由责任单位接收，转为信访件"),
}
OPERATIONS = {
    "hotline_call.record": N_("先看有没有危险，再登记"),
    "hotline_call.pass_on": N_("转给另一单位接收，期限不重新起算"),
    "hotline_call.open_petition": N_("转为信访件，录入的内容一并带过去"),
}
TAKEN = N_("责任单位已接收")
