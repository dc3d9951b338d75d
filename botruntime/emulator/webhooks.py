"""What is told to the app: which updates go out, in what company, and where to."""

import secrets

from botruntime.emulator.records import Delivery, Json, Meta, Timer
from botruntime.emulator.world import World

APP_LEVEL = frozenset({"account_update", "partner_solutions"})
FIELDS = (
    "messages",
    "account_update",
    "phone_number_quality_update",
    "phone_number_name_update",
    "account_review_update",
    "account_alerts",
    "business_capability_update",
    "security",
    "message_template_status_update",
    "message_template_quality_update",
    "message_template_components_update",
    "template_category_update",
    "user_preferences",
    "history",
    "smb_app_state_sync",
    "smb_message_echoes",
    "business_username_update",
    "partner_solutions",
    "payment_configuration_update",
    "automatic_events",
    "calls",
    "flows",
    "standby",
    "group_lifecycle_update",
    "group_participants_update",
    "group_settings_update",
    "group_status_update",
)
HELD_SECONDS = 1.0


class Webhooks:
    """Turns updates into deliveries. ``send`` hands a delivery id to whoever posts it."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._ready: list[str] = []
        world.timers.on("release", self._release_timer)

    def emit(
        self, waba_id: str, field: str, value: Json, *, key: str = "", number_id: str | None = None, own: bool = False
    ) -> None:
        """Tell the app one update of a WABA; ``own`` = the entry is our own portfolio's (``PARTNER_*``).

        Nothing is told where the app is not subscribed, as on the platform: there is no error either.
        """
        world = self._world
        waba = world.wabas.get(waba_id)
        heard = field in APP_LEVEL or (waba is not None and world.is_subscribed(waba))
        if not heard or field not in world.app_subscription().get("fields", ()):
            return
        update: Json = {"entry_id": world.settings.provider_portfolio_id if own else waba_id, "field": field}
        update |= {"value": value, "waba_id": waba_id, "number_id": number_id, "key": key or waba_id}
        if field not in {"messages", "user_preferences"}:
            update["time"] = int(world.now())
        self._shape(update)

    def raw(self, update: Json) -> None:
        """Send an update as it is, subscribed or not."""
        self._post([{"waba_id": update["entry_id"], "number_id": None, "key": "raw", **update}])

    def target(self, update: Json) -> Json:
        """Where an update goes (``callback_url``): number, then WABA, then app; the first two for ``messages`` only."""
        app = self._world.app_subscription()
        if update["field"] == "messages":
            number = self._world.numbers.get(update.get("number_id"))
            waba = self._world.wabas.get(update.get("waba_id"))
            if number and number.override.get("override_callback_uri"):
                return {"callback_url": number.override["override_callback_uri"]}
            own = waba.subscribed.get(self._world.settings.app_id, {}) if waba else {}
            if own.get("override_callback_uri"):
                return {"callback_url": own["override_callback_uri"]}
        return app

    def take_ready(self) -> list[str]:
        """Deliveries made since the last call, in order."""
        ready, self._ready = self._ready, []
        return ready

    def _shape(self, update: Json) -> None:
        faults = self._world.faults
        if faults.take("unknown_field"):
            novel = {
                **update,
                "field": "brand_new_field",
                "value": {"event": "NOBODY_KNOWS"},
                "time": update.get("time"),
            }
            return self._post([novel, update])
        if faults.take("dup") == "overlap":
            return self._overlap(update)
        size = faults.take("batch")
        swap = faults.take("reorder") and "messages" in update["value"]
        if not size and not swap:
            return self._post([update])
        held = self._held()
        held.append(update)
        self._world.meta.put(Meta("held", held))
        if swap and len(held) >= 2:
            return self._release(apart=True)
        if size and len(held) >= int(size):
            return self._release(apart=False)
        if len(held) == 1:
            self._world.timers.set(self._world.now() + HELD_SECONDS, "release")
        return None

    def _overlap(self, update: Json) -> None:
        row = self._world.meta.get("last_update")
        self._world.meta.put(Meta("last_update", update))
        self._post([row.value, update] if row else [update])

    def _held(self) -> list[Json]:
        row = self._world.meta.get("held")
        return list(row.value) if row else []

    def _release_timer(self, _timer: Timer) -> None:
        self._release(apart=False)

    def _release(self, apart: bool) -> None:
        held = self._held()
        self._world.meta.remove("held")
        if apart:
            for update in reversed(held):
                self._post([update])
            return
        groups: dict[str, list[Json]] = {}
        for update in held:
            groups.setdefault(self.target(update).get("callback_url", ""), []).append(update)
        for group in groups.values():
            self._post(group)

    def _post(self, updates: list[Json]) -> None:
        delivery = Delivery(secrets.token_hex(8), updates, updates[-1]["key"], self._world.now())
        self._world.deliveries.put(delivery)
        self._ready.append(delivery.id)
