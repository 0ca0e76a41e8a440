"""What the program sees to before it imports what takes time. A leaf."""

import gc
import os
import signal
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Final

PROGRAMS: Final = ("server", "catalogue-gateway")
STDERR: Final = 2


def is_program() -> bool:
    """Whether this is the program that runs, and not a library of another one."""
    return Path(sys.argv[0]).stem in PROGRAMS


def prepare() -> None:
    """See to it that it can be told to end, that it can write, and that it has what it needs; `cli.run` goes on."""
    _heed_signals()
    _open_streams()
    if find_spec("strawberry") is None:
        sys.exit("What this needs is not installed for this Python: `make run` sets it up; then use .venv/bin/python")
    gc.disable()  # what is imported stays: to go through it a hundred times would be a tenth of the start


def _heed_signals() -> None:
    """End at once when told to; who serves then ends in its own way.

    Python would write a traceback, and the first process of a container would not heed the signal at all. A terminal
    that closes tells it to end like anybody else, unless that is to be ignored.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda told, _: os._exit(128 + told))
    if sys.platform != "win32" and signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:
        signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))


def _open_streams() -> None:
    """Let standard streams that are closed lead nowhere: what is opened next would take their place."""
    while (free := os.open(os.devnull, os.O_RDWR)) <= STDERR:
        pass
    os.close(free)
    sys.stdout = sys.stdout or os.fdopen(1, "w")
    sys.stderr = sys.stderr or os.fdopen(STDERR, "w")
