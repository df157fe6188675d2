"""The how-to for service teams holds what it says."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.journeys.instances import manage
from tests.project import ROOT

HOW_TO = ROOT / "docs" / "how-to" / "compose-a-service.md"


@pytest.fixture
def declared() -> dict[str, Any]:
    """The provisioning file of the how-to, with a real public key in it."""
    text = re.findall(r"```yaml\n(.*?)```", HOW_TO.read_text(encoding="utf-8"), flags=re.DOTALL)[0]
    document: dict[str, Any] = yaml.safe_load(text)
    public = rsa.generate_private_key(public_exponent=65537, key_size=2048).public_key()
    pem = public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    document["services"][0]["identity"]["clients"][0]["public_key"] = pem.decode()
    return document


def test_the_file_can_be_applied_and_gives_what_is_promised(data: Path, declared: dict[str, Any]) -> None:
    file = data.parent / "my-service.yaml"
    file.write_text(yaml.safe_dump(declared))
    applied = manage("provision", file, "--data", data, environ={"GAAP_LOG_LEVEL": "ERROR"})
    assert applied.returncode == 0, applied.stdout
    service = json.loads(applied.stdout)["services"][0]
    assert service["api_keys"][0]["key"].startswith("gaap_test_")
    assert re.fullmatch(r"[0-9a-f-]{36}", service["notify"]["templates"][0]["id"])


def test_a_mistake_is_answered_with_the_path_to_it(data: Path, declared: dict[str, Any]) -> None:
    file = data.parent / "my-service.yaml"
    declared["services"][0]["payments"]["gateway_accounts"][0]["currency"] = "pounds"
    file.write_text(yaml.safe_dump(declared))
    refused = manage("provision", file, "--data", data, environ={"GAAP_LOG_LEVEL": "ERROR"})
    assert refused.returncode == 1
    assert "services[0].payments.gateway_accounts[0].currency" in refused.stdout


def test_every_file_that_it_points_to_is_there() -> None:
    text = HOW_TO.read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!http)([^)#]+)\)", text)
    assert links
    assert all((HOW_TO.parent / link).exists() for link in links)
