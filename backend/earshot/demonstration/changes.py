"""What the invented people agreed to change, and what they want to be told of. Pure.

Days are told before the last day, as the stories are: maternity's change began where women began to be listened to.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from uuid import UUID

from earshot.alerts.model import Cadence, Channel, Wish
from earshot.demonstration.stories import BETTER_FOR, MATERNITY, PROVIDER, WARD_7
from earshot.improvement.model import Acted, Cycle, Given, Involved, State
from earshot.signals.model import Kind

WARD_5, OUTPATIENTS, HOSPITAL = "ZZF0111", "ZZF0151", "ZZF01"
ZONE = "Europe/London"
SUBSCRIBED_FOR = timedelta(weeks=8)  # since when they have wanted to be told


@dataclass(frozen=True)
class Tried:
    """A cycle of plan, do, study and act; days before the last day."""

    began: int
    ended: int | None
    plan: str
    did: str
    studied: str
    acted: Acted | None


@dataclass(frozen=True)
class Changed:
    """A change that somebody agreed: who owns it, days before the last day, and what is hoped of which measure."""

    org: str
    title: str
    heard: str
    did: str
    owner: str
    state: State
    agreed: int
    began: int | None = None
    due: int | None = None  # days before the last day; negative in the days to come
    closed: int | None = None
    themes: tuple[str, ...] = ()
    measure: str | None = None
    cycles: tuple[Tried, ...] = ()
    involved: tuple[tuple[int, str, int, str], ...] = ()  # days before, who, how many, how far
    answers_signals: bool = False

    def given(self, owner: UUID, last: date) -> Given:
        """The change as somebody would have typed it."""
        return Given(
            title=self.title,
            what_we_heard=self.heard,
            what_we_did=self.did,
            state=self.state,
            owner_id=owner,
            due_on=_day(last, self.due),
            started_on=_day(last, self.began),
            themes=self.themes,
            measure_id=self.measure,
            wanted=None if self.measure is None else "lower",
            risk_reference="",
            risk_address="",
        )

    def cycle(self, n: int, last: date) -> Cycle:
        """One of its cycles, counted from 1."""
        one = self.cycles[n - 1]
        began = last - timedelta(one.began)
        return Cycle(n, began, _day(last, one.ended), one.plan, one.did, one.studied, one.acted, "")

    def people(self, last: date) -> list[Involved]:
        """Who was involved."""
        return [Involved(last - timedelta(day), who, n, how, "", "") for day, who, n, how in self.involved]


@dataclass(frozen=True)
class Wanted:
    """What one of the invented people wants to be told of, how and when."""

    who: str
    org: str
    cadence: Cadence
    channels: tuple[Channel, ...]
    kinds: tuple[Kind, ...] = ()
    at: time = time(7, 30)
    weekday: int = 1

    def wish(self, places: Mapping[str, UUID]) -> Wish:
        """The subscription as they would have asked for it."""
        return Wish(
            org_id=places[self.org],
            streams=(),
            themes=(),
            kinds=self.kinds,
            least_ratio=None,
            channels=self.channels,
            cadence=self.cadence,
            at_time=self.at,
            weekday=self.weekday,
            month_day=1,
            time_zone=ZONE,
            quiet_from=None if self.cadence == "at_once" else time(20),
            quiet_until=None if self.cadence == "at_once" else time(7),
            weekly_cap=20,
            webhook_url=None,
        )


_BEGAN = BETTER_FOR.days
LISTENING = Changed(
    MATERNITY,
    "Ask every woman on the ward round what matters to her today",
    "Women on the maternity ward told us that they were not listened to. Some said that decisions were made over their "
    "heads, and that nobody asked what they wanted.",
    "Every ward round now begins with one question: what matters to you today? A midwife writes the answer on the "
    "board by the bed, and the next shift reads it first.",
    "manager", "finished", agreed=_BEGAN + 12, began=_BEGAN, due=20, closed=18,
    themes=("Staff listening, understanding & involving patients",), measure="negative_share",
    cycles=(
        Tried(
            _BEGAN, _BEGAN - 13, "Ask the question on two bays for two weeks.", "Asked on 19 of 20 rounds.",
            "The answers were short and easy to act on. Night staff did not know of them.", "adapt",
        ),
        Tried(
            _BEGAN - 13, _BEGAN - 48, "Write the answer on the board, and ask on the whole ward.",
            "Boards by every bed. Night staff read them at handover.", "Fewer women said that nobody had asked them.",
            "adopt",
        ),
    ),
    involved=((_BEGAN + 10, "patients", 6, "co_designed"), (_BEGAN + 10, "nursing", 9, "co_designed")),
)  # fmt: skip
EVENING_ROUND = Changed(
    WARD_7,
    "A second nurse for the evening medicine round",
    "Patients on Ward 7 tell us that pain relief comes late in the evening and that there are too few nurses.",
    "",
    "manager", "under_way", agreed=19, began=16, due=-33,
    themes=("Pain management", "Number & deployment of staff"), measure="negative_share",
    cycles=(
        Tried(16, None, "Move one nurse from the late shift's start to its end on weekdays.", "", "", None),
    ),
    involved=((18, "nursing", 4, "involved"),),
    answers_signals=True,
)  # fmt: skip
CHANGES: tuple[Changed, ...] = (
    LISTENING,
    EVENING_ROUND,
    Changed(
        WARD_5,
        "Quieter bins and doors at night",
        "Older people on Ward 5 tell us that bins and doors wake them.",
        "",
        "manager", "planned", agreed=40, due=6, themes=("Sensory experience",),
    ),
    Changed(
        OUTPATIENTS,
        "Say how long the wait is",
        "People waiting for an appointment told us that nobody says how long it will take.",
        "A board at the desk shows the wait for each clinic. Volunteers tell people who cannot read it.",
        "quality", "finished", agreed=124, began=112, due=20, closed=22, themes=("Timeliness of care",),
        measure="negative_share", involved=((118, "voluntary_sector", 3, "involved"),),
    ),
)  # fmt: skip
WISHES: tuple[Wanted, ...] = (
    Wanted("manager", HOSPITAL, "weekly", ("mail", "in_app")),
    Wanted("manager", HOSPITAL, "at_once", ("mail", "in_app"), ("one_comment",)),
    Wanted("quality", PROVIDER, "daily", ("mail", "in_app", "atom", "calendar"), at=time(7)),
    Wanted("guardian", PROVIDER, "at_once", ("mail", "in_app"), ("one_comment", "co_signal")),
    Wanted("pals", PROVIDER, "weekly", ("mail", "in_app"), at=time(8)),
)


def _day(last: date, before: int | None) -> date | None:
    return None if before is None else last - timedelta(before)
