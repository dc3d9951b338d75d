"""Begins a bot: a small one that works, passes every check and brings its own conversation."""

from __future__ import annotations

import re
from pathlib import Path

SAMPLE = Path(__file__).parent / "hello"


class NotEmpty(Exception):
    """The folder is there already and holds something."""


def create(folder: Path) -> list[Path]:
    """Write the sample into `folder`, named after it. Returns the files written. Raises NotEmpty."""
    if folder.exists() and any(folder.iterdir()):
        raise NotEmpty(folder.name)
    slug = slug_of(folder.resolve().name)
    title = slug.replace("-", " ").title()
    written = []
    for source in sorted(SAMPLE.rglob("*")):
        if source.is_dir() or "__pycache__" in source.parts:
            continue
        target = folder / source.relative_to(SAMPLE)
        target.parent.mkdir(parents=True, exist_ok=True)
        content = source.read_text(encoding="utf-8").replace('id = "hello"', f'id = "{slug}"')
        if source.name == "manifest.toml":
            content = content.replace(
                '{ id = "Hello", en = "Hello" }\ntagline', f'{{ id = "{title}", en = "{title}" }}\ntagline'
            )
        target.write_text(content.replace("# Hello\n", f"# {title}\n"), encoding="utf-8")
        written.append(target)
    return written


def slug_of(name: str) -> str:
    """A manifest id made from a folder's name."""
    slug = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40].rstrip("-")
    return slug if re.fullmatch(r"[a-z][a-z0-9-]+", slug) else f"bot-{slug or 'baru'}"[:40].rstrip("-")
