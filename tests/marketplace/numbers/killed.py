"""A jobs process that is killed at a chosen moment: ``python -m tests.marketplace.numbers.killed CODE STEP MOMENT``.

``MOMENT`` is ``before`` (the step is leased, nothing was called) or ``after`` (Meta did it, nothing was written).
"""

import os
import signal
import sys

from catalog.models import StepName
from marketplace import config, jobs
from marketplace.embedded_signup import machine
from marketplace.embedded_signup.stand import Keep, Stand
from marketplace.embedded_signup.steps import STEPS
from marketplace.graph import Graph


def main(code: str, name: str, moment: str) -> None:
    """Work until the moment comes."""
    jobs.use(config.load())
    step = StepName(name)
    real = STEPS[step]

    def deadly(stand: Stand, graph: Graph) -> Keep:
        if moment == "after":
            real(stand, graph)
        os.kill(os.getpid(), signal.SIGKILL)
        return real(stand, graph)

    STEPS[step] = deadly
    machine.advance(code)


if __name__ == "__main__":
    main(*sys.argv[1:4])
