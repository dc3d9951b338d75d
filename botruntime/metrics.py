"""What the message process counts and times; shown at ``/metrics``."""

from prometheus_client import CONTENT_TYPE_LATEST, Counter, Gauge, Histogram, generate_latest

_FAST = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60)

ACK_SECONDS = Histogram("pasarbot_ack_seconds", "From a webhook's last byte to its answer", buckets=_FAST)
WEBHOOKS = Counter("pasarbot_webhooks_total", "Webhooks by answer", ["status"])
UPDATES = Counter("pasarbot_updates_total", "Updates by what became of them at the door", ["outcome"])
BATCH_UPDATES = Histogram(
    "pasarbot_batch_updates", "Updates in one commit of the door", buckets=(1, 4, 16, 64, 256, 1024)
)
TURN_SECONDS = Histogram("pasarbot_turn_seconds", "From arrival at the door to the turn's commit", buckets=_FAST)
TURNS = Counter("pasarbot_turns_total", "Turns by result", ["result"])
QUEUE_AGE_SECONDS = Gauge("pasarbot_queue_age_seconds", "Age of the oldest event not yet worked off")
QUEUE_LENGTH = Gauge("pasarbot_queue_length", "Conversations that wait for a turn")


def exposition() -> tuple[bytes, str]:
    """The body of ``/metrics`` and its content type."""
    return generate_latest(), CONTENT_TYPE_LATEST
