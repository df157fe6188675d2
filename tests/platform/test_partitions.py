"""Tables in months: made ahead, begun in time, dropped when nothing keeps them, and never in anybody's way."""

import gzip
import hashlib
import json
import uuid
from datetime import UTC, datetime, timedelta
from io import StringIO
from threading import Event, Thread
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from gaap.audit.models import AuditEvent
from gaap.clock import now
from gaap.events.placing import place_waiting
from gaap.outbox.horizon import first_that_may_wait
from gaap.outbox.models import OutboxEvent
from gaap.outbox.relay import relay_waiting
from gaap.partitions import dropping
from gaap.partitions.catalogue import is_partitioned, partitioned_tables, parts_of
from gaap.partitions.converting import convert_table
from gaap.partitions.creating import AHEAD, begin_month, make_months
from gaap.partitions.declarations import Partitioned
from gaap.partitions.dropping import drop_months
from gaap.partitions.months import ROOM, Month, first_of_the_month
from gaap.partitions.upkeep import days_ahead, look_after_months
from gaap.privacy.retention import purge_all, set_retention
from gaap.testing.plugin import TESTER
from gaap.webhooks.services.queueing import event_delivery
from gaap.webhooks.services.subscriptions import create_subscription
from tests.platform.months import old_month, present, run_sql, scans
from tests.platform.parallel import in_parallel

EVENTS = Partitioned("gaap.OutboxEvent", may_go="gaap.events.retention.may_drop_events")
TABLE = EVENTS.table
on_postgresql = pytest.mark.postgresql


def take_away(name):
    run_sql(f"ALTER TABLE {TABLE} DETACH PARTITION {name}")
    run_sql(f"DROP TABLE {name}")


def an_event(month, **changes):
    """Return an event of that month which was published and that nobody waits for."""
    facts = {"name": "parcel_sent", "subject": "parcel/1", "occurred_at": month.begins, "published_at": month.begins}
    number = month.first + OutboxEvent.objects.count()
    return OutboxEvent.objects.create(**{"sequence": number, **facts, **changes})


def dropped():
    """Drop what may go and return its names, without the empty part that every test begins with."""
    return [name for name in drop_months(EVENTS, moment=now()) if name != f"{TABLE}_before"]


def names():
    return [part.name for part in parts_of(TABLE)]


@pytest.fixture
def counting(db):
    """The table's sequence, which no rolled-back transaction takes back: as it was, afterwards."""
    ((sequence,),) = run_sql(f"SELECT pg_get_serial_sequence('{TABLE}', 'sequence')")
    ((last, is_called),) = run_sql(f"SELECT last_value, is_called FROM {sequence}")
    yield sequence
    run_sql("SELECT setval(%s, %s, %s)", sequence, last, is_called)


@pytest.mark.parametrize("moment", [datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 12, 31, 23, 59, tzinfo=UTC)])
def test_a_month_knows_its_numbers(moment):
    month = Month.of(moment)
    assert month.begins <= moment < month.plus(1).begins
    assert Month.at(month.first // ROOM) == month
    assert first_of_the_month(month.plus(1).first - 1) == month.first
    assert month.plus(14).plus(-14) == month
    assert str(Month(2027, 3)) == "2027_03"


def test_numbers_stay_exact_in_javascript():
    assert Month(2700, 1).first < 2**53


def test_months_are_those_of_utc():
    from zoneinfo import ZoneInfo

    assert Month.of(datetime(2027, 1, 1, 3, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))) == Month(2026, 12)


@pytest.mark.django_db
def test_every_declared_table_stands_in_months_on_postgresql_and_in_one_elsewhere():
    declared = {table for config in apps.get_app_configs() for table in getattr(config, "partitioned", ())}
    expected = declared if connection.vendor == "postgresql" else set()
    assert set(partitioned_tables()) == expected


@pytest.mark.django_db
@pytest.mark.skipif("connection.vendor == 'postgresql'")
def test_elsewhere_there_is_nothing_to_do(capsys):
    assert look_after_months() == []
    assert list(days_ahead()) == []
    call_command("partitions", "--run")
    assert capsys.readouterr().out == ""


