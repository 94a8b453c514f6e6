"""One table: which refusal is which HTTP status, shown as a page or, when asked for, as JSON.

Every answer carries a reference number; the log has the same number, the class and ids, never what was typed.
"""

from __future__ import annotations

import logging
import secrets
from typing import Any

from flask import Flask, Response, g, jsonify, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from engine import errors as refusals
from engine import jobs_seats, proofs
from engine.adopting import AlreadyAdopted
from engine.commands import urging
from engine.commands.extensions import AlreadyDecided
from engine.commands.jobs import JobNotPossible
from engine.commands.keys import KeyNotPossible
from engine.fields import KeysMissing, Unreadable
from engine.flow import faults
from engine.flow.expression import ExpressionFailed, ExpressionRefused
from engine.holidays import RefusedCalendar
from engine.keyring import BadKeys, KeysFixed
from engine.messages import N_
from engine.runtime import Busy
from webui import attempts
from webui.cli_audit import NoFile
from webui.language import gettext
from webui.runtime import NoKey
from webui.uploads import TooLarge
from workflows import (
    accounts,
    api_tokens,
    complaints,
    engagements,
    entering,
    glass,
    organisation,
    rehearsing,
    second_factor,
    single_sign_on,
    successions,
    throttle,
)
from workflows.backup import BackupRefused
from workflows.period_file import RefusedPeriods
from workflows.rekeying import NotListed

log = logging.getLogger("halfsky.web")

#: the nearest class in the family counts; `tests/webui/test_errors.py` asserts that every class has a row of its own
STATUSES: dict[type[refusals.EngineError], int] = {
    refusals.EngineError: 400,
    refusals.NotFound: 404,
    refusals.Forbidden: 403,
    complaints.NothingHigher: 403,
    refusals.StaleTask: 409,
    refusals.StaleEscalation: 409,
    refusals.TaskNotReady: 409,
    AlreadyAdopted: 409,
    refusals.NotNow: 409,
    refusals.UnknownVerb: 404,
    refusals.InvalidAnswers: 422,
    refusals.WouldBeRefused: 422,
    refusals.SignatureRequired: 422,
    refusals.RefusedUpload: 415,
    refusals.RefusedDefinition: 422,
    refusals.RefusedTable: 422,
    refusals.ProposalClosed: 409,
    refusals.ProposalStale: 409,
    refusals.BatchNotReady: 409,
    refusals.DecisionError: 500,
    refusals.SilentChange: 500,
    refusals.KeyReused: 409,
    refusals.Unavailable: 503,
    refusals.DatabaseAway: 503,
    refusals.StorageFull: 503,
    AlreadyDecided: 409,
    RefusedCalendar: 422,
    RefusedPeriods: 422,
    Unreadable: 500,
    proofs.NotAnchored: 409,
    proofs.BadProof: 422,
    NoFile: 422,
    KeysMissing: 503,
    BadKeys: 503,
    KeyNotPossible: 409,
    NotListed: 500,
    KeysFixed: 422,
    ExpressionRefused: 422,
    ExpressionFailed: 500,
    urging.UrgedAlready: 429,
    faults.HeavyFacts: 500,
    faults.StateUnreadable: 500,
    faults.TimerNotArmed: 409,
    faults.TargetRefused: 409,
    faults.NoWayOn: 500,
    faults.EndlessStep: 500,
    faults.DeadEnd: 500,
    faults.NotInstances: 500,
    faults.StepFailed: 500,
    Busy: 409,
    JobNotPossible: 409,
    jobs_seats.SeatTaken: 409,
    jobs_seats.NoSeat: 409,
    jobs_seats.SeatLost: 409,
    NoKey: 400,
    entering.SignInRefused: 401,
    entering.TooManyAttempts: 429,
    entering.Stale: 401,
    accounts.WrongPassword: 422,
    accounts.WrongPasswordOrCode: 422,
    accounts.CodeNeeded: 422,
    second_factor.CodeUsed: 409,
    single_sign_on.ProviderFailed: 502,
    throttle.TooManyWrongPrints: 429,
    api_tokens.NoToken: 401,
    api_tokens.NotInScope: 403,
    api_tokens.TooManyRequests: 429,
    organisation.NotPossible: 422,
    engagements.EngagementClosed: 409,
    glass.GlassClosed: 409,
    successions.SuccessionClosed: 409,
    rehearsing.CannotCopy: 503,
    TooLarge: 413,
    BackupRefused: 422,
}

#: from this status on it is our fault, and the log gets the whole trace
TOLD_APART = 500

