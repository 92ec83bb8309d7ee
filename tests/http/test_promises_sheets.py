"""Promise 46: nothing that somebody wrote runs as a formula, whichever sheet it leaves the house in.

Every file is opened by two other programs: openpyxl reads it as it is, and LibreOffice, which works formulas out and
takes text for one where it can, writes it anew.
"""

from __future__ import annotations

import asyncio
import csv
import io
import shutil
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from uuid import UUID, uuid4
from zipfile import ZipFile

import make
import openpyxl  # type: ignore[import-untyped]
import pytest
from conftest import SignIn
from earshot.analysis import export
from earshot.analysis.browse import Read
from earshot.cases import returns_file
from earshot.cases.returns import fill
from earshot.cases.returns_pack import packs
from earshot.cases.returns_period import period_of
from earshot.improvement import register
from earshot.improvement.model import Action
from earshot.publishing import feed_files, open_data
from earshot.publishing.feed_store import Row
from earshot.publishing.model import Number, Proof
from earshot.publishing.pages import Item
from earshot.publishing.report_sheets import xlsx
from earshot.publishing.report_slides import pptx
from house import House
from report_sample import HOSTILE, edition

pytestmark = pytest.mark.slow

DAY = date(2026, 3, 2)
BACKEND = Path(__file__).parents[2] / "backend/earshot"
#: How LibreOffice reads a CSV here: comma, quotes, UTF-8, and text that looks like a formula is one.
READ_CSV = "CSV:44,34,76,1,,0,false,true,false,false,false,-1,true"


def comments(kind: export.Kind) -> bytes:
    return export.render(
        [
            Read(
                UUID(int=1), UUID(int=1), word, word, word, word, DAY, 2, word, 4, 0.9, False, [],
                [{"theme": word, "by_person": False, "p": 0.7}], [], None, None, [], None, word, False, None,
            )
            for word in HOSTILE
        ],
        kind,
    )  # fmt: skip


def returned(kind: export.Kind) -> bytes:
    pack = packs()["ko41a"]
    units = [(f"w{place}", word) for place, word in enumerate(HOSTILE)]
    filled = fill(pack, [], {}, units)
    file = returns_file.ReturnFile(
        filled, HOSTILE[0], HOSTILE[3], period_of(pack.period, pack.first), frozenset(), True
    )
    return returns_file.render(file, kind)


def risk_register() -> bytes:
    actions = [
        Action(
            uuid4(), uuid4(), word, ["patient"], word, word, word, "planned", None, word, None, None, None, [word],
            None, None, word, word, 1, word, DAY, None, None, word, None, 0, 0,
        )
        for word in HOSTILE
    ]  # fmt: skip
    return register.render(actions, DAY)


def public_table() -> bytes:
    items = [
        Item(
            uuid4(), 1, word, word, word, word, word, word, word, (Number(DAY, DAY, 15, 120),), DAY,
            Proof("unproven", word, 0.05), DAY, word,
        )
        for word in HOSTILE
    ]  # fmt: skip
    return open_data.table(items)


def counts() -> bytes:
    return feed_files.csv_of(
        [Row(uuid4(), word, word, DAY, word, word, word, 5, word, DAY) for word in HOSTILE], "week"
    )


def charts() -> dict[str, bytes]:
    """The workbooks behind the charts of the slides."""
    with ZipFile(io.BytesIO(pptx(edition(hostile=True)))) as parts:
        return {Path(name).name: parts.read(name) for name in parts.namelist() if name.endswith(".xlsx")}


#: Every writer of sheets, by the module that it lies in.
WRITERS: Mapping[str, Mapping[str, Callable[[], bytes]]] = {
    "analysis/export.py": {
        "comments.csv": lambda: comments(export.Kind.CSV),
        "comments.xlsx": lambda: comments(export.Kind.XLSX),
    },
    "cases/returns_file.py": {
        "return.csv": lambda: returned(export.Kind.CSV),
        "return.xlsx": lambda: returned(export.Kind.XLSX),
    },
    "improvement/register.py": {"register.csv": risk_register},
    "publishing/open_data.py": {"open-data.csv": public_table},
    "publishing/feed_files.py": {"counts.csv": counts},
    "publishing/report_sheets.py": {"report.xlsx": lambda: xlsx(edition(hostile=True))},
    "intake/imports_routes.py": {},  # asked of the door itself, below
}