@on_postgresql
@pytest.mark.django_db
def test_months_stand_ahead_and_are_made_once(counting):
    make_months(TABLE, moment=now())
    assert names()[-AHEAD:] == [f"{TABLE}_{present().plus(count)}" for count in range(1, AHEAD + 1)]
    assert make_months(TABLE, moment=now()) == []
    later = present().plus(2).begins
    assert make_months(TABLE, moment=later) == [f"{TABLE}_{present().plus(count)}" for count in (4, 5)]


@on_postgresql
@pytest.mark.django_db
def test_a_month_that_nobody_made_for_long_is_made_alone(counting):
    later = present().plus(30)
    made = make_months(TABLE, moment=later.begins)
    assert made == [f"{TABLE}_{later.plus(count)}" for count in range(AHEAD + 1)]


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_months_are_made_once_by_many():
    later = present().plus(6).begins
    try:
        found = in_parallel([lambda: make_months(TABLE, moment=later)] * 3)
        assert sum(len(made) for made in found) == AHEAD + 1
    finally:
        for part in parts_of(TABLE):
            if part.end > present().plus(AHEAD + 1).first:
                take_away(part.name)


@on_postgresql
@pytest.mark.django_db
def test_what_is_new_stands_in_the_month_that_began(counting):
    make_months(TABLE, moment=now())
    first = OutboxEvent.objects.create(name="parcel_sent", subject="parcel/1")
    month = present().plus(1)
    assert begin_month(TABLE, "sequence", moment=month.begins)
    assert not begin_month(TABLE, "sequence", moment=month.begins + timedelta(days=3))
    second = OutboxEvent.objects.create(name="parcel_sent", subject="parcel/1")
    assert first.pk < month.first == second.pk
    assert run_sql(f"SELECT sequence FROM {TABLE}_{month}") == [(second.pk,)]
    assert list(OutboxEvent.objects.waiting()) == [first, second]
    assert not begin_month(TABLE, "sequence", moment=now())
    assert OutboxEvent.objects.create(name="parcel_sent", subject="parcel/1").pk == second.pk + 1


@on_postgresql
@pytest.mark.django_db
def test_a_month_that_is_not_there_is_not_begun_and_rows_go_on_where_they_were(counting):
    assert not begin_month(TABLE, "sequence", moment=present().plus(20).begins)
    assert OutboxEvent.objects.create(name="parcel_sent", subject="parcel/1").pk < present().plus(AHEAD + 1).first


@on_postgresql
@pytest.mark.django_db
def test_what_is_unique_besides_the_number_is_so_within_a_month(counting):
    make_months(TABLE, moment=now())
    month = present().plus(1)
    event = an_event(month, service_id=uuid.uuid4(), position=1)
    for changes in ({"id": event.id}, {"service_id": event.service_id, "position": 1}):
        with pytest.raises(IntegrityError), transaction.atomic():
            an_event(month, **changes)
    assert an_event(present().plus(2), id=event.id).pk


@on_postgresql
@pytest.mark.django_db
def test_empty_months_go_and_those_in_use_stay():
    months = [old_month(back) for back in (1, 2, 3, 4)]
    held = an_event(months[2], published_at=None)
    assert dropped() == [f"{TABLE}_{months[3]}", f"{TABLE}_{months[1]}"]
    assert {f"{TABLE}_{months[0]}", f"{TABLE}_{months[2]}"} < set(names())
    assert OutboxEvent.objects.get() == held
    assert not AuditEvent.objects.filter(action="month_dropped").exists()


@on_postgresql
@pytest.mark.django_db
def test_a_month_that_is_to_be_kept_stays_though_it_is_empty():
    month = old_month(3)
    assert drop_months(Partitioned("gaap.OutboxEvent", is_kept=True), moment=now()) == []
    assert f"{TABLE}_{month}" in names()


def over_for_everybody(settings):
    settings.GAAP_FORGET_BY_MONTH = True
    month = old_month(6)
    return month, an_event(month)


