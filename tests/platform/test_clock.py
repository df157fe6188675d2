"""The movable clock of an embedded instance."""

from datetime import UTC, datetime, timedelta

import pytest

from gaap.clock import ClockFixedError, move_clock, now, offset

MINUTE = timedelta(minutes=1)


@pytest.fixture
def embedded(settings, tmp_path):
    settings.GAAP_EMBEDDED, settings.GAAP_DATA_DIR, settings.GAAP_ENVIRONMENT = True, tmp_path, "development"


def test_moves_adds_up_and_resets(embedded):
    assert move_clock(91 * MINUTE) == 91 * MINUTE
    assert move_clock(-MINUTE) == 90 * MINUTE
    assert abs(now() - datetime.now(UTC) - 90 * MINUTE) < MINUTE
    assert move_clock(None) == timedelta()
    assert offset() == timedelta()


@pytest.mark.parametrize(
    "fixed", [{"GAAP_EMBEDDED": False}, {"GAAP_ENVIRONMENT": "production"}, {"GAAP_DATA_DIR": None}]
)
def test_is_fixed_elsewhere(embedded, settings, fixed):
    move_clock(MINUTE)
    for name, value in fixed.items():
        setattr(settings, name, value)
    assert offset() == timedelta()
    with pytest.raises(ClockFixedError):
        move_clock(MINUTE)
