"""Faults that the shape of a file does not show: names that clash, references that lead nowhere, what never changes."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from gaap.components import known_scopes
from gaap.conf import conf
from gaap.organisations.models import Organisation, Service
from gaap.privacy.retention import retention_faults
from gaap.provisioning.finding import Entry, find_key, find_service, mode_of
from gaap.provisioning.schema import sections

Path = Sequence[str | int]


@dataclass(frozen=True)
class Fault:
    """What is wrong, and where: ``services[0].api_keys[1].type``."""

    path: Path
    message: str

    def __str__(self) -> str:
        return f"{written_path(self.path)}: {self.message}"


def written_path(path: Path) -> str:
    """Return a path as it would be written in Python, ``(file)`` for the root."""
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
    return text.removeprefix(".") or "(file)"


def reference_faults(document: dict[str, Any]) -> Iterator[Fault]:
    """Yield every such fault of a document whose shape is right."""
    organisations = document.get("organisations", [])
    yield from _repeats([entry["name"] for entry in organisations], ["organisations"], "name")
    for index, entry in enumerate(organisations):
        yield from _organisation_faults(entry, ["organisations", index])
    known = {*(entry["name"] for entry in organisations), *Organisation.objects.values_list("name", flat=True)}
    services = document.get("services", [])
    yield from _repeats([entry["id"].lower() for entry in services if "id" in entry], ["services"], "id")
    yield from _repeats([f"{entry['organisation']} / {entry['name']}" for entry in services], ["services"], "name")
    for index, entry in enumerate(services):
        here: list[str | int] = ["services", index]
        if entry["organisation"] not in known:
            yield Fault([*here, "organisation"], f"There is no organisation named {entry['organisation']!r}.")
        yield from _service_faults(entry, here)


def _organisation_faults(entry: Entry, here: list[str | int]) -> Iterator[Fault]:
    named = Organisation.objects.filter(name=entry["name"]).first()
    if "id" in entry and named is not None and str(named.pk) != entry["id"].lower():
        yield Fault([*here, "id"], "The organisation with this name has another id.")


def _service_faults(entry: Entry, here: list[str | int]) -> Iterator[Fault]:
    found = find_service(entry)
    resolved = {**entry, "mode": mode_of(entry, found)}
    yield from _standing_faults(entry, found, here)
    yield from _language_faults(entry, here)
    yield from _repeats([member["email"].lower() for member in entry.get("members", [])], [*here, "members"], "email")
    for noun, message in retention_faults(entry.get("retention_days", {})):
        yield Fault([*here, "retention_days", noun], message)
    yield from _keys_faults(entry.get("api_keys", []), resolved, found, [*here, "api_keys"])
    for name, module in sections().items():
        for path, message in module.check(entry[name], service=resolved) if name in entry else ():
            yield Fault([*here, name, *path], message)


def _standing_faults(entry: Entry, found: Service | None, here: list[str | int]) -> Iterator[Fault]:
    """Yield what does not go with the service that stands, or with another one of its name."""
    others = Service.objects.filter(organisation__name=entry["organisation"], name=entry["name"])
    if (others.exclude(pk=found.pk) if found else others).exists():
        yield Fault([*here, "name"], "Another service of this organisation has this name.")
    if found is not None and found.is_archived and entry.get("archived") is False:
        yield Fault([*here, "archived"], "The service was archived, and that is for good.")


def _language_faults(entry: Entry, here: list[str | int]) -> Iterator[Fault]:
    languages = {code for code, _ in conf.languages}
    for index, code in enumerate(entry.get("languages", [])):
        if code not in languages:
            yield Fault([*here, "languages", index], f"This platform does not offer {code!r}.")


def _keys_faults(keys: list[Entry], service: Entry, found: Service | None, here: list[str | int]) -> Iterator[Fault]:
    yield from _repeats([key["name"] for key in keys if not key.get("revoked")], here, "name")
    yield from _repeats([key["secret"].lower() for key in keys if "secret" in key], here, "secret", is_secret=True)
    for index, key in enumerate(keys):
        yield from _key_faults(key, service, [*here, index])
        if found is not None:
            yield from _standing_key_faults(key, found, [*here, index])


def _key_faults(key: Entry, service: Entry, here: list[str | int]) -> Iterator[Fault]:
    if key["type"] == "live" and service["mode"] != "live":
        yield Fault([*here, "type"], "A trial service cannot have a live key.")
    if "secret" in key and conf.is_production:
        yield Fault([*here, "secret"], "A secret may be given only outside production.")
    for index, scope in enumerate(key.get("scopes", [])):
        if scope not in known_scopes():
            yield Fault([*here, "scopes", index], f"There is no scope {scope!r}.")


def _standing_key_faults(key: Entry, service: Service, here: list[str | int]) -> Iterator[Fault]:
    standing = find_key(service, key["name"])
    if standing is None:
        return
    if standing.type != key["type"]:
        yield Fault([*here, "type"], "The type of a key never changes; give another key.")
    if "secret" in key and standing.secret != key["secret"].lower():
        yield Fault([*here, "secret"], "The secret of a key never changes; give another key.")


def _repeats(names: Iterable[str], here: list[str | int], key: str, *, is_secret: bool = False) -> Iterator[Fault]:
    for name, count in Counter(names).items():
        if count > 1:
            yield Fault(here, f"{count} entries have the {f'same {key}' if is_secret else f'{key} {name!r}'}.")