@on_postgresql
@pytest.mark.django_db
def test_a_month_whose_time_is_over_goes_whole_and_is_archived(settings, tmp_path):
    month, event = over_for_everybody(settings)
    settings.GAAP_ARCHIVE_DIR = str(tmp_path)
    assert dropped() == [f"{TABLE}_{month}"]
    assert not OutboxEvent.objects.exists()
    file = tmp_path / f"{TABLE}_{month}.csv.gz"
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert sorted(path.name for path in tmp_path.iterdir()) == [file.name, f"{file.name}.sha256"]
    assert (tmp_path / f"{file.name}.sha256").read_text() == f"{digest}  {file.name}\n"
    assert file.stat().st_mode & 0o777 == 0o600
    header, row = gzip.decompress(file.read_bytes()).decode().splitlines()
    assert header.startswith("sequence,id,name,")
    assert row.startswith(f"{event.pk},{event.id},parcel_sent,")
    told = AuditEvent.objects.get(action="month_dropped")
    expected = {"month": f"{TABLE}_{month}", "file": file.name, "sha256": digest, "rows": 1}
    assert (told.target_type, told.target_id, told.before) == ("gaap.outboxevent", str(month.first), expected)


@on_postgresql
@pytest.mark.django_db
def test_a_month_that_cannot_be_archived_stays(settings, tmp_path, caplog):
    month, _ = over_for_everybody(settings)
    settings.GAAP_ARCHIVE_DIR = str(tmp_path / "nowhere")
    look_after_months()
    assert "will be tried again" in caplog.text
    assert f"{TABLE}_{month}" in names()


@on_postgresql
@pytest.mark.django_db
@pytest.mark.parametrize(
    "holds", ["waits", "has no place", "is young", "is being sent", "is kept longer by its service"]
)
def test_one_row_keeps_its_month(service, settings, holds):
    month, _ = over_for_everybody(settings)
    changes: dict[str, Any] = {
        "waits": {"published_at": None},
        "has no place": {"service_id": service.pk},
        "is young": {"occurred_at": now() - timedelta(days=89)},
        "is kept longer by its service": {"service_id": service.pk, "position": 1},
    }.get(holds, {})
    event = an_event(month, **changes)
    if holds == "is being sent":
        url = "https://receiver.example/hook"
        subscription = create_subscription(service, url=url, events=["*"], by=TESTER)
        event_delivery(event, subscription=subscription).save()
    if holds == "is kept longer by its service":
        set_retention(service, {"events": 400}, by=TESTER)
    assert dropped() == []
    assert OutboxEvent.objects.filter(pk__gte=month.first, pk__lt=month.plus(1).first).count() == 2


@on_postgresql
@pytest.mark.django_db
def test_without_the_setting_rows_go_one_by_one_and_then_the_empty_month(settings):
    month = old_month(6)
    an_event(month)
    purge_all()
    assert not OutboxEvent.objects.exists()
    run_sql("SET CONSTRAINTS ALL IMMEDIATE")
    assert dropped() == [f"{TABLE}_{month}"]


@pytest.mark.django_db
@pytest.mark.parametrize(("days", "is_gone"), [(91, False), (124, False), (126, True)])
def test_by_month_what_no_month_took_along_goes_a_month_later(settings, days, is_gone):
    settings.GAAP_FORGET_BY_MONTH = True
    moment = now() - timedelta(days=days)
    OutboxEvent.objects.create(name="parcel_sent", subject="parcel/1", occurred_at=moment, published_at=moment)
    purge_all()
    assert OutboxEvent.objects.exists() is not is_gone


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_a_month_that_somebody_uses_is_dropped_another_time(monkeypatch, caplog):
    monkeypatch.setattr(dropping, "_past", lambda table, moment: [parts_of(table.table)[-1]])
    last = names()[-1]
    reads, may_end = Event(), Event()

    def read():
        with transaction.atomic():
            run_sql(f"SELECT count(*) FROM {last}")
            reads.set()
            may_end.wait(20)
        connections.close_all()

    reader = Thread(target=read)
    reader.start()
    reads.wait(20)
    assert dropped() == []
    assert "another time" in caplog.text
    OutboxEvent.objects.create(name="parcel_sent", subject="parcel/1")
    may_end.set()
    reader.join()
    assert dropped() == [last]
    assert make_months(TABLE, moment=now()) == [last]


