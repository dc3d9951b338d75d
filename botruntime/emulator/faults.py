"""Switches that make the pretend platform misbehave as the real one does (whatsapp-platform reference, 14.3)."""

import random
from typing import Any

from botruntime.emulator.journal import Table
from botruntime.emulator.records import Json, Meta

SWITCHES = frozenset(
    {
        "ack_timeout",
        "bad_signature",
        "batch",
        "big_payload",
        "bsuid_only",
        "code_expired",
        "code_reused",
        "dup",
        "escape",
        "event_before_code",
        "event_missing",
        "extra_keys",
        "failed_contacts",
        "foreign_app_subscribed",
        "forged_origin",
        "forged_waba_id",
        "http_timeout_after_accept",
        "late_failed",
        "latency_ms",
        "maintenance",
        "mid_flight_uninstall",
        "no_read",
        "no_signature",
        "null_values",
        "other_app_secret",
        "reorder",
        "sha1_only",
        "skip_delivered",
        "throttle",
        "token_expired",
        "token_revoked",
        "unknown_field",
        "unknown_type",
        "window",
    }
)


class Faults:
    """The switches that are on. ``{"value", "times"?, "share"?}`` works ``times`` times, in a ``share`` of cases."""

    def __init__(self, meta: Table[Meta]) -> None:
        self._meta = meta

    def all(self) -> Json:
        """Every switch that is on."""
        row = self._meta.get("faults")
        return dict(row.value) if row else {}

    def merge(self, switches: Json) -> None:
        """Turn switches on, or off with None. Raises ValueError naming unknown ones."""
        unknown = sorted(set(switches) - SWITCHES)
        if unknown:
            raise ValueError(f"unknown switch: {', '.join(unknown)}; known: {', '.join(sorted(SWITCHES))}")
        merged = {**self.all(), **switches}
        self._meta.put(Meta("faults", {name: value for name, value in merged.items() if value is not None}))

    def clear(self) -> None:
        """Behave again."""
        self._meta.remove("faults")

    def peek(self, name: str) -> Any:
        """The switch's value, without counting."""
        value = self.all().get(name)
        return value["value"] if isinstance(value, dict) and "value" in value else value

    def take(self, name: str) -> Any:
        """The switch's value if it works this time, else None; counts down ``times``."""
        switches = self.all()
        value = switches.get(name)
        if not isinstance(value, dict) or "value" not in value:
            return None if value is False else value
        if random.random() >= float(value.get("share", 1)):
            return None
        if "times" in value:
            left = int(value["times"]) - 1
            self.merge({name: {**value, "times": left} if left > 0 else None})
        return value["value"]
