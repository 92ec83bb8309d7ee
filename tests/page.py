"""A page as a browser without JavaScript holds it."""

from __future__ import annotations

from html.parser import HTMLParser

import httpx


class Page(HTMLParser):
    """What a browser without JavaScript would hold: tags with attributes, form fields and text."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.values: dict[str, str] = {}
        self._area, self.text = "", ""
        self.feed(response.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.tags.append((tag, given))
        if tag == "input" and (given.get("type") not in ("radio", "checkbox") or "checked" in given):
            self.values[given["name"]] = given.get("value", "")
        self._area = given["name"] if tag == "textarea" else ""
        if tag == "textarea":
            self.values[given["name"]] = ""
        if tag == "select":
            self._select = given["name"]
            self.values[given["name"]] = ""
        if tag == "option" and "selected" in given:
            self.values[self._select] = given["value"]

    def handle_endtag(self, tag: str) -> None:
        self._area = ""

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._area:
            self.values[self._area] += data.removeprefix("\n")

    def all(self, tag: str) -> list[dict[str, str]]:
        """The attributes of every such tag."""
        return [given for name, given in self.tags if name == tag]

    @property
    def ids(self) -> list[str]:
        """Every id on the page."""
        return [given["id"] for _, given in self.tags if "id" in given]
