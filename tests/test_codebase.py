"""The rules of the house, kept by tests: who may import whom, what is documented, what never enters the repository."""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from statistics import quantiles

import promises
import pytest
from earshot.core.config import Settings

ROOT = Path(__file__).parent.parent
BACKEND = ROOT / "backend" / "earshot"
NLP = ROOT / "nlp" / "earshot_nlp"
SOURCES = sorted([*BACKEND.rglob("*.py"), *NLP.rglob("*.py")])
LOCKS = [ROOT / "deploy" / "requirements.lock", ROOT / "tests" / "requirements.lock"]
#: Modules that reach outside the process: none of them has a place where a rule should be pure.
INPUT_AND_OUTPUT = {
    *("asyncio", "asyncpg", "fastapi", "http", "httpx", "os", "pathlib", "pgqueuer", "requests", "shutil", "socket"),
    *("sqlite3", "starlette", "subprocess", "tempfile", "threading", "typer", "urllib.request"),
}


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def imports(path: Path) -> set[str]:
    """Every module that a file imports, by its full name, wherever in the file that happens."""
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
    return found


def uses(path: Path, package: str) -> bool:
    """Whether a file imports `package` or anything inside it."""
    return any(name == package or name.startswith(package + ".") for name in imports(path))


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def tracked() -> list[Path]:
    """The files of the repository; where there is no git, all files except what tools and builds leave."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode == 0 and listed.stdout:
        return [ROOT / part for part in listed.stdout.decode().split("\0") if part and (ROOT / part).is_file()]
    left_out = {".venv", "node_modules", "dist", "web", "out", "__pycache__", ".git"}
    return [path for path in ROOT.rglob("*") if path.is_file() and not left_out & set(path.relative_to(ROOT).parts)]


def texts() -> Iterator[tuple[Path, str]]:
    for path in tracked():
        try:
            yield path, path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue


def test_rooms_import_downwards_only() -> None:
    done = subprocess.run([ROOT / ".venv/bin/lint-imports", "--no-cache"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_the_import_contract_knows_every_room() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    known = {part.strip(" ()").removeprefix("earshot.") for layer in layers for part in layer.split(":")}
    rooms = {path.parent.name for path in BACKEND.glob("*/__init__.py")} | {path.stem for path in BACKEND.glob("*.py")}
    assert rooms - known - {"__init__"} == set()


def test_the_language_library_imports_nothing_of_ours_and_no_server() -> None:
    foreign = (
        "earshot",
        "asyncpg",
        "fastapi",
        "httpx",
        "starlette",
        "pgqueuer",
        "requests",
        "socket",
        "urllib.request",
    )
    assert [(name(path), package) for path in NLP.rglob("*.py") for package in foreign if uses(path, package)] == []


def test_few_places_know_the_language_library() -> None:
    knowing = {
        name(path).removeprefix("backend/earshot/") for path in BACKEND.rglob("*.py") if uses(path, "earshot_nlp")
    }
    allowed = {"analysis/reading.py", "analysis/stages.py"}
    assert {place for place in knowing if not place.startswith("bench")} <= allowed


def test_only_clusters_knows_bertopic_and_the_bench_that_compares_with_it() -> None:
    allowed = {"nlp/earshot_nlp/clusters.py", "backend/earshot/bench/themes.py"}
    assert {name(path) for path in SOURCES if uses(path, "bertopic")} <= allowed


def test_nouns_and_pure_ideas_do_no_input_or_output() -> None:
    pure = [path for path in SOURCES if path.name in ("model.py", "spc.py", "detectors.py", "disclosure.py")]
    # A model of the language library hands a folder on to `bundle.py`, the only module there that reads files.
    allowed = {path: {"pathlib"} if NLP in path.parents else set() for path in pure}
    assert [(name(path), each) for path in pure for each in INPUT_AND_OUTPUT - allowed[path] if uses(path, each)] == []
    assert pure


def test_no_module_is_a_drawer_for_everything() -> None:
    drawers = {"utils", "util", "helpers", "helper", "managers", "manager", "services", "service", "common", "misc"}
    assert [name(path) for path in SOURCES if drawers & {path.stem, path.parent.name}] == []


def test_files_and_functions_stay_small() -> None:
    lines = [len(path.read_text(encoding="utf-8").splitlines()) for path in SOURCES]
    functions = [
        node.end_lineno - node.lineno + 1
        for path in SOURCES
        for node in ast.walk(tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno
    ]
    assert quantiles(lines, n=20)[-1] < 400
    assert quantiles(functions, n=20)[-1] < 40


def test_every_setting_is_documented() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    names = [f"EARSHOT_{field.upper()}" for field in Settings.model_fields]
    assert [setting for setting in names if setting not in readme] == []


def test_no_setting_is_documented_that_does_not_exist() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    known = {f"EARSHOT_{field.upper()}" for field in Settings.model_fields}
    assert set(re.findall(r"EARSHOT_[A-Z_]+[A-Z]", readme)) - known == set()


def calls() -> Iterator[tuple[Path, ast.Call]]:
    """Every call in the server's source."""
    for path in BACKEND.rglob("*.py"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call):
                yield path, node


