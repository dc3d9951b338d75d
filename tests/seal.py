"""The seal around the suite: nothing a test does may leave this machine."""

import ipaddress
import socket
from typing import Any

import pytest


def is_local(host: object) -> bool:
    """Whether ``host`` is this machine: a loopback address, its name, or no host at all."""
    if host in (None, "", b"", "localhost", b"localhost"):
        return True
    try:
        address = ipaddress.ip_address(host.decode() if isinstance(host, bytes) else str(host))
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def refuse(host: object) -> None:
    raise AssertionError(f"a test reached for {host!r}: the suite is sealed, only loopback is allowed")


def seal(patch: pytest.MonkeyPatch) -> None:
    """Refuse every connection and every name look-up that would leave loopback."""
    connect, connect_ex, look_up = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def check(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6) and not is_local(address[0]):
            refuse(address[0])

    def sealed_connect(self: socket.socket, address: Any) -> None:
        check(self, address)
        connect(self, address)

    def sealed_connect_ex(self: socket.socket, address: Any) -> int:
        check(self, address)
        return connect_ex(self, address)

    def sealed_look_up(host: Any, *args: Any, **options: Any) -> Any:
        if not is_local(host):
            refuse(host)
        return look_up(host, *args, **options)

    patch.setattr(socket.socket, "connect", sealed_connect)
    patch.setattr(socket.socket, "connect_ex", sealed_connect_ex)
    patch.setattr(socket, "getaddrinfo", sealed_look_up)
