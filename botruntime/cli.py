"""Commands of the message process for `pasarbot`: writing bots, and putting the house's own on the shelf."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from botruntime import config
from botruntime.authoring import scaffold
from botruntime.authoring.phone import Phone
from botruntime.sdk import loading
from botruntime.sdk.check import check as findings_in
from catalog.db import engine_for, session_factory
from catalog.manifest import Finding, ManifestError
from catalog.texts import text

FOLDER = click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
LANGUAGE = click.option("--language", type=click.Choice(["id", "en"]), default="id", help="Language of the messages.")


def commands() -> list[click.Command]:
    """What this package adds to `pasarbot`."""
    return [bot, bots]


@click.group()
def bot() -> None:
    """Write a bot: begin one, check it, talk to it."""


@click.group()
def bots() -> None:
    """The house's own bots."""


@bot.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@LANGUAGE
def new(folder: Path, language: str) -> None:
    """Begin a bot in FOLDER: small, working, with a conversation as its test."""
    try:
        written = scaffold.create(folder)
    except scaffold.NotEmpty as taken:
        raise click.ClickException(text(language, "bot.new.not_empty", folder=str(taken))) from None
    for path in written:
        click.echo(f"  {path.relative_to(folder)}")
    click.echo(text(language, "bot.new.next", folder=str(folder)))


@bot.command()
@FOLDER
@LANGUAGE
@click.option("--json", "as_json", is_flag=True, help="Print the findings as JSON.")
def check(folder: Path, language: str, as_json: bool) -> None:
    """Say everything that keeps the bot in FOLDER from being submitted; exit 1 when there is anything."""
    found = findings_in(folder)
    if as_json:
        click.echo(json.dumps([finding.to_dict() for finding in found], ensure_ascii=False))
    else:
        for finding in found:
            click.echo(told(finding, language))
        key = "bot.check.found" if found else "bot.check.clean"
        click.echo(text(language, key, n=len(found), folder=folder.name))
    if found:
        raise SystemExit(1)


def told(finding: Finding, language: str) -> str:
    """A finding as people read it: rule, place, what is wrong, evidence, what would be right."""
    what = text(language, f"manifest.rules.{finding.rule}.what", **finding.params)
    fix = text(language, f"manifest.rules.{finding.rule}.fix", **finding.params)
    evidence = "\n    | ".join(finding.evidence.splitlines())
    return f"{finding.where} [{finding.rule}]\n  {what}" + (f"\n    | {evidence}" if evidence else "") + f"\n  -> {fix}"


@bot.command()
@FOLDER
@LANGUAGE
def chat(folder: Path, language: str) -> None:
    """Talk to the bot in FOLDER, in this terminal, with a clock of its own."""
    try:
        phone = Phone(loading.load(folder), language, click.echo)
    except ManifestError as error:
        raise click.ClickException("\n".join(told(finding, language) for finding in error.findings)) from None
    except ValueError as problem:
        raise click.ClickException(text(language, "bot.chat.settings", problem=str(problem))) from None
    click.echo(text(language, "bot.chat.begin"))
    prompt = "> " if sys.stdin.isatty() else ""
    while True:
        try:
            if not phone.takes(input(prompt)):
                return
        except (EOFError, KeyboardInterrupt):
            return


@bots.command()
def register() -> None:
    """Publish every built-in bot in the store's catalogue; what is there already stays."""
    from botruntime.authoring import shelf

    try:
        engine = engine_for(config.load().database_url)
    except config.SettingError as missing:
        raise click.ClickException(str(missing)) from None
    try:
        with session_factory(engine).begin() as session:
            for slug, version in shelf.register(session):
                click.echo(f"{slug} {version}")
    except ValueError as problem:
        raise click.ClickException(str(problem)) from None
    finally:
        engine.dispose()
