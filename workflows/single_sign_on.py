"""Single sign-on by OpenID Connect: authorization code with PKCE, state and nonce; only accounts that were linked beforehand.

What the provider says is believed after its ID token was verified: signature by the provider's published keys, issuer, audience,
time, nonce. Nobody is created by it, and whether a second factor was shown there counts only for the values the setting names;
otherwise a code is asked for here (decision 33).
"""

from __future__ import annotations

import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib import import_module
from typing import Any, Final

from sqlalchemy import Connection, bindparam, delete, insert, select

from engine.access import SYSTEM
from engine.errors import EngineError, InvalidAnswers
from engine.fields import Unreadable
from engine.messages import N_, Message
from engine.runtime import Runtime
from engine.unit_of_work import UnitOfWork, unit_of_work
from workflows import model, organisation_log
from workflows.entering import Caller, SignInRefused, enter, refusal
from workflows.model_sign_in import account_identity
from workflows.sessions import SignedIn
from workflows.staff import managed_account

#: how long somebody may take at the provider
LASTS: Final = timedelta(minutes=10)

_identity = account_identity.c
_LINKED = (
    select(model.account)
    .join(account_identity, _identity.account_id == model.account.c.id)
    .where(_identity.issuer == bindparam("b_issuer"), _identity.subject == bindparam("b_subject"))
    .with_for_update()
)
_ADD = insert(account_identity)
_UNLINK = delete(account_identity).where(_identity.account_id == bindparam("b_account"))


class ProviderFailed(EngineError):
    """The provider cannot be reached, or its answer is not what it must be; `why` is a code for the log."""

    text = N_("单点登录未成功（{why}）。请用密码登录，或稍后再试。")


@dataclass(frozen=True)
class Provider:
    """A provider as the installation's settings name it. `issuer` is compared to the letter."""

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    #: where the provider sends people back to: this installation's own address with the path of the page
    redirect_uri: str = ""
    #: what people call it, on the sign-in page
    name: str = ""
    #: values of `amr` or `acr` that say that a second factor was shown there
    second_factor: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Begun:
    """Where to send the browser, and the sealed ticket it brings back."""

    url: str
    ticket: bytes


def begin(runtime: Runtime, provider: Provider, onward: str) -> Begun:
    """Begin: `onward` is the page to go to afterwards. ProviderFailed."""
    state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
    url = _there().sign_in_address(provider, state, nonce, verifier)
    at = int(runtime.clock.now().timestamp())
    ticket = {"state": state, "nonce": nonce, "verifier": verifier, "onward": onward, "at": at}
    return Begun(url, runtime.vault.seal_json(ticket))


def finish(
    runtime: Runtime, provider: Provider, ticket: bytes, answer: Mapping[str, str], caller: Caller
) -> tuple[SignedIn, str]:
    """What the provider sent back: a session, and the page to go to. ProviderFailed, SignInRefused."""
    now = runtime.clock.now()
    kept = _opened(runtime, ticket, now)
    if not hmac.compare_digest(answer.get("state", "").encode(), str(kept["state"]).encode()):
        raise ProviderFailed(why="state")
    if "iss" in answer and answer["iss"] != provider.issuer:
        raise ProviderFailed(why="iss")  # RFC 9207: the answer is another provider's
    if "error" in answer or not answer.get("code"):
        raise ProviderFailed(why="denied")
    claims = _there().claims(provider, answer["code"], kept, now)
    shown = {str(claims.get("acr", "")), *texts(claims.get("amr"))}
    with unit_of_work(runtime, SYSTEM) as work:
        asked = {"b_issuer": provider.issuer, "b_subject": str(claims["sub"])}
        account = work.connection.execute(_LINKED, asked).one_or_none()
        if account is None:
            refused = Message(N_("这个身份没有与本系统的账号关联，请联系县妇联系统管理员"))
        elif (why := refusal(work.connection, account, work.today)) is not None:
            refused = why
        else:
            proven = bool(shown & provider.second_factor)
            entered = enter(work, account, caller, how="sso", found=None, proven=proven)
            return entered, str(kept["onward"])
    raise SignInRefused(why=refused)


def link(uow: UnitOfWork, *, account_id: int, issuer: str, subject: str) -> dict[str, Any]:
    """Let an identity at a provider sign in as an account; another one of the account's is replaced. ``{"account_id"}``."""
    managed_account(uow, account_id)
    if not 1 <= len(subject) <= 255:
        raise InvalidAnswers({"subject": [Message(N_("身份标识（sub）应为 1 至 255 个字符"))]})
    taken = uow.connection.execute(_LINKED, {"b_issuer": issuer, "b_subject": subject}).one_or_none()
    if taken is not None and taken.id != account_id:
        raise InvalidAnswers({"subject": [Message(N_("这个身份已与另一账号关联"))]})
    unlinked(uow.connection, account_id)
    row = {"account_id": account_id, "issuer": issuer, "subject": subject}
    uow.connection.execute(_ADD, {**row, "linked_at": uow.now, "linked_by": uow.actor.id})
    organisation_log.write(uow, "account.linked", account=account_id)
    return {"account_id": account_id}


def unlink(uow: UnitOfWork, *, account_id: int) -> dict[str, Any]:
    """No identity signs in as this account any more. ``{"account_id"}``."""
    managed_account(uow, account_id)
    unlinked(uow.connection, account_id)
    organisation_log.write(uow, "account.unlinked", account=account_id)
    return {"account_id": account_id}


def unlinked(connection: Connection, account_id: int) -> None:
    """Take every identity off an account."""
    connection.execute(_UNLINK, {"b_account": account_id})


def _opened(runtime: Runtime, ticket: bytes, now: datetime) -> dict[str, Any]:
    try:
        kept: dict[str, Any] = runtime.vault.open_json(ticket)
        begun = int(kept["at"])
    except (Unreadable, ValueError, KeyError) as error:
        raise ProviderFailed(why="ticket") from error
    if not 0 <= now.timestamp() - begun <= LASTS.total_seconds():
        raise ProviderFailed(why="late")
    return kept


def _there() -> Any:
    """What speaks with the provider: loaded with its libraries when somebody signs in that way, not by every process."""
    return import_module("workflows.openid")


def texts(value: Any) -> list[str]:
    """A claim that may be one text or several (RFC 7519 4.1.3), as several."""
    return [str(each) for each in value] if isinstance(value, list) else [] if value is None else [str(value)]
