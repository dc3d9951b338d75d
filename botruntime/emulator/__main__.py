"""Start the emulator: ``python -m botruntime.emulator --port … --data …``."""

import sys

import uvicorn

from botruntime.emulator.asgi import Application
from botruntime.emulator.platform import Platform
from botruntime.emulator.settings import parse


def main() -> int:
    """Serve until told to stop."""
    settings = parse()
    application = Application(Platform(settings))
    uvicorn.run(
        application,
        host=settings.host,
        port=settings.port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=1,
        server_header=False,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
