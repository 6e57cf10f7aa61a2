"""The gallery in `screenshots/`: the snapshots of the scenes, with a page that shows them.

`python -m tests.gallery --write` makes it, `--check` fails when it is out of date. The pictures
are the snapshots themselves, so a picture that passed its test is the picture that is shown.
"""

from __future__ import annotations

import argparse
import html
import sys
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from tests.scenes import SCENES

if TYPE_CHECKING:
    from tests.staging import Scene

ROOT = Path(__file__).resolve().parent.parent
SNAPSHOTS = ROOT / "tests" / "__snapshots__" / "test_pictures"
GALLERY = ROOT / "screenshots"

_PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Lampboard: every screen in every state</title>
<style>
  body {{ font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 75rem;
         padding: 0 1rem; background: #101418; color: #d8dee4; }}
  h2 {{ margin-top: 3rem; }}
  figure {{ margin: 1.5rem 0; }}
  img {{ max-width: 100%; }}
  figcaption {{ color: #9aa4ae; }}
</style>
<h1>Lampboard</h1>
<p>Every screen in every state, as the tests see it.</p>
{sections}
</html>
"""


def snapshot_of(scene: Scene) -> Path:
    """Where the snapshot test keeps this scene's picture."""
    return SNAPSHOTS / f"test_picture[{scene.name}].svg"


def wanted() -> dict[str, str]:
    """The gallery as it must be: file name to text."""
    files = {
        f"{scene.name}.svg": snapshot_of(scene).read_text(encoding="utf-8") for scene in SCENES
    }
    return files | {"index.html": _index()}


def _index() -> str:
    sections = []
    for place, scenes in groupby(SCENES, key=lambda scene: scene.place):
        figures = "\n".join(_figure(scene) for scene in scenes)
        sections.append(f"<h2>{html.escape(place)}</h2>\n{figures}")
    return _PAGE.format(sections="\n".join(sections))


def _figure(scene: Scene) -> str:
    caption = html.escape(f"{scene.title}, {scene.size[0]}x{scene.size[1]}")
    return (
        f'<figure><img src="{scene.name}.svg" alt="{caption}" loading="lazy">'
        f"<figcaption>{caption}</figcaption></figure>"
    )


def write() -> None:
    """Makes the folder hold exactly what is wanted."""
    GALLERY.mkdir(exist_ok=True)
    files = wanted()
    for stale in GALLERY.iterdir():
        if stale.name not in files:
            stale.unlink()
    for name, text in files.items():
        (GALLERY / name).write_text(text, encoding="utf-8")


def out_of_date() -> list[str]:
    """The names of files that are missing, left over, or differ."""
    files = wanted()
    there = {path.name for path in GALLERY.iterdir()} if GALLERY.is_dir() else set()
    differing = {
        name
        for name in files.keys() & there
        if (GALLERY / name).read_text(encoding="utf-8") != files[name]
    }
    return sorted((files.keys() ^ there) | differing)


def main() -> int:
    """Writes or checks, as told."""
    parser = argparse.ArgumentParser(description=__doc__)
    action = parser.add_mutually_exclusive_group(required=True)
    action.add_argument("--write", action="store_true")
    action.add_argument("--check", action="store_true")
    if parser.parse_args().write:
        write()
        return 0
    stale = out_of_date()
    for name in stale:
        print(f"screenshots/{name} is out of date", file=sys.stderr)  # noqa: T201
    if stale:
        print("run: python -m tests.gallery --write", file=sys.stderr)  # noqa: T201
    return 1 if stale else 0


if __name__ == "__main__":
    raise SystemExit(main())
