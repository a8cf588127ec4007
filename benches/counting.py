"""The count of what a check looked at, and of what it found wrong."""

import os

checked = {"checks": 0, "faults": 0}


def tell(what, got, want=True):
    """Counts a check, and prints what is wrong."""
    checked["checks"] += 1
    if got != want:
        checked["faults"] += 1
        print(f"FAIL {what}: {got!r}, not {want!r}")


def leave_out(why):
    """Says what can't be tried here. Where all of the system is required, as in `make validate`, that is a fault."""
    print(f"not tried: {why}")
    if os.environ.get("AUDIO_REPORT_REQUIRE_SYSTEM"):
        tell("what can't be tried", why, None)


def sum_up():
    """Prints the counts; true when there was a fault."""
    print(f"\n{checked['checks']} checks, {checked['faults']} faults")
    return checked["faults"] > 0
