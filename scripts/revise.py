"""Write a new migration from what the models say: ``python -m scripts.revise "Add plans"``.

Starts a throw-away PostgreSQL, brings it to the newest revision, compares it with the models.
"""

import sys
import tempfile
from pathlib import Path

from alembic import command

from catalog.db import engine_for
from scripts.migrate import configuration, upgrade
from scripts.services import postgres


def main() -> None:
    message = " ".join(sys.argv[1:])
    if not message:
        sys.exit('usage: python -m scripts.revise "What it does"')
    with tempfile.TemporaryDirectory() as folder, postgres(Path(folder), durable=False) as url:
        engine = engine_for(url)
        config = configuration()
        upgrade(engine)
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.revision(config, message, autogenerate=True)
        engine.dispose()


if __name__ == "__main__":
    main()
