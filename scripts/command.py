"""The `pasarbot` command. Its parts come from the packages by entry point, so that each package keeps its own."""

import json
import os
from collections.abc import Callable, Iterable
from importlib.metadata import entry_points
from pathlib import Path

import click

from scripts.operations import clock, doctor, migrate

ROOT = Path(__file__).resolve().parents[1]
GROUP = "pasarbot.commands"


class Whole(click.Group):
    """Our own commands and those of every package; a package is loaded only when its commands are looked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        self._load()
        return super().list_commands(ctx)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.commands:
            self._load()
        return super().get_command(ctx, cmd_name)

    def _load(self) -> None:
        for entry in entry_points(group=GROUP):
            commands: Callable[[], Iterable[click.Command]] = entry.load()
            for command in commands():
                self._join(command)

    def _join(self, command: click.Command) -> None:
        """Two packages may share a group, such as `bot`."""
        assert command.name is not None
        known = self.commands.get(command.name)
        if isinstance(known, click.Group) and isinstance(command, click.Group):
            known.commands.update(command.commands)
        else:
            self.add_command(command)


def join_running_copy(data: Path) -> None:
    """Take over the settings of the `./run` that serves ``data``, where the environment names no database."""
    if os.environ.get("DATABASE_URL") or os.environ.get("DATABASE_URL_FILE"):
        return
    try:
        settings: dict[str, str] = json.loads((data / "run.json").read_text())["environment"]
    except FileNotFoundError:
        return
    os.environ.update({name: value for name, value in settings.items() if name not in os.environ})


@click.group(cls=Whole)
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    default=ROOT / ".data",
    help="Data folder of the running copy to speak to (default: .data of the checkout).",
)
def main(data: Path) -> None:
    """Pasarbot from the command line.

    Commands that need the database speak to the copy that ./run keeps up, or to DATABASE_URL where it is set.
    """
    join_running_copy(data)


main.add_command(clock)
main.add_command(doctor)
main.add_command(migrate)

if __name__ == "__main__":
    main(prog_name="pasarbot")
