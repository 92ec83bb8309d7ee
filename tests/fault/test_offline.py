"""Promise 20, the servers' side: everything works where nothing but this computer can be reached."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.fault
INSIDE = Path(__file__).with_name("inside_offline.py")


def no_network() -> list[str]:
    """A prefix that runs a command without any network, or nothing where this computer does not allow it."""
    for prefix in (["unshare", "--net"], ["unshare", "--net", "--map-current-user", "--keep-caps"]):
        if subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode == 0:
            return prefix
    return []


PREFIX = no_network()


@pytest.mark.parametrize("how", ["without a network" if PREFIX else "watched, since no network can be taken away here"])
def test_promise_20_the_servers_need_no_address_but_their_own(how: str) -> None:
    """Sends a form, lets the worker read it, signs in and looks at it: inside, any call elsewhere fails."""
    tests = str(Path(__file__).parents[1])
    done = subprocess.run(
        [*PREFIX, sys.executable, str(INSIDE)],
        env={**os.environ, "PYTHONPATH": tests, "OFFLINE": "yes" if PREFIX else "watched"},
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    assert done.returncode == 0, done.stdout[-3_000:] + done.stderr[-5_000:]
    assert "heard offline" in done.stdout
