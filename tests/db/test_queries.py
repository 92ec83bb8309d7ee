"""Every query of the programme, prepared on the migrated database: SQL is checked as early as a type would be."""

from __future__ import annotations

import importlib
import pkgutil

import earshot
from earshot.core.db import QUERIES, STATEMENTS
from house import House


def every_module() -> list[str]:
    """Import all of Earshot except migrations, which only run inside Alembic, so that each query is registered."""
    names = [
        module.name
        for module in pkgutil.walk_packages(earshot.__path__, "earshot.")
        if ".migrations" not in module.name
    ]
    for name in names:
        importlib.import_module(name)
    return names


async def test_every_query_is_valid_and_returns_the_columns_of_its_row_type(house: House) -> None:
    every_module()
    wrong = []
    async with house.owner() as db:
        for query in QUERIES:
            try:
                columns = tuple(attribute.name for attribute in (await db.prepare(query.sql)).get_attributes())
            except Exception as error:
                wrong.append(f"{error}\n{query.sql}")
                continue
            if query.columns is None and len(columns) != 1:
                wrong.append(f"one column expected, got {columns}\n{query.sql}")
            elif query.columns is not None and set(query.columns) != set(columns):
                wrong.append(f"{query.row.__name__} has {query.columns}, the query gives {columns}\n{query.sql}")
    assert not wrong, "\n\n".join(wrong)
    assert QUERIES, "importing the rooms must register their queries"


async def test_every_statement_is_valid(house: House) -> None:
    every_module()
    wrong = []
    async with house.owner() as db:
        for statement in STATEMENTS:
            try:
                await db.prepare(statement.sql)
            except Exception as error:
                wrong.append(f"{error}\n{statement.sql}")
    assert not wrong, "\n\n".join(wrong)
