"""What a command settles before Django reads its settings."""

import socket
from argparse import ArgumentTypeError
from pathlib import Path

import pytest

from gaap_site import launch

REAL = {"DATABASE_URL": "postgres://db", "BROKER_URL": "amqp://broker", "REDIS_URL": "redis://cache"}


def test_data_names_the_folder_of_an_embedded_instance_for_every_command(tmp_path: Path) -> None:
    for given in (["--data", str(tmp_path)], [f"--data={tmp_path}"]):
        argv, environ = ["manage.py", "migrate", *given, "--verbosity", "0"], dict(REAL)
        launch.prepare(argv, environ)
        assert argv == ["manage.py", "migrate", "--verbosity", "0"]
        assert environ == {"GAAP_DATA": str(tmp_path)}


def test_without_data_a_command_acts_on_the_real_services() -> None:
    argv, environ = ["manage.py", "provision", "file.yaml"], dict(REAL)
    launch.prepare(argv, environ)
    assert environ == REAL
    assert argv == ["manage.py", "provision", "file.yaml"]


@pytest.mark.parametrize(
    ("options", "address"), [([], "8000"), (["--port", "9000"], "9000"), (["--port=9000"], "9000")]
)
def test_serve_knows_its_address_from_its_port(options: list[str], address: str) -> None:
    environ: dict[str, str] = {}
    launch.prepare(["manage.py", "serve", *options], environ)
    assert environ["GAAP_BASE_URL"] == f"http://127.0.0.1:{address}/"


def test_serve_behind_a_proxy_keeps_its_public_address() -> None:
    environ = {"GAAP_BASE_URL": "https://platform.example/"}
    launch.prepare(["manage.py", "serve"], environ)
    assert environ["GAAP_BASE_URL"] == "https://platform.example/"


def test_the_demo_is_embedded_whatever_the_environment_names() -> None:
    environ = dict(REAL)
    launch.prepare(["manage.py", "demo"], environ)
    assert not environ.keys() & REAL.keys()
    assert environ["GAAP_EMBEDDED"] == "1"
    assert environ["GAAP_DATA"] == str(launch.PROJECT_DIR / "data" / "demo")
    assert environ["GAAP_BASE_URL"] == "http://127.0.0.1:8000/"


def test_the_demo_in_processes_keeps_the_real_services(tmp_path: Path) -> None:
    environ = dict(REAL)
    launch.prepare(["manage.py", "demo", "--once", "--processes", "--data", str(tmp_path)], environ)
    assert environ.items() >= REAL.items()
    assert environ["GAAP_DATA"] == str(tmp_path)


def test_one_journey_takes_a_new_folder_and_free_ports() -> None:
    first: dict[str, str] = {}
    second: dict[str, str] = {}
    launch.prepare(["manage.py", "demo", "--once"], first)
    launch.prepare(["manage.py", "demo", "--once"], second)
    assert first["GAAP_DATA"] != second["GAAP_DATA"]
    assert launch.is_free(int(first["GAAP_BASE_URL"].rstrip("/").rpartition(":")[2]))


@pytest.mark.parametrize("text", ["", "eighty", "0", "-1", "65534", "99999"])
def test_what_is_no_port_is_refused(text: str) -> None:
    with pytest.raises(ArgumentTypeError):
        launch.port_number(text)
    assert launch.port_number("8000") == 8000


def test_a_port_with_a_listener_is_not_free() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert not launch.is_free(server.getsockname()[1])
