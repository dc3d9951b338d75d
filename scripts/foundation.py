"""What stands before the processes start: the schema, the shelves, the demo on an empty database, the built-in bots."""

import subprocess
from collections.abc import Mapping

from catalog import seeds
from catalog.db import engine_for, session_factory
from scripts.children import ServiceError, leashed
from scripts.migrate import upgrade
from scripts.programs import ROOT, exists, python


def prepare_database(env: Mapping[str, str], *, demo: bool, password: str) -> None:
    """Migrate, fill what is empty, register the built-in bots. Raises ``ServiceError``."""
    engine = engine_for(database_url(env))
    try:
        upgrade(engine)
        with session_factory(engine).begin() as session:
            seeds.categories(session)
            if demo and seeds.is_empty(session):
                seeds.demo(session, password)
    finally:
        engine.dispose()
    if exists("botruntime.cli"):
        register_bots(env)


def database_url(env: Mapping[str, str]) -> str:
    """DATABASE_URL, or what the file DATABASE_URL_FILE holds."""
    file = env.get("DATABASE_URL_FILE")
    if not file:
        return env["DATABASE_URL"]
    with open(file, encoding="utf-8") as secret:
        return secret.read().strip()


def register_bots(env: Mapping[str, str]) -> None:
    """`pasarbot bots register`, as an operator would call it."""
    done = subprocess.run(
        leashed(python("scripts.command", "bots", "register")), env=dict(env), cwd=ROOT, capture_output=True, text=True
    )
    if done.returncode != 0:
        last = ([line for line in done.stderr.splitlines() if line.strip()] or ["no reason given"])[-1]
        raise ServiceError(f"the built-in bots could not be registered: {last}")
