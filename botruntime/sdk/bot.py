"""A bot: its manifest, its texts and the handlers an author hangs on it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from botruntime.sdk import texts
from botruntime.sdk.matching import normal
from botruntime.sdk.routes import Handler, Route, payload_route, text_route
from botruntime.sdk.turn import LifecycleKind
from catalog.manifest import Manifest
from catalog.manifest import load as load_manifest

if TYPE_CHECKING:
    from botruntime.sdk.simulator import Simulator

_SHARED = Path(__file__).parent / "texts"
H = TypeVar("H", bound=Handler)


class Decorator(Protocol):
    """Registers a handler and gives it back unchanged."""

    def __call__(self, handler: H) -> H:
        """Register `handler`."""
        ...


class Bot:
    """One version of a bot. Handlers take `ctx` first; they are synchronous and keep nothing between turns."""

    def __init__(self, manifest: Manifest, catalogue: texts.Catalogue, folder: Path) -> None:
        self.manifest = manifest
        self.texts = texts.load(_SHARED).merged(catalogue)
        self.folder = folder
        self.keywords = frozenset(normal(word) for word in manifest.entry.keywords)
        self.buttons: list[Route] = []
        self.patterns: list[Route] = []
        self.kinds: dict[str, Handler] = {}
        self.steps: dict[str, Handler] = {}
        self.timers: dict[str, Handler] = {}
        self.hooks: dict[str, Handler] = {}

    @classmethod
    def load(cls, folder: str | Path) -> Bot:
        """The bot in `folder` (or beside the file `folder`, so `Bot.load(__file__)`), with manifest and texts checked.

        Raises ManifestError with every finding.
        """
        place = Path(folder)
        place = place.parent if place.is_file() else place
        manifest = load_manifest(place / "manifest.toml")
        return cls(manifest, texts.load(place / "texts", manifest.languages), place)

    def menu(self, handler: H) -> H:
        """Answers MENU, a first message nothing else answers, and the manifest's entry keywords."""
        return self._hook("menu", handler)

    def human(self, handler: H) -> H:
        """Answers ADMIN, CS, MANUSIA and the payload `human`; it must call `ctx.handover`. Without it the SDK does."""
        return self._hook("human", handler)

    def fallback(self, handler: H) -> H:
        """Gets every text no pattern took. Without it the contact reads "I did not understand"."""
        return self._hook("fallback", handler)

    def on_return(self, handler: H) -> H:
        """The contact came back to the bot (MENU) from waiting for or talking to a person."""
        return self._hook("return", handler)

    def on_stop(self, handler: H) -> H:
        """The contact said STOP: cancel follow-ups here."""
        return self._hook("stop", handler)

    def on_install(self, handler: H) -> H:
        """The installation began; there is no contact."""
        return self._lifecycle("install", handler)

    def on_settings(self, handler: H) -> H:
        """The owner changed settings: `handler(ctx, old)`; the new ones are `ctx.settings`."""
        return self._lifecycle("settings", handler)

    def on_pause(self, handler: H) -> H:
        """The installation was paused."""
        return self._lifecycle("pause", handler)

    def on_uninstall(self, handler: H) -> H:
        """The installation ended."""
        return self._lifecycle("uninstall", handler)

    def on_erase(self, handler: H) -> H:
        """A contact is being erased; the records marked with the contact go by themselves."""
        return self._lifecycle("erase", handler)

    def text(self, pattern: str) -> Decorator:
        """A typed text that matches the regular expression as a whole; named groups become arguments."""

        def register(handler: H) -> H:
            self.patterns.append(text_route(pattern, handler))
            return handler

        return register

    def button(self, pattern: str, *, waiting: bool = False) -> Decorator:
        """A pressed button or list row, `f:{i}`; `waiting` also while the contact waits for a person."""

        def register(handler: H) -> H:
            self.buttons.append(payload_route(pattern, handler, waiting))
            self.buttons.sort(key=lambda route: -route.literal)
            return handler

        return register

    def on(self, *kinds: str) -> Decorator:
        """Messages of these kinds: image, audio, location, order, contacts, form, sticker, reaction, ..."""

        def register(handler: H) -> H:
            self.kinds.update(dict.fromkeys(kinds, handler))
            return handler

        return register

    def step(self, handler: H) -> H:
        """The answer to `ctx.ask(..., step=<name of this function>)`: `handler(ctx, value, **params)`."""
        self.steps[getattr(handler, "__name__", "")] = handler
        return handler

    def timer(self, name: str) -> Decorator:
        """A timer set with `ctx.at` or `ctx.after`: `handler(ctx, **data)`, with `key=` when it has one. It may fire
        twice: be idempotent."""

        def register(handler: H) -> H:
            self.timers[name] = handler
            return handler

        return register

    def sim(self, settings: dict[str, Any] | None = None, **options: Any) -> Simulator:
        """A test phone for this bot; see `Simulator`."""
        from botruntime.sdk.simulator import Simulator

        return Simulator(self, settings, **options)

    def _hook(self, name: str, handler: H) -> H:
        self.hooks[name] = handler
        return handler

    def _lifecycle(self, kind: LifecycleKind, handler: H) -> H:
        return self._hook(f"on_{kind}", handler)
