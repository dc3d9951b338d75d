"""What the sender counts and times; shown at `/metrics` with the rest."""

from __future__ import annotations

from prometheus_client import Counter, Gauge, Histogram

_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 60, 600)

SENDS = Counter("pasarbot_sends_total", "Claimed messages by what became of them", ["outcome"])
SEND_SECONDS = Histogram("pasarbot_send_seconds", "From request to the platform's answer", buckets=_BUCKETS)
OUTBOX_SECONDS = Histogram("pasarbot_outbox_seconds", "From outbox to accepted", buckets=_BUCKETS)
UNDER_WAY = Gauge("pasarbot_sends_under_way", "Requests to the platform that wait for their answer")
ERRORS = Counter("pasarbot_send_errors_total", "Errors of the platform by code", ["code"])
