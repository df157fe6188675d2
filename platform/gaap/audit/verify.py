"""Checking the audit against its seals, row by row."""

from dataclasses import dataclass, field
from typing import Literal

from django.db.models import Count, Q, QuerySet

from gaap.audit.chain import GENESIS, event_mac, leaf, leaves_of, seal_hash
from gaap.audit.models import AuditEvent, AuditSeal

BEFORE_ALL = -(2**63)

Kind = Literal["changed", "removed", "inserted", "moved", "seal broken"]


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that is not as it was written. ``number`` is the event's, or the seal's for a broken seal."""

    number: int
    kind: Kind


@dataclass(frozen=True)
class Report:
    """What a check found: how many events are sealed, how many still wait for their seal, and every finding."""

    sealed: int
    waiting: int
    head: str
    findings: tuple[Finding, ...]


def verify_audit() -> Report:
    """Check every event and every seal; the findings come in the order of their numbers.

    Reads seal after seal and holds one batch in memory at a time.
    """
    check = _Check(repeated=_repeated())
    for seal in AuditSeal.objects.order_by("id").iterator(chunk_size=20):
        check.take(seal)
    return check.report()


def _repeated() -> dict[int, str]:
    """Return number and digest of events whose digest another event has too.

    An event's moment makes its digest its own, so all but one of them were copied by hand.
    """
    more_than_once = AuditEvent.objects.values("mac").annotate(times=Count("id")).filter(times__gt=1).values("mac")
    return dict(AuditEvent.objects.filter(mac__in=more_than_once).values_list("id", "mac"))


@dataclass
class _Check:
    """The state of one check: where the chain stands, and what was found so far."""

    repeated: dict[int, str]
    originals: set[str] = field(default_factory=set)
    head: str = GENESIS
    last_id: int = BEFORE_ALL
    sealed: int = 0
    gaps: list[int] = field(default_factory=list)
    unnamed: set[int] = field(default_factory=set)
    findings: list[Finding] = field(default_factory=list)

    def take(self, seal: AuditSeal) -> None:
        """Check one seal and the events it names."""
        leaves = bytes(seal.leaves)
        if seal.previous_hash != self.head or seal.hash != seal_hash(self.head, leaves, seal.gaps):
            self._find(seal.pk, "seal broken")
        named = dict(leaves_of(seal))
        late = [number for number in named if number <= self.last_id]
        between = Q(id__gt=self.last_id, id__lte=seal.last_id)
        found = {event.pk: event for event in AuditEvent.objects.filter(between | Q(id__in=late))}
        for number, expected in named.items():
            self._compare(number, expected, found.get(number))
        for number in sorted(named, key=lambda number: (number in late, number)):
            self._tell_copies(number)
        self.unnamed = (self.unnamed | found.keys()) - named.keys()
        self.head, self.last_id, self.gaps = seal.hash, seal.last_id, seal.gaps
        self.sealed += len(named)

    def report(self) -> Report:
        """Check what no seal names yet, and return the whole."""
        waiting = 0
        for event in self._waiting().iterator(chunk_size=1000):
            waiting += 1
            if event.mac != event_mac(event):
                self._find(event.pk, "changed")
            self._tell_copies(event.pk)
        for number in self.unnamed - set(self.gaps):
            self._find(number, "inserted")
        return Report(self.sealed, waiting, self.head, tuple(sorted(self.findings)))

    def _compare(self, number: int, expected: bytes, event: AuditEvent | None) -> None:
        if event is None:
            self._find(number, "removed")
        elif event.mac != event_mac(event):
            self._find(number, "changed")
        elif leaf(number, event.mac) != expected:
            self._find(number, "moved")

    def _tell_copies(self, number: int) -> None:
        """Find an event inserted whose digest a sealed one had before it."""
        mac = self.repeated.get(number)
        if mac in self.originals:
            self._find(number, "inserted")
        elif mac is not None:
            self.originals.add(mac)

    def _waiting(self) -> "QuerySet[AuditEvent]":
        return AuditEvent.objects.filter(Q(id__gt=self.last_id) | Q(id__in=self.gaps)).order_by("id")

    def _find(self, number: int, kind: Kind) -> None:
        self.findings.append(Finding(number, kind))
