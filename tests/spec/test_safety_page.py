"""The page safety.md shows clinicians what the net for immediate risk hears and what it leaves alone; drift fails.

Write it anew with `python tests/spec/test_safety_page.py`, and read it before you commit it.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from earshot_nlp import bundle
from earshot_nlp.embed import Embedder
from earshot_nlp.safety import RiskNet
from earshot_nlp.safety_model import KINDS
from earshot_nlp.safety_train import Example, examples
from earshot_nlp.types import Safety

pytestmark = pytest.mark.slow

PAGE = Path(__file__).with_name("safety.md")
NAMES = {
    "self_harm": "Harm to oneself",
    "abuse_or_neglect": "Abuse or neglect",
    "person_at_risk": "A child or adult at risk",
    "threat_to_others": "A threat to others",
    "danger_now": "Danger going on now",
    "retaliation": "Made to suffer for speaking up",
}
OPENING = """# What the net for immediate risk hears

Earshot looks in every comment for signs that somebody may be in danger. It can be wrong both ways, so a person reads
every comment that it marks, and some of those that it does not mark. A mark never goes away until a person has looked.

These comments were written for this page and were kept aside: nothing was trained on them. **Bold** words are those
that told. "Missed" and "false alarm" are real mistakes, shown so that you know what to expect.
"""


def line(one: Example, found: Safety) -> str:
    """One row of a table: the comment with its evidence marked, and what became of it."""
    text = one.text
    if found.flag:
        start, end = found.kinds[0].evidence
        text = f"{text[:start]}**{text[start:end].strip()}**{text[end:]}"
    told = ", ".join(NAMES[kind.kind].lower() for kind in found.kinds)
    verdict = (
        "missed" if one.kinds and not found.flag else "false alarm: " + told if found.flag and not one.kinds else told
    )
    return f"| {one.audience} | {text} | {verdict or 'left alone'} |"


SETS = {
    "held_out": "Written first, to build the net",
    "fresh": "Written later by somebody who had not seen its phrases, to test the finished net",
}
HEARD = "{name}: {heard} of {risky} comments that tell of risk were heard, and {false} of {calm} comments that were \
written to mislead it were false alarms."

PROSE = "Vivid but harmless writing, not shown here: {marked} of {all} comments were false alarms."


def counted(name: str, held_out: list[Example], found: list[Safety]) -> str:
    """One sentence about a set of comments."""
    risky = [flag.flag for one, flag in zip(held_out, found, strict=True) if one.kinds]
    calm = [flag.flag for one, flag in zip(held_out, found, strict=True) if not one.kinds]
    return HEARD.format(name=name, heard=sum(risky), risky=len(risky), false=sum(calm), calm=len(calm))


def page() -> str:
    """The page as it is now."""
    net = RiskNet.load(Embedder(threads=2))
    parts, held_out, found = [OPENING], list[Example](), list[Safety]()
    for name, words in SETS.items():
        some = examples(bundle.safety_examples(name))
        heard = net.read([one.text for one in some])
        parts.append(f"- {counted(words, some, heard)}")
        held_out += some
        found += heard
    prose = net.read([one.text for one in examples(bundle.safety_examples("prose"))])
    parts.append(f"- {PROSE.format(marked=sum(one.flag for one in prose), all=len(prose))}\n")
    for kind in (*KINDS, ""):
        parts.append(f"## {NAMES.get(kind, 'Not a risk')}\n\n| who | comment | what Earshot heard |\n|---|---|---|")
        rows = [
            line(one, flag)
            for one, flag in zip(held_out, found, strict=True)
            if (one.kinds[0] if one.kinds else "") == kind
        ]
        parts.append("\n".join(rows) + "\n")
    return "\n".join(parts)


def test_the_page_shows_what_the_net_hears_today() -> None:
    assert PAGE.read_text(encoding="utf-8") == page()


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
