"""Ctrl-C and the signals that end a program become one kind of exception, and end the child programs too."""

from __future__ import annotations

import os
import signal
import subprocess
from typing import Any

# A terminal sends Ctrl-C to child programs too. If that does not end one, we interrupt, terminate and finally kill it.
HAD_IT_S, ASKED_S, TOLD_S = 0.5, 8.0, 2.0


class Ended(KeyboardInterrupt):
    """A signal other than Ctrl-C has asked this program to end."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def listen() -> None:
    """From here on each signal that ends a program raises an exception, so that unfinished work is cleaned up."""
    for name in ("SIGTERM", "SIGHUP", "SIGBREAK"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:  # nohup ignores SIGHUP
            signal.signal(number, _end)


def _end(number: int, _frame: object) -> None:
    raise Ended(number)


def status(problem: KeyboardInterrupt) -> int:
    """What a shell would say of a program that this signal ended: 130 for Ctrl-C, 143 for SIGTERM."""
    return 128 + getattr(problem, "number", signal.SIGINT)


def run(command: list[str], **options: Any) -> int:
    """Runs a program and gives its exit status, as a shell counts it. `options` are those of Popen.

    Where this program is interrupted, that one ends first, in its own way if it can.
    """
    running = subprocess.Popen(command, **options)
    try:
        return exit_status(running.wait())
    except KeyboardInterrupt as problem:
        problem.left = _ended(running)
        raise


def exit_status(returned: int) -> int:
    """Python counts a program that a signal ended as less than 0, which no program can exit with."""
    return 128 - returned if returned < 0 else returned


def _ended(running: subprocess.Popen) -> int:
    """Ends a program and gives its exit status."""
    try:
        for ask, limit_s in ((None, HAD_IT_S), (_interrupt, ASKED_S), (subprocess.Popen.terminate, TOLD_S)):
            if ask is not None:
                ask(running)
            try:
                return exit_status(running.wait(limit_s))
            except subprocess.TimeoutExpired:
                continue
    finally:  # a second Ctrl-C does not wait either
        if running.poll() is None:
            running.kill()
    return exit_status(running.wait())


def _interrupt(running: subprocess.Popen) -> None:
    """As Ctrl-C would, so that a server removes what it made for itself; Windows sends that to all by itself."""
    if os.name != "nt":
        running.send_signal(signal.SIGINT)
