"""The history as a table people can read: who did what, when, and what a value was before and after."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.clock import due_day
from engine.dossier import facts
from engine.dossier.book import Book
from engine.dossier.record import CaseRecord, Entry
from engine.dossier.redaction import MARK
from engine.dossier.story_words import WHAT
from engine.events import Kind
from engine.queries.links import ORIGIN_NAMES, RELATION_NAMES

#: longest value printed in a change; the form itself carries the rest
LONGEST = 60


@dataclass(frozen=True)
class Row:
    """One line of the printed history."""

    seq: int
    at: datetime
    actor: str
    post: str
    what: str
    step: str
    lines: tuple[str, ...]
    hash: str


def rows(book: Book, record: CaseRecord) -> list[Row]:
    """The printed history of a case."""
    return [
        Row(
            seq=entry.seq,
            at=entry.at,
            actor=entry.actor,
            post=record.names.posts.get(entry.post_code or "", entry.post_code or ""),
            what=WHAT.get(Kind(entry.kind), entry.kind) if entry.kind in list(Kind) else entry.kind,
            step=record.names.steps.get(entry.element or "", ""),
            lines=tuple(_lines(book, record, entry)),
            hash=entry.hash,
        )
        for entry in record.entries
    ]


def span(record: CaseRecord) -> str:
    """From the day the case was opened to the day it ended, or to its last entry."""
    last = record.ended_at or (record.entries[-1].at if record.entries else record.opened_at)
    first, end = facts.day(record.opened_at), facts.day(last)
    if record.ended_at is None:
        return f"{first} 至 {end}（办理中）"
    return f"{first} 至 {end}" if first != end else first


def _lines(book: Book, record: CaseRecord, entry: Entry) -> Iterator[str]:
    content = entry.content
    if behalf := content.get("on_behalf_of"):
        yield f"由{entry.actor}代{behalf['name']}办理"
    own = [] if record.is_redacted else [str(line) for line in book.wording.tell(entry.kind, content)]
    if own:
        yield from own
    elif entry.kind in _TELL:
        yield from _TELL[Kind(entry.kind)](book, record, content)
    if content.get("reason"):
        yield f"理由：{_cut(book.wording.why(str(content['reason'])), 300)}"
    for opened in content.get("opened", ()):
        yield f"转至：{_opened(book, record, opened)}"
    yield from map(str, book.wording.passed_over(content))
    if content.get("ended"):
        yield f"办结：{record.names.steps.get(content['ended']) or content['ended']}"


def _opened(book: Book, record: CaseRecord, opened: Mapping[str, Any]) -> str:
    """The step that opened, for which post, and in whose place and why (代办)."""
    names = record.names
    step = names.steps.get(opened.get("element", ""), opened.get("element", ""))
    post = names.posts.get(opened.get("post", ""), opened.get("post", ""))
    acting, why = opened.get("acting_for"), opened.get("reason")
    if not acting:
        return f"{step}（{post}）"
    reason = f"，{book.wording.acting.get(why, why)}" if why else ""
    return f"{step}（{post}代{names.posts.get(acting, acting)}办理{reason}）"


def _started(_book: Book, _record: CaseRecord, content: Mapping[str, Any]) -> Iterator[str]:
    yield f"案卷号 {content.get('number', '')}"


def _completed(book: Book, record: CaseRecord, content: Mapping[str, Any]) -> Iterator[str]:
    form = str(content.get("form", ""))
    number = int(content.get("number") or 1)
    title = next((version.title for version in record.forms if version.key == form), form)
    changes = content.get("changes") or []
    yield f"《{title}》第{number}版" + (f"，填写 {len(changes)} 项" if number == 1 else f"，更改 {len(changes)} 项")
    if number == 1:
        return
    for change in changes:
        path = str(change["path"])
        old, new = (_value(book, record, form, path, change.get(side)) for side in ("old", "new"))
        yield f"{book.wording.label(form, path)}：{old} → {new}"


def _value(book: Book, record: CaseRecord, form: str, path: str, value: Any) -> str:
    return _cut(spoken(book, record, form, path, value), LONGEST) or "（空）"


def spoken(book: Book, record: CaseRecord | None, form: str, path: str, value: Any) -> str:
    """How a stored value is read aloud; the id of a unit becomes its name."""
    if value != MARK and record is not None and (form, path) in book.wording.units:
        return record.names.units.get(value, "")
    return book.wording.word(form, path, value)


def _signed(_book: Book, record: CaseRecord, content: Mapping[str, Any]) -> Iterator[str]:
    version = next((v for v in record.forms if v.id == content.get("form_version")), None)
    ids = {item["id"] for item in content.get("signatures", ())}
    signature = next((s for s in record.signatures if s.id in ids), None)
    yield f"《{version.title if version else content.get('form', '')}》" + (f"第{version.number}版" if version else "")
    if signature is not None:
        yield f"签字校验码 {facts.short(signature.digest)}"


def _returned(_book: Book, record: CaseRecord, content: Mapping[str, Any]) -> Iterator[str]:
    target = str(content.get("target", ""))
    yield f"退回至：{record.names.steps.get(target, target)}"


def _shared(_book: Book, record: CaseRecord, content: Mapping[str, Any]) -> Iterator[str]:
    yield record.names.units.get(content.get("unit", 0), str(content.get("unit", "")))


def _linked(_book: Book, _record: CaseRecord, content: Mapping[str, Any]) -> Iterator[str]:
    names = ORIGIN_NAMES if "link" in content else RELATION_NAMES
    yield f"{names[content['relation']]}：{content.get('other_number') or '编号不公开'}"


def _decided(_book: Book, _record: CaseRecord, content: Mapping[str, Any]) -> Iterator[str]:
    yield f"决策表 {content.get('table', '')}，政策版本 {content.get('policy_version') or '—'}"
    for hit in content.get("hits", ()):
        noted = "；".join(text for text in (hit.get("annotations") or {}).values() if text)
        yield f"适用规则 {hit.get('rule', '')}（{hit.get('clause', '')}）{noted}"


def _performed(_book: Book, _record: CaseRecord, content: Mapping[str, Any]) -> Iterator[str]:
    yield str(content.get("operation", ""))


def _which(_book: Book, record: CaseRecord, content: Mapping[str, Any]) -> Iterator[str]:
    """The name of the time limit, where the house has given it one."""
    if name := record.names.periods.get(content.get("period") or ""):
        yield f"时限：{name}"


def _late(book: Book, record: CaseRecord, content: Mapping[str, Any]) -> Iterator[str]:
    yield from _which(book, record, content)
    if content.get("due_at"):
        yield f"应于 {facts.moment(datetime.fromisoformat(content['due_at']))} 前办结"
    told = [record.names.posts.get(each.get("post", ""), each.get("post", "")) for each in content.get("told", ())]
    if told:
        yield f"已告知：{'、'.join(told)}"


def _moved_clock(book: Book, record: CaseRecord, content: Mapping[str, Any]) -> Iterator[str]:
    """Which time limit, its old and new due day, and the rule."""
    yield from _which(book, record, content)
    days = [
        due_day(datetime.fromisoformat(content[n])).isoformat() for n in ("old_due_at", "new_due_at") if content.get(n)
    ]
    yield "到期日 " + " → ".join(days)
    if content.get("clause"):
        yield f"依据：{content['clause']}"


def _added(book: Book, record: CaseRecord, content: Mapping[str, Any]) -> Iterator[str]:
    ids = [item["id"] for item in content.get("papers", ())]
    names = {paper.id: paper.name for paper in record.papers}
    label = book.wording.label(str(content.get("form", "")), str(content.get("field", "")))
    yield f"{label}　" + "、".join(f"材料 {i} {names.get(i, '（已移除）')}" for i in ids)
    for item in content.get("papers", ()):
        yield f"SHA-256 {facts.short(str(item.get('digest', '')))}"


def _removed(book: Book, _record: CaseRecord, content: Mapping[str, Any]) -> Iterator[str]:
    label = book.wording.label(str(content.get("form", "")), str(content.get("field", "")))
    yield f"{label}　材料 {content.get('paper', '')}"


def _printed(book: Book, _record: CaseRecord, content: Mapping[str, Any]) -> Iterator[str]:
    what = str(content.get("what", ""))
    title = book.sheets[what].title if what in book.sheets else "卷宗"
    yield f"{title}{'（脱敏）' if content.get('masked') else ''}　校验码 {facts.short(str(content.get('digest', '')))}"


def _noted(_book: Book, _record: CaseRecord, content: Mapping[str, Any]) -> Iterator[str]:
    if content.get("note"):
        yield f"事由：{_cut(str(content['note']), 300)}"
    if content.get("until"):
        yield f"预计等到 {content['until']}"


def _opined(_book: Book, _record: CaseRecord, content: Mapping[str, Any]) -> Iterator[str]:
    yield f"{'同意' if content.get('agrees') else '不同意'}：{_cut(str(content.get('opinion', '')), 300)}"
    if content.get("proof"):
        yield f"签字校验码 {facts.short(str(content['proof'].get('digest', '')))}"


def _refused(_book: Book, _record: CaseRecord, content: Mapping[str, Any]) -> Iterator[str]:
    yield f"{content.get('command', '')}：{content.get('refusal', '')}"


def _commented(_book: Book, _record: CaseRecord, content: Mapping[str, Any]) -> Iterator[str]:
    """A comment that is part of the file is printed whole; of a working note, that there was one (decision 20)."""
    yield f"入卷说明：{content['text']}" if content.get("in_file") else "工作留言，不入卷"


def _ordered(_book: Book, _record: CaseRecord, content: Mapping[str, Any]) -> Iterator[str]:
    yield f"{content.get('number', '')}：{_cut(str(content.get('text', '')), LONGEST * 5)}"


def _cut(text: str, longest: int) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= longest else f"{flat[:longest]}……（共 {len(flat)} 字）"


_TELL = {
    Kind.CASE_STARTED: _started,
    Kind.TASK_COMPLETED: _completed,
    Kind.FORM_SIGNED: _signed,
    Kind.TASK_RETURNED: _returned,
    Kind.CASE_SHARED: _shared,
    Kind.CASE_LINKED: _linked,
    Kind.DECISION_MADE: _decided,
    Kind.OPERATION_PERFORMED: _performed,
    Kind.PERIOD_BROKEN: _late,
    Kind.TIMER_FIRED: _late,
    Kind.PERIOD_WARNED: _late,
    Kind.PERIOD_PAUSED: _which,
    Kind.PERIOD_RESUMED: _which,
    Kind.PERIOD_MOVED: _moved_clock,
    Kind.EXTENSION_GRANTED: _moved_clock,
    Kind.ESCALATION_RAISED: _late,
    Kind.ESCALATION_CLIMBED: _late,
    Kind.ESCALATION_CLOSED: _which,
    Kind.ORDER_ISSUED: _ordered,
    Kind.ORDER_REPLIED: _ordered,
    Kind.DOCUMENT_ADDED: _added,
    Kind.DOCUMENT_REMOVED: _removed,
    Kind.PAPER_PRINTED: _printed,
    Kind.ATTEMPT_REFUSED: _refused,
    Kind.TASK_DELEGATED: _noted,
    Kind.TASK_HANDED_BACK: _noted,
    Kind.TASK_SUSPENDED: _noted,
    Kind.OPINION_SIGNED: _opined,
    Kind.COMMENT_ADDED: _commented,
}
