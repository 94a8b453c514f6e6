"""The history of a case as a story: one line a person reads at a glance, and below it what exactly happened."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from flask_babel import gettext

from engine.events import Kind
from engine.messages import N_
from engine.process_type import ProcessType
from engine.queries.opening import Entry, PaperRow
from webui.directory import post_name
from webui.drawings import Sketch
from workflows.form import SchemaForm, label_at

WHAT = {
    Kind.CASE_STARTED: N_("登记立案"),
    Kind.CASE_ENDED: N_("办结"),
    Kind.CASE_WITHDRAWN: N_("申请人撤回申请"),
    Kind.CASE_SHARED: N_("移送协办单位"),
    Kind.TASK_COMPLETED: N_("办理：{step}"),
    Kind.TASK_CLAIMED: N_("签收：{step}"),
    Kind.TASK_RELEASED: N_("取消签收：{step}"),
    Kind.TASK_RETURNED: N_("退回：{step}"),
    Kind.FORM_SIGNED: N_("本人签字：{step}"),
    Kind.DECISION_MADE: N_("规则判定"),
    Kind.OPERATION_PERFORMED: N_("系统办理"),
    Kind.PERIOD_BROKEN: N_("超过期限：{step}"),
    Kind.TIMER_FIRED: N_("时限到达：{step}"),
    Kind.DOCUMENT_ADDED: N_("上传材料"),
    Kind.DOCUMENT_REMOVED: N_("移除材料"),
    Kind.ATTEMPT_REFUSED: N_("拒绝越权操作"),
    Kind.PAPER_PRINTED: N_("打印"),
    Kind.REGISTER_CHANGED: N_("登记簿变更"),
}
_BAD = (Kind.PERIOD_BROKEN, Kind.ATTEMPT_REFUSED, Kind.TASK_RETURNED, Kind.CASE_WITHDRAWN)
_QUIET = (Kind.TASK_CLAIMED, Kind.TASK_RELEASED, Kind.OPERATION_PERFORMED, Kind.DOCUMENT_ADDED, Kind.REGISTER_CHANGED,
          Kind.CASE_SHARED, Kind.PAPER_PRINTED, Kind.DOCUMENT_REMOVED)  # fmt: skip
_GOOD = (Kind.FORM_SIGNED,)
#: longest value shown in a change; the form itself carries the rest
_LONGEST = 60


@dataclass(frozen=True)
class Line:
    """One entry of the story; `tone` is "good", "bad", "quiet" or ""."""

    seq: int
    at: datetime
    who: str
    post: str
    what: str
    tone: str
    details: tuple[str, ...]
    changes: tuple[tuple[str, str, str], ...]
    hash: str


@dataclass(frozen=True)
class Storyteller:
    """What is needed to put entries into words: the process, its drawing, and names for ids."""

    process: ProcessType
    sketch: Sketch
    people: Mapping[int, str]
    units: Mapping[int, str]
    papers: Mapping[int, PaperRow]
    words: Callable[[SchemaForm, str, Any], str]

    def tell(self, entries: Sequence[Entry]) -> list[Line]:
        """The story, the newest entry first."""
        return [self._line(entry) for entry in reversed(entries)]

    def _line(self, entry: Entry) -> Line:
        kind = Kind(entry.kind)
        tone = "bad" if kind in _BAD else "quiet" if kind in _QUIET else "good" if kind in _GOOD else ""
        return Line(
            seq=entry.seq,
            at=entry.at,
            who=self.people.get(entry.actor_id, ""),
            post=post_name(entry.post),
            what=gettext(WHAT[kind]).format(step=gettext(self.sketch.name(entry.element))),
            tone=tone,
            details=tuple(self._details(kind, entry.content)),
            changes=tuple(self._changes(entry.content)),
            hash=entry.hash[:12],
        )

    def _details(self, kind: Kind, content: Mapping[str, Any]) -> Iterator[str]:
        if kind is Kind.CASE_STARTED:
            yield gettext("业务号 {number}").format(number=content.get("number", ""))
        elif kind is Kind.TASK_COMPLETED:
            form = self.process.forms.get(content.get("form", ""))
            title = gettext(form.title) if form else ""
            yield gettext("《{title}》第 {number} 版").format(title=title, number=content.get("number", 1))
        elif kind is Kind.TASK_RETURNED:
            yield gettext("退回到：{step}").format(step=gettext(self.sketch.name(content.get("target"))))
        elif kind is Kind.DECISION_MADE:
            yield from self._decision(content)
        elif kind is Kind.OPERATION_PERFORMED:
            yield gettext(self.sketch.name_of_operation(str(content.get("operation", ""))))
        elif kind is Kind.CASE_SHARED:
            yield self.units.get(content.get("unit", 0), "")
        elif kind is Kind.DOCUMENT_ADDED:
            yield from self._paper(content, [p["id"] for p in content.get("papers", ())])
        elif kind is Kind.DOCUMENT_REMOVED:
            yield from self._paper(content, [content.get("paper", 0)])
        elif kind is Kind.PERIOD_BROKEN:
            told = [post_name(t["post"]) for t in content.get("told", ())]
            if told:
                yield gettext("已告知：{posts}").format(posts="、".join(dict.fromkeys(told)))
        if content.get("reason"):
            yield gettext("理由：{reason}").format(reason=content["reason"])
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

    def _decision(self, content: Mapping[str, Any]) -> Iterator[str]:
        name = self.sketch.name_of_decision(str(content.get("table", "")))
        version = content.get("policy_version") or ""
        yield gettext("{name}，依据政策：{version}").format(name=gettext(name), version=version)
        hits = content.get("hits", ())
        if not hits:
            yield gettext("没有命中任何一条不予推荐的规则")
        for hit in hits:
            told = "；".join(str(a) for a in hit.get("annotations", {}).values() if a)
            clause = str(hit.get("clause", ""))
            yield gettext("命中规则 {rule}：{told}").format(rule=hit.get("rule", ""), told=told or clause)

    def _paper(self, content: Mapping[str, Any], ids: Sequence[int]) -> Iterator[str]:
        form = self.process.forms.get(content.get("form", ""))
        label = label_at(cast("SchemaForm", form), content.get("field", "")).render(gettext) if form else ""
        names = [self.papers[i].name for i in ids if i in self.papers]
        yield "：".join(filter(None, (label, "、".join(names))))

    def _changes(self, content: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
        form = self.process.forms.get(content.get("form", ""))
        if form is None or content.get("number", 1) == 1:
            return
        schema_form = cast("SchemaForm", form)
        for change in content.get("changes", ()):
            path = str(change["path"])
            label = label_at(schema_form, path).render(gettext)
            old, new = (self.words(schema_form, path, change.get(side))[:_LONGEST] for side in ("old", "new"))
            yield label, old or gettext("（空）"), new or gettext("（空）")
