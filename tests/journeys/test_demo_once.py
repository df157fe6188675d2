"""The newcomer's command, as a newcomer gives it."""

import re
import signal
from pathlib import Path

import httpx

from gaap_site.launch import free_port_row, is_free
from tests.journeys.instances import manage, running


def test_demo_once_goes_all_the_way_and_leaves_nothing_behind(tmp_path: Path) -> None:
    ended = manage("demo", "--once", environ={"TMPDIR": str(tmp_path)})
    assert ended.returncode == 0, ended.stdout
    assert re.search(r"All \d{2,3} checks held", ended.stdout)
    for text in ("In English and pounds", "£54.00", "In Vietnamese and dong", "1.350.000 ₫", "Nguyễn Thị Ngọc"):
        assert text in ended.stdout
    assert len(re.findall(r"^ +\d+\.\d\d s  \S", ended.stdout, flags=re.MULTILINE)) > 20
    assert list(tmp_path.iterdir()) == []


def test_demo_shows_where_to_look_stops_cleanly_and_starts_again(tmp_path: Path, data: Path) -> None:
    port = free_port_row(3)
    printed = []
    for number in (signal.SIGINT, signal.SIGTERM):
        with running(["demo", "--port", str(port), "--data", data], folder=tmp_path) as demo:
            demo.wait_for("Ctrl-C stops the demo")
            printed.append(demo.printed.read_text())
            for address in set(re.findall(r"http://127\.0\.0\.1:\S+", printed[-1])):
                assert httpx.get(address, follow_redirects=True).status_code == 200, address
            assert demo.stop(number) == 0
        assert demo.logged.read_text() == ""
        assert all(is_free(one) for one in range(port, port + 3))
    assert re.search(r"operator@platform\.example / \S{20}", printed[0])
    assert printed[0] == printed[1]


def test_a_taken_port_is_said_so_and_serve_stops_cleanly(tmp_path: Path, data: Path) -> None:
    port = free_port_row(4)
    with running(["serve", "--port", str(port + 1), "--data", data], folder=tmp_path) as suite:
        suite.wait_for("The suite runs at")
        assert httpx.get(f"http://127.0.0.1:{port + 1}/health/ready").status_code == 200
        for asked in (port, port + 1):
            ended = manage("demo", "--port", str(asked), "--data", tmp_path / "second")
            assert ended.returncode == 1
            assert f"Port {port + 1} is taken" in ended.stdout
            assert "Traceback" not in ended.stdout
        assert suite.stop(signal.SIGTERM) == 0
    assert is_free(port + 1)


def test_the_clock_of_a_running_instance_moves(tmp_path: Path) -> None:
    assert "1:31:00" in manage("clock", "+91m", "--data", tmp_path).stdout
    assert "0:00:00" in manage("clock", "reset", "--data", tmp_path).stdout
    wrong = manage("clock", "tomorrow", "--data", tmp_path)
    assert wrong.returncode == 1
    assert "+91m" in wrong.stdout


def test_the_clock_is_fixed_in_production(tmp_path: Path) -> None:
    ended = manage("clock", "+1m", "--data", tmp_path, environ={"GAAP_ENVIRONMENT": "production"})
    assert ended.returncode == 1


def test_a_demo_in_processes_needs_real_services(tmp_path: Path) -> None:
    ended = manage("demo", "--once", "--processes", "--data", tmp_path)
    assert ended.returncode == 1
    assert "DATABASE_URL and BROKER_URL" in ended.stdout
