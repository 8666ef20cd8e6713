"""The JDBC source: every mode, tables that come and go, large tables, every kind of column."""

import json
import re
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness import jdbc_sink, jdbc_source, paths, until
from harness.wait import OTHERS_S, settled, stays

pytestmark = pytest.mark.server

TABLE = "create table t (id int primary key auto_increment, v varchar(20))"
TIMED = """create table t (id int primary key auto_increment, v varchar(20), made datetime(6) not null, changed timestamp(6) null, index(made));
           insert into t(v, made) values ('a', '2020-01-01 10:00:00'), ('b', '2020-01-01 10:00:00'), ('c', '2020-01-02 10:00:00.5')"""
NO_ID = {"incrementing__column__name": None}


@pytest.fixture
def run(lab, database, worker):
    """run(tables="t", **settings): starts a source; -> read(table, at_least=0), the payloads of a table's topic."""

    def start(tables="t", tasks=1, on=worker, **settings):
        start.name, start.prefix = lab.unique("source"), lab.unique("out") + "-"
        on.rest.create(start.name, jdbc_source(database, tables, start.prefix, **settings), tasks=tasks)
        return lambda table="t", at_least=0: [r.payload for r in lab.kafka.records(start.prefix + table, at_least=at_least)]

    return start


def values(payloads, field="v"):
    return [p[field] for p in payloads]


# ---- modes -------------------------------------------------------------------------------------------------------


def test_bulk_reads_every_row_at_every_poll(database, run):
    database.script(TIMED)
    read = run(mode="bulk", poll__interval__ms=300, **NO_ID)
    assert values(read(at_least=6))[:6] == ["a", "b", "c"] * 2


def test_timestamp_reads_rows_again_when_they_change(database, worker, run):
    database.script(TIMED)
    read = run(mode="timestamp", timestamp__column__name="changed,made", **NO_ID)
    assert values(read(at_least=3)) == ["a", "b", "c"]
    database.sql("update t set v = 'A', changed = '2020-01-02 11:00:00' where id = 1")
    assert values(read(at_least=4)) == ["a", "b", "c", "A"]
    until("the offset", lambda: worker.rest.offsets(run.name)[0]["offset"] == {"timestamp_nanos": 0, "timestamp": 1577962800000})


def test_timestamp_and_incrementing_keeps_rows_of_one_time_apart(database, worker, run):
    database.script(TIMED)
    read = run(mode="timestamp+incrementing", timestamp__column__name="made", batch__max__rows=1)
    assert values(read(at_least=3)) == ["a", "b", "c"]
    database.sql("insert into t(v, made) values ('d', '2020-01-02 10:00:00.5')")
    assert values(read(at_least=4))[3] == "d"
    until("the offset", lambda: worker.rest.offsets(run.name)[0]["offset"]
          == {"timestamp_nanos": 500000000, "incrementing": 4, "timestamp": 1577959200500})


def test_a_row_that_commits_late_arrives_with_timestamp_and_incrementing(database, run):
    database.script("create table t (id int primary key auto_increment, v varchar(20), made timestamp(6) not null default current_timestamp(6), index(made))")
    read = run(mode="timestamp+incrementing", timestamp__column__name="made")
    late = database.connect(autocommit=False)
    with late.cursor() as slow:
        slow.execute("insert into t(v) values ('late')")
        slow.execute("do sleep(2)")
        database.sql("insert into t(v) values ('early')")
        stays("nothing is read past the open transaction", lambda: read() == [], seconds=3)
        late.commit()
    late.close()
    assert values(read(at_least=2)) == ["late", "early"]


