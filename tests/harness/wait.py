"""Waiting for conditions. No test sleeps for luck."""

import os
import time

# How long anything may take. Far more than it does: a loaded machine is slow, and only what never comes should fail.
WAIT_S = float(os.environ.get("TEST_WAIT", 60))
ASK_S = WAIT_S / 4  # for one question to a server: one that is lost must not use up the time of whoever asks again
# For the end of every transaction on the shared server: gaps close only then, and other scenarios have some open.
OTHERS_S = 3 * WAIT_S
SERVER_S = 3 * WAIT_S  # for a server to start: a new MySQL folder, a JVM


class Hopeless(AssertionError):
    """What is waited for can no longer come: waiting ends at once."""


def until(what, check, timeout=WAIT_S, every=0.05):
    """Calls check() until it returns something true, and returns that.

    An exception counts as "not yet", but for Hopeless. After `timeout` seconds: AssertionError that says what was waited for and what
    check() had to say last.
    """
    end = time.monotonic() + timeout
    while True:
        try:
            last = check()
            if last:
                return last
        except Hopeless:
            raise
        except Exception as problem:  # not there yet
            last = problem
        if time.monotonic() >= end:
            raise AssertionError(f"waited {timeout:g} s for {what}; last: {last!r}")
        time.sleep(every)


def stays(what, check, seconds=1.0, every=0.05):
    """Asserts that check() holds during all of the next `seconds`. For "nothing more arrives"."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        assert check(), f"did not stay so: {what}"
        time.sleep(every)


def settled(read, seconds=0.5, every=0.05):
    """Waits until read() has returned the same for `seconds`, and returns that. For what was still on its way."""
    last, since = read(), time.monotonic()

    def quiet():
        nonlocal last, since
        now = read()
        if now != last:
            last, since = now, time.monotonic()
        return time.monotonic() - since >= seconds

    until("nothing more to come", quiet, every=every)
    return last
