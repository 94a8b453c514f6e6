"""Where an attempt to sign in comes from, told without telling too much: the class of its address, the family of its browser."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from engine.messages import N_

PLACE_NAMES: Final[Mapping[str, str]] = {
    "local": N_("服务器本机"),
    "inside": N_("单位内网"),
    "outside": N_("外部网络"),
    "unknown": N_("不详"),
}
#: what a browser calls itself, the more particular first
_SYSTEMS: Final = (
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("UnionTech", "UOS"),
    ("Kylin", "Kylin"),
    ("Linux", "Linux"),
)
_BROWSERS: Final = (
    ("MicroMessenger", "WeChat"),
    ("DingTalk", "DingTalk"),
    ("QQBrowser", "QQBrowser"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)


@dataclass(frozen=True)
class Origin:
    """`place` is a key of PLACE_NAMES; `device` a system and a browser ("Windows · Edge"), "—" when neither is known."""

    place: str
    device: str


def origin(address: str, agent: str = "") -> Origin:
    """Of a network address and what the browser says about itself; neither of them is kept."""
    system = next((name for mark, name in _SYSTEMS if mark in agent), "")
    browser = next((name for mark, name in _BROWSERS if mark in agent), "")
    return Origin(_place(address), " · ".join(filter(None, (system, browser))) or "—")


def _place(address: str) -> str:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if found.is_loopback:
        return "local"
    return "inside" if found.is_private or found.is_link_local else "outside"