async def import_report(house: House, signed_in: SignIn) -> bytes:
    """What was not imported, with a column that the sender named."""
    async with house.owner() as db:
        org = await make.org(db, code="INV")
        batch = await make.import_batch(db, org_id=org)
        row = (
            "INSERT INTO import_row (import_id, line, outcome, field, reason, org_id)"
            " VALUES ($1, $2, 'refused', $3, $3, $4)"
        )
        await db.executemany(row, [(batch, place, word, org) for place, word in enumerate(HOSTILE, start=10)])
    answer = await (await signed_in("quality_lead", org)).get(f"/api/imports/{batch}/report.csv")
    assert answer.status_code == 200
    return answer.content


async def written_anew(folder: Path, names: list[str], *options: str) -> None:
    """Let LibreOffice open files and write them as workbooks into the folder `anew`."""
    program = shutil.which("soffice")
    assert program is not None, "this test needs Debian's libreoffice-calc-nogui"
    profile = f"-env:UserInstallation=file://{folder}/profile"
    done = await asyncio.create_subprocess_exec(
        program, profile, "--headless", *options, "--convert-to", "xlsx", "--outdir", folder / "anew", *names,
        cwd=folder, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    assert await asyncio.wait_for(done.wait(), 120) == 0


def formulas(path: Path) -> list[str]:
    """The cells of a workbook that are formulas."""
    book = openpyxl.load_workbook(path)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    return [f"{path.name} {cell.coordinate}: {cell.value!r}" for cell in cells if cell.data_type == "f"]


def words(path: Path) -> str:
    book = openpyxl.load_workbook(path)
    return " ".join(str(value) for sheet in book for row in sheet.iter_rows(values_only=True) for value in row if value)


def test_promise_46_no_writer_of_sheets_is_forgotten() -> None:
    writes = ("csv.writer(", "xlsxwriter.Workbook(", "DictWriter(", "openpyxl", "to_csv(", "to_excel(")
    found = {
        str(path.relative_to(BACKEND))
        for path in BACKEND.rglob("*.py")
        if any(word in path.read_text(encoding="utf-8") for word in writes)
    }
    assert found == set(WRITERS)


async def test_promise_46_what_somebody_wrote_is_inert_in_every_csv_and_workbook(
    house: House, signed_in: SignIn, tmp_path: Path
) -> None:
    files = {name: write() for made in WRITERS.values() for name, write in made.items()}
    files |= {"import.csv": await import_report(house, signed_in), **charts()}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "planted.csv").write_text("a\n=1+1\n")  # what would happen without care

    sheets = [name for name in files if name.endswith(".csv")]
    books = [name for name in files if name.endswith(".xlsx")]
    for name in sheets:
        told = io.StringIO((tmp_path / name).read_text(encoding="utf-8-sig"), newline="")
        risky = [
            cell for line in csv.reader(told) for cell in line if cell.startswith(("=", "+", "-", "@", "\t", "\r"))
        ]
        assert risky == [], name
    assert [wrong for name in books for wrong in formulas(tmp_path / name)] == []

    (tmp_path / "csv").mkdir()
    for name in [*sheets, "planted.csv"]:
        shutil.copy(tmp_path / name, tmp_path / "csv" / f"{Path(name).stem}-csv.csv")
    await written_anew(
        tmp_path, [f"csv/{Path(name).stem}-csv.csv" for name in [*sheets, "planted.csv"]], f"--infilter={READ_CSV}"
    )
    await written_anew(tmp_path, books)
    anew = {path.name: path for path in (tmp_path / "anew").iterdir()}
    assert set(anew) == {f"{Path(name).stem}-csv.xlsx" for name in [*sheets, "planted.csv"]} | set(books)
    assert formulas(anew.pop("planted-csv.xlsx")), "LibreOffice would have run it: the check can fail"
    assert [wrong for path in anew.values() for wrong in formulas(path)] == []
    for name, path in anew.items():
        assert name.startswith("Microsoft_Excel") or "HYPERLINK" in words(path), f"{name} kept what was written"
