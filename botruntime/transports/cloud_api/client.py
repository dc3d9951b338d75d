"""Sending through Graph: one pool of connections for all numbers, one total deadline for each send."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from botruntime.inbound.arrival import Arrival
from botruntime.inbound.payload_split import split
from botruntime.transports.base import Outgoing
from botruntime.transports.cloud_api import errors, limits, wire
from botruntime.transports.http import Answer, Client, Lost, Unreached

DEADLINE = 10.0


class CloudApi:
    """The transport `cloud_api`. `version` is Graph's, such as `v25.0`; `limit` the most requests under way at once."""

    def __init__(self, base_url: str, version: str, *, limit: int = 256, deadline: float = DEADLINE) -> None:
        self._version = version
        self._http = Client(base_url, deadline=deadline, limit=limit)

    async def send(self, message: Outgoing) -> str:
        """Send one message and return its wamid. Raises `TransportError`."""
        body = wire.body(message)
        return errors.wamid_in(await self._post(message.phone_number_id, message.token, body))

    async def mark_read(self, phone_number_id: str, token: str, wamid: str, *, typing: bool = False) -> None:
        """Blue ticks, and "typing" where wished. Raises `TransportError`."""
        answer = await self._post(phone_number_id, token, wire.read(wamid, typing=typing))
        if answer.status != 200:
            raise errors.from_answer(answer)

    def parse(self, body: bytes) -> Sequence[Arrival]:
        """The updates in a webhook body."""
        return split(body)

    async def close(self) -> None:
        """Close all connections."""
        await self._http.close()

    async def _post(self, phone_number_id: str, token: str, body: dict[str, Any]) -> Answer:
        headers = {"Authorization": f"Bearer {token}"}
        try:
            return await self._http.post(f"/{self._version}/{phone_number_id}/messages", headers, orjson.dumps(body))
        except Unreached as wrong:
            raise errors.unreached(str(wrong)) from None
        except Lost as wrong:
            raise errors.lost(str(wrong)) from None
        except TypeError:
            # orjson refuses what is not UTF-8; the limits caught it in texts, this is an id or a name.
            raise limits.refuse("characters") from None
