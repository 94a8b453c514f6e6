"""What people call each permission."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.access import Permission
from engine.messages import N_

PERMISSION_NAMES: Final[Mapping[Permission, str]] = {
    Permission.START_CASE: N_("新建事项"),
    Permission.READ_CASE: N_("查看案件"),
    Permission.READ_HISTORY: N_("查看案件记录"),
    Permission.PRINT_CASE: N_("打印案卷"),
    Permission.WITHDRAW_CASE: N_("代申请人撤回"),
    Permission.WORK_TASK: N_("办理任务"),
    Permission.RETURN_TASK: N_("退回任务"),
    Permission.TRANSFER_TASK: N_("转办"),
    Permission.DELEGATE_TASK: N_("委派与收回"),
    Permission.ADD_SIGNER: N_("加签与减签"),
    Permission.RECALL_TASK: N_("撤回本人办理"),
    Permission.SUSPEND_TASK: N_("挂起与恢复"),
    Permission.TERMINATE_CASE: N_("终止事项"),
    Permission.ADD_PAPER: N_("上传材料"),
    Permission.SEE_OVERDUE: N_("查看逾期清单"),
    Permission.SEE_STATISTICS: N_("查看统计报表"),
    Permission.SEE_ESCALATION: N_("查看督办事项"),
    Permission.SUPERVISE: N_("督办"),
    Permission.DECIDE_EXTENSION: N_("批准延期"),
    Permission.MANAGE_CALENDAR: N_("维护节假日历"),
    Permission.MANAGE_PERIODS: N_("维护时限表"),
    Permission.READ_DEFINITIONS: N_("查看流程图"),
    Permission.UPLOAD_DEFINITION: N_("提出流程图和规则表的新版本"),
    Permission.APPROVE_DEFINITION: N_("批准流程图和规则表的新版本"),
    Permission.MIGRATE_CASES: N_("把在办案件转到新版本"),
    Permission.VERIFY_HISTORY: N_("校验历史记录"),
    Permission.VERIFY_PAPER: N_("核验卷宗真伪"),
    Permission.URGE_TASK: N_("催办"),
    Permission.ASSIGN_TASK: N_("指派任务"),
    Permission.PRIORITISE_CASE: N_("标注缓急"),
    Permission.COPY_CASE: N_("抄送"),
    Permission.COMMENT_CASE: N_("留言"),
    Permission.DEPUTISE: N_("委托代理"),
    Permission.MANAGE_JOBS: N_("管理后台作业"),
    Permission.MANAGE_TEAM: N_("管理案件团队"),
    Permission.SEE_EXCLUDED: N_("查看回避名单"),
    Permission.EXCLUDE: N_("登记回避"),
    Permission.END_EXCLUSION: N_("解除回避"),
    Permission.RAISE_CLASS: N_("提高密级"),
    Permission.LOWER_CLASS: N_("申请降低密级"),
    Permission.CONFIRM_LOWERING: N_("确认降低密级"),
    Permission.READ_PAPER: N_("查看单份材料"),
    Permission.READ_READERS: N_("查看查阅记录"),
    Permission.SEE_ORGANISATION: N_("查看机构与任职"),
    Permission.MANAGE_UNITS: N_("设立、划转、撤并机构"),
    Permission.MANAGE_ACCOUNTS: N_("建立与停用账号"),
    Permission.APPOINT: N_("任命与结束任期"),
    Permission.APPROVE_APPOINTMENT: N_("批准任命"),
    Permission.MANAGE_TRAINING: N_("登记培训"),
    Permission.SUPERVISE_HANDOVER: N_("监交"),
    Permission.DECLARE_RELATIVES: N_("申报亲属关系"),
    Permission.TAKE_PART: N_("参与办理（另须任任务所在岗位）"),
}