@on_postgresql
@pytest.mark.django_db
def test_the_command_lists_runs_and_archives(tmp_path, counting):
    take_away(names()[-1])
    out = StringIO()
    call_command("partitions", "--run", stdout=out)
    assert f"made {TABLE}_{present().plus(AHEAD)}\n" in out.getvalue()
    assert f"  {TABLE}_{present().plus(1)}: not counted yet" in out.getvalue()
    call_command("partitions", "--archive", f"{TABLE}_{present().plus(1)}", "--into", str(tmp_path), stdout=out)
    assert "0 rows, SHA-256" in out.getvalue()
    for name, folder in (("gaap_service", tmp_path), (f"{TABLE}_{present().plus(1)}", tmp_path / "nowhere")):
        with pytest.raises(CommandError):
            call_command("partitions", "--archive", name, "--into", str(folder))


@on_postgresql
@pytest.mark.django_db
def test_prometheus_sees_for_how_long_months_are_made(client):
    take_away(names()[-1])
    days = dict(days_ahead())[TABLE]
    assert days == pytest.approx((present().plus(AHEAD).begins - now()).total_seconds() / 86400, abs=0.01)
    assert f'gaap_months_ahead_days{{table="{TABLE}"}} {int(days)}.' in client.get("/metrics").content.decode()


# --- a table with rows becomes one of months --------------------------------------------------------------------------

PLAIN = """
CREATE TABLE shelf (id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY);
CREATE TABLE parcel (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY, code uuid NOT NULL UNIQUE,
    weight int NOT NULL CONSTRAINT parcel_weight CHECK (weight > 0), note text NOT NULL DEFAULT 'none',
    shelf_id bigint REFERENCES shelf (id) DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX parcel_heavy ON parcel (weight DESC) WHERE weight > 10;
CREATE TABLE label (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    parcel_id bigint REFERENCES parcel (id) DEFERRABLE INITIALLY DEFERRED
);
CREATE INDEX ON label (parcel_id);
CREATE FUNCTION refuse_parcels() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'stays'; END $$;
CREATE TRIGGER parcel_stays BEFORE DELETE ON parcel FOR EACH ROW EXECUTE FUNCTION refuse_parcels();
GRANT SELECT ON parcel TO PUBLIC;
INSERT INTO shelf DEFAULT VALUES;
INSERT INTO parcel (code, weight, shelf_id) SELECT gen_random_uuid(), number, 1 FROM generate_series(1, 500) AS number;
INSERT INTO label (parcel_id) SELECT id FROM parcel;
"""


@pytest.fixture
def parcels(transactional_db):
    """A table with rows, with everything on it that a table can have."""
    run_sql(PLAIN)
    yield
    run_sql("DROP TABLE label, parcel, shelf; DROP FUNCTION refuse_parcels")


def is_refused(statement, *values):
    try:
        with transaction.atomic():
            run_sql(statement, *values)
    except DatabaseError:
        return True
    return False


def add_parcel(weight=1):
    return run_sql("INSERT INTO parcel (code, weight, shelf_id) VALUES (gen_random_uuid(), %s, 1) RETURNING id", weight)


@on_postgresql
def test_a_table_with_rows_becomes_one_of_months_and_loses_nothing(parcels):
    before = run_sql("SELECT * FROM parcel ORDER BY id")
    relfilenode = run_sql("SELECT relfilenode FROM pg_class WHERE relname = 'parcel'")
    convert_table("parcel", "id")
    assert run_sql("SELECT * FROM parcel ORDER BY id") == before
    assert parts_of("parcel")[0].name == "parcel_before"
    assert len(parts_of("parcel")) == 1 + AHEAD
    assert run_sql("SELECT relfilenode FROM pg_class WHERE relname = 'parcel_before'") == relfilenode
    assert add_parcel() == [(501,)]
    assert is_refused("INSERT INTO parcel (code, weight) VALUES (%s, 0)", uuid.uuid4())
    assert is_refused("INSERT INTO parcel (code, weight) VALUES (%s, 1)", before[0][1])
    assert is_refused("INSERT INTO parcel (code, weight, shelf_id) VALUES (%s, 1, 99)", uuid.uuid4())
    assert is_refused("INSERT INTO label (parcel_id) VALUES (777)")
    assert is_refused("DELETE FROM parcel WHERE id = 1")
    assert run_sql("SELECT has_table_privilege('public', 'parcel', 'SELECT')") == [(True,)]
    assert run_sql("SELECT bool_and(convalidated) FROM pg_constraint WHERE contype = 'f'") == [(True,)]
    assert {"parcel_pkey", "parcel_heavy"} <= {name for (name,) in run_sql("SELECT indexname FROM pg_indexes")}
    assert begin_month("parcel", "id", moment=present().plus(1).begins)
    assert add_parcel() == [(present().plus(1).first,)]
    assert is_refused("DELETE FROM parcel WHERE id > 501")


