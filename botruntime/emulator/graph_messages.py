"""``/{phone}/messages``."""

from botruntime.emulator.graph import Call, edge
from botruntime.emulator.records import Json


@edge("number", "messages", "POST")
def create(call: Call) -> Json:
    """Send a message, or mark one as read."""
    if "status" in call.params:
        return call.platform.sending.mark_read(call.node, call.params)
    answer = call.platform.sending.send(call.node, call.params)
    drop = call.world.faults.take("http_timeout_after_accept")
    if drop is not None:
        answer["__drop"] = 0.0 if drop is True else float(drop)
    return answer
