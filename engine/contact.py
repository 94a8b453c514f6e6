"""May a letter, a call or a message go to a person, now, this way? The rule alone (domain.md D4); nothing is asked of a database.

The default is no contact. What a person has laid down (`Block`) counts to the letter: the channel, the number
and the hours she named, in China's time. Nobody learns from a refusal that there is another matter (`NONE`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, time
from enum import StrEnum
from typing import Any, Final

from engine.clock import SHANGHAI
from engine.messages import N_, Message


class Channel(StrEnum):
    """A way something can go out; stored."""

    IN_PERSON = "IN_PERSON"
    PHONE = "PHONE"
    SMS = "SMS"
    WECHAT = "WECHAT"
    TRUSTED = "TRUSTED"
    EMAIL = "EMAIL"
    LETTER = "LETTER"


#: what she may choose; NONE is no contact at all
SAFE_CHANNELS: Final[Mapping[str, str]] = {
    "NONE": N_("不主动联系"),
    "IN_PERSON": N_("当面"),
    "PHONE": N_("电话"),
    "SMS": N_("短信"),
    "WECHAT": N_("微信"),
    "TRUSTED": N_("通过信任的人转达"),
}
CHANNEL_NAMES: Final[Mapping[str, str]] = {**SAFE_CHANNELS, "EMAIL": N_("电子邮件"), "LETTER": N_("书信")}
#: channels that go to a number
_NUMBERED: Final = (Channel.PHONE, Channel.SMS, Channel.WECHAT, Channel.TRUSTED)
#: what is written and stays readable for whoever holds the telephone
_WRITTEN: Final = (Channel.SMS, Channel.WECHAT)
#: words that would tell what it is about or from whom it comes; no cover story may hold one
TELLING: Final = re.compile(
    "妇联|妇女联合会|半边天|权益|维权|家暴|家庭暴力|暴力|施暴|案件|案号|立案|受理|信访|调解|离婚|法院|派出所|公安|警察|"
    "庇护|救助站|保护令|告诫书|法律援助|律师|12338|110|当事人|求助|投诉|举报"
)
#: a business number, whole or in part
_NUMBER = re.compile(r"\b[A-Z0-9]{1,12}-\d{4}-[A-Z]{1,3}-?\d*")

#: said when it is not to be told why: another matter, or a person who is not known
NONE: Final = Message(N_("按安全联系规定，本件不送书面通知、不打电话；见到本人时当面说明即可"))


@dataclass(frozen=True)
class Window:
    """Hours on some days of the week in which she may be reached: `days` 1 (Monday) to 7, from `start` to before `end`."""

    days: tuple[int, ...]
    start: str
    end: str

    @property
    def shown(self) -> str:
        """The days as they are typed: "1-5" or "1,3,6"."""
        first, last = self.days[0], self.days[-1]
        whole = len(self.days) > 2 and self.days == tuple(range(first, last + 1))
        return f"{first}-{last}" if whole else ",".join(map(str, self.days))

    def holds(self, at: datetime) -> bool:
        """Whether an instant lies in it, by the clock on the wall in China."""
        there = at.astimezone(SHANGHAI)
        begins, ends = time.fromisoformat(self.start), time.fromisoformat(self.end)
        return there.isoweekday() in self.days and begins <= there.time() < ends


@dataclass(frozen=True)
class Block:
    """What one version of the safe-contact block says. `channel` is a key of SAFE_CHANNELS."""

    channel: str = "NONE"
    number: str = ""
    windows: tuple[Window, ...] = ()
    may_leave_message: bool = False
    cover_story: str = ""
    code_word: str = ""
    unsafe_numbers: tuple[str, ...] = ()
    shared_with_abuser: bool = False
    trusted_person: str = ""

    def as_json(self) -> dict[str, Any]:
        """For sealing."""
        return asdict(self)

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Block:
        """What `as_json` gave, with or without the salt under its digest."""
        windows = tuple(Window(tuple(w["days"]), w["start"], w["end"]) for w in data["windows"])
        known = {name: value for name, value in data.items() if name != "salt"}
        return cls(**{**known, "windows": windows, "unsafe_numbers": tuple(data["unsafe_numbers"])})


@dataclass(frozen=True)
class Wish:
    """What somebody wants to do: by which channel, to which number, when; the words, when some are left or sent."""

    channel: Channel
    number: str = ""
    text: str = ""
    leaves_message: bool = False


@dataclass(frozen=True)
class Known:
    """What is known about reaching a person from one case. `own`: its block; `others`: those of her other cases.

    `guarded_here`: this case is confidential; `guarded_elsewhere`: it is not, and another of hers is, or nobody knows who she is.
    `given`: the telephone number she gave for this matter. `another`: it is not the person of the case, but somebody the law says
    must be told in writing; `missed`: attempts that did not reach her; `unsafe`: the last one was answered by somebody else and
    nothing was laid down since.
    """

    own: Block | None = None
    others: Sequence[Block] = field(default=())
    guarded_here: bool = False
    guarded_elsewhere: bool = False
    given: str = ""
    another: bool = False
    missed: int = 0
    unsafe: bool = False


def objection(known: Known, wish: Wish, at: datetime | None) -> Message | None:
    """Why it may not go out, None when it may."""
    if known.guarded_elsewhere:
        return NONE
    if wish.channel is Channel.LETTER and not known.another:
        return Message(N_("书信不寄到家里，也不由家人转交：请当面交给本人"))
    if known.unsafe:
        return Message(N_("上一次联系由他人接听或发现，联系方式可能已不安全：须重新登记安全联系方式后再联系"))
    refusal = _by_block(known.own, wish, at) if known.own is not None else _without(known, wish)
    if refusal is not None:
        return refusal
    return NONE if any(_by_block(block, wish, at) for block in known.others) else None


_NOT_LAID_DOWN: Final = N_("本件保密，还没有登记安全联系方式：默认不联系。请先与本人约定安全联系方式")
_OTHERS_KEPT_OUT: Final = N_("本件保密：不向当事人以外的人发出通知；依法必须告知的，先登记披露的依据，由承办人当面说明")


def _without(known: Known, wish: Wish) -> Message | None:
    """Nothing was laid down: an ordinary matter is spoken of in person, or by the number she gave for it."""
    if known.guarded_here:
        return Message(_OTHERS_KEPT_OUT if known.another else _NOT_LAID_DOWN)
    if wish.channel is Channel.IN_PERSON or (known.another and wish.channel is Channel.LETTER):
        return None
    if wish.channel is not Channel.PHONE:
        return Message(N_("没有登记安全联系方式的，只能当面或按本人留的电话联系"))
    if wish.leaves_message:
        return Message(N_("没有登记可以留言：无人接听时不留言"))
    if not known.given or _digits(wish.number) != _digits(known.given):
        return Message(N_("只能拨打本人为本件留下的电话"))
    return None


def _by_block(block: Block, wish: Wish, at: datetime | None) -> Message | None:
    if block.channel == "NONE":
        return Message(N_("本人要求不主动联系：不打电话、不发消息、不上门"))
    if _digits(wish.number) and _digits(wish.number) in {_digits(number) for number in block.unsafe_numbers}:
        return Message(N_("这个号码登记为不安全，不能使用"))
    if wish.channel != block.channel:
        text = N_("登记的安全联系方式是“{safe}”，不能用“{asked}”")
        names = {"safe": Message(SAFE_CHANNELS[block.channel]), "asked": Message(CHANNEL_NAMES[wish.channel])}
        return Message(text, names)
    if wish.channel in _NUMBERED and _digits(wish.number) != _digits(block.number):
        return Message(N_("只能联系登记的安全号码"))
    timed = at is not None and (block.windows or wish.channel in _NUMBERED)
    if timed and at is not None and not any(window.holds(at) for window in block.windows):
        return Message(N_("现在不在登记的安全时段内（北京时间）"))
    return _words(block, wish)


def _words(block: Block, wish: Wish) -> Message | None:
    """What is left behind in writing or on a machine is the cover story, nothing else."""
    written = wish.channel in _WRITTEN
    if written and block.shared_with_abuser:
        return Message(N_("手机与施暴人共用：不发文字消息"))
    if wish.leaves_message and not block.may_leave_message:
        return Message(N_("没有登记可以留言：无人接听时不留言"))
    if (written or wish.leaves_message) and (not block.cover_story or wish.text.strip() != block.cover_story):
        return Message(N_("文字和留言只能用登记的掩护说法，一字不改；不写案情、案号和单位名称"))
    return None


def flaws(block: Block, case_number: str) -> dict[str, Message]:
    """What is wrong with a block, by field; empty when it can be kept."""
    found: dict[str, Message] = {}
    if block.channel not in SAFE_CHANNELS:
        found["channel"] = Message(N_("请选择安全联系方式，默认“不主动联系”"))
    numbered = block.channel in _NUMBERED
    if numbered and not _digits(block.number) and block.channel != Channel.WECHAT:
        found["number"] = Message(N_("请填写安全号码"))
    if numbered and not block.windows:
        found["windows"] = Message(N_("请填写可以联系的时段；没有约定时段的，请选“不主动联系”或“当面”"))
    if _digits(block.number) and _digits(block.number) in {_digits(number) for number in block.unsafe_numbers}:
        found["unsafe_numbers"] = Message(N_("安全号码同时登记为不安全号码，请核对"))
    if block.channel == Channel.TRUSTED and not block.trusted_person:
        found["trusted_person"] = Message(N_("请填写信任的人"))
    if block.channel in _WRITTEN and block.shared_with_abuser:
        found["shared_with_abuser"] = Message(N_("手机与施暴人共用的，不能选短信或微信"))
    if (block.channel in _WRITTEN or block.may_leave_message) and not block.cover_story:
        found["cover_story"] = Message(N_("发消息或留言须先约定掩护说法"))
    telling = TELLING.search(block.cover_story) or _NUMBER.search(block.cover_story)
    if telling or (case_number and case_number in block.cover_story):
        shown = {"word": telling[0] if telling else case_number}
        found["cover_story"] = Message(N_("掩护说法里有会暴露事项的字词“{word}”，请换一种说法"), shown)
    return found


def windows_of(text: str) -> tuple[Window, ...] | None:
    """Lines like "1-5 09:00-11:30" (days of the week, Monday is 1); None when a line is none or ends before it starts."""
    found = []
    for line in filter(None, (part.strip() for part in re.split(r"[\n;；]", text.translate(_NARROW)))):
        shape = _LINE.fullmatch(line)
        if shape is None:
            return None
        days = _days(shape[1])
        if not days or not shape[2] < shape[3]:
            return None
        found.append(Window(days, shape[2], shape[3]))
    return tuple(found)


_NARROW: Final = str.maketrans("０１２３４５６７８９：－—~，", "0123456789:---,")
_LINE = re.compile(r"([1-7](?:[-,][1-7])*)\s+((?:[01]\d|2[0-3]):[0-5]\d)\s*-\s*((?:[01]\d|2[0-3]):[0-5]\d)")


def _days(text: str) -> tuple[int, ...]:
    days: set[int] = set()
    for part in text.split(","):
        ends = [int(day) for day in part.split("-")]
        if len(ends) > 2 or ends[0] > ends[-1]:
            return ()
        days |= set(range(ends[0], ends[-1] + 1))
    return tuple(sorted(days))


def windows_text(windows: Sequence[Window]) -> str:
    """The lines that `windows_of` reads."""
    return "\n".join(f"{w.shown} {w.start}-{w.end}" for w in windows)


def _digits(number: str) -> str:
    """A number as it is compared: a telephone by its digits, anything else (a WeChat name) as it is."""
    plain = re.sub(r"[\s\-()]", "", number).removeprefix("+86")
    return plain.lower()
