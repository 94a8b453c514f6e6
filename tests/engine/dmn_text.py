"""Small DMN 1.3 tables as text."""

from __future__ import annotations

from html import escape

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<definitions xmlns="https://www.omg.org/spec/DMN/20191111/MODEL/" id="defs" name="t" namespace="urn:halfsky:dmn:test">'
)


def text(value: str) -> str:
    return f"<text>{escape(value, quote=False)}</text>"


def table(
    rules: list[tuple[list[str], list[str]]],
    *,
    key: str = "d",
    policy: str | None = "UNIQUE",
    inputs: list[tuple[str, str]] | None = None,
    outputs: list[tuple[str, str]] | None = None,
    notes: list[list[str]] | None = None,
    columns: tuple[str, ...] = ("clause",),
    attributes: str = "",
    more: str = "",
) -> str:
    """One decision; rule i is called r1, r2 … and cites S001-1, S001-2 … unless `notes` says otherwise."""
    inputs = inputs or [("v", "")]
    outputs = outputs or [("o", "")]
    notes = notes if notes is not None else [[f"S001-{i}"] for i in range(1, len(rules) + 1)]
    hit = f' hitPolicy="{policy}"' if policy else ""
    asked = "".join(
        f'<input id="{key}_i{i}" label="{escape(name)}"><inputExpression id="{key}_e{i}" typeRef="{kind}">{text(name)}</inputExpression></input>'
        for i, (name, kind) in enumerate(inputs)
    )
    given = "".join(
        f'<output id="{key}_o{i}" name="{name}" typeRef="{kind}"/>' for i, (name, kind) in enumerate(outputs)
    )
    remarks = "".join(f'<annotation name="{name}"/>' for name in columns)
    rows = "".join(
        f'<rule id="r{i}">'
        + "".join(f"<inputEntry>{text(cell)}</inputEntry>" for cell in cells)
        + "".join(f"<outputEntry>{text(cell)}</outputEntry>" for cell in results)
        + "".join(f"<annotationEntry>{text(note)}</annotationEntry>" for note in noted)
        + "</rule>"
        for i, ((cells, results), noted) in enumerate(zip(rules, notes, strict=True), 1)
    )
    inner = f'<decisionTable id="{key}_t"{hit} {attributes}>{asked}{given}{remarks}{rows}{more}</decisionTable>'
    return f'<decision id="{key}" name="{key}">{inner}</decision>'


def file(*decisions: str) -> bytes:
    return f"{HEAD}{''.join(decisions)}</definitions>".encode()