def test_a_row_whose_statement_waited_before_its_transaction_began_arrives(database, run):
    """Its time is older than everything that the open transaction tells of itself."""
    database.script("create table t (id int primary key auto_increment, v varchar(20), made timestamp(6) not null default current_timestamp(6), index(made));"
                    "create table other (v varchar(20)); insert into other values ('late')")
    read = run(mode="timestamp", timestamp__column__name="made", **NO_ID)
    database.sql("insert into t(v) values ('first')")
    assert values(read(at_least=1)) == ["first"]
    locker, late = database.connect(), database.connect(autocommit=False)
    with locker.cursor() as lock, late.cursor() as slow, ThreadPoolExecutor(1) as pool:
        lock.execute("lock tables other write")
        waiting = pool.submit(slow.execute, "insert into t(v) select v from other")
        until("it waits", lambda: database.sql("select 1 from information_schema.processlist where state like 'Waiting for %%lock' and time >= 1 and db = %s",
                                               database.name))
        database.sql("insert into t(v) values ('early')")
        time.sleep(2.5)  # trx_started is to be later by more than whole seconds hide
        lock.execute("unlock tables")
        waiting.result()
        stays("nothing is read past the open transaction", lambda: len(read()) == 1, seconds=2)
        late.commit()
    locker.close()
    late.close()
    assert values(read(at_least=3)) == ["first", "late", "early"]


@pytest.mark.parametrize("settings", [
    {"mode": "bulk", "poll__interval__ms": 600000, **NO_ID},
    {"mode": "incrementing"},
    {"mode": "timestamp", "timestamp__column__name": "made", **NO_ID},
    {"mode": "timestamp+incrementing", "timestamp__column__name": "made"},
], ids=lambda s: s["mode"])
def test_a_query_is_read_in_every_mode(lab, database, run, settings):
    database.script(TIMED)
    topic = lab.unique("query")
    run(None, query="select id, concat(v, '!') as v, made from t", topic__prefix=topic, **settings)
    until("the rows", lambda: [r.payload["v"] for r in lab.kafka.records(topic)] == ["a!", "b!", "c!"])


def test_tables_and_columns_are_found_by_regular_expressions(database, run):
    database.script("create table x_one (id int primary key auto_increment, v int); insert into x_one(v) values (1);"
                    "create table x_two (no int primary key auto_increment, v int); insert into x_two(v) values (2);"
                    "create table x_not (id int primary key auto_increment, v int); insert into x_not(v) values (3)")
    read = run(None, **NO_ID, table__include__list=".*[.]x_.*", table__exclude__list=".*_not",
               incrementing__column__mapping=".*one:id,.*two:no")
    assert values(read("x_one", 1)) == [1] and values(read("x_two", 1)) == [2]
    assert read("x_not") == []


# ---- rows that commit late -------------------------------------------------------------------------------------------


def test_a_transaction_that_stays_open_does_not_hold_up_later_rows(database, run):
    database.script(TABLE)
    read = run(poll__interval__ms=1000)  # longer than the time between two looks for missing ids
    late = database.connect(autocommit=False)
    with late.cursor() as slow:
        slow.execute("insert into t(v) values ('late')")
        for n in range(5):
            database.sql("insert into t(v) values (%s)", str(n))
            assert values(read(at_least=n + 1))[-1] == str(n)
        late.commit()
    late.close()
    assert values(read(at_least=6)) == ["0", "1", "2", "3", "4", "late"]


@pytest.mark.slow
def test_failed_upserts_and_inserts_leave_holes_that_nothing_waits_for(database, worker, run):
    database.script("create table t (id int primary key auto_increment, v varchar(36) unique)")
    read = run()
    for n in range(30):
        database.sql("insert into t(v) values (%s) on duplicate key update v = concat(v, '')", str(n % 5))
        database.sql("insert ignore into t(v) values ('0'), (%s), ('1')", f"x{n}")
    rows = [row[0] for row in database.rows("t", "id")]
    until("all rows, once and in order", lambda: [p["id"] for p in read()] == rows)

    def has_no_gaps():
        database.sql("insert into t(v) values (uuid())")  # offsets are stored with records
        return list(worker.rest.offsets(run.name)[0]["offset"]) == ["incrementing"]

    until("an offset without gaps", has_no_gaps, OTHERS_S)


