"""The direct call: complete a step of a case by its element, or apply a verb to it, with JSON in and out. The same rules."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from engine.commands.at_step import apply_verb, known_verb
from engine.commands.tasks import complete_step
from engine.errors import InvalidAnswers
from engine.messages import N_, Message
from webui import proof, verbs
from webui.runtime import act, posted_key

bp = Blueprint("steps", __name__, url_prefix="/cases/<int:case_id>/steps")


@bp.post("/<element>")
def complete(case_id: int, element: str) -> ResponseReturnValue:
    """``{"answers": {…}, "password": "…", "code": "…"}`` → what `complete_step` returns. 409 unless it is at that step (L27).

    The caller sends its idempotency key as `Idempotency-Key` and the protection number as `X-CSRFToken`.
    """
    sent: Any = request.get_json(silent=True)
    if not isinstance(sent, dict) or not isinstance(sent.get("answers"), dict):
        raise InvalidAnswers({"answers": [Message(N_("请求内容应为 JSON 对象，含 answers（表单内容）"))]})
    key, password = posted_key(), str(sent.get("password") or "")
    signature = proof.shown(password, str(sent.get("code") or "")) if password else None
    answer = act(complete_step, key=key, case_id=case_id, element=element, answers=sent["answers"], signature=signature)
    return dict(answer.content)


@bp.post("/<element>/<verb>")
def apply(case_id: int, element: str, verb: str) -> ResponseReturnValue:
    """``{"reason": "…", …}`` → what the command of the verb returns; parameters and verbs as in docs/verbs.md.

    `version`, when sent, must be the task's; `task_id` chooses among several. Unknown verbs, wrong states and stale versions
    are refused as on the page, with the same status.
    """
    known_verb(verb)
    sent: Any = request.get_json(silent=True)
    if not isinstance(sent, dict):
        raise InvalidAnswers({"": [Message(N_("请求内容应为 JSON 对象"))]})
    found = verbs.parameters(verb, sent)
    named = {name: _whole(name, sent.get(name)) for name in ("version", "task_id")}
    answer = act(apply_verb, key=posted_key(), case_id=case_id, element=element, verb=verb, parameters=found, **named)
    return dict(answer.content)


def _whole(name: str, value: Any) -> int | None:
    if value is not None and (not isinstance(value, int) or isinstance(value, bool)):
        wanted = Message(N_("{field} 应为整数，见到 {seen}"), {"field": name, "seen": str(value)[:20]})
        raise InvalidAnswers({name: [wanted]})
    return value
