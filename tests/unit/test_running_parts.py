"""The small parts of `earshot run`: ports, the lock of a home, waits, signals and words."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from earshot.core.config import Settings, WrongSetting, settings
from earshot.running.child import BackOff
from earshot.running.errors import AlreadyRunning, HomeUnusable, NoRoom, PortBusy, PortRefused, SamePort
from earshot.running.lock import hold
from earshot.running.logs import open_log
from earshot.running.parts import web_parts, worker_part
from earshot.running.ports import check_free, doors
from earshot.running.stopping import Stop, stoppable

OWNER = "postgresql://earshot:owner-secret@/earshot?host=/somewhere/run"


@contextmanager
def listening() -> Iterator[int]:
    """A port that somebody else listens on."""
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield int(other.getsockname()[1])


def free_port() -> int:
    with listening() as port:
        return port


def test_a_busy_port_is_named_together_with_the_setting_that_changes_it(tmp_path: Path) -> None:
    with listening() as port:
        settings = Settings(home=tmp_path, public_port=free_port(), console_port=port)
        with pytest.raises(PortBusy) as refused:
            check_free(doors(settings), patience=0)
    assert str(port) in refused.value.message
    assert "EARSHOT_CONSOLE_PORT" in refused.value.message


def test_free_ports_pass_and_are_let_go_of(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, public_port=free_port(), console_port=free_port())
    check_free(doors(settings), patience=0)
    check_free(doors(settings), patience=0)


def test_an_address_of_another_computer_is_refused_in_words(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, bind="192.0.2.1", public_port=free_port(), console_port=free_port())
    with pytest.raises(PortRefused, match="EARSHOT_BIND"):
        check_free(doors(settings), patience=0)


def test_both_doors_on_one_port_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SamePort):
        doors(Settings(home=tmp_path, public_port=8420, console_port=8420))


def test_a_door_that_listens_everywhere_is_shown_as_localhost(tmp_path: Path) -> None:
    public, _ = doors(Settings(home=tmp_path, bind="0.0.0.0", public_port=8420))
    assert public.address == "http://localhost:8420"


def test_a_second_run_on_one_home_names_the_first_ones_process(tmp_path: Path) -> None:
    with hold(tmp_path), pytest.raises(AlreadyRunning) as refused, hold(tmp_path):
        pass
    assert f"Earshot is already running here (process {os.getpid()})" in refused.value.message


def test_the_lock_tells_an_orderly_end_from_a_killed_run(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), hold(tmp_path):
        _ = 1 / 0
    with hold(tmp_path) as held:
        assert not held.after_crash
    killed = (
        "import os, pathlib\nfrom earshot.running.lock import hold\n"
        f"with hold(pathlib.Path({str(tmp_path)!r})):\n    os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", killed], check=False)
    with hold(tmp_path) as held:
        assert held.after_crash


def test_a_home_that_cannot_be_a_folder_gets_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(HomeUnusable) as refused, hold(tmp_path / "taken"):
        pass
    assert refused.value.message == (
        f"No data can be kept in {tmp_path / 'taken'} (File exists); set EARSHOT_HOME to another folder."
    )


def test_a_full_disk_is_said_before_anything_starts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: real._replace(free=127_999_999))
    with pytest.raises(NoRoom, match="Earshot needs 128 MB to start"), hold(tmp_path):
        pass
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: real._replace(free=128_000_000))
    with hold(tmp_path) as held:
        assert not held.after_crash


def test_a_setting_that_cannot_be_read_is_named_without_its_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EARSHOT_PUBLIC_PORT", "patience")
    settings.cache_clear()
    with pytest.raises(WrongSetting, match=r"EARSHOT_PUBLIC_PORT: Input should be a valid integer") as refused:
        settings()
    assert "patience" not in refused.value.message


def test_waits_double_and_never_exceed_half_a_minute() -> None:
    back_off = BackOff()
    assert back_off.due
    assert [back_off.failed() for _ in range(8)] == [0.5, 1, 2, 4, 8, 16, 30, 30]
    assert not back_off.due


def test_the_first_signal_stops_even_inside_asyncio_and_the_second_disturbs_nothing() -> None:
    async def work() -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.sleep(5)

    before = signal.getsignal(signal.SIGTERM)
    with stoppable():
        with pytest.raises(Stop):
            asyncio.run(work())
        os.kill(os.getpid(), signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) == before


def test_each_part_gets_its_own_role_and_none_gets_the_owners_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EARSHOT_DATABASE_URL", OWNER)
    settings = Settings(home=tmp_path)
    parts = [*web_parts(settings, OWNER), worker_part(settings, OWNER)]
    for part, role in zip(parts, ("earshot_public", "earshot_console", "earshot_worker"), strict=True):
        words = [*part.command, *part.environment.values()]
        assert part.environment["EARSHOT_ROLE_DSN"].startswith(f"postgresql://{role}:")
        assert not any("owner-secret" in word for word in words)
        assert not any(role in word for word in part.command)


def test_a_log_that_has_grown_large_moves_aside(tmp_path: Path) -> None:
    log = tmp_path / "log" / "worker.log"
    with open_log(log) as file:
        file.write(b"x" * 5_000_001)
    with open_log(log) as file:
        file.write(b"new")
    assert log.read_bytes() == b"new"
    assert log.with_suffix(".log.1").stat().st_size == 5_000_001
    assert log.stat().st_mode & 0o077 == 0
