"""Accounts of people: created by the system administrator, who by that gives nobody any right (三员, decision 29).

An account without a post opens nothing, not even the sign-in. What a person may do comes from posts, which somebody else gives.
"""

from __future__ import annotations

import re
import secrets
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import bindparam, func, select

from engine.access import Permission
from engine.errors import Forbidden, InvalidAnswers, NotFound
from engine.messages import N_, Message
from workflows import accounts, api_tokens, model, organisation, organisation_log
from workflows.people import idcard_problem, name_problem, normalise_name
from workflows.terms import require_keepers_left

if TYPE_CHECKING:
    from engine.unit_of_work import UnitOfWork

_LOGIN = re.compile(r"[a-z0-9][a-z0-9._-]{1,39}", re.ASCII)
#: no hash of any password: nobody signs in until a start password was set
NO_PASSWORD: Final = "-"  # noqa: S105
#: without letters that look alike
_LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"

_TAKEN = select(model.account.c.id).where(model.account.c.login == bindparam("b_login"))
_SAME_PERSON = select(func.count()).where(model.account.c.id_hash == bindparam("b_hash"))
_ACCOUNT = select(model.account).where(model.account.c.id == bindparam("b_id"))
_PLACES = (
    select(model.unit.c.path)
    .join(model.post_holding, model.post_holding.c.unit_id == model.unit.c.id)
    .where(model.post_holding.c.account_id == bindparam("b_id"))
)

Problems = dict[str, list[Message]]


def create_account(uow: UnitOfWork, *, login_name: str, name: str, idcard: str) -> dict[str, Any]:
    """Create an account without posts and without a password; ``{"account_id"}``. InvalidAnswers by field, Forbidden.

    One person has one account: her ID number (stored as a keyed hash alone) is what the rules on kinship and on the three
    keepers go by.
    """
    uow.require(Permission.MANAGE_ACCOUNTS, None)
    problems = problems_of(uow, login=login_name, name=name, idcard=idcard)
    if problems:
        raise InvalidAnswers(problems)
    made = accounts.add_account(
        uow.connection,
        login=login_name,
        name=normalise_name(name),
        password_hash=NO_PASSWORD,
        id_hash=organisation.person_hash(uow.runtime.vault, idcard),
    )
    organisation_log.write(uow, "account.created", account=made)
    return {"account_id": made}


def problems_of(uow: UnitOfWork, *, login: str, name: str, idcard: str) -> Problems:
    """Everything that is wrong with a new account, by field."""
    problems: Problems = {}
    cleaned = accounts.clean_login(login)
    if not _LOGIN.fullmatch(cleaned):
        text = N_("登录名须是 2 至 40 位小写字母、数字或 . _ -，填写的是“{seen}”")
        problems["login_name"] = [Message(text, {"seen": cleaned[:40]})]
    elif uow.connection.execute(_TAKEN, {"b_login": cleaned}).first():
        problems["login_name"] = [Message(N_("登录名 {login} 已被使用"), {"login": cleaned})]
    if wrong := name_problem(name):
        problems["name"] = [wrong]
    if wrong := idcard_problem(idcard, uow.today):
        problems["idcard"] = [wrong]
    else:
        hashed = organisation.person_hash(uow.runtime.vault, idcard)
        if uow.connection.execute(_SAME_PERSON, {"b_hash": hashed}).scalar():
            problems["idcard"] = [Message(N_("持此身份证号码的人已有账号，一人只设一个账号"))]
    return problems


def set_account_state(uow: UnitOfWork, *, account_id: int, active: bool) -> dict[str, Any]:
    """Close an account at once, or open it again; ``{"account_id"}``. Closing ends sessions and tokens and moves what she held.

    Forbidden for her own, and for the last one who keeps the machine, its rights or its log.
    """
    row = managed_account(uow, account_id)
    if account_id == uow.actor.id:
        raise Forbidden(why=Message(N_("不能停用或恢复自己的账号")))
    if row.active == active:
        return {"account_id": account_id}
    if not active:
        require_keepers_left(uow, without_account=account_id)
    accounts.set_active(uow.connection, account_id, active=active)
    if not active:
        api_tokens.end_all(uow.connection, account_id, uow.now)
    organisation_log.write(uow, "account.opened" if active else "account.closed", account=account_id)
    uow.rescreen.add(None)
    return {"account_id": account_id}


def note_start_password(uow: UnitOfWork, *, account_id: int) -> dict[str, Any]:
    """Write down that a start password is about to be given out; ``{"account_id"}``. The password itself never comes here.

    Tokens made under the old one end for good. Forbidden for one's own account.
    """
    managed_account(uow, account_id)
    if account_id == uow.actor.id:
        raise Forbidden(why=Message(N_("自己的密码请在登录后修改")))
    api_tokens.end_all(uow.connection, account_id, uow.now)
    organisation_log.write(uow, "account.password", account=account_id)
    return {"account_id": account_id}


def start_password() -> str:
    """A password to be told once and changed: fifteen letters that cannot be mistaken, seventy bits."""
    letters = [secrets.choice(_LETTERS) for _ in range(15)]
    return "-".join("".join(letters[i : i + 5]) for i in (0, 5, 10))


def managed_account(uow: UnitOfWork, account_id: int) -> Any:
    """The row of an account she may look after. NotFound; Forbidden for one whose posts lie outside her part of the tree."""
    uow.require(Permission.MANAGE_ACCOUNTS, None)
    row = uow.connection.execute(_ACCOUNT, {"b_id": account_id}).one_or_none()
    if row is None:
        raise NotFound(what=Message(N_("账号 {id}"), {"id": account_id}))
    hers = [post.path for post in uow.actor.posts if post.code == "SYS_ADMIN"]
    paths = uow.connection.execute(_PLACES, {"b_id": account_id}).scalars().all()
    if not all(path.startswith(tuple(hers)) for path in paths):
        raise Forbidden(why=Message(N_("此人在您管辖之外的机构任职")))
    return row
