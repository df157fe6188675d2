"""A whole journey with planted people and secrets.

Nothing of them is logged, not even by an instance that logs everything it can, nor told to numbers, events and error
pages; and when its time is over, or the person asks, it is gone from the database.
"""

import json
import re
import shutil
import sqlite3
import uuid
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from http import HTTPStatus
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import httpx
import pytest

from gaap_site.demo.services import KEY_NAME, POUNDS
from gaap_site.journey.browser import Browser
from gaap_site.journey.outbox import CODE, Outbox
from gaap_site.journey.paying import DECLINED_CARD, GOOD_CARD
from gaap_site.journey.people import Person, new_british_person
from gaap_site.journey.plans import IN_POUNDS, Stage
from gaap_site.journey.report import Report
from gaap_site.journey.run import Journey
from gaap_site.launch import free_port_row
from tests.journeys.instances import Instance, manage, running

PLAN = replace(IN_POUNDS, has_decline=True)
LOUD = {"GAAP_LOG_LEVEL": "DEBUG"}


def issue_key(data: Path, *, secret: str) -> str:
    """Make the service's key beforehand, with a secret that the test knows, and return its text."""
    key = {"name": KEY_NAME, "type": "test", "secret": secret}
    service = {"id": str(POUNDS.id), "name": POUNDS.name, "organisation": "Ministry of Transport", "api_keys": [key]}
    file = data.parent / "key.json"
    file.write_text(json.dumps({"organisations": [{"name": "Ministry of Transport"}], "services": [service]}))
    issued = manage("provision", file, "--data", data, environ={"GAAP_LOG_LEVEL": "ERROR"})
    assert issued.returncode == 0, issued.stdout
    text: str = json.loads(issued.stdout)["services"][0]["api_keys"][0]["key"]
    return text


def personal_data_of(person: Person) -> Iterator[str]:
    """Yield what must not be found of a citizen, in every way in which it may be written."""
    yield from (person.email, person.password, person.phone.removeprefix("+44"), *person.name.split())
    yield from person.password.split()


def tokens_in(urls: list[str]) -> Iterator[str]:
    """Yield the one-time values that travelled in addresses."""
    for url in urls:
        parts = urlsplit(url)
        yield from (value for name, value in parse_qsl(parts.query) if name in ("code", "state", "nonce"))
        if parts.path.startswith("/secure/"):
            yield parts.path.removeprefix("/secure/")


def all_logs(demo: Instance, data: Path) -> str:
    """Return everything that the instance and the sample service printed."""
    files = [demo.printed, demo.logged, *(data / "logs").iterdir()]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


@dataclass(frozen=True)
class Walked:
    """What a journey left behind: who walked it, what must not be told, and what was."""

    data: Path
    person: Person
    personal: frozenset[str]
    secrets: frozenset[str]
    codes: frozenset[str]
    logs: str
    told: str


@pytest.fixture(scope="module")
def walked(migrated_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Walked:
    """A journey of a demo that logs everything."""
    folder = tmp_path_factory.mktemp("canary")
    data = Path(shutil.copytree(migrated_folder, folder / "data"))
    secret, port = str(uuid.uuid4()), free_port_row(3)
    api_key = issue_key(data, secret=secret)
    person = new_british_person()
    with running(["demo", "--port", str(port), "--data", data], folder=folder, environ=LOUD) as demo:
        demo.wait_for("Ctrl-C stops the demo")
        stage = Stage(f"http://127.0.0.1:{port}/", f"http://127.0.0.1:{port + 1}/", api_key)
        with Browser(language="en") as browser:
            Journey(stage, PLAN, person=person, browser=browser, report=Report(lambda _: None)).run()
        messages = Outbox(stage.platform_url).sent_to(person.email, person.phone)
        told = everything_told(stage, person)
        demo.stop()
    tokens = set(tokens_in(browser.visited))
    assert len(tokens) >= 4
    codes = {code for message in messages for code in CODE.findall(message.body)}
    assert len(codes) >= 2
    return Walked(
        data=data,
        person=person,
        personal=frozenset(personal_data_of(person)),
        secrets=frozenset({secret, api_key, GOOD_CARD, DECLINED_CARD, *tokens}),
        codes=frozenset(codes),
        logs=all_logs(demo, data),
        told=told,
    )


def everything_told(stage: Stage, person: Person) -> str:
    """Return the numbers, every event of the service, and error pages about the person."""
    with httpx.Client(base_url=stage.platform_url, trust_env=False) as client:
        events = client.get("/v1/events", params={"limit": 100}, headers={"Authorization": f"Bearer {stage.api_key}"})
        assert len(events.json()["events"]) > 5
        numbers = client.get("/metrics")
        assert numbers.status_code == HTTPStatus.OK
        wrong = {"email": person.email, "q": person.name}
        pages = [client.get(path, params=wrong) for path in (f"nothing/{person.email}", "v1/nothing", "authorize")]
        pages.append(client.post("sign-in/password", data=wrong))
        assert all(page.status_code >= HTTPStatus.BAD_REQUEST for page in pages)
        return "\n".join(answer.text for answer in (events, numbers, *pages))


def test_the_logs_hold_nothing_personal(walked: Walked) -> None:
    assert re.search(r"\bDEBUG\b", walked.logs), "the instance should log everything that it can"
    canaries = {PLAN.vehicle, *walked.personal, *walked.secrets}
    assert {canary for canary in canaries if canary in walked.logs} == set()
    assert {code for code in walked.codes if re.search(rf"(?<![\w.,:-]){code}(?![\w.,:-]\w)", walked.logs)} == set()
    assert not re.search(r"eyJ[\w-]+\.|PRIVATE KEY|Bearer", walked.logs)


def test_numbers_events_and_error_pages_tell_nothing_personal(walked: Walked) -> None:
    assert {canary for canary in {*walked.personal, *walked.secrets} if canary in walked.told} == set()


def test_afterwards_the_person_is_gone(walked: Walked, tmp_path: Path) -> None:
    data = Path(shutil.copytree(walked.data, tmp_path / "data"))
    about = ("--email", walked.person.email, "--purpose", "Case 7", "--data", data)
    assert {"account", "core_identity", "sign_in", "payment", "notification"} <= kinds_kept(*about)
    done("clock", "+2600d", "--data", data)
    done("purge_personal_data", "--data", data)
    # The account, what its owner allowed, and what the identity stands on, stay until the owner wants them gone.
    assert kinds_kept(*about) == {"account", "consent", "core_identity", "identity_check", "evidence"}
    done("erase_subject", *about, "--yes")
    assert kinds_kept(*about) == set()
    stored = "\n".join(rows_of(data))
    assert {canary for canary in walked.personal if canary in stored} == set()


def kinds_kept(*about: str | Path) -> set[str]:
    """Return the kinds of records that an export for the person holds."""
    return {found["kind"] for found in json.loads(done("subject_export", *about))["records"]}


def done(*arguments: str | Path) -> str:
    """Run a command and return what it printed."""
    ended = manage(*arguments, environ={"GAAP_LOG_LEVEL": "ERROR"})
    assert ended.returncode == 0, ended.stdout
    return ended.stdout


def rows_of(data: Path) -> Iterator[str]:
    """Yield every row of every table, as it stands in the file."""
    with closing(sqlite3.connect(next(data.glob("*.sqlite3")))) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            yield from (repr(row) for row in database.execute(f'SELECT * FROM "{table}"'))
