#!/usr/bin/env python3
"""Fetch the browser's third-party files from the npm registry, cut them to what the pages use, and checksum them.

    tools/vendor.py             rebuild webui/static/vendor, the stylesheet purged to what templates and scripts use
    tools/vendor.py --whole     the same with the whole stylesheet (while pages are still being drawn)

Needs node and npm; nothing of it is needed to run or test Halfsky, because the result is committed. Every package is
pinned by version and by the registry's own digest. Add an icon by its name in webui/static/icons.txt, a class that a
template builds at run time in tools/css-keep.txt, and run this again.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

ROOT = Path(__file__).resolve().parent.parent
STATIC = ROOT / "webui" / "static"
VENDOR = STATIC / "vendor"
KEEP = ROOT / "tools" / "css-keep.txt"
SVG = "{http://www.w3.org/2000/svg}"


@dataclass(frozen=True)
class Package:
    """One npm package: its pinned digest, its licence, and which of its files go where."""

    name: str
    version: str
    integrity: str
    licence: str
    folder: str
    files: tuple[tuple[str, str], ...] = ()


PACKAGES = (
    Package(
        "@tabler/core",
        "1.6.1",
        "sha512-lgmR9gcxRp5JlLxcmRi9Rz85JrEvH6Bz71KnlcPVSa97wtwQNjgSs3g3fxwbAlulHyRMghhIV04QUuW3pqDsIg==",
        "MIT (contains parts of Bootstrap, MIT)",
        "tabler",
        (("dist/css/tabler.min.css", "tabler.min.css"),),
    ),
    Package(
        "@tabler/icons",
        "3.51.0",
        "sha512-0pinvPZz7YeX+OSfxuEAbnEPWbocVXW5iU8h5lh41pYG8sZuQfpWECC980lxOT0clGIcNGn8xsBr+zKaRGdA/g==",
        "MIT",
        "icons",
        (("LICENSE", "LICENSE"),),
    ),
    Package(
        "htmx.org",
        "2.0.11",
        "sha512-Thx/WtpeOQqSrqBCw/A1cwGJGg4UrVa3+sW0GmrM3p4gJgO89ecH4qtbnyzDDWFvBTqjnIMCgELTNt636dtamA==",
        "0BSD",
        "htmx",
        (("dist/htmx.min.js", "htmx.min.js"), ("LICENSE", "LICENSE")),
    ),
    Package(
        "bpmn-js",
        "18.31.1",
        "sha512-Hc7LzrgwfcBRUAdI/380Q2v1MJ115atGEVGadawLfDbHdo+r+IkmNj8fuYPFmWglUYt1KYIaC46OeX16HGTKQw==",
        "bpmn.io licence: the watermark (.bjs-powered-by) must stay fully visible and never be overlapped",
        "bpmn-js",
        (
            ("dist/bpmn-navigated-viewer.production.min.js", "bpmn-navigated-viewer.production.min.js"),
            ("dist/assets/diagram-js.css", "diagram-js.css"),
            ("dist/assets/bpmn-js.css", "bpmn-js.css"),
            ("LICENSE", "LICENSE"),
        ),
    ),
)
PURGE = "purgecss@8.0.0"

# Tabler's package ships no licence file: its package.json says MIT, the copyright lines stand in its banner.
TABLER_COPYRIGHT = """\
Copyright (c) 2018-2026 The Tabler Authors
Copyright (c) 2018-2026 codecalm.net Paweł Kuna
Contains parts of Bootstrap, Copyright (c) 2011-2026 The Bootstrap Authors"""


def fetch(package: Package, into: Path) -> Path:
    """The unpacked folder of `package`; stops when the registry serves other bytes than the pinned ones."""
    spec = f"{package.name}@{package.version}"
    run = subprocess.run(["npm", "pack", "--json", spec], cwd=into, check=True, capture_output=True, text=True)
    archive = into / json.loads(run.stdout)[0]["filename"]
    digest = "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    if digest != package.integrity:
        raise SystemExit(f"{spec}: the digest is {digest}, pinned is {package.integrity}")
    target = into / package.folder
    with tarfile.open(archive) as tar:
        tar.extractall(target, filter="data")
    return target / "package"


def keep_patterns() -> list[str]:
    """The regular expressions of classes that the purge must keep, from tools/css-keep.txt."""
    names = [line.strip() for line in KEEP.read_text("utf-8").splitlines() if line.strip() and line[0] != "#"]
    return [f"^{re.escape(name[:-1])}" if name.endswith("*") else f"^{re.escape(name)}$" for name in names]


def purge(stylesheet: Path, work: Path) -> str:
    """`stylesheet` with only the rules whose classes and elements occur in templates, scripts and Python strings."""
    subprocess.run(["npm", "install", "--no-save", "--silent", PURGE], cwd=work, check=True)
    sources = [*(ROOT / "webui").rglob("*.html"), *(ROOT / "webui").rglob("*.py"), *STATIC.glob("*.js")]
    sheets = [stylesheet, *sorted(STATIC.glob("*.css"))]  # ours too: the variables they use must stay
    patterns = ", ".join(f"new RegExp({json.dumps(p)})" for p in keep_patterns())
    script = f"""
        const {{ PurgeCSS }} = require("purgecss");
        new PurgeCSS().purge({{
            css: {json.dumps([str(p) for p in sheets])},
            content: {json.dumps([str(p) for p in sorted(sources)])},
            safelist: {{ standard: [{patterns}] }},
            dynamicAttributes: ["data-bs-theme", "aria-current", "aria-expanded", "open", "disabled", "readonly"],
            keyframes: true, variables: true, fontFace: true,
        }}).then((found) => process.stdout.write(found[0].css));
    """
    (work / "purge.cjs").write_text(script, "utf-8")
    run = subprocess.run(["node", "purge.cjs"], cwd=work, check=True, capture_output=True, text=True)
    return run.stdout


def sprite(icons: Path) -> str:
    """One SVG with a symbol per name in icons.txt, drawn with the colour of the text around it."""
    names = sorted({line.strip() for line in (STATIC / "icons.txt").read_text("utf-8").splitlines() if line.strip()})
    missing = [name for name in names if not (icons / f"{name}.svg").is_file()]
    if missing:
        raise SystemExit("no such icon: " + ", ".join(missing))
    symbols = []
    for name in names:
        drawing = ET.parse(icons / f"{name}.svg").getroot()
        shapes = [shape for shape in drawing if shape.get("stroke") != "none" or shape.get("fill") != "none"]
        body = "".join(ET.tostring(shape, encoding="unicode").strip() for shape in shapes)
        symbols.append(f'<symbol id="{name}" viewBox="0 0 24 24">{plain(body)}</symbol>')
    style = 'fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round"'
    symbols = [symbol.replace("<symbol ", f"<symbol {style} ", 1) for symbol in symbols]
    return '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n"


def plain(markup: str) -> str:
    """Serialised SVG without the namespace prefixes and spaces that ElementTree adds."""
    without = re.sub(r' xmlns:ns0="[^"]*"', "", markup)
    return re.sub(r"\s*/>", "/>", without.replace("<ns0:", "<").replace("</ns0:", "</"))


def without_map(text: str) -> str:
    """A script or stylesheet without the line that points at its source map; otherwise unchanged."""
    return re.sub(r"(/\*|//)# sourceMappingURL=[^\n]*", "", text)


def tabler_licence(mit: str) -> str:
    """The MIT text of the sister package under Tabler's own copyright lines."""
    return re.sub(r"Copyright \(c\)[^\n]*", TABLER_COPYRIGHT, mit, count=1)


