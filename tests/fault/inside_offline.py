"""Runs inside a network namespace that has no route: starts everything, says something, and reads it in the console.

Where no namespace may be made (OFFLINE=watched), every server process notes the addresses that it opens instead.
"""

from __future__ import annotations

import asyncio
import errno
import fcntl
import os
import socket
import struct
import tempfile
from pathlib import Path

import httpx
import make
from earshot.people.passwords import hash_password
from stack import Stack, new_stack

EMAIL, PASSWORD = "lead@invented.example", "four unrelated words here"
WATCH = """
import sys
def note(event, args):
    here = ("127.", "::1", "localhost", "None")
    named = args[0] if event == "socket.getaddrinfo" else "127."
    called = args[1][0] if event == "socket.connect" and isinstance(args[1], tuple) else "127."
    if not (str(named).startswith(here) and str(called).startswith(here)):
        with open({file!r}, "a") as file:
            print(event, args[:2], file=file)
sys.addaudithook(note)
"""


def loopback_up() -> None:
    """Switch on the namespace's own loopback device: SIOCSIFFLAGS with IFF_UP | IFF_RUNNING (netdevice(7))."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as device:
        fcntl.ioctl(device, 0x8914, struct.pack("16sh14x", b"lo", 0x1 | 0x40))


def nothing_else_is_reachable() -> None:
    """Fails where the world can still be reached, since then nothing would be proved."""
    with socket.socket() as trial:
        trial.settimeout(2)
        if trial.connect_ex(("192.0.2.1", 80)) != errno.ENETUNREACH:
            raise AssertionError("there is a network")


async def say_and_look(stack: Stack) -> None:
    async with stack.owner() as db:
        ward = await make.org(db, code="WARD4")
        token = await make.link(db, org_id=ward)
        roles = {"quality_lead": ward}
        await make.account(db, email=EMAIL, password_hash=hash_password(PASSWORD), roles=roles)
    async with httpx.AsyncClient(base_url=stack.public, timeout=30) as client:
        form = {"audience": "patient", "fft": "1", "why": "The night nurse from Leeds was kind to my mother."}
        assert (await client.post(f"/f/{token}", data=form)).status_code == 303
    await stack.settled(120)
    async with httpx.AsyncClient(base_url=stack.console, timeout=30) as client:
        assert (await client.post("/api/session", json={"email": EMAIL, "password": PASSWORD})).status_code == 200
        found = (await client.get("/api/comments", params={"q": "nurse"})).json()
        assert found["total"] == 1
        assert found["items"][0]["themes"]
        assert (await client.get("/api/overview")).status_code == 200


def main() -> None:
    """Run it all, and say so in the end."""
    with tempfile.TemporaryDirectory() as folder:
        seen = Path(folder) / "seen"
        if os.environ["OFFLINE"] == "yes":
            loopback_up()
            nothing_else_is_reachable()
        else:
            (Path(folder) / "sitecustomize.py").write_text(WATCH.format(file=str(seen)))
            os.environ["PYTHONPATH"] = folder
        with new_stack() as stack:
            for name in ("public", "console", "worker"):
                stack.start(name)
            asyncio.run(say_and_look(stack))
        assert not seen.exists(), seen.read_text()
    print("heard offline")


if __name__ == "__main__":
    main()