def is_plain(sql: ast.expr) -> bool:
    """A string that stands in the source as it is: neither put together nor filled in."""
    if isinstance(sql, ast.BinOp):
        return isinstance(sql.op, ast.Add) and is_plain(sql.left) and is_plain(sql.right)
    return (isinstance(sql, ast.Constant) and isinstance(sql.value, str)) or isinstance(sql, ast.Name)


def test_sql_is_never_put_together_from_values() -> None:
    wrong = []
    for path in BACKEND.rglob("*.py"):
        for node in ast.walk(tree(path)):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in ("Query", "Statement")
            ):
                given = {keyword.arg: keyword.value for keyword in node.keywords}
                sql = given.get("sql", node.args[-1] if node.args else None)
                if sql is None or not is_plain(sql):
                    wrong.append(f"{name(path)}:{node.lineno}")
    assert wrong == []


def test_only_set_up_runs_sql_with_names_in_it() -> None:
    """Roles, passwords and database names cannot be parameters in Postgres; values always can."""
    run = {"execute", "fetch", "fetchrow", "fetchval", "executemany", "cursor", "prepare"}
    wrong = {
        name(path)
        for path, call in calls()
        if isinstance(call.func, ast.Attribute)
        and call.func.attr in run
        and any(isinstance(part, ast.JoinedStr) for argument in call.args for part in ast.walk(argument))
    }
    assert wrong <= {"backend/earshot/core/migrate.py"}


@pytest.mark.parametrize("lock", LOCKS, ids=name)
def test_locks_carry_hashes_and_name_no_host(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    packages = re.findall(r"^([a-z0-9][a-z0-9._-]*)==", text, re.MULTILINE)
    blocks = re.split(r"^(?=[a-z0-9][a-z0-9._-]*==)", text, flags=re.MULTILINE)[1:]
    assert packages
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []
    assert re.findall(r"https?://\S+|--(?:extra-)?index-url\s\S+", text) == []
    assert [package for package in packages if re.match(r"torch|nvidia|triton|sentence-transformers", package)] == []


def test_the_front_end_s_lock_names_no_host() -> None:
    lock = (ROOT / "frontend" / "package-lock.json").read_text(encoding="utf-8")
    assert '"integrity": "sha512-' in lock
    assert '"resolved": "http' not in lock


def test_no_path_of_one_machine_is_in_the_repository() -> None:
    """A checkout works anywhere: folders of a person or of a build machine must not be named."""
    folders = re.compile(
        r"(?<![\w.~-])/(?:work/(?:main|shared)|root|home/[a-z]+|Users/[A-Za-z]+|mnt|workspace)/[\w.-]+"
    )
    wrong = [f"{name(path)}: {match[0]}" for path, text in texts() for match in folders.finditer(text)]
    assert wrong == []


def test_no_test_is_skipped_or_expected_to_fail() -> None:
    mark = re.compile(r"pytest\.(?:mark\.)?(?:skip|xfail|skipif|importorskip)\b")
    here = Path(__file__)
    assert [name(path) for path in here.parent.rglob("*.py") if path != here and mark.search(path.read_text())] == []


def test_public_functions_say_what_they_do() -> None:
    wordless = [
        f"{name(path)}:{node.lineno} {node.name}"
        for path in SOURCES
        for node in tree(path).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
        and not node.name.startswith("_")
        and not ast.get_docstring(node)
    ]
    assert wordless == []


def test_every_kept_promise_has_a_test() -> None:
    found = promises.tests_by_promise()
    assert [number for number in promises.KEPT if number not in found] == []
    assert [number for number in found if number not in promises.KEPT] == []
