"""Records inside a turn: seen at once, kept at the end, refused when somebody was quicker."""

from datetime import UTC, datetime

import pytest

from botruntime.sdk.contract import Conflict
from botruntime.sdk.tables import MemoryTables, Pending
from botruntime.sdk.views import TableView

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


def view(tables: MemoryTables, seed: str = "e1", contact: str | None = "c1") -> tuple[Pending, TableView]:
    """A turn's view of the collection `pesanan`."""
    pending = Pending(tables, seed, NOW)
    return pending, TableView(pending, "pesanan", contact)


def test_what_is_written_is_seen_at_once_and_kept_at_the_end() -> None:
    tables = MemoryTables()
    pending, orders = view(tables)
    first = orders.insert(barang="kopi")
    assert orders.count() == 1
    assert not tables.records
    orders.update(first, banyak=2)
    assert orders.find(banyak=2)[0].data == {"barang": "kopi", "banyak": 2}
    pending.flush()
    assert tables.find("pesanan")[0].data == {"barang": "kopi", "banyak": 2}


def test_several_changes_of_a_stored_record_are_one_step() -> None:
    tables = MemoryTables()
    pending, orders = view(tables)
    orders.insert(key="k", n=1)
    pending.flush()
    pending, orders = view(tables, "e2")
    record = orders.by_key("k")
    assert record
    orders.update(orders.update(record, n=2), n=3)
    pending.flush()
    stored = tables.find("pesanan", key="k")[0]
    assert (stored.data, stored.revision) == ({"n": 3}, 2)


def test_a_record_changed_by_another_turn_is_a_conflict() -> None:
    tables = MemoryTables()
    pending, orders = view(tables)
    orders.insert(key="k", n=1)
    pending.flush()
    (one, left), (two, right) = view(tables, "e2"), view(tables, "e3")
    left.update(left.find()[0], n=2)
    right.update(right.find()[0], n=9)
    one.flush()
    with pytest.raises(Conflict):
        two.flush()


def test_a_taken_key_is_a_conflict() -> None:
    tables = MemoryTables()
    pending, orders = view(tables)
    orders.insert(key="k")
    with pytest.raises(Conflict):
        orders.insert(key="k")
    pending.flush()
    late, again = view(tables, "e2")
    with pytest.raises(Conflict):
        again.insert(key="k")
    late.flush()


def test_deleted_records_are_gone_at_once() -> None:
    tables = MemoryTables()
    pending, orders = view(tables)
    record = orders.insert(n=1)
    pending.flush()
    pending, orders = view(tables, "e2")
    orders.delete(record)
    assert (orders.count(), orders.get(record.code), orders.find()) == (0, None, [])
    with pytest.raises(Conflict):
        orders.update(record, n=2)
    pending.flush()
    assert not tables.records


def test_records_belong_to_the_contact_unless_shared() -> None:
    tables = MemoryTables()
    pending, orders = view(tables)
    orders.insert(n=1)
    orders.insert(n=2, shared=True)
    assert [record.data["n"] for record in orders.find(mine=True)] == [1]
    assert [record.data["n"] for record in orders.find(newest_first=True)] == [2, 1]
    pending.flush()
    assert orders.count(mine=True) == 1


def test_a_repeated_turn_makes_the_same_records() -> None:
    codes = [view(MemoryTables(), "event-7")[1].insert(n=1).code for _ in range(2)]
    assert codes[0] == codes[1]
    assert view(MemoryTables(), "event-8")[1].insert(n=1).code != codes[0]
