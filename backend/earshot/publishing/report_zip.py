"""Office files that are the same bytes for the same content: what a zip says of when it was packed is taken out."""

from __future__ import annotations

import io
import re
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

_FIRST = (1980, 1, 1, 0, 0, 0)  # the earliest moment that a zip can name
_MOMENT = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(<)")


def frozen(packed: bytes, moment: str) -> bytes:
    """An Office file packed anew: parts in their order, without clock times; workbooks inside it too.

    `moment` (ISO 8601, such as 2026-11-22T00:00:00Z) is what it says of when it was made.
    """
    out = io.BytesIO()
    with ZipFile(io.BytesIO(packed)) as source, ZipFile(out, "w", ZIP_DEFLATED) as target:
        for name in sorted(source.namelist(), key=lambda one: (one != "[Content_Types].xml", one)):
            part = source.read(name)
            if name.endswith(".xlsx"):
                part = frozen(part, moment)
            elif name == "docProps/core.xml":
                part = _MOMENT.sub(rb"\g<1>" + moment.encode() + rb"\g<2>", part)
            target.writestr(ZipInfo(name, _FIRST), part, ZIP_DEFLATED, 6)
    return out.getvalue()
