"""How the flow says no. Identifiers only: no facts, no answers, no names of people ever stand in these messages."""

from __future__ import annotations

from engine.errors import EngineError
from engine.messages import N_


class HeavyFacts(EngineError):
    """A fact is not light: tokens carry only what routes them (≤ 2 KB); forms belong in the answers table."""

    text = N_("流转数据 {name} 不符合要求：{why}。表单内容不得写入流程状态。")


class StateUnreadable(EngineError):
    """The saved state does not belong to this drawing or this format; nothing was guessed."""

    text = N_("案件的流程状态无法读取：{why}。请勿继续办理，并联系管理员核对流程版本。")


class TimerNotArmed(EngineError):
    """The timer is not running (any more): it fired, its task ended, or the case was moved."""

    text = N_("期限 {timer} 已不在计时，未作任何更改。")


class TargetRefused(EngineError):
    """A case cannot be moved to that element."""

    text = N_("不能转到 {target}：{why}")


class NoWayOn(EngineError):
    """No condition of a gateway holds and it has no default flow: the drawing is wrong, the case stays where it was."""

    text = N_("流程图在 {element} 处没有可走的方向，本步骤未执行。请联系流程管理员修改流程图。")


class EndlessStep(EngineError):
    """The drawing runs in circles without ever reaching a person."""

    text = N_("流程图在 {element} 附近自动循环，始终到不了人工步骤，本步骤未执行。请联系流程管理员修改流程图。")


class DeadEnd(EngineError):
    """After the step nobody could act and nothing was timed, yet the process had not ended."""

    text = N_("执行后本件将无人可办又未结束，本步骤未执行。请联系流程管理员修改流程图。")


class NotInstances(EngineError):
    """A multi-instance activity was given no list, no count, or an instance left no answer."""

    text = N_("多实例步骤 {element} 无法执行：{why}")


class StepFailed(EngineError):
    """The process library refused a step; `kind` is the class of its error (its text may quote facts and is dropped)."""

    text = N_("流程未能执行本步骤（{kind}），未作任何更改。请联系流程管理员核对流程图。")
