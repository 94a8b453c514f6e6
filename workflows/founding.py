"""An installation begins: the county's federation, and the four people without whom nobody could let in anybody else.

Three keepers who are three persons (等保 三员, decision 29), and the county's chair, who approves the posts that reach far. All
others are let in by them on the pages. It is done once: as soon as there is an account, this is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, select

from engine import adopting
from engine.access import SYSTEM
from engine.errors import Forbidden, InvalidAnswers
from engine.messages import N_, Message
from engine.unit_of_work import unit_of_work
from workflows import accounts, appointing, demo, model, organisation, organisation_log, staff, terms
from workflows.passwords import hash_password
from workflows.people import normalise_name
from workflows.posts import KEEPERS, POST_NAMES

if TYPE_CHECKING:
    from engine.runtime import Runtime
    from engine.unit_of_work import UnitOfWork

#: the posts that must be held from the first day
FIRST: Final = (*KEEPERS, "COUNTY_CHAIR")
_ACCOUNTS = select(func.count()).select_from(model.account)


@dataclass(frozen=True)
class Founder:
    """One of the first four: the post, the login she chooses, her name and her ID number."""

    post: str
    login: str
    name: str
    idcard: str


def found(runtime: Runtime, *, county_name: str, county_code: str, founders: Sequence[Founder]) -> dict[str, str]:
    """Set up the county with its first four people; login → start password, which is told here once.

    Forbidden when there is an account already. InvalidAnswers, by "county" or "POST.field", with everything that is wrong;
    nothing is written then.
    """
    secrets = {founder.login: staff.start_password() for founder in founders}
    hashes = {login: hash_password(secret) for login, secret in secrets.items()}
    with unit_of_work(runtime, SYSTEM) as work:
        if work.connection.execute(_ACCOUNTS).scalar():
            raise Forbidden(why=Message(N_("本安装已有账号：请由系统管理员、安全管理员在“组织”页面办理")))
        _check_posts(founders)
        if not county_name.strip() or not county_code.strip():
            raise InvalidAnswers({"county": [Message(N_("请写明县妇联的名称和机构代码"))]})
        county = demo.create_installation(
            work.connection, county_name=county_name.strip(), county_code=county_code.strip(), at=work.now
        )
        adopting.close(work)
        organisation_log.write(work, "unit.created", unit=county.id)
        for founder in founders:
            _let_in(work, founder, county, hashes[founder.login])
        keeper = accounts.account_id(work.connection, next(each.login for each in founders if each.post == "SYS_ADMIN"))
        admin = organisation.actor_of(work.connection, keeper, work.today)
    demo.publish_drawings(runtime, admin)
    return {accounts.clean_login(login): secret for login, secret in secrets.items()}


def _check_posts(founders: Sequence[Founder]) -> None:
    given = [founder.post for founder in founders]
    if sorted(given) != sorted(FIRST):
        wanted = "、".join(f"{POST_NAMES[post]} {post}" for post in FIRST)
        text = N_("首批人员须恰好是：{wanted}，各一人；见到：{seen}")
        raise InvalidAnswers({"post": [Message(text, {"wanted": wanted, "seen": "、".join(given) or "—"})]})


def _let_in(work: UnitOfWork, founder: Founder, county: Any, password_hash: str) -> None:
    problems = staff.problems_of(work, login=founder.login, name=founder.name, idcard=founder.idcard)
    if problems:
        raise InvalidAnswers({f"{founder.post}.{field}": told for field, told in problems.items()})
    made = accounts.add_account(
        work.connection,
        login=founder.login,
        name=normalise_name(founder.name),
        password_hash=password_hash,
        start=True,
        id_hash=organisation.person_hash(work.runtime.vault, founder.idcard),
    )
    organisation_log.write(work, "account.created", account=made)
    against: dict[str, list[Message]] = {}
    terms.check(work, made, founder.post, county, work.today, None, against)
    if against:
        raise InvalidAnswers({f"{founder.post}.{field}": told for field, told in against.items()})
    row = {"account_id": made, "post": founder.post, "unit_id": county.id, "since": work.today, "until": None}
    appointing.give(work, row)
