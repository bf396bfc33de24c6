"""Ctrl-C and the signals that end a program become one kind of exception, and end the child programs too."""

from __future__ import annotations

import os
import signal
import subprocess
from typing import Any

# How long to wait for a child program to end. A terminal sends Ctrl-C to it too, so it is first given HAD_IT_S. Then we
# interrupt it and wait ASKED_S, terminate it and wait TOLD_S, and finally kill it.
HAD_IT_S, ASKED_S, TOLD_S = 0.5, 8.0, 2.0


class Ended(KeyboardInterrupt):
    """A signal other than Ctrl-C has asked this program to end."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def listen() -> None:
    """From now on, each signal that ends a program raises an exception, so that unfinished work is cleaned up."""
    for name in ("SIGTERM", "SIGHUP", "SIGBREAK"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:  # nohup ignores SIGHUP
            signal.signal(number, _end)


def _end(number: int, _frame: object) -> None:
    raise Ended(number)


def status(problem: KeyboardInterrupt) -> int:
    """The status that a shell reports for a program ended by this signal: 130 for Ctrl-C, 143 for SIGTERM."""
    return 128 + getattr(problem, "number", signal.SIGINT)


def run(command: list[str], **options: Any) -> int:
    """Runs a program and returns its exit status, as a shell counts it. `options` are those of Popen.

    If this program is interrupted, the child ends first, in its own way if it can, and KeyboardInterrupt is raised
    with its exit status as `left`.
    """
    running = subprocess.Popen(command, **options)
    try:
        return exit_status(running.wait())
    except KeyboardInterrupt as problem:
        problem.left = _ended(running)
        raise


def exit_status(returned: int) -> int:
    """An exit status as a shell counts it. For a program ended by signal n, Python returns -n and a shell 128 + n."""
    return 128 - returned if returned < 0 else returned


def _ended(running: subprocess.Popen) -> int:
    """Ends a program and returns its exit status."""
    try:
        for ask, limit_s in ((None, HAD_IT_S), (_interrupt, ASKED_S), (subprocess.Popen.terminate, TOLD_S)):
            if ask is not None:
                ask(running)
            try:
                return exit_status(running.wait(limit_s))
            except subprocess.TimeoutExpired:
                continue
    finally:  # also after a second Ctrl-C, which ends the waiting
        if running.poll() is None:
            running.kill()
    return exit_status(running.wait())


def _interrupt(running: subprocess.Popen) -> None:
    """Like Ctrl-C, so that a server removes its temporary files. Windows has already sent Ctrl-C to every program."""
    if os.name != "nt":
        running.send_signal(signal.SIGINT)