def test_without_the_process_privilege_a_hole_is_given_up_after_its_time(database, worker, run):
    database.script(TABLE)
    user = f"u{time.time_ns() % 10**9}"
    hosts = [f"'{user}'@'%'", f"'{user}'@'localhost'"]  # MariaDB's anonymous local user would come first
    for host in hosts:
        database.sql(f"create user {host} identified by 'pw'")
        database.sql(f"grant select on `{database.name}`.* to {host}")
    try:
        read = run(connection__user=user, connection__password="pw", incrementing__gap__timeout__ms=500)
        late = database.connect(autocommit=False)
        with late.cursor() as slow:
            slow.execute("insert into t(v) values ('never')")
            database.sql("insert into t(v) values ('a')")
            late.rollback()
        late.close()
        assert values(read(at_least=1)) == ["a"]
        worker.wait_log("1 id.s. did not appear within incrementing.gap.timeout.ms")
        database.sql("insert into t(v) values ('b')")
        until("an offset without gaps", lambda: worker.rest.offsets(run.name)[0]["offset"] == {"incrementing": 3})
        worker.rest.remove(run.name)
    finally:
        database.sql("drop user " + ",".join(hosts))


@pytest.mark.parametrize("lock_mode", [0, 1, 2])
def test_no_row_is_lost_in_any_auto_increment_lock_mode_nor_over_a_restart_of_mysql(lab, lock_mode):
    server = lab.own_mysql(options=[f"--innodb-autoinc-lock-mode={lock_mode}"])
    database, worker = lab.database(server), lab.worker()
    database.script(TABLE + "; create table words (v varchar(20)); insert into words values ('x'), ('y'), ('z')")
    name, prefix = lab.unique("source"), lab.unique("out") + "-"
    worker.rest.create(name, jdbc_source(database, "t", prefix, connection__attempts=100, connection__backoff__ms=200), tasks=1)
    for round_ in range(2):
        late = database.connect(autocommit=False)
        with late.cursor() as slow:
            slow.execute("insert into t(v) values ('late')")
            database.sql("insert into t(v) values ('first')")
            database.sql("insert into t(v) select v from words")
            if round_ == 0:
                server.kill9()  # rolls the open transaction back
                server.start()
            else:
                late.commit()
    database.sql("insert into t(v) values ('last')")
    rows = {row[0] for row in database.rows("t", "id")}

    def ids():
        return [r.payload["id"] for r in lab.kafka.records(prefix + "t")]

    until("all rows", lambda: set(ids()) == rows)
    assert len(ids()) == len(rows)


# ---- tables -------------------------------------------------------------------------------------------------------------


def test_tables_that_appear_are_read_and_tables_that_go_stop_nothing(database, worker, run):
    database.script("create table a (id int primary key auto_increment, v int); insert into a(v) values (1);"
                    "create table b (id int primary key auto_increment, v int); insert into b(v) values (2)")
    read = run("a,b,c,d,e", tasks=2, tasks__max=3, table__poll__interval__ms=300)
    assert values(read("a", 1)) == [1] and values(read("b", 1)) == [2]
    database.script("create table c (id int primary key auto_increment, v int); insert into c(v) values (3)")
    assert values(read("c", 1)) == [3]
    database.sql("drop table a")
    database.sql("insert into b(v) values (4)")
    assert values(read("b", 2)) == [2, 4]
    worker.wait_log("the set of tables has changed: 3 before, 2 now")
    until("two tasks", lambda: worker.rest.states(run.name) == ("RUNNING", ["RUNNING"] * 2))


def test_tables_are_spread_over_tasks_in_their_order(database, worker, run):
    names = list("abcdefg")
    for name in names:
        database.script(f"create table {name} (id int primary key auto_increment); insert into {name} values (1)")
    read = run(",".join(reversed(names)), tasks=3, tasks__max=3)
    until("the tasks", lambda: len(worker.rest.get(f"/connectors/{run.name}/tasks").json) == 3)
    tables = [t["config"]["tables"] for t in worker.rest.get(f"/connectors/{run.name}/tasks").json]
    assert [re.findall(r"`\.`(\w)`", t) for t in tables] == [["a", "b", "c"], ["d", "e"], ["f", "g"]]
    for name in names:
        assert read(name, 1) == [{"id": 1}]


def test_a_table_that_is_altered_is_read_with_its_new_columns(database, run):
    database.script(TABLE)
    database.sql("insert into t(v) values ('a')")
    read = run()
    assert read(at_least=1) == [{"id": 1, "v": "a"}]
    database.sql("alter table t add n int not null default 7 after id")
    database.sql("insert into t(v) values ('b')")
    assert read(at_least=2)[1] == {"id": 2, "n": 7, "v": "b"}
    database.sql("alter table t drop v")
    database.sql("insert into t(n) values (8)")
    assert read(at_least=3)[2] == {"id": 3, "n": 8}


