"""Start the pages: ``python -m botruntime.pages --port 8003``."""

import argparse
import sys

import uvicorn

from botruntime import logs
from botruntime.config import SettingError, load
from botruntime.pages import Pages


def main() -> None:
    """Listen until told to stop; requests under way are answered first."""
    parser = argparse.ArgumentParser(prog="python -m botruntime.pages", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, required=True)
    arguments = parser.parse_args()
    logs.set_up()
    try:
        pages = Pages(load())
    except SettingError as wrong:
        sys.exit(f"pages: {wrong}")
    uvicorn.run(
        pages,
        host=arguments.host,
        port=arguments.port,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=10,
    )


if __name__ == "__main__":
    main()
