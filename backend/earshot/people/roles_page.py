"""The page of `deploy/roles.md`: the matrix of roles as people read it. Pure."""

from __future__ import annotations

from itertools import groupby

from earshot.people.matrix import HANDLES, MATRIX, STREAMS, Action, Role, Stream

_NAMES: dict[Role, str] = {
    Role.ADMINISTRATOR: "administrator",
    Role.GUARDIAN: "guardian",
    Role.PALS: "PALS",
    Role.MANAGER: "manager",
    Role.QUALITY_LEAD: "quality lead",
    Role.ANALYST: "analyst",
}
_TOP = """\
# Who may do what

Made by `earshot roles` from the one table in `backend/earshot/people/matrix.py`; a test holds this page to it, and
another tries every route of the console with every role. A role is given over one organisation and all below it. Where
somebody has several roles, each allows what it allows; of comments and cases they see only what all of them may see.

What a role does not allow is answered with 403. Something of another organisation is answered with 404, exactly like
something that does not exist. Behind the routes, the database itself shows nobody a row outside their organisations,
their streams and their cases.
"""


def roles_page() -> str:
    """The whole page, in Markdown."""
    return "\n".join([_TOP, *_streams(), "", *_actions()]) + "\n"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _head(*cells: str) -> list[str]:
    return [_row(*cells), _row(*("---" for _ in cells))]


def _streams() -> list[str]:
    """Whose comments a role reads, and whose cases it handles."""

    def words(streams: frozenset[Stream]) -> str:
        return ", ".join(stream.value for stream in Stream if stream in streams) or "none"

    rows = [_row(_NAMES[role], words(STREAMS[role]), words(HANDLES.get(role, frozenset()))) for role in Role]
    return ["## Whose words", "", *_head("role", "comments of", "cases of (with a key of their own)"), *rows]


def _actions() -> list[str]:
    """One table for each room."""
    lines = ["## What to do, room by room"]
    for room, actions in groupby(MATRIX, key=lambda action: action.room):
        lines += ["", f"### {room}", "", *_head("action", "may", *(_NAMES[role] for role in Role))]
        lines += [_row(f"`{action.name}`", action.does, *(_mark(action, role) for role in Role)) for action in actions]
    return lines


def _mark(action: Action, role: Role) -> str:
    return "yes" if role in action.roles else "–"
