"""Start the door: ``python -m botruntime.inbound --port 8001``."""

import argparse
import sys

import uvicorn

from botruntime import logs
from botruntime.config import SettingError, load
from botruntime.inbound.door import Door


def main() -> None:
    """Listen until told to stop; requests under way are answered first."""
    parser = argparse.ArgumentParser(prog="python -m botruntime.inbound", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    arguments = parser.parse_args()
    logs.set_up()
    try:
        door = Door(load())
    except SettingError as wrong:
        sys.exit(f"door: {wrong}")
    uvicorn.run(
        door,
        host=arguments.host,
        port=arguments.port,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=10,
    )


if __name__ == "__main__":
    main()
