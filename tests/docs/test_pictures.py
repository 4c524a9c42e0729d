"""The pictures of the docs: each is drawn by the script, and each drawn one is shown."""

from __future__ import annotations

import re
from pathlib import Path

from scripts.pictures import SCENES

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "docs" / "pictures"


def shown() -> set[str]:
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    return {name for page in pages for name in re.findall(r"pictures/([\w-]+)\.svg", page.read_text())}


def test_every_picture_is_drawn_by_the_script_and_shown() -> None:
    drawn = {scene.name for scene in SCENES}
    assert drawn == {path.stem for path in PICTURES.glob("*.svg")} == shown()


def test_pictures_load_nothing_from_elsewhere() -> None:
    for path in PICTURES.glob("*.svg"):
        text = path.read_text().replace("http://www.w3.org/2000/svg", "")
        assert "http" not in text, path.name
        assert "url(#" in text or "clip-path" not in text


def test_links_of_the_docs_lead_somewhere() -> None:
    for page in (ROOT / "docs").glob("*.md"):
        for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
