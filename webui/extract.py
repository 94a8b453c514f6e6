"""For pybabel: the words of a drawing (names of steps, ends and answers, and their explanations) as msgids."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import IO, Any

from engine.flow.hardened_xml import local_name, read_xml

#: what pages show by name; gateways and timers are only seen in the drawing itself
NAMED = frozenset({"process", "userTask", "serviceTask", "sendTask", "businessRuleTask", "endEvent", "sequenceFlow"})


def drawing(
    source: IO[bytes],
    keywords: Mapping[str, Any],  # noqa: ARG001 - the signature is Babel's
    comment_tags: Collection[str],  # noqa: ARG001
    options: Mapping[str, Any],  # noqa: ARG001
) -> Iterator[tuple[int, str, str, list[str]]]:
    """(line, function, msgid, comments) of every name and documentation in a BPMN file."""
    for element in read_xml(source.read()).iter("{*}*"):
        line = element.sourceline if isinstance(element.sourceline, int) else 0
        name = element.get("name", "")
        if local_name(element) in NAMED and name:
            yield line, "", name, []
        if local_name(element) == "documentation" and (element.text or "").strip():
            yield line, "", (element.text or "").strip(), []
