"""What `./run` becomes: starts one whole copy of Pasarbot and keeps it up until somebody ends it."""

import argparse
import contextlib
import fcntl
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts import environment, foundation, keys, ports, programs
from scripts.children import ServiceError, leashed
from scripts.ports import Ports
from scripts.programs import ROOT, python
from scripts.services import Postgres, Valkey
from scripts.supervisor import Running, Stopped, Supervisor, rotate, say

STATE = "run.json"


@dataclass(frozen=True)
class Options:
    ports: Ports
    data: Path
    check: bool


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """`./run` itself answers --help, before anything is installed."""
    parser = argparse.ArgumentParser(prog="./run", add_help=False)
    parser.add_argument("--port", type=int, metavar="N")
    parser.add_argument("--data", type=Path, metavar="DIR")
    parser.add_argument("--check", action="store_true")
    given = parser.parse_args(argv)
    if given.port is not None and not 1 <= given.port <= 65_532:
        parser.error("--port must be between 1 and 65532: three more ports follow it")
    return given


@contextlib.contextmanager
def options(argv: Sequence[str]) -> Iterator[Options]:
    """The options, with a throw-away folder for a check that names none."""
    given = parse(argv)
    with contextlib.ExitStack() as stack:
        data: Path | None = given.data
        if data is None and given.check:
            data = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pasarbot-check-")))
        chosen = Ports(given.port or 8000)
        if given.check and given.port is None:
            chosen = ports.free_together()
        yield Options(chosen, (data or ROOT / ".data").absolute(), given.check)


@contextlib.contextmanager
def claimed(data: Path) -> Iterator[None]:
    """Hold the data folder: two copies on one would destroy it. The lock ends with this process, however it ends."""
    # Enterable, because PostgreSQL may run as another user; not listable, and what is private is closed itself.
    data.mkdir(mode=0o711, parents=True, exist_ok=True)
    (data / "logs").mkdir(mode=0o700, exist_ok=True)
    with (data / "lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise ServiceError(f"another ./run uses {data}: stop it, or name another folder with --data DIR") from None
        forget_old_run(data)
        rotate(data / "logs")
        yield


def forget_old_run(data: Path) -> None:
    """Remove the temporary folders of a run that was killed."""
    with contextlib.suppress(OSError, ValueError, KeyError):
        for folder in json.loads((data / STATE).read_text())["sockets"]:
            shutil.rmtree(folder, ignore_errors=True)
    (data / STATE).unlink(missing_ok=True)


def own_services(given: Mapping[str, str], data: Path) -> dict[str, Postgres | Valkey]:
    """PostgreSQL and Valkey by the setting that names their address, unless the operator brings them."""
    logs = data / "logs"
    found: dict[str, Postgres | Valkey] = {}
    if not environment.is_given(given, "DATABASE_URL"):
        found["DATABASE_URL"] = Postgres(data / "pg", logs / "postgres.log")
    if not environment.is_given(given, "REDIS_URL"):
        found["REDIS_URL"] = Valkey(data / "valkey", logs / "valkey.log")
    return found


def remember(data: Path, services: Iterable[Postgres | Valkey], settings: Mapping[str, str]) -> None:
    """Keep what the `pasarbot` command needs to join this copy, and what the next start must clear away."""
    sockets = [str(service.sockets) for service in services]
    keys.write_private(data / STATE, json.dumps({"sockets": sockets, "environment": dict(settings)}))


def run(chosen: Options, given: Mapping[str, str]) -> int:
    begin = time.monotonic()
    data = chosen.data
    secrets = keys.of(data)
    env = environment.complete(given, chosen.ports, secrets)
    table = programs.table(given, env, chosen.ports, data)
    ports.demand(chosen.ports, {program.name for program in table})
    with Supervisor() as supervisor:
        try:
            services = own_services(given, data)
            remember(data, services.values(), {})
            for service in services.values():
                supervisor.start(service)
            env |= {name: service.url for name, service in services.items()}
            remember(data, services.values(), changed(env, given))
            # Only a database of our own keeps our mark; somebody else's may have changed meanwhile.
            mark = data / "pg" / "pasarbot.foundation" if "DATABASE_URL" in services else None
            foundation.lay(env, mark, environment.password(given))
            for program in table:
                supervisor.start(Running(program, env, data / "logs"))
            supervisor.await_ready()
            say(f"ready after {time.monotonic() - begin:.1f} s")
            return check(supervisor, env) if chosen.check else serve(supervisor, env, given)
        except Stopped:
            say("stopping")
            return 130 if chosen.check else 0
        finally:
            (data / STATE).unlink(missing_ok=True)


def changed(env: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """What the `pasarbot` command needs to join this copy from another terminal."""
    return {name: value for name, value in env.items() if given.get(name) != value}


def serve(supervisor: Supervisor, env: Mapping[str, str], given: Mapping[str, str]) -> int:
    greet(env, given)
    supervisor.watch(until=lambda: False)
    return 0


def greet(env: Mapping[str, str], given: Mapping[str, str]) -> None:
    """Where everything is and how to sign in."""
    lines = [("store", env["STORE_URL"] + "/"), ("desk", env["PAGES_URL"] + "/desk/")]
    if environment.has_real_app(given):
        lines.append(("Meta's webhook", env["DOOR_URL"] + "/webhooks/whatsapp"))
    else:
        emulator = env["GRAPH_BASE_URL"]
        lines += [("phone", f"{emulator}/phone"), ("mail", f"{emulator}/mail")]
        people = ", ".join(f"{role}@demo.test" for role in ("owner", "developer", "bsp", "staff"))
        lines += [("sign in as", people), ("password", environment.password(given))]
    print("\n".join(f"  {label:<15} {value}" for label, value in lines), flush=True)
    say("Ctrl-C stops everything")


def check(supervisor: Supervisor, env: Mapping[str, str]) -> int:
    """Drive the main job from a process of its own, while we keep the others up."""
    driver = subprocess.Popen(leashed(python("scripts.check"), death_signal=signal.SIGKILL), env=dict(env), cwd=ROOT)
    supervisor.watch(until=lambda: driver.poll() is not None)
    return driver.wait()


def main() -> int:
    try:
        with options(sys.argv[1:]) as chosen, claimed(chosen.data):
            return run(chosen, os.environ)
    except KeyboardInterrupt:
        return 130
    except ServiceError as error:
        print(f"pasarbot: {error}", file=sys.stderr, flush=True)
        return 1


if __name__ == "__main__":
    sys.exit(main())
