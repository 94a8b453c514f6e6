"""What a case holds must be what its history says of it: forms, papers, signatures, shares, the case row and its drawing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, bindparam, select

from engine import blobs, sharing, told_rows
from engine.access import CONFIDENTIAL
from engine.columns import TOLD
from engine.errors import EngineError
from engine.events import ACTED, Kind
from engine.fields import Vault, digest
from engine.flow.definition import parse
from engine.messages import N_, Message
from engine.model import case_share, definition, instance
from engine.model_absence import absence_act
from engine.model_collaboration import comment
from engine.model_filed import blob, document, form_version, signature
from engine.model_links import case_link
from engine.model_teams import case_exclusion, case_member


def _of_cases(table: Table, *columns: Any) -> Any:
    chosen = select(*columns) if columns else select(table)
    between = table.c.case_id.between(bindparam("b_first"), bindparam("b_last"))
    return chosen.where(between).order_by(table.c.case_id, table.c.id)


_FORMS, _SIGNATURES, _PAPERS = _of_cases(form_version), _of_cases(signature), _of_cases(document)
_COMMENTS, _ACTS = _of_cases(comment), _of_cases(absence_act)
_SHARES = (
    select(case_share)
    .where(case_share.c.case_id.between(bindparam("b_first"), bindparam("b_last")))
    .order_by(case_share.c.case_id)
)
_DRAWN = _of_cases(instance, instance.c.case_id, instance.c.definition_id, instance.c.id)
_LINKS = _of_cases(case_link)
_HELD = (_FORMS, _SIGNATURES, _PAPERS, _COMMENTS, _ACTS, _SHARES, _LINKS, _DRAWN)
_THERE = select(blob.c.id).where(blob.c.id == bindparam("b_id"))
_DRAWING = select(definition.c.key, definition.c.bpmn).where(definition.c.id == bindparam("b_id"))
#: asked with these, a connection of `engine.database` does not remember the answer, which would be the whole house in the end
_UNREMEMBERED: Any = {}

#: what is told of one thing a case holds; compared whole
Told = tuple[Any, ...]
Things = Mapping[tuple[str, int], Told]

#: what is told of a thing that was taken away
_GONE: Told = ("gone",)
#: kind of entry → under which names its content tells the class of its case, and its unit
_SAYS: Mapping[str, tuple[str, str]] = {
    Kind.CASE_STARTED: ("class", "unit"),
    Kind.ROWS_ADOPTED: ("class", "unit"),
    Kind.CASE_LIFTED: ("class", "new"),
    Kind.CASE_MOVED: ("", "new"),
    Kind.CASE_REHOMED: ("", "new"),
    Kind.CLASS_RAISED: ("new", ""),
    Kind.LOWERING_DECIDED: ("new", ""),
}
#: rows by which a case is its team's alone, while they last
_CLOSING = (case_member, case_exclusion)
_NAMES = {
    "form": N_("表单"),
    "paper": N_("材料"),
    "signature": N_("签字"),
    "share": N_("移送单位"),
    "link": N_("关联案件"),
    "case": N_("案件登记"),
    "drawing": N_("流程图"),
    "deputy": N_("代理办理的任务"),
    "comment": N_("留言"),
    "process": N_("后续流程的流程图"),
    "class": N_("密级"),
    "unit": N_("所属机构"),
    "guard": N_("限定知悉的标记"),
}
_SIGNED = ("form_version_id", "form", "signer_id", "signer_name", "post", "acting_for", "unit_id", "method", "digest")


@dataclass(frozen=True)
class Opened:
    """A history entry whose content opened and is the one that was written."""

    row: RowMapping
    content: Mapping[str, Any]


def signature_digest(row: dict[str, Any]) -> str:
    """What the history remembers of a signature: who signed what, when, as what, over which digest."""
    bound = {name: row[name] for name in _SIGNED}
    return digest({**bound, "signed_at": row["signed_at"].astimezone(UTC).isoformat(timespec="microseconds")})


class Holdings:
    """Compares cases with their histories. Papers are opened one at a time, and each drawing is read once."""

    def __init__(self, connection: Connection, vault: Vault, *, papers: bool = True) -> None:
        """`papers`: whether the bytes of papers are read and compared too, not only what is told of them."""
        self._connection = connection
        self._vault = vault
        self._papers = papers
        self._drawings: dict[int, str] = {}
        self._guarding = {table: _of_cases(table) for table in told_rows.told_of_cases()}
        self._names = {**_NAMES, **{table.name: table.info[TOLD] for table in self._guarding}}
        self._loaded = (0, 0)
        self._kept: dict[Any, dict[int, list[RowMapping]]] = {}

    def load(self, first: int, last: int) -> None:
        """Read what the cases from one id to another hold, at once; what was loaded before is let go."""
        self._kept = {}
        for statement in (*_HELD, *self._guarding.values()):
            of_case: dict[int, list[RowMapping]] = {}
            between = {"b_first": first, "b_last": last}
            for row in self._connection.execute(statement, between, execution_options=_UNREMEMBERED).mappings():
                of_case.setdefault(row["case_id"], []).append(row)
            self._kept[statement] = of_case
        self._loaded = (first, last)

    def differences(self, case: RowMapping, entries: Iterable[Opened]) -> Iterator[tuple[int | None, Message]]:
        """Everything that is not as told: (seq of the entry that tells of it, when one does; why).

        The entries are taken one after the other, and not kept.
        """
        told: dict[tuple[str, int], Told] = {}
        where: dict[tuple[str, int], int] = {}
        for entry in entries:
            for thing, said in (*_told(entry, told), *_drawn(entry), *_told_of_access(entry)):
                told[thing] = said
                where[thing] = entry.row["seq"]
        told = {thing: said for thing, said in told.items() if said is not _GONE}
        stored = {**dict(self._stored(case)), **dict(self._guarded(case, told))}
        for thing in sorted(told.keys() | stored.keys()):
            if told.get(thing) != stored.get(thing):
                name, number = thing
                why = Message(N_("{kind} {id} 与历史记录不符"), {"kind": Message(self._names[name]), "id": number})
                yield where.get(thing), why

    def _stored(self, case: RowMapping) -> Iterator[tuple[tuple[str, int], Told]]:
        case_id = case["id"]
        for row in self._rows(_FORMS, case_id):
            content = self._digest(row["answers_sealed"])
            yield ("form", row["id"]), (content, row["form"], row["number"], row["task_id"], row["by_id"])
        for row in self._rows(_PAPERS, case_id):
            kept = (row["form"], row["field"], row["media_type"], row["removed_at"] is not None)
            yield ("paper", row["id"]), (self._bytes_digest(row), *kept)
        for row in self._rows(_SIGNATURES, case_id):
            yield ("signature", row["id"]), (signature_digest(dict(row)),)
        for row in self._rows(_LINKS, case_id):
            yield ("link", row["id"]), (row["relation"], row["other_id"], row["by_id"])
        acts: dict[int, Told] = {}
        for row in self._rows(_ACTS, case_id):
            said = (row["kind"], row["by_id"], row["for_id"], row["absence_id"])
            acts[row["task_id"]] = (*acts.get(row["task_id"], ()), said)
        yield from ((("deputy", task_id), said) for task_id, said in acts.items())
        for row in self._rows(_COMMENTS, case_id):
            yield ("comment", row["id"]), (self._text_digest(row["text_sealed"]), row["by_id"], row["in_file"])
        for number, row in enumerate(self._rows(_DRAWN, case_id)):
            yield ("process", row["id"]) if number else ("drawing", case_id), (self._drawing(row),)
        yield ("case", case_id), (case["kind"], case["number"], case["state"], case["outcome"])

    def _guarded(self, case: RowMapping, told: Things) -> Iterator[tuple[tuple[str, int], Told]]:
        """Who may see a case. Entries from before its class and unit were told of say nothing about them."""
        closed = case["confidentiality"] in CONFIDENTIAL
        for table, statement in self._guarding.items():
            for row in self._rows(statement, case["id"]):
                yield (table.name, row["id"]), (told_rows.row_digest(self._vault, table, row),)
                closed = closed or (table in _CLOSING and row["ended_at"] is None)
        for row in self._rows(_SHARES, case["id"]):
            share = ("share", row["unit_id"])
            yield share, () if told.get(share) == () else tuple(sharing.told_of(row["until"], row["disclosure_id"]))
        if ("class", case["id"]) in told:
            yield ("class", case["id"]), (case["confidentiality"],)
        if ("unit", case["id"]) in told:
            yield ("unit", case["id"]), (case["unit_id"], case["path"].endswith(f".{case['unit_id']}."))
        if closed and not case["guarded"]:
            yield ("guard", case["id"]), ()

    def _rows(self, statement: Any, case_id: int) -> Sequence[RowMapping]:
        if not self._loaded[0] <= case_id <= self._loaded[1]:
            self.load(case_id, case_id)
        return self._kept[statement].get(case_id, ())

    def _text_digest(self, sealed: bytes) -> str:
        try:
            return digest(self._vault.open(sealed).decode())
        except (EngineError, ValueError):
            return ""

    def _digest(self, sealed: bytes) -> str:
        try:
            return digest(self._vault.open_json(sealed))
        except (EngineError, ValueError):
            return ""

    def _bytes_digest(self, paper: RowMapping) -> str:
        """The digest of a paper's bytes; without opening them, what the row says, as long as there are any."""
        try:
            if self._papers:
                return blobs.sha256_of(self._connection, self._vault, paper["blob_id"])
        except EngineError:
            return ""
        there = self._connection.execute(_THERE, {"b_id": paper["blob_id"]}, execution_options=_UNREMEMBERED).first()
        return "" if there is None else str(paper["sha256"])

    def _drawing(self, row: RowMapping) -> str:
        number = row["definition_id"]
        if number not in self._drawings:
            drawn = self._connection.execute(_DRAWING, {"b_id": number}).one_or_none()
            self._drawings[number] = "" if drawn is None else _parsed(drawn.key, bytes(drawn.bpmn))
        return self._drawings[number]


