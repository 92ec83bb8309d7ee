"""What of PDF/UA-1 (ISO 14289-1) a machine can check, by the points of the Matterhorn protocol 1.1.

The usual checker (veraPDF) needs Java and is not at hand, so this is one of our own, over pikepdf. It looks at what is
told here and no more: whether an alternative text says the right thing, only a person can tell.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import pikepdf

_NONE: Any = {}
_instructions: Any = pikepdf.parse_content_stream
_PAINTS = {"Tj", "TJ", "'", '"', "f", "F", "f*", "B", "B*", "b", "b*", "S", "s", "Do", "sh", "INLINE IMAGE"}
_HEADINGS = {f"/H{level}": level for level in range(1, 7)}
_STANDARD = {
    *(
        "Document",
        "Part",
        "Art",
        "Sect",
        "Div",
        "BlockQuote",
        "Caption",
        "TOC",
        "TOCI",
        "Index",
        "NonStruct",
        "Private",
    ),
    *("P", "H", "H1", "H2", "H3", "H4", "H5", "H6", "L", "LI", "Lbl", "LBody", "Table", "TR", "TH", "TD", "THead"),
    *("TBody", "TFoot", "Span", "Quote", "Note", "Reference", "BibEntry", "Code", "Link", "Annot", "Figure", "Formula"),
    "Form",
}


@dataclass
class Checked:
    """What was found wrong, each with its Matterhorn checkpoint."""

    pdf: Any
    wrong: list[str] = field(default_factory=list)

    def want(self, holds: object, point: str) -> None:
        """Note a point that does not hold."""
        if not holds:
            self.wrong.append(point)


def problems(pdf: pikepdf.Pdf) -> list[str]:
    """Every point that does not hold; empty for a document that passes."""
    found = Checked(pdf)
    _document(found)
    elements = list(_elements(pdf.Root.get("/StructTreeRoot"), None))
    _roles(found, elements)
    _headings(found, elements)
    _figures(found, elements)
    _tables(found, elements)
    _content(found, elements)
    _links(found)
    _fonts(found)
    return found.wrong


def _document(found: Checked) -> None:
    root = found.pdf.Root
    with found.pdf.open_metadata() as told:
        found.want(told.get("pdfuaid:part") == "1", "06-002 the metadata say PDF/UA-1")
        found.want(told.get("dc:title"), "06-003 the metadata have a title")
    found.want(root.get("/ViewerPreferences", _NONE).get("/DisplayDocTitle"), "07-002 the title is shown")
    found.want(root.get("/MarkInfo", _NONE).get("/Marked"), "01-001 the document is tagged")
    found.want(not root.get("/MarkInfo", _NONE).get("/Suspects"), "01-007 no tag is a suspect")
    found.want("/StructTreeRoot" in root, "01-005 there is a structure tree")
    found.want(str(root.get("/Lang", "")), "11-001 there is a language")
    found.want("/Outlines" in root, "there are bookmarks")
    found.want(not found.pdf.is_encrypted, "26-001 nothing is encrypted")
    found.want("/JavaScript" not in root.get("/Names", _NONE), "there is no script")


@dataclass(frozen=True)
class Element:
    """An element of the structure, its standard type, and the one above it."""

    node: Any
    role: str
    above: Element | None

    @property
    def children(self) -> list[Any]:
        """Whatever lies in it."""
        kids = self.node.get("/K", [])
        return list(kids) if isinstance(kids, pikepdf.Array) else [kids]

    def attribute(self, name: str) -> Any:
        """An attribute of it, by whatever owner."""
        given = self.node.get("/A", [])
        for one in given if isinstance(given, pikepdf.Array) else [given]:
            if isinstance(one, pikepdf.Dictionary) and name in one:
                return one[name]
        return None


def _elements(node: Any, above: Element | None, roles: Any = None) -> Iterator[Element]:
    if node is None:
        return
    roles = node.get("/RoleMap", _NONE) if roles is None else roles
    here = above
    if "/S" in node:
        role = node["/S"]
        while str(role) in roles:
            role = roles[str(role)]
        here = Element(node, str(role), above)
        yield here
    kids = node.get("/K", [])
    for kid in kids if isinstance(kids, pikepdf.Array) else [kids]:
        if isinstance(kid, pikepdf.Dictionary) and ("/S" in kid):
            yield from _elements(kid, here, roles)


def _roles(found: Checked, elements: list[Element]) -> None:
    found.want(elements and elements[0].role == "/Document", "the tree begins with a document")
    for one in elements:
        found.want(one.role.removeprefix("/") in _STANDARD, f"02-001 {one.role} stands for a standard type")
        if one.role == "/LI":
            found.want(one.above is not None and one.above.role == "/L", "09-005 an item lies in a list")
        if one.role == "/TR":
            held = {"/Table", "/THead", "/TBody", "/TFoot"}
            found.want(one.above is not None and one.above.role in held, "09-004 a row lies in a table")


def _headings(found: Checked, elements: list[Element]) -> None:
    levels = [_HEADINGS[one.role] for one in elements if one.role in _HEADINGS]
    found.want(levels[:1] == [1], "14-002 the first heading is of the first level")
    for before, after in pairwise(levels):
        found.want(after <= before + 1, f"14-003 no level is left out: {before} to {after}")


def _figures(found: Checked, elements: list[Element]) -> None:
    for one in elements:
        if one.role in ("/Figure", "/Formula"):
            found.want(len(str(one.node.get("/Alt", "")).strip()) > 10, "13-004 a figure has an alternative text")


def _tables(found: Checked, elements: list[Element]) -> None:
    for table in (one for one in elements if one.role == "/Table"):
        inside = [one for one in elements if _within(one, table)]
        heads = [one for one in inside if one.role == "/TH"]
        found.want(heads, "15-002 a table has headings")
        for head in heads:
            found.want(str(head.attribute("/Scope")) in ("/Column", "/Row", "/Both"), "15-003 a heading has a scope")
        widths = {
            sum(
                int(cell.attribute("/ColSpan") or 1)
                for cell in inside
                if cell.above is row and cell.role in ("/TH", "/TD")
            )
            for row in inside
            if row.role == "/TR"
        }
        found.want(len(widths) == 1, f"09-004 every row of a table is as wide as the others: {widths}")


def _within(one: Element, table: Element) -> bool:
    above = one.above
    while above is not None and above is not table:
        above = above.above
    return above is table


def _content(found: Checked, elements: list[Element]) -> None:
    tagged = {(page.objgen, number) for one in elements for page, number in _marked(one)}
    for page in found.pdf.pages:
        depth, seen = 0, set()
        opened: list[bool] = []
        for operands, operator in _instructions(page):
            name = str(operator)
            if name in ("BDC", "BMC"):
                properties = operands[1] if len(operands) > 1 else {}
                number: Any = properties.get("/MCID") if isinstance(properties, pikepdf.Dictionary) else None
                artifact = str(operands[0]) == "/Artifact"
                found.want(not (artifact and number is not None), "01-003 an artifact is not tagged")
                opened.append(artifact or number is not None)
                if number is not None:
                    seen.add(int(number))
            elif name == "EMC":
                opened.pop()
            depth = sum(opened)
            if name in _PAINTS:
                found.want(depth, f"01-004 what is painted is tagged or an artifact: {name}")
        for number in seen:
            found.want((page.obj.objgen, number) in tagged, "01-006 what is marked stands in the structure")
        found.want(not seen or "/StructParents" in page.obj, "a page leads to the structure")


def _marked(one: Element) -> Iterator[tuple[Any, int]]:
    for kid in one.children:
        if isinstance(kid, int) and "/Pg" in one.node:
            yield one.node["/Pg"], int(kid)
        elif isinstance(kid, pikepdf.Dictionary) and kid.get("/Type") == "/MCR":
            yield kid.get("/Pg", one.node.get("/Pg")), int(kid["/MCID"])


def _links(found: Checked) -> None:
    for page in found.pdf.pages:
        notes: Any = page.obj.get("/Annots", [])
        if len(notes):
            found.want(page.obj.get("/Tabs") == "/S", "28-009 the order of tabs follows the structure")
        for note in notes:
            found.want("/StructParent" in note, "28-010 a link stands in the structure")
            found.want(str(note.get("/Contents", "")).strip(), "28-012 a link says where it leads")


def _fonts(found: Checked) -> None:
    for one in found.pdf.objects:
        if isinstance(one, pikepdf.Dictionary) and one.get("/Type") == "/Font":
            inner = one["/DescendantFonts"][0] if "/DescendantFonts" in one else one
            told = inner.get("/FontDescriptor", _NONE)
            kept = any(name in told for name in ("/FontFile", "/FontFile2", "/FontFile3"))
            found.want(kept or one.get("/Subtype") == "/Type3", "31-001 every font is embedded")
            if one.get("/Subtype") == "/Type0":
                found.want("/ToUnicode" in one, "31-027 every letter can be read out")
