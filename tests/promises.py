"""Which promise is kept by which test: `python tests/promises.py` prints the list.

A test that keeps a promise carries its number in its name: `test_promise_03_…`.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path

TESTS = Path(__file__).parent

KEPT = {
    1: "A submission that was acknowledged survives kill -9 of the web process.",
    2: "… and a crash of Postgres: senders see 503, never a false success, and the same process recovers.",
    3: "Sending again with the same Idempotency-Key never counts twice; the same key with another body is refused.",
    4: "Disk full: writes are refused with 503, reads work, no restart is needed, nothing acknowledged is lost.",
    5: "A submission and its work are one transaction.",
    6: "A worker killed in the middle of a job: every effect appears exactly once.",
    7: "A database that crashes in the middle of a job: the job is tried again, never dropped.",
    9: "A mail server that is down, slow or busy: mails wait, are tried again, and go once, under the same Message-ID.",
    10: "One digest for each person and period, though two schedulers run and a worker dies after DATA.",
    11: "A daily job at half past one runs once on both days on which clocks change.",
    12: "Two hosts that migrate at once both succeed, and the migration happens once.",
    15: "No address, user agent or referrer of a respondent is in the database, in a log or in a dump.",
    16: "No free text, name or e-mail is in a log, also when something fails.",
    17: "A receipt is in no address, no referrer, no history and no title.",
    18: "Speaking up sets no cookie and stores nothing; what could not be sent waits in memory as ciphertext.",
    19: "The form works with JavaScript off.",
    20: "No request leaves our own address: not from the browser, not from the server.",
    21: "A receipt has at least 112 bits, from the system's generator.",
    22: "Right, wrong, expired and erased receipts get answers that are equal in status, length and time.",
    23: "Ten thousand guesses from many addresses are slowed down, and the honest holder gets in within a minute.",
    24: "Slowing down keeps only a keyed hash of a network; its key changes each day and is erased with the hashes.",
    25: "A stolen database and disk without the keys give no text as it was sent and no contact details.",
    26: "The length of a ciphertext hides the length of a text to 256 bytes.",
    27: "Where keys are missing the form says that it is closed, and nothing is kept.",
    28: "Staff see days, never hours, and no order of arrival.",
    29: "Mails about speaking up say nothing, and have the same size and hour whether or not anything came.",
    30: "After its time a case is gone with everything derived from it, and old keys are destroyed.",
    31: "An erased comment is gone from counts, published or not, from discovered themes and the next look for them.",
    32: "No number of one to four people is shown, nor can it be worked out from others.",
    34: "Whatever somebody may do, what belongs to others is answered exactly like what does not exist.",
    35: "Even a mistake in the application cannot cross from one trust to another.",
    36: "Managers read themes, and no word of a guardian's case, whatever they ask for.",
    37: "A case opens with a handler's key; an administrator cannot read it; breaking the glass needs two people.",
    38: "Roles that see much need two factors; a code works once, and a passkey's answer cannot be played back.",
    39: "Passwords have 15 characters or more, no rules of composition, and are not common; 64 and more are allowed.",
    40: "A session has a new id at each sign-in; ends when idle or old; at once by sign-out, new password or closing.",
    41: "Single sign-on: state, nonce, PKCE, issuer, audience are checked; nothing is played back; no e-mail decides.",
    42: "Posts from other sites are refused.",
    43: "The audit trail is only added to; an edit or a removal of one line is found, whoever made it.",
    44: "Two guardians at one case never lose each other's work.",
    45: "Two hundred hostile texts run nowhere: in the console, public pages, mails, feeds, tables or reports.",
    46: "Nothing that somebody wrote runs as a formula in a sheet that leaves the house.",
    48: "Hundreds of slow senders are cut off, and others are answered meanwhile.",
    50: "The programming interface answers as its document says, for every role, whatever is sent.",
    51: "Security headers are on every answer, also on 404 and 500.",
}


def tests_by_promise() -> dict[int, list[str]]:
    """The names of the tests of each promise, read from the source without running it."""
    found: dict[int, list[str]] = {}
    for path in sorted(TESTS.rglob("test_*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                match = re.match(r"test_promise_(\d+)_", node.name)
                if match:
                    found.setdefault(int(match[1]), []).append(f"{path.relative_to(TESTS)}::{node.name}")
    return found


def main() -> None:
    """Print each promise and its tests."""
    found = tests_by_promise()
    for number, promise in KEPT.items():
        print(f"{number:>2}. {promise}")
        for name in found.get(number, ["no test yet"]):
            print(f"      {name}")


if __name__ == "__main__":
    main()