def write_checksums(folder: Path) -> None:
    """`SHA256SUMS` over every other file of `folder`, in the format of sha256sum(1)."""
    files = sorted(p for p in folder.iterdir() if p.name != "SHA256SUMS")
    lines = [f"{hashlib.sha256(p.read_bytes()).hexdigest()}  {p.name}\n" for p in files]
    (folder / "SHA256SUMS").write_text("".join(lines), "utf-8")


def place(package: Package, source: Path, note: str) -> Path:
    """Copy the wanted files of `package` into its versioned folder with a note of where they come from."""
    folder = VENDOR / f"{package.folder}-{package.version}"
    folder.mkdir(parents=True)
    for origin, name in package.files:
        (folder / name).write_text(without_map((source / origin).read_text("utf-8")), "utf-8")
    facts = f"package: {package.name}\nversion: {package.version}\nlicence: {package.licence}\n"
    (folder / "VERSION").write_text(f"{facts}integrity: {package.integrity}\nchanged: {note}\n", "utf-8")
    return folder


def main() -> None:
    """Build everything in a temporary folder first, then replace webui/static/vendor."""
    parser = argparse.ArgumentParser(description="Rebuild webui/static/vendor.")
    parser.add_argument("--whole", action="store_true", help="do not purge the stylesheet")
    whole = parser.parse_args().whole
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        sources = {package.folder: fetch(package, work) for package in PACKAGES}
        drawn = sprite(sources["icons"] / "icons" / "outline")
        css = sources["tabler"] / "dist" / "css" / "tabler.min.css"
        if not whole:
            css.write_text(purge(css, work), "utf-8")
        if VENDOR.exists():
            shutil.rmtree(VENDOR)
        notes = {
            "tabler": "the link to the source map was removed"
            + ("" if whole else f"; rules the pages do not use were removed with {PURGE}"),
            "icons": "the icons named in icons.txt, as symbols of one file",
            "htmx": "nothing",
            "bpmn-js": "nothing; no icon font, which only the modeler needs",
        }
        placed = {p.folder: place(p, sources[p.folder], notes[p.folder]) for p in PACKAGES}
        (placed["icons"] / "sprite.svg").write_text(drawn, "utf-8")
        mit = (sources["icons"] / "LICENSE").read_text("utf-8")
        (placed["tabler"] / "LICENSE").write_text(tabler_licence(mit), "utf-8")
        for folder in placed.values():
            write_checksums(folder)
            sys.stdout.writelines(f"{p.stat().st_size:>8}  {p.relative_to(ROOT)}\n" for p in sorted(folder.iterdir()))


if __name__ == "__main__":
    main()
