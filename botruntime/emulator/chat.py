"""A chat as a phone shows it: entries, and the changes to them."""

from botruntime.emulator.records import Chat, Json, Message
from botruntime.emulator.world import World

WINDOW_SECONDS = 86400.0


def entry(message: Message) -> Json:
    """One message as the control API gives it."""
    shown: Json = {
        "direction": message.direction,
        "wamid": message.id,
        "timestamp_ms": int(message.at * 1000),
        "status": message.status,
        "status_ms": {name: int(at * 1000) for name, at in message.status_at.items()},
        "message": message.body,
        "errors": message.errors,
        "reactions": message.reactions,
        "edited": message.edited,
        "revoked": message.revoked,
        "by": message.by,
    }
    return shown | {"rendered": message.rendered} if message.rendered else shown


def keep(world: World, message: Message) -> Message:
    """Add a new message to its chat and tell the phones."""
    chat = world.chats[message.chat_id]
    world.messages.put(message)
    world.threads[chat.id].append(message.id)
    world.tell("message", number=chat.number_id, user=chat.person_id, entry=entry(message))
    return message


def changed(world: World, message: Message) -> None:
    """Keep a message that was edited, revoked, reacted to or read, and tell the phones."""
    chat = world.chats[message.chat_id]
    world.messages.put(message)
    world.tell("change", number=chat.number_id, user=chat.person_id, entry=entry(message))


def react(world: World, message: Message, who: str, emoji: str) -> None:
    """Put somebody's reaction on a message, or take it away with an empty one."""
    if emoji:
        message.reactions[who] = emoji
    else:
        message.reactions.pop(who, None)
    changed(world, message)


def type_until(world: World, chat: Chat, until: float) -> None:
    """Show or hide that the business is typing."""
    if until <= world.now() and chat.id not in world.typing:
        return
    if until > world.now():
        world.typing[chat.id] = until
    else:
        world.typing.pop(chat.id)
    seconds = max(0.0, round(until - world.now(), 3))
    world.tell("typing", number=chat.number_id, user=chat.person_id, until=until, seconds=seconds)


def in_window(world: World, chat: Chat) -> bool:
    """Whether free-form messages may be sent: 24 hours after the person's last message."""
    return chat.last_in_at + WINDOW_SECONDS > world.now()


def summary(world: World, chat: Chat) -> Json:
    """A line in the list of chats."""
    thread = [world.messages[wamid] for wamid in world.threads[chat.id]]
    shown = [message for message in thread if message.body["type"] != "reaction"]
    unread = sum(1 for message in shown if message.direction == "out" and message.status in {"sent", "delivered"})
    number = world.numbers.get(chat.number_id)
    typing = world.typing.get(chat.id, 0.0)
    return {
        "number": chat.number_id,
        "user": chat.person_id,
        "name": number.verified_name if number else "",
        "last": entry(shown[-1]) if shown else None,
        "unread": unread,
        "typing_until": typing if typing > world.now() else None,
    }
