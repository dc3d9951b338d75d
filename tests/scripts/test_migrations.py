"""One history: it leads to what the models say, and back."""

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, inspect, text

from scripts.metadata import complete_metadata
from scripts.migrate import configuration, migrate


def test_the_migrations_lead_to_what_the_models_say(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "include_schemas": False, "target_metadata": complete_metadata()}
        )
        assert compare_metadata(context, complete_metadata()) == []


def test_there_is_one_history() -> None:
    assert len(ScriptDirectory.from_config(configuration()).get_heads()) == 1


def test_migrations_go_back_to_nothing_and_forth_again(database_url: str, engine: Engine) -> None:
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("CREATE DATABASE there_and_back"))
    url = database_url.replace("/pasarbot?", "/there_and_back?")
    other = create_engine(url)
    try:
        migrate(url)
        migrate(url)
        tables = set(inspect(other).get_table_names())
        config = configuration()
        with other.begin() as connection:
            config.attributes["connection"] = connection
            command.downgrade(config, "base")
        assert set(inspect(other).get_table_names()) == {"alembic_version"}
        migrate(url)
        assert set(inspect(other).get_table_names()) == tables
    finally:
        other.dispose()
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("DROP DATABASE there_and_back"))
