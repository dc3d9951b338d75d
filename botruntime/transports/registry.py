"""Which transports this process speaks, by the name in `number.transport`."""

from __future__ import annotations

from botruntime.config import Config
from botruntime.transports.base import Transport
from botruntime.transports.cloud_api.client import CloudApi


def open_all(config: Config) -> dict[str, Transport]:
    """One transport of each kind, with as many connections as sends may be under way. Needs a running event loop."""
    return {
        "cloud_api": CloudApi(config.graph_base_url, config.graph_version, limit=config.sends_under_way),
    }
