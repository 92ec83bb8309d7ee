"""The one table of roles: room by room, what there is to do and which roles may do it. Pure.

`earshot roles` prints it as `deploy/roles.md`, and tests try every route with every role against it. Behind it,
row-level security decides which rows a permitted person gets: by subtree, by stream and by case.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What somebody is here for."""

    ADMINISTRATOR = "administrator"
    GUARDIAN = "guardian"
    PALS = "pals"
    MANAGER = "manager"
    QUALITY_LEAD = "quality_lead"
    ANALYST = "analyst"


class Stream(StrEnum):
    """Who spoke."""

    PATIENT = "patient"
    CARER = "carer"
    STAFF = "staff"


#: Whose comments a role reads.
STREAMS: dict[Role, frozenset[Stream]] = {
    Role.ADMINISTRATOR: frozenset({Stream.PATIENT, Stream.CARER}),
    Role.GUARDIAN: frozenset(Stream),
    Role.PALS: frozenset({Stream.PATIENT, Stream.CARER}),
    Role.MANAGER: frozenset({Stream.PATIENT, Stream.CARER}),
    Role.QUALITY_LEAD: frozenset(Stream),
    Role.ANALYST: frozenset({Stream.PATIENT, Stream.CARER}),
}
#: Roles that see or decide so much that a password alone does not let them in, and that two people give.
TWO_FACTORS: frozenset[Role] = frozenset({Role.ADMINISTRATOR, Role.GUARDIAN, Role.PALS})
#: Whose cases a role handles: it holds keys to them. Every other role handles none.
HANDLES: dict[Role, frozenset[Stream]] = {
    Role.GUARDIAN: frozenset(Stream),
    Role.PALS: frozenset({Stream.PATIENT, Stream.CARER}),
}


@dataclass(frozen=True)
class Action:
    """Something to do in a room, in words, and the roles that may do it."""

    name: str
    room: str
    does: str
    roles: frozenset[Role]


def _action(name: str, room: str, does: str, *roles: Role) -> Action:
    return Action(name, room, does, frozenset(roles))


_A, _G, _P = Role.ADMINISTRATOR, Role.GUARDIAN, Role.PALS
_M, _Q, _N = Role.MANAGER, Role.QUALITY_LEAD, Role.ANALYST
MATRIX: tuple[Action, ...] = (
    _action("account", "people", "see and change one's own sign-in and sessions", *Role),
    _action("people", "people", "invite people, give and take roles, close accounts", _A),
    _action("second_look", "people", "agree to a change that needs two people, or refuse it", _A, _G, _P),
    _action("comments", "analysis", "read de-identified comments of the streams below", *Role),
    _action("review", "analysis", "correct what Earshot heard, and look at what it could not read", _G, _P, _M, _Q),
    _action("learn", "analysis", "let Earshot learn from corrections, and go back", _A, _Q),
    _action("discover", "analysis", "look for themes that no framework names", _A, _Q, _N),
    _action("export", "analysis", "take comments out as a file", _A, _Q, _N),
    _action("import", "intake", "read files of comments in", _A, _Q),
    _action("forms", "intake", "make links, posters and forms", _A, _M, _Q),
    _action("measures", "measures", "see counts and charts", *Role),
    _action("themes", "measures", "see themes", *Role),
    _action("signals", "signals", "see warnings and what speaks for them", *Role),
    _action("triage", "signals", "take warnings on, and close them", _G, _P, _M, _Q),
    _action("budget", "signals", "set how many false alarms are borne", _A, _Q),
    _action("signals_of_few", "signals", "see warnings with fewer than five members of staff behind them", _G),
    _action("cases", "cases", "read and answer cases, with a key of one's own", _G, _P),
    _action("keys", "cases", "hold a key pair, and be one of two who open a case in an emergency", _A, _G, _P),
    _action("escrow", "cases", "name the two people who together open a case that nobody else can", _A),
    _action(
        "returns", "cases", "see returns, small numbers hidden, and type in what Earshot cannot know", _A, _G, _P, _Q
    ),
    _action("return_speak_up", "cases", "see the speak-up return", _G, _Q),
    _action("return_speak_up_send", "cases", "see its exact numbers, and note it as sent", _G),
    _action("return_fft", "cases", "see the Friends and Family Test return", _A, _Q),
    _action("return_fft_send", "cases", "see its exact numbers, and note it as sent", _A, _Q),
    _action("return_complaints", "cases", "see the return of written complaints", _A, _P, _Q),
    _action("return_complaints_send", "cases", "see its exact numbers, and note it as sent", _A, _P, _Q),
    _action("subscribe", "alerts", "be told of warnings, and when and how", *Role),
    _action("watching", "alerts", "see who is told of what, and which places nobody watches", _A, _G, _M, _Q),
    _action("escalation", "alerts", "say who is told when nobody answers an urgent warning", _A, _Q),
    _action("improvements", "improvement", "see what is being changed, and whether it helped", *Role),
    _action("improve", "improvement", "agree changes, and write down what was done", _G, _P, _M, _Q),
    _action("post", "digests", "see which mails wait, were refused or came back", _A, _Q),
    _action("quality", "dashboards", "see quality dashboards, small numbers hidden", *Role),
    _action("publish", "publishing", "let something onto the public page, and take it back", _P, _Q),
    _action("reports", "publishing", "make a quality report, and read earlier ones", _A, _Q, _N),
    _action("feeds", "publishing", "give other programmes a key to counts", _A, _Q),
    _action("work", "admin", "watch background work, and start it again", _A, _Q),
    _action("audit", "admin", "see who did what, without anybody's words", _A),
    _action("retention", "admin", "see what is kept how long, erase, and stop an erasure", _A),
)
ACTIONS: dict[Role, frozenset[str]] = {
    role: frozenset(action.name for action in MATRIX if role in action.roles) for role in Role
}
