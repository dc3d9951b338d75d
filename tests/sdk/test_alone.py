"""The SDK is installable alone."""

import subprocess
import sys

BLOCKED = (
    "sqlalchemy",
    "flask",
    "redis",
    "rq",
    "psycopg",
    "requests",
    "aiohttp",
    "click",
    "catalog.db",
    "catalog.models",
)
PROGRAM = f"""
import sys
class Wall:
    def find_spec(self, name, path=None, target=None):
        if any(name == blocked or name.startswith(blocked + ".") for blocked in {BLOCKED!r}):
            raise ImportError("blocked: " + name)
sys.meta_path.insert(0, Wall())
import botruntime.sdk, botruntime.sdk.engine, botruntime.sdk.check, botruntime.sdk.simulator
from botruntime import bots
user = bots.load("tanya").sim().user()
user.says("jam buka")
assert user.sees("08.00-17.00"), user.news
assert not [name for name in sys.modules if name.partition(".")[0] in {BLOCKED!r}]
print("alone")
"""


def test_the_sdk_and_a_bot_work_without_database_web_and_queue() -> None:
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == "alone\n", done.stderr