@on_postgresql
def test_a_month_of_a_table_that_others_refer_to_goes_only_when_none_does(parcels):
    convert_table("parcel", "id")
    run_sql("ALTER TABLE parcel DISABLE TRIGGER USER")
    run_sql("DELETE FROM label WHERE parcel_id > 1; DELETE FROM parcel WHERE id > 1")
    assert is_refused("ALTER TABLE parcel DETACH PARTITION parcel_before")
    run_sql("DELETE FROM label; DELETE FROM parcel")
    assert not is_refused("ALTER TABLE parcel DETACH PARTITION parcel_before")
    run_sql("DROP TABLE parcel_before")


@on_postgresql
def test_what_refers_to_a_table_of_months_becomes_one_too(parcels):
    convert_table("parcel", "id")
    convert_table("label", "id")
    keys = "SELECT count(*) FROM pg_constraint WHERE conrelid = 'label'::regclass AND contype = 'f' AND conparentid = 0"
    assert run_sql(keys) == [(1,)]
    assert begin_month("parcel", "id", moment=present().plus(1).begins)
    ((parcel,),) = add_parcel()
    assert run_sql("INSERT INTO label (parcel_id) VALUES (%s) RETURNING id", parcel) == [(501,)]
    assert is_refused("INSERT INTO label (parcel_id) VALUES (%s)", parcel + 1)
    assert is_refused("ALTER TABLE parcel DETACH PARTITION parcel_before")


@on_postgresql
def test_a_table_that_refers_to_itself_is_refused(parcels):
    run_sql("ALTER TABLE parcel ADD COLUMN instead_of bigint REFERENCES parcel (id)")
    with pytest.raises(ValueError, match="refers to itself"):
        convert_table("parcel", "id")
    assert not is_partitioned("parcel")


@on_postgresql
def test_turning_it_again_changes_nothing(parcels):
    convert_table("parcel", "id")
    before = parts_of("parcel")
    convert_table("parcel", "id")
    assert [part.name for part in parts_of("parcel")] == [part.name for part in before]


