"""The numbers that this process counts for Prometheus; whoever counts something registers it here."""

from prometheus_client import CollectorRegistry

REGISTRY = CollectorRegistry()