def test_a_read_only_server_is_read(lab):
    server = lab.own_mysql()
    database, worker = lab.database(server), lab.worker()
    database.script(TABLE)
    database.sql("insert into t(v) values ('a')")
    server.sql("set global read_only = 1")
    name, prefix = lab.unique("source"), lab.unique("out") + "-"
    worker.rest.create(name, jdbc_source(database, "t", prefix), tasks=1)
    assert [r.payload["v"] for r in lab.kafka.records(prefix + "t", at_least=1)] == ["a"]


@pytest.mark.parametrize("settings, message", [
    ({"connection__password": "wrong"}, "Could not connect to database. Access denied for user"),
    ({"table__whitelist": None, "query": "select nothing from t"}, "SQLState: 42S22, errorCode: 1054"),
    ({"table__whitelist": None, "query": "delete from t"}, "Only SELECT statements are supported"),
    ({"mode": "sometimes"}, "String must be one of: , bulk, timestamp, incrementing, timestamp+incrementing"),
])
def test_what_cannot_work_is_refused_with_its_reason(lab, database, worker, settings, message):
    database.script(TABLE)
    answer = worker.rest.post("/connectors", {"name": lab.unique("source"), "config": jdbc_source(database, "t", "x", **settings)})
    assert answer.status == 400 and message in answer.json["message"]


# ---- large tables ---------------------------------------------------------------------------------------------------------


def fill(database, rows, columns="v", value="('x')"):
    for start in range(0, rows, 10000):
        database.sql(f"insert into t({columns}) values " + ",".join([value] * min(10000, rows - start)))


SLOW = "select id, v, sleep((select seconds from pace)) as s from t"


def fill_slow(database):
    """120 rows that SLOW reads at 0.3 s each, until pace says otherwise. Each fills the server's buffer, so that it is sent at once."""
    database.script("create table t (id int primary key auto_increment, v varchar(16000));"
                    "create table pace (seconds double); insert into pace values (0.3)")
    fill(database, 120, value="(repeat('x', 16000))")


def slow_statements(database):
    """The connections on which SLOW runs."""
    return [row[0] for row in database.sql("select id from information_schema.processlist where db = database() "
                                           "and info like 'select id, v, sleep%%'")]


@pytest.mark.slow
def test_killed_in_a_first_read_it_goes_on_behind_the_last_flush(lab, database, run):
    database.script(TABLE)
    fill(database, 150000)
    worker = lab.worker({"session.timeout.ms": 3000, "heartbeat.interval.ms": 1000, "offset.flush.interval.ms": 50})
    run(on=worker)
    topic = run.prefix + "t"
    until("an offset in the middle", lambda: worker.rest.offsets(run.name))
    worker.kill9()
    flushed = [json.loads(v)["incrementing"] for v in lab.kafka.latest(f"{worker.properties['group.id']}-offsets").values()][0]
    worker.start()
    until("the last row", lambda: lab.kafka.count(topic) >= 150000 and worker.rest.offsets(run.name)[0]["offset"] == {"incrementing": 150000})
    seen, again = set(), []
    for record in lab.kafka.records(topic):
        (again.append if record.payload["id"] in seen else seen.add)(record.payload["id"])
    assert len(seen) == 150000
    assert flushed > 0 and min(again, default=150000) > flushed  # what was flushed is not read again


def test_a_connection_killed_in_the_middle_of_a_read_is_made_again_behind_the_last_row(lab, database, worker, run):
    fill_slow(database)
    topic = lab.unique("slow")
    run(None, query=SLOW, topic__prefix=topic, batch__max__rows=2)
    until("some rows", lambda: 0 < rows_read(worker, run.name))
    connection, = slow_statements(database)
    database.sql("update pace set seconds = 0")
    database.sql(f"kill {connection}")
    worker.wait_log("trying again in|Lost connection")
    assert [r.payload["id"] for r in lab.kafka.records(topic, at_least=120)] == list(range(1, 121))
    assert worker.rest.states(run.name) == ("RUNNING", ["RUNNING"])


