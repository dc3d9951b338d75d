"""The jobs process: ``python -m marketplace.jobs``. The worker in the main thread, the sweep beside it."""

import threading

from marketplace import config
from marketplace.jobs import context, sweep, worker


def main() -> None:
    """Run until SIGTERM or SIGINT."""
    settings = config.load()
    context.use(settings)
    stopping = threading.Event()
    thread = threading.Thread(target=sweep.forever, args=(stopping,), name="sweep", daemon=True)
    thread.start()
    try:
        worker.work(settings.redis_url)
    finally:
        stopping.set()
        thread.join(timeout=5)
        context.dispose()


if __name__ == "__main__":
    main()
