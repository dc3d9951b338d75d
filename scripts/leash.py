"""Become another program that dies with its parent: ``python -I -S leash.py SIGNAL PARENT_PID UID PROGRAM [ARG...]``.

A UID of -1 stays who it is. The parent-death signal is set after the change of credentials, which would clear it, and
survives the exec below. A program of its own instead of ``preexec_fn``: running Python between fork and exec is unsafe
where the parent has threads. Linux only; elsewhere the program simply starts.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main() -> None:
    signal_number, parent, uid = (int(word) for word in sys.argv[1:4])
    if uid >= 0:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal_number, 0, 0, 0)
        # Race: a parent that died before the line above sends no signal any more.
        if os.getppid() != parent:
            sys.exit("leash: the parent is gone")
    # What the parent ignores is not the child's business (Python ignores SIGPIPE, `./run &` in a script SIGINT).
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(number, signal.SIG_DFL)
    os.execv(sys.argv[4], sys.argv[4:])


if __name__ == "__main__":
    main()
