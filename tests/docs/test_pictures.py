"""The pictures of the docs: each is drawn by the script, and each drawn one is shown."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from scripts.pictures import SCENES

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "docs" / "pictures"
_LOADS = re.compile(r"""\b(?:href|src)\s*[=:]|url\(\s*["']?(?!\#)|@import|<script""")
"""Whatever in an SVG fetches something; a URL that is only shown does not."""


def shown() -> set[str]:
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    return {name for page in pages for name in re.findall(r"pictures/([\w-]+)\.svg", page.read_text())}


def test_every_picture_is_drawn_by_the_script_and_shown() -> None:
    drawn = {scene.name for scene in SCENES}
    assert drawn == {path.stem for path in PICTURES.glob("*.svg")} == shown()


def test_pictures_load_nothing_from_elsewhere() -> None:
    for path in PICTURES.glob("*.svg"):
        text = path.read_text()
        assert not _LOADS.search(text), path.name
        assert "url(#" in text or "clip-path" not in text


@pytest.mark.parametrize(
    "text",
    [
        '<image href="https://x/y.png"/>',
        '<use xlink:href="https://x/y.svg#a"/>',
        "src: url('https://x/y.woff')",
        'src: url("//x/y.woff")',
        "fill: url(https://x#a)",
        "@import 'https://x/y.css';",
        '<script src="https://x/y.js">',
    ],
)
def test_what_is_loaded_from_elsewhere_is_recognised(text: str) -> None:
    assert _LOADS.search(text)


def test_links_of_the_docs_lead_somewhere() -> None:
    for page in (ROOT / "docs").glob("*.md"):
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
