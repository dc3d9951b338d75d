"""`./run` as a real process: it starts, keeps, refuses, restarts and ends as it promises."""

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from scripts import environment, keys
from scripts.children import ServiceError
from scripts.launcher import parse
from scripts.ports import Ports, demand, free_together, is_free
from scripts.programs import table
from tests.running import Copy, answers
from tests.source import ROOT

pytestmark = pytest.mark.processes


@pytest.fixture
def copy(tmp_path: Path) -> Iterator[Copy]:
    copy = Copy(tmp_path / "data")
    yield copy
    if copy.process is not None and copy.process.poll() is None:
        copy.end(signal.SIGKILL)
        copy.wait_until_gone()


def scalar(copy: Copy, query: str) -> object:
    engine = create_engine(copy.settings()["DATABASE_URL"])
    try:
        with engine.connect() as connection:
            return connection.scalar(text(query))
    finally:
        engine.dispose()


def test_a_copy_starts_stops_and_finds_everything_again(copy: Copy) -> None:
    copy.start(120)
    said = copy.said()
    assert "owner@demo.test" in said
    assert "pasarbot-demo" in said
    assert copy.store in said
    for url in (copy.store, copy.door, copy.emulator, copy.pages):
        assert answers(f"{url}/readyz"), url
    users = scalar(copy, "SELECT count(*) FROM \"user\" WHERE email LIKE '%@demo.test'")
    assert users == 4
    secrets = keys.of(copy.data)
    assert (copy.data / "secrets.json").stat().st_mode & 0o777 == 0o600
    moved = copy.command("clock", "advance", "3600")
    assert moved.returncode == 0, moved.stderr
    assert copy.end(signal.SIGINT) == 0
    copy.wait_until_gone(5)
    assert not (copy.data / "run.json").exists()

    copy.start()
    assert scalar(copy, "SELECT extract(epoch FROM ahead) FROM clock_offset") == 3600
    assert scalar(copy, 'SELECT count(*) FROM "user"') == 4, "the demo is seeded once"
    assert keys.of(copy.data) == secrets
    assert copy.end() == 0


def test_whatever_is_killed_by_9_no_data_is_lost_and_no_orphan_stays(copy: Copy) -> None:
    copy.start(120)
    before = copy.children()
    assert len(before) >= 8, before
    for pid in before:
        os.kill(pid, signal.SIGKILL)
        wait(lambda pid=pid: pid not in copy.living() and len(copy.children()) == len(before), copy)
    wait(lambda: all(answers(f"{url}/readyz") for url in (copy.store, copy.door, copy.emulator, copy.pages)), copy)
    assert "given up" not in copy.said()
    assert scalar(copy, 'SELECT count(*) FROM "user"') == 4

    copy.end(signal.SIGKILL)
    copy.wait_until_gone()
    # The next start follows at once and cleans up what the killed one left.
    left = [Path(folder) for folder in json.loads((copy.data / "run.json").read_text())["sockets"]]
    copy.start()
    assert not any(folder.exists() for folder in left)
    assert scalar(copy, 'SELECT count(*) FROM "user"') == 4
    assert copy.end() == 0
    copy.wait_until_gone(5)


def wait(until: Callable[[], bool], copy: Copy, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < deadline, copy.said()
        time.sleep(0.1)


def test_a_second_start_on_the_same_folder_is_refused(copy: Copy, tmp_path: Path) -> None:
    copy.launch()
    copy.data.mkdir(exist_ok=True)
    deadline = time.monotonic() + 10
    while not (copy.data / "secrets.json").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)
    second = Copy(copy.data)
    second.output = tmp_path / "second.out"
    second.launch()
    assert second.process is not None
    assert second.process.wait(20) == 1
    assert "another ./run uses" in second.said()
    copy.end()


def test_a_taken_port_is_named_with_the_way_out(copy: Copy) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", copy.ports.door))
        taken.listen()
        copy.launch()
        assert copy.process is not None
        assert copy.process.wait(20) == 1
    assert f"port {copy.ports.door} is taken (the door needs it)" in copy.said()
    assert "--port N" in copy.said()
    assert not copy.living()


def test_run_says_how_to_use_it_before_it_installs_anything(tmp_path: Path) -> None:
    done = subprocess.run([ROOT / "run", "--help"], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 0
    for option in ("--port N", "--data DIR", "--check"):
        assert option in done.stdout


def test_without_a_usable_python_run_says_what_is_missing(tmp_path: Path) -> None:
    for tool in ("dirname", "sh"):
        (tmp_path / tool).symlink_to(f"/bin/{tool}")
    done = subprocess.run(
        ["/bin/sh", ROOT / "run"], env={"PATH": str(tmp_path)}, cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "Python 3.11" in done.stderr


@pytest.mark.parametrize("port", ["0", "65533", "eight"])
def test_an_impossible_port_is_refused(port: str) -> None:
    with pytest.raises(SystemExit):
        parse(["--port", port])


def test_four_ports_are_found_free_together() -> None:
    ports = free_together()
    assert list(ports.named().values()) == [ports.base + n for n in range(4)]
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", ports.pages))
        taken.listen()
        assert not is_free(ports.pages)
        demand(ports, {"store", "door", "emulator"})
        with pytest.raises(ServiceError, match="the pages needs it"):
            demand(ports, {"store", "pages"})


SECRETS = {"SECRET_KEY": "s", "SEALING_KEYS": "k", "META_APP_SECRET": "a", "META_VERIFY_TOKEN": "v"}


def test_what_the_operator_sets_stands() -> None:
    given = {"SECRET_KEY_FILE": "/run/secret", "STORE_URL": "https://pasarbot.example", "HOME": "/home/x"}
    env = environment.complete(given, Ports(8000), SECRETS)
    assert "SECRET_KEY" not in env
    assert env["STORE_URL"] == "https://pasarbot.example"
    assert env["HOME"] == "/home/x"
    assert "BASE_PORT" not in env, "behind a real host name cookies carry the __Host- prefix"
    assert env["DEMO"] == "1"


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_a_database_address_gets_its_driver(scheme: str) -> None:
    env = environment.complete({"DATABASE_URL": f"{scheme}://me@db/shop"}, Ports(8000), SECRETS)
    assert env["DATABASE_URL"] == "postgresql+psycopg://me@db/shop"


def test_damaged_secrets_are_named_and_never_replaced(tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text("{")
    with pytest.raises(ServiceError, match=r"secrets\.json is damaged"):
        keys.of(tmp_path)
    assert (tmp_path / "secrets.json").read_text() == "{"


def test_a_real_meta_app_means_no_demo_and_needs_a_mail_server() -> None:
    given = {"META_APP_ID": "1", "META_APP_SECRET_FILE": "/run/app", "MAIL_URL": "smtp://mail:25"}
    env = environment.complete(given, Ports(8000), SECRETS)
    assert not {"DEMO", "GRAPH_BASE_URL", "FB_SDK_URL", "META_APP_SECRET"} & env.keys()
    with pytest.raises(ServiceError, match="MAIL_URL"):
        environment.complete({"META_APP_ID": "1", "META_APP_SECRET": "x"}, Ports(8000), SECRETS)


def test_a_secret_that_begins_with_a_dash_reaches_the_emulator(tmp_path: Path) -> None:
    env = environment.complete({"META_VERIFY_TOKEN": "-v"}, Ports(8000), SECRETS)
    emulator = next(one for one in table({}, env, Ports(8000), tmp_path) if one.name == "emulator")
    assert "--verify-token=-v" in emulator.argv
