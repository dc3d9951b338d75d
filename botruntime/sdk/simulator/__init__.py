"""The test phone: runs a bot exactly as the runtime does, with a virtual clock and several contacts, in memory."""

from botruntime.sdk.simulator.conversation import Conversation, Step, play
from botruntime.sdk.simulator.user import User
from botruntime.sdk.simulator.world import Simulator

__all__ = ["Conversation", "Simulator", "Step", "User", "play"]
