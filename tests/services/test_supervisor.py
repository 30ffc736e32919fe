"""Processes are kept alive, stopped in order, and never left behind."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from config.services import notes
from config.services.supervisor import NotReady, Process, Supervisor
from tests.services.tools import CHECKOUT, are_gone, wait_until

FOREVER = ["sleep", "600"]
PROGRAM = Path(__file__).with_name("supervised.py")


@pytest.fixture
def supervisor(tmp_path):
    said: list[str] = []
    one = Supervisor(tmp_path, say=said.append)
    one.said = said
    yield one
    one.stop()


def test_a_process_that_dies_is_started_again(supervisor, tmp_path):
    supervisor.start([Process("web", FOREVER)])
    first = supervisor.pids["web"]
    os.kill(first, signal.SIGKILL)

    wait_until(lambda: notes.read(tmp_path / "processes.json").get("web") not in (None, first))

    assert psutil.Process(supervisor.pids["web"]).is_running()
    assert len(supervisor.said) == 1
    assert supervisor.said[0].startswith("web ended (SIGKILL); starting it again in 0.2 s")


def test_restarts_become_rarer(supervisor):
    supervisor.start([Process("web", ["false"])])

    wait_until(lambda: len(supervisor.said) == 2)

    assert "ended (exit status 1); starting it again in 0.2 s;" in supervisor.said[0]
    assert "ended (exit status 1); starting it again in 0.4 s;" in supervisor.said[1]


def test_what_a_dead_process_started_is_cleared_away(supervisor, tmp_path):
    spawn = f"sleep 600 & echo $! >> {tmp_path}/helpers; wait"
    supervisor.start([Process("worker", ["sh", "-c", spawn])])
    helpers = tmp_path / "helpers"
    wait_until(helpers.exists)
    helper = psutil.Process(int(helpers.read_text()))

    os.kill(supervisor.pids["worker"], signal.SIGKILL)

    wait_until(lambda: are_gone([helper]))


def test_a_process_gets_its_variables_and_a_log(supervisor, tmp_path):
    greet = Process("web", ["sh", "-c", "echo hello $WHO; sleep 600"], env={"WHO": "world"})
    supervisor.start([greet])

    wait_until(lambda: (tmp_path / "log" / "web.log").read_text() == "hello world\n")


def test_a_large_log_is_put_aside_at_a_start(supervisor, tmp_path):
    log = tmp_path / "log" / "web.log"
    log.parent.mkdir()
    with log.open("wb") as file:
        file.truncate(11 * 1024 * 1024)

    supervisor.start([Process("web", FOREVER)])

    assert log.stat().st_size == 0
    assert log.with_name("web.log.1").stat().st_size == 11 * 1024 * 1024


def test_it_waits_until_a_process_says_that_it_is_ready(supervisor, tmp_path):
    slow = ["sh", "-c", f"sleep 0.3; touch {tmp_path}/open; sleep 600"]
    supervisor.start([Process("web", slow, ready=(tmp_path / "open").exists)])

    supervisor.wait_ready(10)

    assert (tmp_path / "open").exists()


def test_a_process_that_never_comes_up_is_reported_with_its_last_words(supervisor):
    supervisor.start([Process("web", ["sh", "-c", "echo the port is taken; sleep 600"], ready=_no)])

    with pytest.raises(NotReady, match=r"(?s)web does not come up.*web.log.*the port is taken"):
        supervisor.wait_ready(0.5)


def test_a_program_that_does_not_exist_is_reported(supervisor):
    supervisor.start([Process("web", ["no-such-program"], ready=_no)])

    with pytest.raises(NotReady, match="no-such-program: No such file"):
        supervisor.wait_ready(0.5)


def test_processes_stop_in_order(supervisor, tmp_path):
    supervisor.start(
        Process(name, _saying(name, tmp_path), order=order, ready=(tmp_path / name).exists)
        for name, order in [("sandbox", 0), ("web", 1), ("beat", 1), ("worker", 2)]
    )
    supervisor.wait_ready(10)

    supervisor.stop()

    first, *both, last = (tmp_path / "ends").read_text().split()
    assert (first, sorted(both), last) == ("worker", ["beat", "web"], "sandbox")
    assert supervisor.said == []
    assert not (tmp_path / "processes.json").exists()


def test_one_that_does_not_stop_is_killed_after_its_grace(supervisor, tmp_path):
    stubborn = Process("worker", ["sh", "-c", _stubborn(tmp_path)], grace=0.5)
    supervisor.start([stubborn])
    wait_until((tmp_path / "up").exists)
    worker = psutil.Process(supervisor.pids["worker"])
    began = time.monotonic()

    supervisor.stop()

    assert 0.5 <= time.monotonic() - began < 10
    assert are_gone([worker])
    assert supervisor.said == ["worker did not stop in time; killing it"]


def test_a_terminal_that_is_gone_is_no_reason_to_end(tmp_path):
    def say(line: str) -> None:
        raise BrokenPipeError

    supervisor = Supervisor(tmp_path, say=say)
    supervisor.start([Process("web", ["sh", "-c", f"echo >> {tmp_path}/starts; exit 1"])])

    starts = tmp_path / "starts"
    wait_until(lambda: starts.exists() and len(starts.read_text()) >= 2)

    supervisor.stop()


def test_what_else_wants_looking_after_is_looked_after(tmp_path):
    looks: list[float] = []
    supervisor = Supervisor(tmp_path, tend=lambda: looks.append(time.monotonic()))
    supervisor.start([Process("web", FOREVER)])

    wait_until(lambda: len(looks) >= 2)

    supervisor.stop()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_everything(tmp_path, number):
    program = _supervise(tmp_path, web="exec sleep 600", beat="exec sleep 600")
    children = psutil.Process(program.pid).children(recursive=True)

    program.send_signal(number)
    words = program.communicate(timeout=10)[0]

    assert words.endswith(f"stopped by {int(number)}\n")
    assert program.returncode == 0
    assert len(children) == 2
    assert are_gone(children)


def test_a_second_signal_is_in_a_hurry(tmp_path):
    program = _supervise(tmp_path, worker=_stubborn(tmp_path))
    wait_until((tmp_path / "up").exists)
    children = psutil.Process(program.pid).children(recursive=True)
    program.terminate()
    time.sleep(0.3)
    assert program.poll() is None

    program.terminate()
    program.communicate(timeout=5)

    assert program.returncode == 0
    assert are_gone(children)


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel does not help elsewhere")
def test_nothing_outlives_a_supervisor_that_is_killed(tmp_path):
    program = _supervise(tmp_path, web="exec sleep 600", worker=_stubborn(tmp_path))
    wait_until((tmp_path / "up").exists)
    children = psutil.Process(program.pid).children()

    program.kill()
    program.communicate()

    wait_until(lambda: are_gone(children))


def _supervise(var: Path, **commands: str) -> subprocess.Popen[str]:
    """A supervisor in a program of its own, once its processes run."""
    pairs = [f"{name}={command}" for name, command in commands.items()]
    program = subprocess.Popen(
        [sys.executable, str(PROGRAM), str(var), "30", *pairs],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(CHECKOUT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert program.stdout
    assert program.stdout.readline() == "ready\n"
    wait_until(lambda: _all_became_themselves(program.pid))
    return program


def _all_became_themselves(pid: int) -> bool:
    """The script that ties a child to its parent has given way to what it starts."""
    children = psutil.Process(pid).children()
    return all("together.py" not in " ".join(child.cmdline()) for child in children)


def _saying(name: str, folder: Path) -> list[str]:
    """A shell that writes its name when it is asked to stop, after a moment."""
    end = f"sleep 0.1; echo {name} >> {folder}/ends; exit 0"
    return ["sh", "-c", f"trap '{end}' TERM; touch {folder}/{name}; while :; do sleep 0.02; done"]


def _stubborn(folder: Path) -> str:
    return f"trap '' TERM; touch {folder}/up; while :; do sleep 0.1; done"


def _no() -> bool:
    return False
