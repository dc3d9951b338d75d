"""The steps after the exchange, in order. Each may run any number of times."""

from collections.abc import Callable

from catalog.models import StepName
from marketplace.embedded_signup.stand import Keep, Stand
from marketplace.embedded_signup.steps.inspect import inspect
from marketplace.embedded_signup.steps.live import live
from marketplace.embedded_signup.steps.register import register
from marketplace.embedded_signup.steps.subscribe import subscribe
from marketplace.graph import Graph

STEPS: dict[StepName, Callable[[Stand, Graph], Keep]] = {
    StepName.INSPECT: inspect,
    StepName.SUBSCRIBE: subscribe,
    StepName.REGISTER: register,
    StepName.LIVE: live,
}