@pytest.mark.slow
@pytest.mark.skipif(paths.FLAVOUR is not None, reason="sanitizers have memory of their own")
@pytest.mark.parametrize("settings", [
    {"mode": "timestamp", "timestamp__column__name": "made", **NO_ID},  # chunks
    {"mode": "timestamp+incrementing", "timestamp__column__name": "id_time"},  # no index: one statement
], ids=["chunks", "one statement"])
def test_memory_does_not_follow_the_size_of_a_table(lab, database, worker, run, settings):
    database.script("create table t (id int primary key auto_increment, v varchar(4000), made datetime(3) not null, "
                    "id_time datetime(3) not null, index(made)); insert into t(v, made, id_time) values (repeat('x', 4000), '2020-01-01', '2020-01-01')")
    for _ in range(15):  # 128 MB
        database.sql("insert into t(v, made, id_time) select v, made, id_time from t")
    database.sql("update t set made = date_add(made, interval id second)")
    run(**settings)
    until("all rows", lambda: rows_read(worker, run.name) == 1 << 15)
    assert worker.peak_rss() < 96 << 20


def rows_read(worker, name):
    found = re.search(rf'^kafka_connect_task_rows_read{{connector="{name}",task="0"}} (\S+)$', worker.rest.get("/metrics").text, re.M)
    return float(found[1]) if found else 0


def test_a_pause_in_a_large_read_is_at_once_and_holds_nothing_open(lab, database, worker, run):
    fill_slow(database)
    topic = lab.unique("slow")
    run(None, query=SLOW, topic__prefix=topic, batch__max__rows=2)
    until("some rows of a statement that runs on", lambda: lab.kafka.count(topic) > 0 and slow_statements(database))
    worker.rest.pause(run.name)
    worker.rest.wait_states(run.name, "PAUSED", ["PAUSED"])
    until("no statement runs", lambda: slow_statements(database) == [])
    paused = settled(lambda: lab.kafka.count(topic))  # what was on its way to the broker still comes, as with Java
    assert paused < 120
    stays("no row comes", lambda: lab.kafka.count(topic) == paused and slow_statements(database) == [], seconds=1)
    database.sql("update pace set seconds = 0")
    worker.rest.resume(run.name)
    assert [r.payload["id"] for r in lab.kafka.records(topic, at_least=120)] == list(range(1, 121))


@pytest.mark.slow
def test_many_rows_come_once_over_several_statements_in_timestamp_mode(lab, database, worker, run):
    database.script("create table t (id int primary key auto_increment, v varchar(20), made datetime(3) not null, index(made))")
    fill(database, 120000, "v, made", "('x', '2020-01-01')")
    database.sql("update t set made = date_add(made, interval floor(id / 7) * 100000 microsecond)")
    run(mode="timestamp", timestamp__column__name="made", **NO_ID)
    until("all rows", lambda: lab.kafka.count(run.prefix + "t") >= 120000)
    got = [r.payload for r in lab.kafka.records(run.prefix + "t")]
    assert sorted(p["id"] for p in got) == [row[0] for row in database.rows("t", "id")]
    times = [p["made"] for p in got]
    assert times == sorted(times)  # rows of one time come in any order


def test_a_large_read_tells_how_far_it_is(lab, database, worker, run):
    database.script(TABLE)
    fill(database, 20000)
    run()
    until("all rows", lambda: lab.kafka.count(run.prefix + "t") >= 20000)

    def metric(name):
        found = re.search(rf'^kafka_connect_task_{name}{{connector="{run.name}",task="0"}} (\S+)$', worker.rest.get("/metrics").text, re.M)
        return float(found[1]) if found else None

    until("rows read", lambda: metric("rows_read") == 20000)
    until("nothing is left", lambda: metric("rows_left_estimate") == 0)
    until("no lag", lambda: metric("lag_ms") is not None and metric("lag_ms") < 5000)
    until("nothing more a second", lambda: metric("rows_per_second") == 0)


