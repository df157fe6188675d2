"""Transition tables and the guarded move, shown on the payment-like noun of an API key's row."""

import pytest

from gaap.states import IllegalTransitionError, TransitionTable

TABLE = TransitionTable(
    noun="parcel",
    initial="packed",
    edges={("packed", "sent"): "parcel_sent", ("sent", "lost"): "parcel_lost", ("sent", "arrived"): "parcel_arrived"},
)


def test_statuses_and_final_ones():
    assert TABLE.statuses == ("packed", "sent", "lost", "arrived")
    assert TABLE.final == {"lost", "arrived"}


def test_sources_and_ways():
    assert TABLE.sources("arrived") == {"sent"}
    assert TABLE.can_move("packed", "sent")
    assert not TABLE.can_move("packed", "arrived")


def test_unknown_way_is_refused():
    with pytest.raises(IllegalTransitionError, match="from lost to packed"):
        TABLE.event("lost", "packed")


def test_diagram():
    assert TABLE.diagram().splitlines() == [
        "stateDiagram-v2",
        "    [*] --> packed",
        "    packed --> sent: parcel_sent",
        "    sent --> lost: parcel_lost",
        "    sent --> arrived: parcel_arrived",
        "    lost --> [*]",
        "    arrived --> [*]",
    ]
