"""Runs the migrations on the connection the caller hands over, or on ``alembic -x url=…``."""

from alembic import context
from sqlalchemy import Connection, text

from catalog.db import engine_for
from scripts.metadata import complete_metadata

# Any number: two starts against one database must not migrate it at once.
LOCK = 7_203_118


def run(connection: Connection) -> None:
    context.configure(
        connection=connection,
        target_metadata=complete_metadata(),
        compare_type=True,
        compare_server_default=True,
        transactional_ddl=True,
    )
    with context.begin_transaction():
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        context.run_migrations()


given = context.config.attributes.get("connection")
if given is not None:
    run(given)
else:
    url = context.get_x_argument(as_dictionary=True)["url"]
    with engine_for(url).connect() as connection:
        run(connection)
        connection.commit()
