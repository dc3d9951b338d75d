"""Every conversation of tests/conversations, played on the simulator."""

from pathlib import Path

import pytest

from botruntime import bots
from botruntime.sdk.simulator import Conversation, conversation, play

FOLDER = Path(__file__).parents[1] / "conversations"
TALKS = [talk for path in sorted(FOLDER.glob("*.toml")) for talk in conversation.read(path)]


@pytest.mark.parametrize("talk", TALKS, ids=[f"{talk.bot}: {talk.title}" for talk in TALKS])
def test_the_conversation_goes_as_written(talk: Conversation) -> None:
    play(bots.load(talk.bot), talk)


def test_every_bot_has_conversations_in_both_languages() -> None:
    for name in bots.names():
        slug = bots.load(name).manifest.id
        assert {talk.language for talk in TALKS if talk.bot == slug} == {"id", "en"}
