"""The door: verify, keep, acknowledge."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from botruntime.inbound.door import Door


def create_app() -> "Door":
    """The door with the environment's settings, for servers that want a factory."""
    from botruntime.config import load
    from botruntime.inbound.door import Door

    return Door(load())
