"""Start the emulator: ``python -m botruntime.emulator --port … --data …``."""

import sys
from types import FrameType

import uvicorn

from botruntime.emulator.asgi import Application
from botruntime.emulator.platform import Platform
from botruntime.emulator.settings import parse


class Server(uvicorn.Server):
    """uvicorn, which otherwise waits for the live streams to end by themselves."""

    def __init__(self, config: uvicorn.Config, application: Application) -> None:
        super().__init__(config)
        self._application = application

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """A signal to stop arrived."""
        super().handle_exit(sig, frame)
        self._application.end_streams()


def main() -> int:
    """Serve until told to stop."""
    settings = parse()
    application = Application(Platform(settings))
    config = uvicorn.Config(
        application,
        host=settings.host,
        port=settings.port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=2,
        server_header=False,
    )
    Server(config, application).run()
    return 0


if __name__ == "__main__":
    sys.exit(main())