@lru_cache(maxsize=32)
def _parsed(key: str, content: bytes) -> str:
    """The digest of a drawing, "" for one that is none; the same bytes have the same."""
    try:
        return parse(key, content).digest
    except EngineError:
        return ""


def _told_of_access(entry: Opened) -> Iterator[tuple[tuple[str, int], Told]]:
    """The class of a case, the unit it belongs to, and who else sees it until when; earlier, that a share was taken back."""
    kind, content, case_id = entry.row["kind"], entry.content, entry.row["case_id"]
    level, unit = _SAYS.get(kind, ("", ""))
    if level in content and content.get("agree", True):
        yield ("class", case_id), (content[level],)
    if unit in content:
        yield ("unit", case_id), (content[unit], True)
    for other, said in content.get(sharing.SHARES, {}).items():
        yield ("share", int(other)), tuple(said)
    if kind == Kind.CONSENT_WITHDRAWN and "unshared" in content:
        yield ("share", content["unshared"]), _GONE


def _drawn(entry: Opened) -> Iterator[tuple[tuple[str, int], Told]]:
    """Which drawing a case runs on since one entry."""
    if entry.row["kind"] in (Kind.CASE_MIGRATED, Kind.MIGRATION_UNDONE):
        content, case_id = entry.content, entry.row["case_id"]
        first = content.get("first", True)
        yield ("drawing", case_id) if first else ("process", content.get("instance", 0)), (content.get("digest"),)


