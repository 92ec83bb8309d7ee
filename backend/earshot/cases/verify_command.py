"""`earshot verify-filing`: check a proof of filing, on any computer, without a database and without a network."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from earshot.cases import sealing
from earshot.core.errors import EarshotError

_LINE = re.compile(r"^(Date|Case|Salt|Text|Proof): (\S+)\s*$", re.MULTILINE)


class WrongProof(EarshotError):
    """This proof does not hold: it, or the words that it is about, were changed after the report was filed."""


class NoProof(EarshotError):
    """This file is no proof of filing: it must have the lines Date, Case, Salt, Text and Proof."""


def verify_filing(
    proof: Annotated[Path, typer.Argument(help="The proof of filing, as it was saved.")],
    text: Annotated[Path | None, typer.Option(help="The words of the report, in a UTF-8 text file.")] = None,
) -> None:
    """Check that a report was filed on the day that its proof says, and with `--text` that these are its words."""
    found = dict(_LINE.findall(_read(proof)))
    if set(found) != {"Date", "Case", "Salt", "Text", "Proof"}:
        raise NoProof
    if text is not None and found["Text"] not in _hashes(text, found["Salt"]):
        raise WrongProof("These are not the words that the proof is about. Every letter and line end counts.")
    if _expected(found["Case"], found["Date"], found["Text"]) != found["Proof"]:
        raise WrongProof
    about = "These words were" if text is not None else "A report was"
    typer.echo(f"{about} filed on {found['Date']}. The organisation must have the same proof: {found['Proof']}")


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise NoProof(f"{path.name} cannot be read as a UTF-8 text file.") from error


def _hashes(path: Path, salt: str) -> set[str]:
    """Hashes of the text as it is, and without the line ends around it that editors add."""
    text = _read(path).replace("\r\n", "\n")
    try:
        return {sealing.text_hash(sealing.salt_from(salt), one).hex() for one in (text, text.strip())}
    except ValueError:
        raise NoProof from None


def _expected(case: str, day: str, text_hash: str) -> str:
    """The proof over a case, a day and the hash of a text."""
    try:
        return sealing.content_hash(UUID(case), date.fromisoformat(day), bytes.fromhex(text_hash)).hex()
    except ValueError:
        raise NoProof from None