@on_postgresql
@pytest.mark.parametrize("step", ["_turn", "_prove_keys", "make_months"])
def test_who_is_stopped_halfway_is_run_again(parcels, monkeypatch, step):
    def stop(*args: Any, **named: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(f"gaap.partitions.converting.{step}", stop)
        with pytest.raises(KeyboardInterrupt):
            convert_table("parcel", "id")
    assert add_parcel() == [(501,)]
    convert_table("parcel", "id")
    assert run_sql("SELECT count(*) FROM parcel") == [(501,)]
    assert len(parts_of("parcel")) == 1 + AHEAD
    assert run_sql("SELECT bool_and(convalidated) FROM pg_constraint WHERE contype = 'f'") == [(True,)]


@on_postgresql
def test_others_write_while_it_is_turned(parcels):
    is_over, written = Event(), []

    def write():
        while not is_over.is_set():
            written.append(add_parcel(weight=20))
        connections.close_all()

    writers = [Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    convert_table("parcel", "id")
    is_over.set()
    for writer in writers:
        writer.join()
    assert written
    assert run_sql("SELECT count(*), max(id) FROM parcel") == [(500 + len(written), 500 + len(written))]


@on_postgresql
def test_numbers_of_months_to_come_are_refused(parcels):
    run_sql("INSERT INTO parcel (id, code, weight) VALUES (%s, gen_random_uuid(), 1)", present().plus(2).first)
    with pytest.raises(ValueError, match="belongs to a month to come"):
        convert_table("parcel", "id")
    assert not is_partitioned("parcel")


# --- what is asked all the time, beside two years of months ----------------------------------------------------------

FILL = f"""
INSERT INTO {TABLE}
    (sequence, id, name, service_id, position, subject, data, occurred_at, published_at, attempts, failure)
SELECT %s + number, gen_random_uuid(), 'parcel_sent', %s, %s + number, 'parcel/' || number, '{{}}', %s, %s, 1, ''
FROM generate_series(1, 1000) AS number
"""


@pytest.fixture
def two_years(db, service):
    """Twenty-four months of events that are over, and five that wait in the newest part."""
    months = [old_month(back) for back in range(1, 25)]
    for month in reversed(months):
        run_sql(FILL, month.first, service.pk, month.first, month.begins, month.begins)
    newest = months[0].first + 2000
    for count in range(5):
        an_event(months[0], sequence=newest + count, published_at=None, subject="parcel/new")
    run_sql(f"ANALYZE {TABLE}")
    return newest


def plan_of(queryset):
    (plan,) = json.loads(queryset.explain(format="json", analyze=True, buffers=True))
    return plan


def pages(node, tables):
    """Count the pages that scans of these tables read: what tests before left in others says nothing of them."""
    is_one = node.get("Relation Name") in tables
    own = node["Shared Hit Blocks"] + node["Shared Read Blocks"] if is_one else 0
    return own + sum(0 if is_one else pages(child, tables) for child in node.get("Plans", ()))


@on_postgresql
def test_what_is_known_by_its_number_is_sought_in_one_month(two_years):
    for queryset in (OutboxEvent.objects.filter(pk=two_years), OutboxEvent.objects.filter(pk__in=[two_years, 7])):
        assert len(scans(plan_of(queryset)["Plan"])) <= 2


@on_postgresql
@pytest.mark.parametrize("asked", ["waiting", "unplaced", "page", "by id"])
def test_what_is_asked_all_the_time_reads_no_history(two_years, service, asked):
    newest = OutboxEvent.objects.latest("sequence")
    stream = OutboxEvent.objects.stream(service.pk)
    queryset = {
        "waiting": OutboxEvent.objects.waiting().filter(retry_at=None)[:200],
        "unplaced": OutboxEvent.objects.unplaced().order_by().values_list("service_id", flat=True).distinct(),
        "page": stream.filter(position__gt=present().plus(-1).first + 900)[:101],
        "by id": stream.filter(id=newest.id),
    }[asked]
    plan = plan_of(queryset)
    filled = {f"{TABLE}_{present().plus(-back)}" for back in range(1, 25)}
    assert [table for kind, table in scans(plan["Plan"]) if kind == "Seq Scan" and table in filled] == []
    assert pages(plan["Plan"], filled) < 4 * len(filled) + 120
    assert plan["Planning Time"] < 100


@on_postgresql
@pytest.mark.parametrize("work", [relay_waiting, place_waiting])
def test_who_publishes_and_places_asks_the_last_two_months(two_years, work, settings):
    settings.GAAP_SNAPSHOT_SECONDS = 60
    first_that_may_wait()
    with CaptureQueriesContext(connection) as asked:
        work()
    plans = [query["sql"] for query in asked if query["sql"].startswith("SELECT") and TABLE in query["sql"]]
    assert plans
    for sql in plans:
        ((plan,),) = run_sql("EXPLAIN (FORMAT JSON, ANALYZE) " + sql.replace("%", "%%"))
        assert len({table for _, table in scans(plan[0]["Plan"])}) <= 2 + AHEAD


@on_postgresql
def test_what_waits_from_long_ago_is_published_too(two_years, settings):
    settings.GAAP_SNAPSHOT_SECONDS = 0
    old = an_event(present().plus(-20), sequence=present().plus(-20).first + 5000, published_at=None)
    assert first_that_may_wait() == present().plus(-20).first
    relay_waiting()
    old.refresh_from_db()
    assert old.published_at
    assert first_that_may_wait() == present().plus(-2).first
