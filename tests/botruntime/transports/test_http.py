"""The client: keep-alive, one deadline, bounded answers, and the difference between unreached and lost."""

import asyncio
import socket
import ssl
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from botruntime.transports.http import Answer, Client, Lost, Unreached
from tests.botruntime.stub_graph import Graph, Request, http, running_graph

BODY = b'{"biz_opaque_callback_data": "c"}'


async def ask(client: Client, **headers: str) -> Answer:
    return await client.post("/v25.0/1/messages", headers, BODY)


def with_graph(handler: Any, act: Callable[[Graph, Client], Awaitable[None]], **options: Any) -> None:
    async def main() -> None:
        async with running_graph(handler) as graph:
            client = Client(graph.url, **{"deadline": 1.0, **options})
            try:
                await act(graph, client)
            finally:
                await client.close()

    asyncio.run(main())


def test_one_connection_serves_many_requests() -> None:
    async def act(graph: Graph, client: Client) -> None:
        for _ in range(5):
            answer = await ask(client, Authorization="Bearer t")
            assert (answer.status, answer.body) == (200, b"ok")
            assert answer.headers["content-type"] == "application/json"
        assert (graph.connections, len(graph.requests)) == (1, 5)

    with_graph(lambda request: http("ok"), act)


def test_many_at_once_are_bounded() -> None:
    async def slowly(request: Request) -> bytes:
        await asyncio.sleep(0.05)
        return http("ok")

    async def act(graph: Graph, client: Client) -> None:
        await asyncio.gather(*(ask(client) for _ in range(30)))
        assert graph.connections == 10

    with_graph(slowly, act, limit=10, deadline=5.0)


def test_an_idle_connection_the_server_closed_is_not_used_again() -> None:
    async def act(graph: Graph, client: Client) -> None:
        await ask(client)
        graph.drop_all()
        await asyncio.sleep(0.05)
        assert (await ask(client)).status == 200
        assert graph.connections == 2

    with_graph(lambda request: http("ok"), act)


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok",
    ],
    ids=["chunked", "100 first", "closing"],
)
def test_shapes_of_a_good_answer(raw: bytes) -> None:
    async def act(graph: Graph, client: Client) -> None:
        for _ in range(2):
            assert (await ask(client)).body == b"ok"

    with_graph(lambda request: raw, act)


def test_an_answer_without_length_ends_with_its_connection() -> None:
    async def act(graph: Graph, client: Client) -> None:
        async def closing() -> None:
            await asyncio.sleep(0.1)
            graph.drop_all()

        closer = asyncio.create_task(closing())
        assert (await ask(client)).body == b"ok"
        await closer

    with_graph(lambda request: b"HTTP/1.1 200 OK\r\n\r\nok", act)


@pytest.mark.parametrize(
    "raw",
    [
        None,
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nok",
        b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n" + b"x" * 70_000,
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: %s\r\n" % (n, b"y" * 500) for n in range(100)),
        b"garbage\r\n\r\n",
    ],
    ids=["closed", "half a body", "too large", "bad chunk", "endless head", "no HTTP"],
)
def test_f38_an_answer_that_does_not_end_well_is_lost(raw: bytes | None) -> None:
    async def act(graph: Graph, client: Client) -> None:
        with pytest.raises(Lost):
            await ask(client)
        graph.handler = lambda request: http("ok")
        assert (await ask(client)).body == b"ok"

    with_graph(lambda request: raw, act)


def test_f38_one_deadline_covers_the_whole_exchange() -> None:
    async def drip(request: Request) -> bytes:
        await asyncio.sleep(0.2)
        return b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\nx"

    async def act(graph: Graph, client: Client) -> None:
        began = time.monotonic()
        with pytest.raises(Lost, match="deadline"):
            await ask(client)
        assert time.monotonic() - began < 1.5

    with_graph(drip, act, deadline=0.6)


def test_a_late_answer_cannot_be_taken_for_the_next_ones() -> None:
    async def late(request: Request) -> bytes:
        if len(request.headers.get("x-late", "")):
            await asyncio.sleep(0.6)
            return http("late")
        return http("own")

    async def act(graph: Graph, client: Client) -> None:
        with pytest.raises(Lost):
            await ask(client, **{"X-Late": "1"})
        for _ in range(3):
            assert (await ask(client)).body == b"own"
            await asyncio.sleep(0.2)

    with_graph(late, act, deadline=0.3)


def test_a_redirect_is_an_answer_and_not_followed() -> None:
    async def act(graph: Graph, client: Client) -> None:
        assert (await ask(client)).status == 302
        assert len(graph.requests) == 1

    with_graph(lambda request: http("", 302, Location="http://127.0.0.1:1/"), act)


def test_nothing_can_be_smuggled_into_a_header() -> None:
    async def act(graph: Graph, client: Client) -> None:
        with pytest.raises(Unreached):
            await ask(client, Authorization="Bearer a\r\nX-Evil: 1")
        with pytest.raises(Unreached):
            await client.post("/v25.0/1 HTTP/1.1\r\n", {}, BODY)
        assert graph.requests == []

    with_graph(lambda request: http("ok"), act)


def refused_url() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return f"http://127.0.0.1:{listening.getsockname()[1]}"


def test_f38_a_refused_connection_is_unreached() -> None:
    async def main() -> None:
        client = Client(refused_url(), deadline=1.0)
        with pytest.raises(Unreached):
            await ask(client)

    asyncio.run(main())


def test_f38_an_unknown_host_is_unreached(monkeypatch: pytest.MonkeyPatch) -> None:
    def nxdomain(*args: Any, **options: Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    async def main() -> None:
        monkeypatch.setattr(socket, "getaddrinfo", nxdomain)
        client = Client("http://graph.invalid", deadline=1.0)
        with pytest.raises(Unreached):
            await ask(client)

    asyncio.run(main())


def self_signed(path: Path) -> Path:
    """A key and a certificate for localhost that no authority signed."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(pem + certificate.public_bytes(Encoding.PEM))
    return path


def test_f38_a_certificate_nobody_vouches_for_is_unreached(tmp_path: Path) -> None:
    chain = self_signed(tmp_path / "localhost.pem")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain)

    async def main() -> None:
        graph = Graph(handler=lambda request: http("ok"))
        server = await asyncio.start_server(graph.serve, "127.0.0.1", 0, ssl=context)
        client = Client(f"https://localhost:{server.sockets[0].getsockname()[1]}", deadline=2.0)
        with pytest.raises(Unreached):
            await ask(client)
        server.close()
        await asyncio.sleep(0.05)
        assert graph.requests == []

    asyncio.run(main())


@pytest.mark.parametrize("address", ["ftp://a", "graph.facebook.com", "http://"])
def test_an_address_that_is_none_is_refused_at_the_start(address: str) -> None:
    with pytest.raises(ValueError, match="http"):
        Client(address)
