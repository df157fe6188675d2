"""The image, the compose file and publiccode.yml agree with the code, as far as can be told without an engine."""

import json
import re
import shlex
import sys
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.urls import resolve

from tests.project import PACKAGE_FOLDERS, ROOT, run

SUITE_PARTS = ("migrations", "web", "worker", "scheduler")
BEHIND = ("database", "broker", "cache", "mail")
PRODUCTION = {
    "DATABASE_URL": "sqlite://:memory:",
    "BROKER_URL": "amqps://there",
    "SECRET_KEY": "0123456789" * 6,
    "GAAP_DIGEST_KEY": "9876543210" * 6,
    "GAAP_ENCRYPTION_KEYS": "test:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    "GAAP_ENVIRONMENT": "production",
    "GAAP_BEHIND_PROXY": "1",
    "GAAP_BASE_URL": "https://platform.example/",
    "GAAP_ALLOWED_HOSTS": "platform.example",
    "GAAP_EMBEDDED": "0",
    "GAAP_DATA": "",
    "GAAP_SUBJECT_NAMESPACE": "urn:fdc:platform.example:2026:",
    "GAAP_NOTIFY": '{"DEFAULT": {"email": "smtp"}}',
}


@cache
def dockerfile() -> list[tuple[str, str]]:
    """The instructions of the Dockerfile in order, continued lines joined, comments left out."""
    lines = [line for line in (ROOT / "Dockerfile").read_text().splitlines() if not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in joined.splitlines() if line)]


def instructions(word: str) -> list[str]:
    return [rest for found, rest in dockerfile() if found == word]


def installed_as_built(command: str) -> str:
    """A command with what the builder puts in for the Dockerfile's only argument."""
    (argument,) = instructions("ARG")
    name, _, value = argument.partition("=")
    return command.replace(f"${name}", value)


@cache
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "compose.yaml").read_text())
    return loaded


def service(name: str) -> dict[str, Any]:
    found: dict[str, Any] = compose()["services"][name]
    return found


def test_image_has_two_stages_on_a_python_that_we_support() -> None:
    tags = [image.split()[0].removeprefix("python:") for image in instructions("FROM")]
    assert len(tags) == 2
    wanted = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["requires-python"].removeprefix(">=")
    for tag in tags:
        version, _, flavour = tag.partition("-")
        assert [int(part) for part in version.split(".")] >= [int(part) for part in wanted.split(".")]
        assert flavour.startswith("slim")


def test_image_runs_as_somebody_without_rights() -> None:
    after_last_from = dockerfile()[max(place for place, (word, _) in enumerate(dockerfile()) if word == "FROM") :]
    users = [rest for word, rest in after_last_from if word == "USER"]
    assert users == ["10001"]
    assert [word for word, _ in after_last_from].index("USER") < [word for word, _ in after_last_from].index("CMD")


def test_image_installs_hashed_packages_only() -> None:
    installs = [command for command in instructions("RUN") if "pip install" in command]
    assert len(installs) == 1
    assert "--require-hashes" in installs[0]
    assert installed_as_built(installs[0]).endswith("-r requirements/base.txt")


def test_everything_that_the_image_needs_goes_to_the_builder() -> None:
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert allowed == {*PACKAGE_FOLDERS, "manage.py", "pyproject.toml", "README.md", "LICENSE", "requirements"}
    assert all((ROOT / name).exists() for name in allowed)


def test_static_files_are_collected_as_the_image_does_it(tmp_path: Path) -> None:
    command = next(command for command in instructions("RUN") if "collectstatic" in command)
    words = [word.replace("/app/staticfiles", str(tmp_path / "static")) for word in shlex.split(command)]
    environ = dict(word.split("=", 1) for word in words if re.match("[A-Z_]+=", word))
    assert words[len(environ) :] == ["/venv/bin/python", "manage.py", "collectstatic", "--no-input"]
    finished = run(
        sys.executable, *words[len(environ) + 1 :], environ={"GAAP_DATA": "", "GAAP_EMBEDDED": "0", **environ}
    )
    assert finished.returncode == 0, finished.stdout
    assert json.loads((tmp_path / "static/staticfiles.json").read_text())["paths"]


