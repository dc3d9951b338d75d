"""The four ports of one copy: base N for the store, N+1 door, N+2 emulator, N+3 pages."""

import contextlib
import random
import socket
from dataclasses import dataclass

from scripts.children import ServiceError

HOST = "127.0.0.1"


@dataclass(frozen=True)
class Ports:
    """The ports of one copy, from its base port."""

    base: int

    @property
    def store(self) -> int:
        return self.base

    @property
    def door(self) -> int:
        return self.base + 1

    @property
    def emulator(self) -> int:
        return self.base + 2

    @property
    def pages(self) -> int:
        return self.base + 3

    def named(self) -> dict[str, int]:
        return {"store": self.store, "door": self.door, "emulator": self.emulator, "pages": self.pages}


def is_free(port: int) -> bool:
    """Whether a server could listen on ``port`` now. Connections that are dying out do not count as taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


def demand(ports: Ports, names: set[str]) -> None:
    """Raise ``ServiceError`` naming the first port that is taken among those of ``names``."""
    for name, port in ports.named().items():
        if name in names and not is_free(port):
            raise ServiceError(
                f"port {port} is taken (the {name} needs it): stop what uses it, or choose others with --port N"
            )


def free_together() -> Ports:
    """Four neighbouring ports that are free now. Chosen at random below the ports the system hands out by itself, so
    that two copies started at the same moment rarely meet."""
    with contextlib.suppress(StopIteration):
        candidates = (Ports(random.randrange(10_000, 32_000, 4)) for _ in range(1000))
        return next(ports for ports in candidates if all(map(is_free, ports.named().values())))
    raise ServiceError("no four neighbouring ports are free")
