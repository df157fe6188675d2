"""The reference pages say what the code does, and nothing else."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps

from gaap.states import TransitionTable
from gaap_identity import conf, states
from gaap_identity.gpg45.doubts import DOUBTS
from gaap_identity.gpg45.evaluator import Scores, evaluate
from gaap_identity.gpg45.profiles import ACCEPTED
from gaap_identity.openid import simulated
from gaap_identity.providers.base import CheckRequest, CheckResult
from gaap_identity.providers.company_registers import SANDBOX_COMPANIES, SILENT
from gaap_identity.providers.personas import PERSONAS, Persona
from gaap_identity.provision import SCHEMA
from gaap_identity.return_codes import RETURN_CODES
from tests.project import ROOT

CLIENT_KEYS = SCHEMA["properties"]["clients"]["items"]["properties"]


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


SANDBOX = page("reference/identity-sandbox.md")


def rows(text: str) -> list[list[str]]:
    """The cells of every table row whose first cell is code."""
    return [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line.startswith("| `")
    ]


def scores_of(result: CheckResult) -> Scores:
    pieces = tuple((item.strength, item.validity) for item in result.evidence if result.facts)
    return Scores(pieces, result.activity, result.fraud, result.verification)


def expected_row(persona: Persona) -> list[str]:
    result = persona.result
    evidence = ", ".join(f"{item.kind} ({item.strength}, {item.validity})" for item in result.evidence) or "none"
    outcome = evaluate(scores_of(result))
    level = f"{outcome.level} by {outcome.profile}" if outcome.profile else outcome.level
    scores = f"{result.activity}, {result.fraud}, {result.verification}"
    return [f"`{persona.identifier}`", persona.name, evidence, scores, level]


def test_personas() -> None:
    documented = rows(SANDBOX.partition("## Companies")[0])
    assert [row[:5] for row in documented] == [expected_row(persona) for persona in PERSONAS]


def test_personas_say_their_return_code() -> None:
    documented = {
        row[0].strip("`"): re.findall(r"return code `(\w)`", row[5])
        for row in rows(SANDBOX.partition("## Companies")[0])
    }
    given = {persona.identifier: list(persona.result.return_codes) for persona in PERSONAS}
    assert documented == {**given, "bronwen": ["L"]}


def test_return_codes_and_levels() -> None:
    documented = {row[0].strip("`"): row[1] for row in rows(page("reference/identity-levels.md")) if len(row) == 2}
    levels = {level: ", ".join(names) for level, names in ACCEPTED.items()}
    assert documented == {**levels, **RETURN_CODES}


def test_doubts() -> None:
    documented = {row[0].strip("`"): row[1:] for row in rows(page("reference/identity-levels.md")) if len(row) == 5}
    said = {
        doubt.code: [doubt.meaning, str(doubt.found), str(doubt.mitigated), f"`{doubt.return_code}`"]
        for doubt in DOUBTS.values()
    }
    assert documented == said


@pytest.mark.parametrize(
    "table",
    [states.SIGN_IN, states.IDENTITY_CHECK, states.FACTOR_RESET, states.HUMAN_CHECK],
    ids=lambda table: table.noun,
)
def test_diagrams(table: TransitionTable) -> None:
    assert f"```mermaid\n{table.diagram()}\n```" in page("reference/identity-levels.md")


@pytest.mark.parametrize(
    "table",
    [states.SIGNING_KEY, states.LOGOUT_NOTICE, states.PERMISSION_REQUEST, states.POWER, states.SECURITY_NOTICE],
    ids=lambda table: table.noun,
)
def test_diagrams_of_keys_and_notices(table: TransitionTable) -> None:
    assert f"```mermaid\n{table.diagram()}\n```" in page("reference/identity-openid.md")


def test_events_and_settings() -> None:
    documented = {row[0].strip("`"): row[1] for row in rows(page("reference/identity-openid.md"))}
    declared = {event.name: event.description for event in apps.get_app_config("gaap_identity").events}  # type: ignore[attr-defined]
    assert {name: documented.get(name) for name in declared} == declared
    settings = {name: f"`{value}`" for name, value in conf.DEFAULTS.items()}
    assert {name: documented.get(name) for name in settings} == settings


def test_what_a_simulation_can_force() -> None:
    documented = {
        row[0].strip("`"): re.findall(r"`([^`]+)`", row[1]) for row in rows(page("how-to/try-every-branch.md"))
    }
    assert documented == {
        **documented,
        "authorize_error": list(simulated.AUTHORIZE_ERRORS),
        "token_error": list(simulated.TOKEN_ERRORS),
        "userinfo_error": list(simulated.USERINFO_ERRORS),
        "faults": list(simulated.FAULTS),
    }
    assert {*documented, "is_on"} == {*simulated.SCHEMA["properties"]}


def test_keys_of_a_client() -> None:
    section = page("reference/identity-openid.md").partition("## Clients")[2].partition("## ")[0]
    assert {row[0].strip("`") for row in rows(section)} == {*CLIENT_KEYS}


@pytest.mark.parametrize(
    ("words", "lifetime"),
    [
        ("authorization code", conf.CODE_LIFETIME),
        ("access token", conf.ACCESS_TOKEN_LIFETIME),
        ("ID token", conf.ID_TOKEN_LIFETIME),
        ("logout token", conf.LOGOUT_TOKEN_LIFETIME),
        ("pushed request", conf.PUSHED_REQUEST_LIFETIME),
        ("core identity", conf.CORE_IDENTITY_LIFETIME),
        ("citizen's session, from the last page", conf.SESSION_LIFETIME),
        ("citizen's session, from signing in", conf.LONGEST_SESSION),
        ("one-time code", conf.ONE_TIME_CODE_LIFETIME),
    ],
)
def test_lifetimes(words: str, lifetime: timedelta) -> None:
    assert f"| {words} | {int(lifetime.total_seconds())} |" in page("reference/identity-openid.md")


def test_the_example_of_the_how_to_is_a_provider() -> None:
    source = re.search(r"```python\n(from collections.*?)```", page("how-to/add-an-evidence-provider.md"), re.DOTALL)
    assert source is not None
    report = {
        "outcome": "done",
        "method": "chip",
        "given": "Ngọc",
        "family": "Nguyễn",
        "born": "1992-09-02",
        "face": "live",
    }
    names: dict[str, Any] = {"fetch_report": lambda key: report if key == "r1" else {"outcome": "gave_up"}}
    exec(source[1].replace('@registry.register("acme")', ""), names)  # noqa: S102
    provider = names["AcmeProvider"]()
    request = CheckRequest(return_url="https://platform.example/back", state="s1", levels=("P3",), language="vi")
    assert "state=s1" in provider.begin(request)
    assert evaluate(scores_of(provider.parse_result({"report": "r1"}))).level == "P3"
    assert provider.parse_result({}).return_codes == ("Q",)


def test_companies_of_the_sandbox() -> None:
    people = {persona.identifier: persona.result.facts for persona in PERSONAS}
    documented = {
        (row[0].strip("`"), row[1].strip("`")): (row[2], tuple(people[name] for name in re.findall(r"`(\w+)`", row[3])))
        for row in rows(SANDBOX.partition("## Companies")[2])
    }
    assert documented.pop(("GB", SILENT)) == ("", ())
    assert documented == {key: (entry.name, entry.officers) for key, entry in SANDBOX_COMPANIES.items()}