def test_bill_of_materials_is_made_as_the_image_does_it() -> None:
    command = next(command for command in instructions("RUN") if "sbom" in command)
    words = shlex.split(installed_as_built(command))
    assert words[:3] == ["PYTHONPATH=platform", "/venv/bin/python", "-m"]
    assert words[-2:] == [">", "/app/sbom.cdx.json"]
    finished = run(sys.executable, *words[2:-2], environ={"PYTHONPATH": "platform", "DJANGO_SETTINGS_MODULE": ""})
    assert finished.returncode == 0, finished.stdout
    assert json.loads(finished.stdout)["components"]


def test_image_starts_and_is_asked_for_its_health() -> None:
    start = json.loads(instructions("CMD")[0])
    assert start[:2] == ["gunicorn", "gaap_site.wsgi:application"]
    assert "CMD" in instructions("HEALTHCHECK")[0]
    assert json.loads(instructions("HEALTHCHECK")[0].partition("CMD ")[2]) == ["python", "-m", "gaap_site.health_probe"]
    assert resolve("/health/live").url_name == "health-live"


def test_production_settings_are_refused_for_their_sandbox_alone() -> None:
    """Text messages have no real supplier yet, so the sandbox is what stands between this and real people."""
    finished = run(sys.executable, "manage.py", "check", "--deploy", environ=PRODUCTION)
    assert re.findall(r"\((gaap\w*\.E\d+)\) (\S+)", finished.stdout) == [
        ("gaap_notify.E004", 'GAAP_NOTIFY["DEFAULT"]["sms"]')
    ]


@pytest.mark.parametrize(
    ("variable", "value", "fault"),
    [
        ("GAAP_EMBEDDED", "1", "gaap.E002"),
        ("GAAP_BASE_URL", "http://platform.example/", "gaap.E003"),
        ("BROKER_URL", "memory://localhost/", "gaap.E011"),
        ("GAAP_BEHIND_PROXY", "0", "gaap.E012"),
        ("BROKER_URL", "amqp://there", "gaap.E015"),
        ("REDIS_URL", "redis://there", "gaap.E015"),
        ("GAAP_SUBJECT_NAMESPACE", "urn:fdc:gaap.example:2026:", "gaap_identity.E006"),
        ("GAAP_NOTIFY", "{}", 'GAAP_NOTIFY["DEFAULT"]["email"]'),
    ],
)
def test_unsafe_production_settings_are_refused(variable: str, value: str, fault: str) -> None:
    finished = run(sys.executable, "manage.py", "check", "--deploy", environ={**PRODUCTION, variable: value})
    assert finished.returncode != 0
    assert fault in finished.stdout


def test_compose_has_every_part() -> None:
    assert set(compose()["services"]) == {*SUITE_PARTS, *BEHIND}
    assert all(service(name)["image"] == "gaap-suite" for name in SUITE_PARTS)
    assert all(":" in service(name)["image"] for name in BEHIND)


def test_compose_migrates_before_anything_else_starts() -> None:
    for name in ("web", "worker", "scheduler"):
        assert service(name)["depends_on"]["migrations"] == {"condition": "service_completed_successfully"}
    assert service("migrations")["depends_on"] == {"database": {"condition": "service_healthy"}}


def test_compose_publishes_on_this_machine_only() -> None:
    ports = [port for name in compose()["services"] for port in service(name).get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_compose_holds_no_secret() -> None:
    text = (ROOT / "compose.yaml").read_text()
    for name in ("POSTGRES_PASSWORD", "RABBITMQ_PASSWORD", "SECRET_KEY", "GAAP_DIGEST_KEY", "GAAP_ENCRYPTION_KEYS"):
        values = re.findall(rf"\$\{{{name}(.*?)\}}", text)
        assert values
        assert all(value.startswith(":?") for value in values)


def test_compose_sets_what_the_settings_read() -> None:
    reference = (ROOT / "docs/reference/settings.md").read_text()
    for name in ("web", "worker"):
        assert [variable for variable in service(name)["environment"] if f"`{variable}`" not in reference] == []


def test_publiccode_says_what_is_true() -> None:
    described = yaml.safe_load((ROOT / "publiccode.yml").read_text())
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert described["softwareVersion"] == project["version"]
    assert described["legal"]["license"] == project["license"]
    assert described["localisation"]["availableLanguages"] == ["en", "cy", "vi"]
    for language in described["description"].values():
        assert len(language["shortDescription"]) <= 150
        assert 150 <= len(language["longDescription"]) <= 10_000
        assert all(len(feature) <= 100 for feature in language["features"])
