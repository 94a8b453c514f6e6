"""Every way the engine says no. The docstring is for the reader of the code; `text` is what the person reads.

No name, address or story of a person may stand in a message: messages reach logs. Identifiers only. No HTTP statuses here:
`webui/errors.py` holds one table from class to status, and a test asserts that the table is complete.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from engine.messages import N_, Message, Translate


class EngineError(Exception):
    """The engine refused; nothing was changed."""

    text: ClassVar[str] = N_("操作未能完成，没有任何内容被更改。")

    def __init__(self, **params: Any) -> None:
        super().__init__()
        self.params = params

    @property
    def message(self) -> Message:
        """What was refused, what is true now and what to do, as one translatable message."""
        return Message(self.text, self.params)

    def render(self, translate: Translate = str) -> str:
        """The message in the reader's language."""
        return self.message.render(translate)

    def __str__(self) -> str:
        return self.render()


class RefusedTable(EngineError):
    """A table that somebody brought (CSV) was refused whole: `reasons` names each wrong line or cell, with its row number.

    `text` of a subclass takes `count` and `reasons`.
    """

    def __init__(self, reasons: Sequence[Message]) -> None:
        super().__init__(count=len(reasons), reasons="；".join(str(reason) for reason in reasons))
        self.reasons = reasons

    def render(self, translate: Translate = str) -> str:
        """Every reason, in the reader's language."""
        reasons = "；".join(reason.render(translate) for reason in self.reasons)
        return translate(self.text).format(count=len(self.reasons), reasons=reasons)


class NotFound(EngineError):
    """The thing asked for does not exist, or this person may not know that it does."""

    text = N_("没有找到：{what}。它可能已不存在，或您无权查看。")


class Forbidden(EngineError):
    """The actor lacks the permission; `why` names the rule that is missing."""

    text = N_("您不能执行此操作：{why}")


class StaleTask(EngineError):
    """Somebody changed the case after this page was opened."""

    text = N_(
        "此件在您打开之后已被他人更新（您看到的是第 {seen} 版，现在是第 {current} 版）。您填写的内容已保留，请核对后重新提交。"
    )


class StaleEscalation(EngineError):
    """Another superior acted, or the work went on, after this page was opened."""

    text = N_(
        "此督办事项在您打开之后已有变化（您看到的是第 {seen} 版，现在是第 {current} 版），未作任何更改。请核对后再办。"
    )


class TaskNotReady(EngineError):
    """The task is not open (any more)."""

    text = N_("任务 {task} 目前不可办理；本件当前可办理的步骤：{ready}。")


class NotNow(EngineError):
    """The task is open, but this verb is not possible in the state it is in; `why` says which and what to do."""

    text = N_("此操作现在不能进行：{why}")


class UnknownVerb(EngineError):
    """A verb was asked for that there is not; `known` lists those there are."""

    text = N_("没有“{verb}”这个操作。可用的操作：{known}。")


class InvalidAnswers(EngineError):
    """A form was refused: `problems` maps a field path ("guarantors.0.idcard") to the messages about it."""

    text = N_("有 {count} 处填写需要修改，内容未提交，已为您保留。")

    def __init__(self, problems: dict[str, list[Message]]) -> None:
        super().__init__(count=len(problems))
        self.problems = problems


class WouldBeRefused(EngineError):
    """The decisions that follow a form speak against the matter, and whoever submitted it wanted to be told first."""

    text = N_("按现行政策，此申请将不予推荐")

    def __init__(self, refusals: Sequence[Message]) -> None:
        super().__init__()
        self.refusals = tuple(refusals)


class SignatureRequired(EngineError):
    """The step must be signed with the actor's own re-authentication, and was not."""

    text = N_("本步骤须由您本人签字：请再次输入您的登录密码。签字意味着责任。")


class RefusedUpload(EngineError):
    """A file (drawing, decision table or attachment) may not enter."""

    text = N_("文件未被接受：{why}")


class RefusedDefinition(EngineError):
    """A drawing or decision table failed the gate; `refusals` lists every reason at once (一次性告知)."""

    text = N_("流程定义未被接受，共 {count} 处：{reasons}")

    def __init__(self, refusals: list[Message]) -> None:
        super().__init__(count=len(refusals), reasons="；".join(str(r) for r in refusals))
        self.refusals = refusals

    def render(self, translate: Translate = str) -> str:
        """Every reason, in the reader's language."""
        reasons = "；".join(r.render(translate) for r in self.refusals)
        return translate(self.text).format(count=len(self.refusals), reasons=reasons)


class ProposalClosed(EngineError):
    """A proposed version was decided already; `state` says how."""

    text = N_("此版本已有结果（{state}），未作任何更改。")


class ProposalStale(EngineError):
    """Another version came into force after the comparison was shown to who wanted to approve."""

    text = N_(
        "您查看对比之后，现行版本已由第 {seen} 版变为第 {current} 版，此次批准未生效。请重新查看与现行版本的对比后再批准。"
    )


class BatchNotReady(EngineError):
    """A batch of cases to be moved is not in a state for what was asked; `why` says so."""

    text = N_("{why}，未作任何更改。")


class DecisionError(EngineError):
    """A decision table could not give one lawful answer."""

    text = N_("决策表 {decision} 无法得出唯一结论：{why}")


class SilentChange(EngineError):
    """A case was changed without an event, or an event was recorded without a change: a programming error."""

    text = N_("内部错误：案件 {case_id} 有未记录的更改，已撤销。")


class KeyReused(EngineError):
    """The idempotency key was already used for another request."""

    text = N_("重复的提交编号用于了不同的内容，未作任何更改。请刷新页面后重试。")


class Busy(EngineError):
    """Another command was faster on the same rows; `by` names what told so (a constraint, "version", "deadlock", "lock").

    `Runtime.execute` tries once more from the start, and only then lets it reach the person.
    """

    text = N_("此件正被他人同时办理，请稍候再试；您填写的内容已保留。")


class Unavailable(EngineError):
    """The house cannot work now, and nobody who asks can do anything about it; later it can."""

    text = N_("系统暂时无法使用，未作任何更改。请保留本页，稍候再提交。")


class DatabaseAway(Unavailable):
    """The database does not answer: stopped, restarting, or not to be reached."""

    text = N_(
        "数据库暂时连接不上，未作任何更改。请保留本页，过一会儿再提交；恢复后不必重新登录。如持续出现，请联系系统管理员。"
    )


class StorageFull(Unavailable):
    """The disk that holds the database is full."""

    text = N_("服务器磁盘空间已满，未作任何更改。请保留本页，联系系统管理员清理空间，之后再提交即可。")
