"""What a person reads when Earshot has started: where it is, who may sign in, and what to try."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from earshot.core.config import Settings
from earshot.demonstration.load import DemonstrationSignIns
from earshot.running.ports import Door


def welcome(
    settings: Settings,
    opened: Sequence[Door],
    sign_ins: DemonstrationSignIns | None,
    report: Callable[[str], None],
    *,
    empty: bool,
) -> None:
    """Say the addresses, the demonstration's sign-ins where they are known, and the next three things to try."""
    public, console, *mailbox = opened
    report("\nEarshot is listening.")
    report(f"  Where people give feedback  {public.address}")
    report(f"  Where staff read it         {console.address}")
    for door in mailbox:
        report(f"  Where its mails arrive      {door.address}")
    if sign_ins is not None:
        report("\nSign in as one of these invented people:")
        for person in sign_ins.people:
            report(f"  {person.email:<24} {person.password:<36} {person.role}: {person.sees}")
            if person.key_passphrase:
                report(f"  {'':<24} {person.key_passphrase:<36} opens the key of this person, for cases")
        if any(person.totp for person in sign_ins.people):
            report(f"  {'':<24} The six-digit code of a second step: {_earshot()} user totp E-MAIL")
        if sign_ins.receipt:
            report(f"\nThe receipt of an invented case, to try at {public.address}/receipt: {sign_ins.receipt}")
    report("\nThree things to try:")
    for number, step in enumerate(_steps(public.address, console.address, demonstration=not empty), 1):
        report(f"  {number}. {step}")
    report(f"\nData and logs are in {settings.home}. Press Ctrl-C to stop.")


def _steps(public: str, console: str, *, demonstration: bool) -> tuple[str, str, str]:
    """What is worth doing first, with the demonstration or in an empty house."""
    earshot = _earshot()
    if demonstration:
        return (
            f"Open {public}, choose a ward and say how it was there.",
            f"Sign in at {console} and see what was heard, where, and what changed.",
            f"Bring in your own comments: {earshot} import FILE --dry-run",
        )
    return (
        f"Load your organisations: {earshot} orgs load FILE",
        f"Add the first person who may sign in: {earshot} user --help",
        f"Bring in the comments that you have: {earshot} import FILE --dry-run",
    )


def _earshot() -> Path:
    """The command that belongs to this installation."""
    return Path(sys.executable).with_name("earshot")
