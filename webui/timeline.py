"""The history of a case as a story: one line a person reads at a glance, and below it what exactly happened."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, cast

from engine.clock import due_day
from engine.dossier.book import Wording
from engine.events import Kind
from engine.process_type import Form
from engine.queries.links import ORIGIN_NAMES, RELATION_NAMES
from engine.queries.opening import Entry, PaperRow
from webui import verb_story, version_words
from webui.collaboration_words import TELL
from webui.directory import post_name
from webui.drawings import Sketchbook
from webui.language import gettext
from webui.timeline_words import BAD, FIRST, QUIET, WHAT
from webui.words import period
from workflows.form import SchemaForm, label_at

#: longest value shown in a change; the form itself carries the rest
_LONGEST = 60


@dataclass(frozen=True)
class Line:
    """One entry in words."""

    seq: int
    what: str
    details: tuple[str, ...]
    changes: tuple[tuple[str, str, str], ...]
    hash: str


@dataclass(frozen=True)
class Act:
    """What one person did at one moment: the entry that says it, and what the house did at the same moment.

    `tone` is "good", "bad", "quiet" or "".
    """

    at: datetime
    who: str
    post: str
    tone: str
    main: Line
    others: tuple[Line, ...]


@dataclass(frozen=True)
class Storyteller:
    """What is needed to put entries into words: the forms of the case, its drawings, its own words, and names for ids."""

    forms: Mapping[str, Form]
    sketch: Sketchbook
    people: Mapping[int, str]
    units: Mapping[int, str]
    papers: Mapping[int, PaperRow]
    #: process key → its title
    titles: Mapping[str, str]
    wording: Wording
    words: Callable[[SchemaForm, str, Any], str]

    def tell(self, entries: Sequence[Entry]) -> list[Act]:
        """The story, the newest act first."""
        groups = [list(found) for _, found in groupby(entries, key=lambda e: (e.at, e.actor_id))]
        return [self._act(group) for group in reversed(groups)]

    def _act(self, group: list[Entry]) -> Act:
        first = min(group, key=lambda e: (_rank(e.kind), e.seq))
        kind = Kind(first.kind)
        tone = "bad" if kind in BAD else "quiet" if kind in QUIET else ""
        if any(e.kind == Kind.FORM_SIGNED for e in group):
            tone = "good"
        return Act(
            at=first.at,
            who=self.people.get(first.actor_id, ""),
            post=post_name(first.post),
            tone=tone,
            main=self._line(first),
            others=tuple(self._line(e) for e in group if e is not first),
        )

    def _line(self, entry: Entry) -> Line:
        kind = Kind(entry.kind)
        return Line(
            seq=entry.seq,
            what=gettext(WHAT[kind]).format(step=gettext(self.sketch.name(entry.element))),
            details=tuple(self._details(kind, entry.content, self.people.get(entry.actor_id, ""))),
            changes=tuple(self._changes(entry.content)),
            hash=entry.hash[:12],
        )

    def _details(self, kind: Kind, content: Mapping[str, Any], who: str) -> Iterator[str]:
        if behalf := content.get("on_behalf_of"):
            yield gettext("由{deputy}代{name}办理").format(deputy=who, name=behalf["name"])
        own = [line.render(gettext) for line in self.wording.tell(str(kind), content)]
        yield from own or _TELL.get(kind, _nothing)(self, content)
        if content.get("reason"):
            yield gettext("理由：{reason}").format(reason=gettext(self.wording.why(str(content["reason"]))))
        yield from (line.render(gettext) for line in self.wording.passed_over(content))
        yield from self._led_to(content)

    def _led_to(self, content: Mapping[str, Any]) -> Iterator[str]:
        for opened in content.get("opened") or ():
            step = gettext(self.sketch.name(opened.get("element")))
            acting = opened.get("acting_for")
            post = post_name(opened.get("post"))
            if acting:
                post = gettext("{post}代{acting}办理").format(post=post, acting=post_name(acting))
            yield gettext("转到：{step}（{post}）").format(step=step, post=post)
        if content.get("ended"):
            yield gettext("办结：{outcome}").format(outcome=gettext(self.sketch.name(content["ended"])))

    def _changes(self, content: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
        form = self.forms.get(content.get("form", ""))
        if form is None or content.get("number", 1) == 1:
            return
        schema_form = cast("SchemaForm", form)
        for change in content.get("changes", ()):
            path = str(change["path"])
            label = label_at(schema_form, path).render(gettext)
            old, new = (self.words(schema_form, path, change.get(side))[:_LONGEST] for side in ("old", "new"))
            yield label, old or gettext("（空）"), new or gettext("（空）")


Teller = Callable[[Storyteller, Mapping[str, Any]], Iterator[str]]


def _started(_teller: Storyteller, content: Mapping[str, Any]) -> Iterator[str]:
    yield gettext("业务号 {number}").format(number=content.get("number", ""))


def _went_on(teller: Storyteller, content: Mapping[str, Any]) -> Iterator[str]:
    yield gettext(teller.titles.get(content.get("kind", ""), ""))


def _completed(teller: Storyteller, content: Mapping[str, Any]) -> Iterator[str]:
    form = teller.forms.get(content.get("form", ""))
    title = gettext(form.title) if form else ""
    yield gettext("《{title}》第 {number} 版").format(title=title, number=content.get("number", 1))


def _returned(teller: Storyteller, content: Mapping[str, Any]) -> Iterator[str]:
    yield gettext("退回到：{step}").format(step=gettext(teller.sketch.name(content.get("target"))))


def _moved(teller: Storyteller, content: Mapping[str, Any]) -> Iterator[str]:
    new = content.get("new", {})
    place = " ".join(filter(None, (teller.units.get(new.get("unit", 0), ""), post_name(new.get("post")))))
    yield gettext("转给：{place}").format(place=place)


def _operation(teller: Storyteller, content: Mapping[str, Any]) -> Iterator[str]:
    yield gettext(teller.sketch.name_of_operation(str(content.get("operation", ""))))


def _shared(teller: Storyteller, content: Mapping[str, Any]) -> Iterator[str]:
    yield teller.units.get(content.get("unit", 0), "")


def _linked(_teller: Storyteller, content: Mapping[str, Any]) -> Iterator[str]:
    names = ORIGIN_NAMES if "link" in content else RELATION_NAMES
    number = content.get("other_number") or gettext("编号不公开")
    yield f"{gettext(names[content['relation']])}：{number}"


def _which(_teller: Storyteller, content: Mapping[str, Any]) -> Iterator[str]:
    if content.get("period"):
        yield gettext("时限：{name}").format(name=period(content["period"]))


def _late(teller: Storyteller, content: Mapping[str, Any]) -> Iterator[str]:
    yield from _which(teller, content)
    told = [post_name(t["post"]) for t in content.get("told", ())]
    if told:
        yield gettext("已告知：{posts}").format(posts="、".join(dict.fromkeys(told)))


def _ordered(_teller: Storyteller, content: Mapping[str, Any]) -> Iterator[str]:
    yield f"{content.get('number', '')} {content.get('text', '')}".strip()


def _due(teller: Storyteller, content: Mapping[str, Any]) -> Iterator[str]:
    yield from _which(teller, content)
    old, new = (
        due_day(datetime.fromisoformat(content[name])).isoformat() if content.get(name) else ""
        for name in ("old_due_at", "new_due_at" if "new_due_at" in content else "due_at")
    )
    if old and new:
        yield gettext("到期日由 {old} 改为 {new}").format(old=old, new=new)
    elif new:
        yield gettext("到期日：{new}").format(new=new)


def _decision(teller: Storyteller, content: Mapping[str, Any]) -> Iterator[str]:
    name = teller.sketch.name_of_decision(str(content.get("table", "")))
    version = content.get("policy_version") or ""
    yield gettext("{name}，依据政策：{version}").format(name=gettext(name), version=version)


def _added(teller: Storyteller, content: Mapping[str, Any]) -> Iterator[str]:
    yield _paper(teller, content, [p["id"] for p in content.get("papers", ())])


def _removed(teller: Storyteller, content: Mapping[str, Any]) -> Iterator[str]:
    yield _paper(teller, content, [content.get("paper", 0)])


def _printed(_teller: Storyteller, content: Mapping[str, Any]) -> Iterator[str]:
    what = content.get("what", "")
    named = gettext("整本卷宗") if what == "dossier" else what
    masked = gettext("遮盖身份证号码") if content.get("masked") else gettext("完整")
    yield gettext("{what}（{masked}）").format(what=named, masked=masked)


def _paper(teller: Storyteller, content: Mapping[str, Any], ids: Sequence[int]) -> str:
    form = teller.forms.get(content.get("form", ""))
    label = label_at(cast("SchemaForm", form), content.get("field", "")).render(gettext) if form else ""
    names = [teller.papers[i].name for i in ids if i in teller.papers]
    return "：".join(filter(None, (label, "、".join(names))))


def _nothing(_teller: Storyteller, _content: Mapping[str, Any]) -> Iterator[str]:
    return iter(())


def _rank(kind: str) -> int:
    return FIRST.index(Kind(kind)) if kind in FIRST else len(FIRST)


_TELL: Mapping[Kind, Teller] = {
    Kind.CASE_STARTED: _started,
    Kind.PROCESS_STARTED: _went_on,
    Kind.TASK_COMPLETED: _completed,
    Kind.TASK_RETURNED: _returned,
    Kind.TASK_MOVED: _moved,
    Kind.TASK_TAKEN_OVER: _moved,
    Kind.TASK_REASSIGNED: _moved,
    Kind.ORDER_ISSUED: _ordered,
    Kind.ORDER_REPLIED: _ordered,
    Kind.OPERATION_PERFORMED: _operation,
    Kind.CASE_SHARED: _shared,
    Kind.CASE_LINKED: _linked,
    Kind.PERIOD_BROKEN: _late,
    Kind.PERIOD_WARNED: _late,
    Kind.PERIOD_PAUSED: _which,
    Kind.PERIOD_RESUMED: _due,
    Kind.PERIOD_MOVED: _due,
    Kind.EXTENSION_GRANTED: _due,
    Kind.ESCALATION_RAISED: _late,
    Kind.ESCALATION_CLIMBED: _late,
    Kind.ESCALATION_ACKNOWLEDGED: _which,
    Kind.ESCALATION_CLOSED: _which,
    Kind.DECISION_MADE: _decision,
    Kind.DOCUMENT_ADDED: _added,
    Kind.DOCUMENT_REMOVED: _removed,
    Kind.PAPER_PRINTED: _printed,
    **TELL,
    **verb_story.TELL,
    **version_words.TELL,
}
