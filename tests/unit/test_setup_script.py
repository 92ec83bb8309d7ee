"""The shell part of set-up: what it says when something is missing, and when it decides that nothing is to be done."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


def bash(script: str, *, path: str | None = None, root: Path = ROOT) -> subprocess.CompletedProcess[str]:
    """Run `script` after sourcing deploy/setup.sh of `root`."""
    environment = {**os.environ, "PATH": path or os.environ["PATH"]}
    whole = f"set -euo pipefail; source '{root}/deploy/setup.sh'; {script}"
    return subprocess.run(
        ["/bin/bash", "-c", whole], env=environment, capture_output=True, text=True, check=False, cwd="/"
    )


@pytest.fixture
def few_programs(tmp_path: Path) -> Path:
    """A folder with the ordinary commands only: no Python and no Node."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("dirname", "sha256sum", "cut", "find", "sort", "xargs", "cat", "grep", "env", "bash"):
        found = shutil.which(name)
        assert found
        (folder / name).symlink_to(found)
    return folder


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A small checkout of our own to change."""
    (tmp_path / "house" / "frontend" / "src").mkdir(parents=True)
    shutil.copytree(ROOT / "deploy", tmp_path / "house" / "deploy")
    (tmp_path / "house" / "frontend" / "package-lock.json").write_text("{}")
    return tmp_path / "house"


def test_missing_node_gets_one_plain_sentence_before_anything_is_installed(checkout: Path, few_programs: Path) -> None:
    done = subprocess.run(
        ["/bin/bash", checkout / "deploy" / "run.sh"],
        env={"PATH": str(few_programs)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == "Earshot needs Node 20 or newer to build its pages; please install it.\n"
    assert not (checkout / ".venv").exists()


def test_an_old_node_is_named(few_programs: Path) -> None:
    for name, says in (("node", '[ "$1" = --version ] && echo v18.19.0 && exit 0; exit 1'), ("npm", "exit 0")):
        (few_programs / name).write_text(f"#!/bin/bash\n{says}\n")
        (few_programs / name).chmod(0o755)
    done = bash("need_node", path=str(few_programs))
    assert done.returncode == 1
    assert done.stderr.strip().endswith("here is Node v18.19.0.")


def test_missing_python_gets_one_plain_sentence(checkout: Path, few_programs: Path) -> None:
    done = bash("ensure_python deploy/requirements.lock", path=str(few_programs), root=checkout)
    assert done.returncode == 1
    assert done.stderr.startswith("Earshot needs Python 3.11, 3.12 or 3.13;")
    assert done.stderr.count("\n") == 1


def test_an_unknown_option_is_refused_and_help_needs_no_set_up(few_programs: Path) -> None:
    run = ["/bin/bash", str(ROOT / "deploy" / "run.sh")]
    environment = {"PATH": str(few_programs)}
    unknown = subprocess.run([*run, "--speed"], env=environment, capture_output=True, text=True, check=False)
    assert unknown.returncode == 2
    assert "--speed" in unknown.stderr
    shown = subprocess.run([*run, "--help"], env=environment, capture_output=True, text=True, check=False)
    assert shown.returncode == 0
    assert all(word in shown.stdout for word in ("--setup-only", "--empty", "EARSHOT_HOME", "EARSHOT_DATABASE_URL"))


def test_two_locks_live_in_one_environment(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    old.write_text("httpx==1.0\nnumpy==2.0\n")
    new.write_text("numpy==2.1\nrich==15.0\n")
    done = bash(f"merged_pins {old} {new}")
    assert done.stdout.split() == ["httpx==1.0", "numpy==2.1", "rich==15.0"]


def test_the_pins_of_a_lock_are_its_names_and_versions(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    lock.write_text("# via\nrich==15.0 \\\n    --hash=sha256:ab==\ncolorama==0.4 ; sys_platform == 'win32'\n")
    assert bash(f"pins_of {lock}").stdout.split() == ["colorama==0.4", "rich==15.0"]


def test_pages_are_built_again_only_after_a_change(checkout: Path) -> None:
    asks = "frontend_is_built && echo yes || echo no"
    assert bash(asks, root=checkout).stdout == "no\n"
    bash(
        'mkdir -p "$EARSHOT_ROOT/frontend/dist"; frontend_hash >"$EARSHOT_ROOT/frontend/dist/.earshot-stamp"',
        root=checkout,
    )
    assert bash(asks, root=checkout).stdout == "yes\n"
    (checkout / "frontend" / "node_modules").mkdir()
    (checkout / "frontend" / "node_modules" / "thing.js").write_text("1")
    assert bash(asks, root=checkout).stdout == "yes\n"
    (checkout / "frontend" / "src" / "page.ts").write_text("1")
    assert bash(asks, root=checkout).stdout == "no\n"


def test_an_environment_that_moved_or_was_cut_short_is_not_trusted(checkout: Path) -> None:
    asks = "venv_is_sound && echo yes || echo no"
    subprocess.run(["python3", "-m", "venv", checkout / ".venv"], check=True)
    assert bash(asks, root=checkout).stdout == "yes\n"
    (checkout / ".venv" / ".earshot-installing").touch()
    assert bash(asks, root=checkout).stdout == "no\n"
    (checkout / ".venv" / ".earshot-installing").unlink()
    moved = checkout.rename(checkout.with_name("moved"))
    assert bash(asks, root=moved).stdout == "no\n"


def test_a_command_that_fails_says_where_its_log_is(tmp_path: Path) -> None:
    done = bash(f"export TMPDIR={tmp_path}; quietly 'It failed.' '' 0 bash -c 'echo why; exit 3'")
    assert done.returncode == 1
    log = Path(done.stderr.strip().rsplit(" ", 1)[1].rstrip("."))
    assert "It failed." in done.stderr
    assert log.read_text() == "why\n"