def _told(entry: Opened, before: Things) -> Iterator[tuple[tuple[str, int], Told]]:
    """What one entry says is so from then on; `before` is what earlier entries said."""
    row, content, case_id = entry.row, entry.content, entry.row["case_id"]
    for item in content.get("forms", ()):
        said = (item["digest"], content["form"], content["number"], row["task_id"], row["actor_id"])
        yield ("form", item["id"]), said
    for item in content.get("papers", ()):
        yield ("paper", item["id"]), (item["digest"], content["form"], content["field"], content["media_type"], False)
    for item in content.get("signatures", ()):
        yield ("signature", item["id"]), (item["digest"],)
    for item in content.get("comments", ()):
        yield ("comment", item["id"]), (item["digest"], row["actor_id"], content.get("in_file"))
    for table, number, seen in told_rows.told(content):
        yield (table, number), (seen,)
    if (behalf := content.get("on_behalf_of")) and row["kind"] in ACTED:
        act = (row["kind"], row["actor_id"], behalf["id"], behalf["absence"])
        yield ("deputy", row["task_id"]), (*before.get(("deputy", row["task_id"]), ()), act)
    # the kind stands in the open and may be the very thing that was edited: nothing else is taken for granted here
    if row["kind"] == Kind.DOCUMENT_REMOVED:
        paper = ("paper", content.get("paper", 0))
        yield paper, (*before.get(paper, ())[:-1], True)
    elif row["kind"] == Kind.CASE_LINKED and "link" in content:
        yield ("link", content["link"]), (content.get("relation"), content.get("other"), row["actor_id"])
    elif row["kind"] == Kind.CASE_SHARED and sharing.SHARES not in content:
        yield ("share", content.get("unit", 0)), ()
    else:
        yield from _told_of_case(row["kind"], content, case_id, before)


def _told_of_case(
    kind: str, content: Mapping[str, Any], case_id: int, before: Things
) -> Iterator[tuple[tuple[str, int], Told]]:
    """The case row, and the drawing of each of its processes."""
    known = before.get(("case", case_id), (None, None, "open", None))
    if kind == Kind.CASE_STARTED:
        yield ("drawing", case_id), (content.get("digest"),)
        yield ("case", case_id), (content.get("kind"), content.get("number"), *known[2:])
    elif kind == Kind.PROCESS_STARTED:
        yield ("process", content.get("instance", 0)), (content.get("digest"),)
        yield ("case", case_id), (*known[:2], "open", None)
    elif kind == Kind.CASE_ENDED:
        yield ("case", case_id), (*known[:2], "closed", content.get("outcome"))
