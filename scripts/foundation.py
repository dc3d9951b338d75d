"""What stands before the processes start: the schema, the shelves, the demo on an empty database, the built-in bots.

A program of its own (``python -m scripts.foundation``), so that the supervisor stays small and starts fast. A mark in
the data folder remembers what was laid; while the source did not change, a later start skips all of it.
"""

import hashlib
import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from scripts import environment
from scripts.children import ServiceError, leashed
from scripts.programs import ROOT, python

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

# Whatever the foundation is made of; a change in any of these lays it again.
MADE_OF = ("catalog", "migrations", "botruntime", "scripts")
SUFFIXES = {".py", ".toml", ".md", ".svg"}


def fingerprint(password: str) -> str:
    """What the foundation would be laid from now."""
    digest = hashlib.sha256(password.encode())
    for folder in MADE_OF:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in SUFFIXES:
                status = path.stat()
                digest.update(f"{path}:{status.st_size}:{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def lay(env: Mapping[str, str], mark: Path | None, password: str) -> None:
    """Lay the foundation unless ``mark`` says it is there. Raises ``ServiceError`` with the reason."""
    wanted = fingerprint(password)
    if mark is not None and mark.exists() and mark.read_text() == wanted:
        return
    done = subprocess.run(
        leashed(python("scripts.foundation")), env=dict(env), cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        last = ([line for line in done.stderr.splitlines() if line.strip()] or ["no reason given"])[-1]
        raise ServiceError(f"the database could not be prepared: {last}")
    if mark is not None:
        mark.write_text(wanted)


def main() -> None:
    """Migrate, fill what is empty, register the built-in bots. Idempotent."""
    from catalog import seeds
    from catalog.db import engine_for, session_factory
    from catalog.settings import Reader
    from scripts.command import main as pasarbot
    from scripts.migrate import upgrade

    engine = engine_for(Reader(os.environ).text("DATABASE_URL"))
    with session_factory(engine).begin() as session:
        upgrade(engine)
        seeds.categories(session)
        if Reader(os.environ).flag("DEMO"):
            password = environment.password(os.environ)
            if seeds.is_empty(session):
                seeds.demo(session, password)
            else:
                keep_password(session, password)
    engine.dispose()
    pasarbot(["bots", "register"], standalone_mode=False)


def keep_password(session: "Session", password: str) -> None:
    """The demo accounts open with the password that is printed, also after it was set differently."""
    from sqlalchemy import select

    from catalog.models import User

    for user in session.scalars(select(User).where(User.email.like("%@demo.test"))):
        if not user.has_password(password):
            user.set_password(password)


if __name__ == "__main__":
    main()