def test_a_missing_index_is_warned_about_once(database, worker, run):
    database.script("create table t (id int not null, v varchar(20)); insert into t values (1, 'a')")
    read = run(poll__interval__ms=10)
    assert values(read(at_least=1)) == ["a"]
    database.sql("insert into t values (2, 'b')")
    assert values(read(at_least=2)) == ["a", "b"]
    assert worker.log.count("has no index that begins with column id") == 1


# ---- columns ----------------------------------------------------------------------------------------------------------------

ODD = """
create table customer (id int primary key auto_increment, name varchar(50) not null, kind enum('new','old','it''s') not null default 'new',
  langs set('ko','en','de'));
create table t (
  id bigint unsigned primary key auto_increment, customer int not null, price decimal(30,10), tiny tinyint unsigned, flag bool, bits bit(7),
  one bit(1), born year,
  day date, at time, moment datetime(3), stamp timestamp null, `real` double, small float, bin binary(8), vbin varbinary(20), pic longblob,
  words longtext, fixed char(10),
  latin varchar(20) character set latin1, doc json, place point, zone geometry, zero int(8) zerofill, twice bigint as (zero * 2) stored,
  thrice bigint as (zero * 3) virtual, hidden int default 5 invisible,
  foreign key (customer) references customer(id));
create table audit (id int primary key auto_increment, what varchar(50));
create trigger t_audit after insert on t for each row insert into audit(what) values (concat('t ', new.id));
create view shown as select t.id as id, c.name as name, c.kind as kind, t.price as price from t join customer c on c.id = t.customer;
"""
ODD_ROWS = """
insert into customer(name, kind, langs) values ('김 𝄞', 'old', 'ko,de'), ('O''Brien \\\\ "x"', 'it''s', '');
insert into t values
 (1, 1, -12345678901234567890.0123456789, 255, true, b'1010101', b'1', 2155, '1000-01-01', '23:59:59', '9999-12-31 23:59:59.999', '2038-01-19 03:14:07',
  -1.5e300, 33.25, x'00ff', x'0102', repeat(x'00', 70000), repeat('한', 30000), 'pad', 'é', '{"a": [1, 2.5, null]}', st_geomfromtext('POINT(1 2)'),
  st_geomfromtext('POLYGON((0 0,0 1,1 1,0 0))'), 42, default, default),
 (2, 2, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, null, default, default),
 (18446744073709, 2, 0, 0, false, b'0', b'0', 1901, '2020-02-29', '00:00:00', '1970-01-01 00:00:00', '1970-01-01 00:00:01', 0, -0.5, x'', x'', '',
  '', '', '', '[]',
  st_geomfromtext('POINT(-0.5 1e10)'), st_geomfromtext('LINESTRING(0 0,2 2)'), 0, default, default);
update t set hidden = 7;
"""


def test_a_schema_of_odd_types_arrives_as_it_was(lab, database, worker, run):
    """Tables with foreign keys, a trigger and a view, through source and sink into a second database of the same tables."""
    database.script(ODD + ODD_ROWS)
    target = lab.database()
    target.script(ODD.replace("twice bigint as (zero * 2) stored", "twice bigint").replace("thrice bigint as (zero * 3) virtual", "thrice bigint"))
    target.script("drop trigger t_audit; drop view shown; create table shown (id bigint, name varchar(50), kind varchar(10), price decimal(30,10))")
    url = database.jdbc_url(yearIsDateType="false")
    read = run("customer,t,audit,shown", tasks__max=2, tasks=2, table__types="TABLE,VIEW", connection__url=url)
    for table, rows in (("customer", 2), ("t", 3), ("audit", 3), ("shown", 3)):
        read(table, rows)
    strip = {"transforms": "strip", "transforms.strip.type": "org.apache.kafka.connect.transforms.RegexRouter",
             "transforms.strip.regex": f"{run.prefix}(.*)", "transforms.strip.replacement": "$1"}
    for table in ("customer", "t", "audit", "shown"):  # in the order that the foreign key needs
        worker.rest.create(lab.unique("sink"), jdbc_sink(
            target, run.prefix + table, auto__create="false", auto__evolve="false", **strip), tasks=1)
        until(f"table {table}", lambda: target.rows(table) == database.rows(table))
    assert all("hidden" not in p for p in read("t"))  # SELECT * has no invisible columns
    assert target.rows("t", "hidden") == [(5,)] * 3
