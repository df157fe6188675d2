"""The manifests are valid, harden every process alike, and give every queue a worker."""

import re
from typing import Any

import kubernetes_validate
import pytest
import yaml

from gaap_site.celery import queue_names
from tests.project import ROOT

FOLDER = ROOT / "deploy/kubernetes"
VERSION = "1.33"
NAMES = yaml.safe_load((FOLDER / "kustomization.yaml").read_text())["resources"]


def manifests() -> list[dict[str, Any]]:
    return [found for name in NAMES for found in yaml.safe_load_all((FOLDER / name).read_text())]


def named(manifest: dict[str, Any]) -> str:
    return f"{manifest['kind']}-{manifest['metadata']['name']}"


PODS = [manifest for manifest in manifests() if "template" in manifest.get("spec", {})]
each_pod = pytest.mark.parametrize("manifest", PODS, ids=named)


def container(manifest: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = manifest["spec"]["template"]["spec"]["containers"][0]
    return found


def test_every_file_is_applied() -> None:
    assert {path.name for path in FOLDER.glob("*.yaml")} == {*NAMES, "kustomization.yaml"}


@pytest.mark.parametrize("manifest", manifests(), ids=named)
def test_manifest_is_valid(manifest: dict[str, Any]) -> None:
    kubernetes_validate.validate(manifest, VERSION, strict=True)


@each_pod
def test_process_has_no_rights(manifest: dict[str, Any]) -> None:
    pod = manifest["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"]
    assert pod["securityContext"]["runAsUser"] == 10001
    assert not pod["automountServiceAccountToken"]
    assert container(manifest)["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert container(manifest)["resources"]["limits"]["memory"]


@each_pod
def test_process_runs_what_the_image_holds(manifest: dict[str, Any]) -> None:
    assert container(manifest)["image"] == "gaap-suite"
    assert container(manifest)["args"][0] in ("gunicorn", "celery", "python")


def test_every_queue_has_a_worker_and_no_worker_an_unknown_queue() -> None:
    options = (option for manifest in PODS for option in container(manifest)["args"])
    taken = [queue for option in options if option.startswith("--queues=") for queue in option[9:].split(",")]
    assert sorted(taken) == sorted(queue_names())


def test_settings_are_ones_that_the_suite_reads() -> None:
    settings = next(manifest for manifest in manifests() if manifest["kind"] == "ConfigMap")["data"]
    reference = (ROOT / "docs/reference/settings.md").read_text()
    own = {variable["name"] for manifest in PODS for variable in container(manifest)["env"]}
    assert {name.removesuffix("_FILE") for name in settings} | own <= set(re.findall(r"`([A-Z_]+)`", reference))
    host = "platform.example"
    assert settings["GAAP_BASE_URL"] == f"https://{host}/"
    assert settings["GAAP_ALLOWED_HOSTS"] == host
    probe = container(next(manifest for manifest in PODS if manifest["metadata"]["name"] == "web"))["readinessProbe"]
    assert {"name": "Host", "value": host} in probe["httpGet"]["httpHeaders"]


def test_every_secret_file_is_one_that_the_how_to_makes() -> None:
    settings = next(manifest for manifest in manifests() if manifest["kind"] == "ConfigMap")["data"]
    files = {path.rpartition("/")[2] for name, path in settings.items() if name.endswith("_FILE")}
    made = set(re.findall(r"--from-literal=(\w+)=", (ROOT / "docs/how-to/run-on-kubernetes.md").read_text()))
    variables = [variable for manifest in PODS for variable in container(manifest)["env"]]
    keys = {variable["valueFrom"]["secretKeyRef"]["key"] for variable in variables if "valueFrom" in variable}
    assert files | keys == made
