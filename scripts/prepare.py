"""Make `.venv` from the hashed requirements, once: ``python3 scripts/prepare.py [--tests]``.

Runs on the system's Python before anything is installed, so it imports the standard library alone. A stamp per step
remembers what was installed; while nothing changed, a start costs a few milliseconds and no network.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOG = VENV / "install.log"


class Step:
    """Something pip installs: ``arguments`` for pip, ``sources`` whose change makes it necessary again."""

    def __init__(self, name: str, saying: str, arguments: list[str], sources: list[str]) -> None:
        self.name = name
        self.saying = saying
        self.arguments = arguments
        self.stamp = VENV / f"{name}.stamp"
        digest = hashlib.sha256(str(ROOT).encode())
        for source in sources:
            digest.update((ROOT / source).read_bytes())
        self.state = digest.hexdigest()

    def is_done(self) -> bool:
        return self.stamp.exists() and self.stamp.read_text() == self.state

    def install(self) -> None:
        """Run pip, or say in one line why it failed."""
        say(self.saying)
        begin = time.monotonic()
        command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
        with LOG.open("wb") as log:
            done = subprocess.run([*command, *self.arguments], cwd=ROOT, stdout=log, stderr=log, env=pip_environment())
        if done.returncode != 0:
            errors = [line for line in LOG.read_text(errors="replace").splitlines() if line.startswith("ERROR")]
            why = errors[-1].removeprefix("ERROR: ") if errors else f"see {LOG}"
            fail(f"pip could not install {self.name}: {why} (the first start needs PyPI or a mirror of it)")
        self.stamp.write_text(self.state)
        say(f"... {time.monotonic() - begin:.0f} s")


def steps(with_tests: bool) -> list[Step]:
    packages = (ROOT / "requirements.txt").read_text().count("==")
    product = Step(
        "requirements",
        f"first start: installing {packages} packages into .venv, about half a minute",
        ["--require-hashes", "--requirement", "requirements.txt"],
        ["requirements.txt"],
    )
    # pip refuses to hash-check a folder, hence a second step; "compat" because plain paths need no renewal when a
    # package is added.
    project = Step(
        "project",
        "installing the pasarbot command",
        ["--no-deps", "--no-build-isolation", "--config-settings", "editable_mode=compat", "--editable", "."],
        ["pyproject.toml"],
    )
    tests = Step(
        "requirements-test",
        "installing what the tests need",
        ["--require-hashes", "--requirement", "requirements-test.txt"],
        ["requirements-test.txt"],
    )
    return [product, project, tests] if with_tests else [product, project]


def pip_environment() -> dict[str, str]:
    return {**os.environ, "PIP_ROOT_USER_ACTION": "ignore", "PYTHONWARNINGS": "ignore"}


def is_usable() -> bool:
    """Whether `.venv` is ours and its Python still starts: the checkout may have moved, the system been upgraded."""
    ask = "import site, sys; print(sys.prefix); print(any(map(__import__('os').path.isdir, site.getsitepackages())))"
    try:
        answer = subprocess.run([PYTHON, "-I", "-c", ask], capture_output=True, text=True, check=True).stdout.split(
            "\n"
        )
    except (OSError, subprocess.CalledProcessError):
        return False
    return answer[:2] == [str(VENV), "True"]


def make_venv() -> None:
    shutil.rmtree(VENV, ignore_errors=True)
    try:
        venv.create(VENV, with_pip=True, symlinks=True)
    except (OSError, subprocess.CalledProcessError) as error:
        fail(f"could not make {VENV}: {error}")


def say(text: str) -> None:
    print(f"pasarbot: {text}", flush=True)


def fail(text: str) -> None:
    print(f"pasarbot: {text}", file=sys.stderr)
    sys.exit(1)


def main() -> None:
    # Two first starts at once in one checkout: the second waits for the first.
    lock = os.open(ROOT, os.O_RDONLY)
    fcntl.flock(lock, fcntl.LOCK_EX)
    if not is_usable():
        make_venv()
    for step in steps("--tests" in sys.argv[1:]):
        if not step.is_done():
            step.install()


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit(130)
