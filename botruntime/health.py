"""The three paths every process of the house answers: ``/healthz``, ``/readyz``, ``/metrics``."""

from ipaddress import IPv4Network, IPv6Network, ip_address

from botruntime import metrics

Networks = tuple[IPv4Network | IPv6Network, ...]
Answer = tuple[int, bytes, str]
TEXT = "text/plain; charset=utf-8"


def is_allowed(client: str | None, networks: Networks) -> bool:
    """Whether ``client`` may read the metrics. Whoever comes by a Unix socket (no address) is the operator."""
    if not client:
        return True
    try:
        address = ip_address(client)
    except ValueError:
        return False
    return any(address in network for network in networks)


def alive() -> Answer:
    """The process runs."""
    return 200, b"ok\n", TEXT


def ready(is_ready: bool) -> Answer:
    """The process can do its work now."""
    return (200, b"ready\n", TEXT) if is_ready else (503, b"database unavailable\n", TEXT)


def measured(client: str | None, networks: Networks) -> Answer:
    """The metrics, for those who may see them; others find nothing here."""
    if not is_allowed(client, networks):
        return 404, b"not found\n", TEXT
    body, content_type = metrics.exposition()
    return 200, body, content_type
