"""Why a message was not sent: keys of sentences a person can read (`catalog/texts/<language>/sending.toml`).

`refused`: a rule of ours said no. `cancelled`: overtaken by events. What the platform said stands under `sending.meta`,
a message that breaks a rule of the wire under `sending.rules`.
"""

NO_WINDOW = "sending.refused.no_window"
OPTED_OUT = "sending.refused.opted_out"
EXPIRED = "sending.refused.expired"
UNREADABLE = "sending.refused.unreadable"
NO_TRANSPORT = "sending.refused.no_transport"

GENERATION = "sending.cancelled.bot_changed"
NOT_ACTIVE = "sending.cancelled.bot_off"
HUMAN = "sending.cancelled.human"
RELEASED = "sending.cancelled.number_released"

PARKED = "sending.waiting.number"
PACED_NUMBER = "sending.waiting.pace_number"
PACED_PAIR = "sending.waiting.pace_pair"
LATER = "sending.waiting.later"
UNSURE = "sending.waiting.unsure"

TOO_OFTEN = "sending.failed.too_often"
LOST = "sending.meta.answer_lost"
