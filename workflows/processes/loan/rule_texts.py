"""The sentences of bpmn/loan.dmn once more, so that the message catalogue finds them.

The tables carry their own words, and a decision is explained with what the table says; gettext only collects from code. A
test holds both together.
"""

from __future__ import annotations

from engine.messages import N_

#: message annotations of D1 and D2
RULE_TEXTS = (
    N_("本贷款面向妇女：登记的性别为{seen}，政策要求{limit}"),
    N_("申请之日年满 {seen} 周岁，政策为 {limit} 周岁"),
    N_("就业状况为{seen}，政策要求{limit}"),
    N_("未就业证明：{seen}，政策要求{limit}"),
    N_("已经发放过 {seen} 次，政策为每人最多 {limit} 次"),
    N_("在办申请：{seen}，政策要求{limit}"),
    N_("申请金额 {seen} 元，政策为 {limit} 元"),
    N_("户籍或居住地：{seen}，政策要求{limit}"),
    N_("项目“{seen}”不在支持范围内，政策要求{limit}"),
    N_("贷款金额 {seen} 元，低于 {limit} 元，需要 1 名担保人"),
    N_("贷款金额 {seen} 元，正好为 {limit} 元，需要 1 名担保人"),
    N_("贷款金额 {seen} 元，一名担保人的上限为 {limit} 元，需要 2 名担保人"),
    N_("担保人类别为{seen}，政策允许：{limit}"),
    N_("财政供养身份为{seen}，政策允许：{limit}"),
    N_("担保人为{seen}，只能由{limit}担保"),
    N_("担保人是{seen}，政策要求{limit}"),
    N_("担保人是申请人的{seen}，政策要求{limit}"),
    N_("同一人担保了 {seen} 次，政策要求{limit}"),
    N_("担保人是本笔贷款的{seen}，签字人不得担保，政策要求{limit}"),
    N_("担保人已为 {seen} 笔贷款担保（在办的申请也计算在内），政策为同时最多 {limit} 笔"),
    N_("财政供养工资证明：{seen}，政策要求{limit}"),
    N_("定期存单证明：{seen}，政策要求{limit}"),
    N_("定期存单的到期日为 {seen}，不得早于贷款到期日 {limit}"),
)
#: clauses of the tables that are names already, not ids of domain.md
CLAUSE_NAMES = (
    N_("本县政策"),
    N_("民法典第 683 条"),
)
