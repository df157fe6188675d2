"""The image as it would run: the Dockerfile's steps, then its processes without rights on a root that is read-only."""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
import yaml

from tests.architecture.test_shipping import installed_as_built, instructions
from tests.faults.suite import database_of_its_own
from tests.processes import Program, answers, free_port, wait_until
from tests.project import ROOT
from tests.read_only_root import ReadOnlyRoot

STARTING_SECONDS = 120
#: Steps whose result a test has already: the packages, installed from the same lock, and the user, who is a number.
HAD_ALREADY = ("python -m venv", "useradd")

WRITER = """
import os, sys
for place in sys.argv[1:]:
    try:
        open(os.path.join(place, "written"), "w").close()
        became = "written"
    except OSError:
        became = "refused"
    print(place, became, "read-only" if os.statvfs(place).f_flag & os.ST_RDONLY else "writable")
print("user", os.getuid(), os.getgid(), os.getgroups())
print("rights", [line.split()[1] for line in open("/proc/self/status") if line.startswith("Cap")])
"""


@pytest.fixture(scope="module")
def application(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that the build leaves as ``/app``, made by the Dockerfile's own steps, one by one."""
    folder = tmp_path_factory.mktemp("build") / "app"
    folder.mkdir()
    for name in (line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")):
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__", "*.pyc"))
        else:
            shutil.copy(ROOT / name, folder / name)
    steps = [installed_as_built(step) for step in instructions("RUN")]
    ours = [step for step in steps if not any(had in step for had in HAD_ALREADY)]
    assert len(ours) == len(steps) - len(HAD_ALREADY)
    for step in ours:
        command = re.sub(r"/app\b", str(folder), step).replace("/venv/bin/python", sys.executable)
        command = command.replace("/tmp/build.sqlite3", f"/{folder.parent}/build.sqlite3")
        environ = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", "GAAP_EMBEDDED": "0"}
        finished = subprocess.run(["sh", "-ec", command], cwd=folder, env=environ, capture_output=True, check=False)
        assert finished.returncode == 0, f"{step}\n{finished.stderr.decode()}"
    return folder


@pytest.fixture
def root(application: Path, tmp_path: Path) -> ReadOnlyRoot:
    folder = tmp_path / "root"
    folder.mkdir()
    made = ReadOnlyRoot(folder, application=application)
    if refusal := made.refusal():
        pytest.skip(f"The kernel lets nobody make a root of their own here, so the image's is not tried: {refusal}")
    return made


def image_environ() -> dict[str, str]:
    """What the image says of its environment, its interpreter being the one of the tests."""
    joined = " ".join(instructions("ENV"))
    found = dict(re.findall(r"(\w+)=(\S+)", joined.replace("/venv/bin", f"{sys.prefix}/bin").replace("$PATH", "/bin")))
    return {name: value for name, value in found.items() if not name.startswith("PIP_")}


def environ_for(database_url: str, port: int) -> dict[str, str]:
    return {
        **image_environ(),
        "DATABASE_URL": database_url,
        "BROKER_URL": "memory://localhost/",
        "SECRET_KEY": "0123456789" * 6,
        "GAAP_DIGEST_KEY": "9876543210" * 6,
        "GAAP_ENCRYPTION_KEYS": "test:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
        "GAAP_BASE_URL": f"http://127.0.0.1:{port}/",
        "GAAP_ALLOWED_HOSTS": "127.0.0.1",
        "GAAP_METRICS_TOKEN": "reads",
        "GAAP_PORT": str(port),
        "WEB_CONCURRENCY": "1",
    }


def process_arguments(file: str) -> list[str]:
    """What a manifest starts, in the first of its pods."""
    documents: list[dict[str, Any]] = list(yaml.safe_load_all((ROOT / "deploy/kubernetes" / file).read_text()))
    pod = next(found for found in documents if "template" in found.get("spec", {}))
    arguments: list[str] = pod["spec"]["template"]["spec"]["containers"][0]["args"]
    return arguments


def test_nothing_but_scratch_can_be_written_and_nobody_has_rights(root: ReadOnlyRoot) -> None:
    scratch = ["/tmp", "/dev/shm"]
    others = ["/", "/app", "/app/platform/gaap", "/app/staticfiles", "/etc", "/usr/lib", sys.prefix, sys.base_prefix]
    command = root.command([f"{sys.prefix}/bin/python", "-c", WRITER, *scratch, *others], environ={})
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert said[:-2] == [
        *(f"{place} written writable" for place in scratch),
        *(f"{place} refused read-only" for place in others),
    ]
    assert said[-2] == "user 10001 10001 []"
    assert set(re.findall(r"\w{16}", said[-1])) == {"0" * 16}


@pytest.fixture
def database_url(postgresql_url: str) -> Iterator[str]:
    with database_of_its_own(postgresql_url, f"gaap_image_{uuid4().hex[:12]}") as url:
        yield url


@pytest.mark.postgresql
def test_web_process_serves(root: ReadOnlyRoot, tmp_path: Path, database_url: str) -> None:
    port = free_port()
    environ = environ_for(database_url, port)
    (start,) = (json.loads(rest) for rest in instructions("CMD"))
    command = root.command([*start, f"--bind=127.0.0.1:{port}"], environ=environ)
    with Program(command, environ=dict(os.environ), log=tmp_path / "web.log", cwd=tmp_path) as web:
        address = f"http://127.0.0.1:{port}"
        wait_until(lambda: answers(f"{address}/health/live"), seconds=STARTING_SECONDS, what="serving", program=web)
        static = json.loads((root.application / "staticfiles/staticfiles.json").read_text())["paths"]
        style = next(name for name in static.values() if name.endswith(".css"))
        assert httpx.get(f"{address}/static/{style}", trust_env=False).status_code == 200
        numbers = httpx.get(f"{address}/metrics", headers={"Authorization": "Bearer reads"}, trust_env=False)
        assert "gaap_request_seconds_count" in numbers.text
        probe = json.loads(instructions("HEALTHCHECK")[0].partition("CMD ")[2])
        assert subprocess.run(root.command(probe, environ=environ), check=False).returncode == 0
        assert web.end() == 0
    assert not complaints(tmp_path / "web.log")


@pytest.mark.postgresql
@pytest.mark.parametrize(("file", "sign"), [("workers.yaml", " ready."), ("scheduler.yaml", "Sending due task")])
def test_other_processes_start(root: ReadOnlyRoot, tmp_path: Path, database_url: str, file: str, sign: str) -> None:
    log = tmp_path / "log"
    command = root.command(process_arguments(file), environ=environ_for(database_url, 8000))
    with Program(command, environ=dict(os.environ), log=log, cwd=tmp_path) as program:
        wait_until(lambda: sign in log.read_text(), seconds=STARTING_SECONDS, what="starting", program=program)
    assert not complaints(log)


def complaints(log: Path) -> list[str]:
    """Lines that tell of something that could not be written."""
    return [line for line in log.read_text().splitlines() if re.search(r"Read-only|Permission denied|Errno", line)]
