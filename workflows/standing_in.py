"""Who may act in whose place (委托代理): posts as data; whatever is not listed is refused.

A deputy holds a listed post in the same unit or in one above it. So she reads by her own posts whatever she works on, and
nobody sees more because a colleague is away. The keepers of the machine and of its log are nobody's deputies (三员).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from engine.access import Actor, Post
from engine.messages import N_, Message
from workflows.posts import POST_NAMES

#: post of the absent person → posts that may act in its place
DEPUTIES: Final[Mapping[str, tuple[str, ...]]] = {
    "VILLAGE_CHAIR": ("VILLAGE_CHAIR", "TOWN_CHAIR"),
    "TOWN_CHAIR": ("TOWN_CHAIR", "LOAN_WORKER", "LOAN_HEAD", "COUNTY_CHAIR"),
    "CREDIT_OFFICER": ("CREDIT_OFFICER",),
    "LOAN_WORKER": ("LOAN_WORKER", "LOAN_HEAD", "COUNTY_CHAIR"),
    "LOAN_HEAD": ("LOAN_HEAD", "LOAN_WORKER", "COUNTY_CHAIR"),
    "SEAL_KEEPER": ("SEAL_KEEPER", "COUNTY_CHAIR"),
    "COUNTY_CHAIR": ("COUNTY_CHAIR", "LOAN_HEAD"),
}


def deputises(deputy: Actor, place: Post) -> bool:
    """Whether somebody may act for a post in a unit by the posts she holds herself."""
    allowed = DEPUTIES.get(place.code, ())
    return any(held.code in allowed and place.path.startswith(held.path) for held in deputy.posts)


def refusal(absent: Actor, deputy: Actor) -> Message | None:
    """Why somebody may not act for a person, None when she may for every post that person works in."""
    working = [place for place in absent.posts if place.code in DEPUTIES]
    if not working:
        return Message(N_("您的岗位不办理案件，无须委托"))
    for place in working:
        if not deputises(deputy, place):
            text = N_("此人不能代理{post}：代理人须在本单位或上级单位担任可以代理该岗位的职务，请从名单中选")
            return Message(text, {"post": Message(POST_NAMES[place.code])})
    return None