TITLES = {
    400: N_("请求有误"),
    401: N_("请先登录"),
    403: N_("无权办理"),
    404: N_("没有找到"),
    405: N_("请求方式有误"),
    409: N_("内容已有变化"),
    413: N_("文件过大"),
    415: N_("文件类型不符"),
    422: N_("填写需要修改"),
    429: N_("尝试次数过多"),
    500: N_("系统出错"),
    502: N_("单点登录未成功"),
    503: N_("系统暂时无法使用"),
}
TEXTS = {
    400: N_("服务器无法理解这次请求，未作任何更改。请返回上一页重试。"),
    401: N_("请先登录。"),
    403: N_("您没有权限进行此操作。"),
    404: N_("没有找到这个页面。它可能已不存在，或您无权查看。"),
    405: N_("此地址不接受这种请求，未作任何更改。"),
    413: N_(
        "上传的内容超过上限，未作任何更改。单份材料上限 {limit} MB，请压缩或分开上传；返回上一页，填写的文字仍在。"
    ),
    500: N_("系统内部出错，未作任何更改。请稍后重试；如仍出错，请把编号告诉系统管理员。"),
    503: N_("系统暂时忙，请稍候重试。"),
}


def status_of(error: refusals.EngineError) -> int:
    """The HTTP status of a refusal."""
    return next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)


def wants_json() -> bool:
    """Whether the caller asked for JSON rather than a page; a program with a token always gets it."""
    if g.get("wants_json"):
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], "text/html")
    return best == "application/json"


def reference() -> str:
    """A fresh number under which the log can be found: eight characters that can be read out on the telephone."""
    alphabet = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
    drawn = "".join(secrets.choice(alphabet) for _ in range(8))
    return f"{drawn[:4]}-{drawn[4:]}"


def answer(status: int, name: str, text: str, details: list[str] | None = None, **more: Any) -> Response:
    """A refusal as the caller wants it. `name` is the machine-readable class; `details` are further sentences."""
    number = reference()
    log.info("refused: status=%s error=%s reference=%s endpoint=%s", status, name, number, request.endpoint)
    if wants_json():
        response = jsonify(error=name, text=text, details=details or [], reference=number, **more)
    else:
        title = gettext(TITLES.get(status, TITLES[400]))
        page = render_template("error.html", title=title, text=text, details=details or [], reference=number)
        response = make_response(page)
    response.status_code = status
    return response


def refused(error: refusals.EngineError) -> Response:
    """An engine refusal."""
    if isinstance(error, refusals.Unavailable):
        return _unavailable(error)
    attempts.remember(error)
    if status_of(error) >= TOLD_APART:
        log.error("engine fault: error=%s endpoint=%s", type(error).__name__, request.endpoint, exc_info=error)
    details: list[str] = []
    more: dict[str, Any] = {}
    if isinstance(error, refusals.RefusedDefinition):
        details = [reason.render(gettext) for reason in error.refusals]
    if isinstance(error, refusals.InvalidAnswers):
        told = {path: [m.render(gettext) for m in found] for path, found in error.problems.items()}
        details = [line for lines in told.values() for line in lines]
        more["problems"] = told
    return answer(status_of(error), type(error).__name__, error.render(gettext), details, **more)


def _unavailable(error: refusals.Unavailable) -> Response:
    """The house cannot work now: a page that needs nothing of the database, and when to ask again."""
    log.error("unavailable: error=%s endpoint=%s", type(error).__name__, request.endpoint)
    g.actor = None
    response = answer(503, type(error).__name__, error.render(gettext))
    response.headers["Retry-After"] = "30"
    return response


def http_refused(error: HTTPException) -> Response:
    """A refusal of the HTTP layer itself: unknown address, wrong method, body too large."""
    status = error.code or 500
    if error.response is not None:
        return make_response(error.response)
    text = gettext(TEXTS.get(status, TEXTS[400])).format(limit=g.get("paper_limit_mb", 10))
    return answer(status, type(error).__name__, text)


def csrf_refused(error: CSRFError) -> Response:  # noqa: ARG001 - the reason is of no use to the reader
    """The page's protection number does not fit the session: another sign-in in between, or a foreign page."""
    text = gettext("页面已过期（可能在别处重新登录过），未作任何更改。请返回上一页，刷新后重新提交。")
    return answer(400, "PageExpired", text)


def crashed(error: Exception) -> Response:
    """Something nobody foresaw: logged with its number, told without details."""
    number = reference()
    log.error("crashed: reference=%s endpoint=%s", number, request.endpoint, exc_info=error)
    text = gettext(TEXTS[500])
    if wants_json():
        response = jsonify(error="InternalError", text=text, details=[], reference=number)
    else:
        page = render_template("error.html", title=gettext(TITLES[500]), text=text, details=[], reference=number)
        response = make_response(page)
    response.status_code = 500
    return response


def init(app: Flask) -> None:
    """Answer every exception of the application."""
    app.register_error_handler(refusals.EngineError, refused)
    app.register_error_handler(CSRFError, csrf_refused)
    app.register_error_handler(HTTPException, http_refused)
    app.register_error_handler(Exception, crashed)
