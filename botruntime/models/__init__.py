"""Every table of the message process. Importing this package makes the metadata complete."""

from botruntime.models.contact import Contact
from botruntime.models.conversation import Conversation, Mode
from botruntime.models.delivery import Delivery
from botruntime.models.entry import Entry
from botruntime.models.inbound_event import EventKind, EventState, InboundEvent
from botruntime.models.outbound_message import Author, OutboundMessage, OutboundState, Policy
from botruntime.models.timer import Timer, TimerState

__all__ = [
    "Author",
    "Contact",
    "Conversation",
    "Delivery",
    "Entry",
    "EventKind",
    "EventState",
    "InboundEvent",
    "Mode",
    "OutboundMessage",
    "OutboundState",
    "Policy",
    "Timer",
    "TimerState",
]
