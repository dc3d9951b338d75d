"""The steps after the exchange, in order. Each may run any number of times."""

from collections.abc import Callable

from catalog.models import StepName
from marketplace.embedded_signup.stand import Keep, Stand
from marketplace.embedded_signup.steps import inspect, live, register, subscribe
from marketplace.graph import Graph

STEPS: dict[StepName, Callable[[Stand, Graph], Keep]] = {
    StepName.INSPECT: inspect.run,
    StepName.SUBSCRIBE: subscribe.run,
    StepName.REGISTER: register.run,
    StepName.LIVE: live.run,
}
