"""What `./test` becomes: find or fetch a browser, then pytest on two cores."""

import os
import sys

from scripts import chromium
from scripts.children import ServiceError
from scripts.programs import ROOT

WORKERS = ["-n", "2", "--dist", "worksteal"]


def browser() -> dict[str, str]:
    """What the browser tests need. They fail, they are never skipped, where there is no browser to be had."""
    try:
        return chromium.settings(chromium.find_or_fetch())
    except ServiceError as error:
        print(f"./test: {error}", file=sys.stderr, flush=True)
        return {"PASARBOT_NO_CHROMIUM": str(error)}


def main() -> None:
    given = sys.argv[1:]
    workers = [] if any(word.startswith(("-n", "--numprocesses", "--pdb")) for word in given) else WORKERS
    argv = [sys.executable, "-P", "-m", "pytest", *workers, *given]
    os.chdir(ROOT)
    os.execve(argv[0], argv, dict(os.environ) | browser())


if __name__ == "__main__":
    main()
