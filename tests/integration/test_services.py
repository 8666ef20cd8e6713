"""The two services beyond plain requests: what the lab's front end does, what only exists here, and what happens when things break."""

import http.client
import json
import os
import re
import socket
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from harness import paths, until
from harness.process import Process

pytestmark = pytest.mark.server

HTTPIE = {"Accept": "application/json, */*;q=0.5", "Content-Type": "application/json"}
AXIOS = {"Accept": "application/json, text/plain, */*", "Content-Type": "application/json;charset=utf-8"}
LAB = {"productId": "1", "qty": "10", "customerId": "1000", "price": "10000"}


@pytest.fixture
def order(lab, database):
    return lab.order_service(database)


@pytest.fixture
def marketing(lab, database):
    return lab.marketing_service(database)


def items(answer, rel="orders"):
    return answer.json["_embedded"][rel]


def raw(service, text, timeout=20):
    """Bytes as they are over a connection; what came until it was closed."""
    with socket.create_connection(("127.0.0.1", service.port), timeout=timeout) as connection:
        connection.sendall(text)
        parts = []
        while part := connection.recv(65536):
            parts.append(part)
        return b"".join(parts)


# ---- the lab's clients --------------------------------------------------------------------------------------------


def test_the_front_end_pages_creates_edits_and_deletes(order):
    """The calls of the lab's Vue components, as axios sends them."""
    assert items(order.rest.get("/orders", headers=AXIOS)) == []
    for n in range(25):
        created = order.rest.post("/orders", {"customerId": "", "qty": n, "price": 0, "productId": 0}, headers=AXIOS)
        assert created.status == 201 and created.headers["content-type"] == "application/json"
    listed = order.rest.get("/orders", headers=AXIOS).json
    assert listed["page"] == {"size": 20, "totalElements": 25, "totalPages": 2, "number": 0}
    rest = order.rest.get(listed["_links"]["next"]["href"].removeprefix(order.url), headers=AXIOS).json
    assert [o["qty"] for o in listed["_embedded"]["orders"] + rest["_embedded"]["orders"]] == list(range(25))

    shown = rest["_embedded"]["orders"][-1]
    path = shown["_links"]["self"]["href"].removeprefix(order.url)
    shown.update(id=path.rsplit("/", 1)[1], qty="99", customerId="edited")  # the table adds the id, inputs make strings
    changed = order.rest.put(path, shown, headers=AXIOS)
    assert changed.status == 200 and (changed.json["qty"], changed.json["customerId"]) == (99, "edited")
    assert order.rest.patch(path, {"price": 1.5}, headers=AXIOS).json["price"] == 1.5
    assert order.rest.get(path, headers=AXIOS).json == {**changed.json, "price": 1.5}
    assert order.rest.delete(path, headers=AXIOS).status == 204
    assert order.rest.get(path, headers=AXIOS).status == 404


def test_httpie_s_strings_become_numbers(order, database):
    answer = order.rest.post("/orders", LAB, headers=HTTPIE)
    assert answer.status == 201 and answer.headers["location"] == f"{order.url}/orders/1"
    assert {k: v for k, v in answer.json.items() if k != "_links"} == {"customerId": "1000", "qty": 10, "price": 10000.0, "productId": 1}
    assert '"price" : 10000.0,' in answer.text
    assert database.rows("ORDER_TABLE", "id,customerId,qty,price,productId") == [(1, "1000", 10, 10000.0, 1)]


def test_an_entity_describes_itself(order):
    """The profile in its two forms, and the methods of a path."""
    listed = order.rest.get("/profile").json["_links"]
    assert listed["orders"] == {"href": f"{order.url}/profile/orders"}
    alps = order.rest.get("/profile/orders", headers={"Accept": "application/alps+json"})
    assert alps.headers["content-type"].startswith("application/alps+json")
    shape = alps.json["alps"]["descriptor"][0]
    assert (shape["id"], [field["name"] for field in shape["descriptor"]]) == ("order-representation", ["customerId", "qty", "price", "productId"])
    schema = order.rest.get("/profile/orders", headers={"Accept": "application/schema+json"})
    assert schema.headers["content-type"].startswith("application/schema+json")
    assert {name: kind["type"] for name, kind in schema.json["properties"].items()} == {
        "customerId": "string", "qty": "integer", "price": "number", "productId": "integer"}
    allowed = order.rest.request("OPTIONS", "/orders").headers["allow"]
    assert {method.strip() for method in allowed.split(",")} >= {"HEAD", "POST", "GET", "OPTIONS"}


def test_a_page_of_another_origin_gets_no_rights(order):
    """As in the original: the lab's gateway is what adds them."""
    origin = {"Origin": "http://elsewhere:3000"}
    plain = order.rest.get("/orders", headers=origin)
    assert plain.status == 200 and not [name for name in plain.headers if name.startswith("access-control-")]
    preflight = order.rest.request("OPTIONS", "/orders", headers={**origin, "Access-Control-Request-Method": "POST"})
    assert (preflight.status, preflight.text) == (403, "Invalid CORS request") and "content-type" not in preflight.headers


def test_links_follow_the_forwarding_proxy_only_when_told_to(lab, database, order):
    headers = {"Host": "shop.example:9000", "X-Forwarded-Host": "public.example", "X-Forwarded-Proto": "https", "X-Forwarded-Port": "443"}

    def root(service):
        return json.loads(raw(service, "".join(["GET / HTTP/1.1\r\nConnection: close\r\n", *(f"{k}: {v}\r\n" for k, v in headers.items()), "\r\n"]).encode())
                          .split(b"\r\n\r\n", 1)[1])["_links"]["profile"]["href"]

    assert root(order) == "http://shop.example:9000/profile"
    headers["Host"] = "shop.example:"
    assert root(order) == "http://shop.example/profile"
    behind = lab.order_service(database, env={"SERVER_FORWARD_HEADERS_STRATEGY": "native"})
    assert root(behind) == "https://public.example/profile"


def test_reads_that_are_stuck_hold_up_nothing_else(lab, database):
    order = lab.order_service(database, env={"SERVER_READERS": "1"})
    first = order.rest.post("/orders", LAB, headers=HTTPIE).headers["location"]
    with database.connect() as other, other.cursor() as cursor, ThreadPoolExecutor(4) as pool:
        cursor.execute("lock tables ORDER_TABLE write")
        stuck = [pool.submit(order.rest.get, "/orders") for _ in range(4)]
        until("the first of them", lambda: database.sql(
            "select count(*) from information_schema.processlist where db = database() and state like 'Waiting for table%'")[0][0] >= 1)
        assert order.rest.get("/actuator/health").json["status"] == "UP"
        assert order.rest.get("/profile/orders").status == 200
        cursor.execute("unlock tables")
        assert [future.result().json["page"]["totalElements"] for future in stuck] == [1] * 4
    assert first.endswith("/orders/1")


# ---- input that is not meant well -------------------------------------------------------------------------------------


def test_input_never_becomes_sql(order, database):
    nasty = "x'; DROP TABLE ORDER_TABLE; -- \\' \" ` %s ? \u0000 \U0001f600"
    created = order.rest.post("/orders", {"customerId": nasty}, headers=HTTPIE)
    assert created.status == 201 and created.json["customerId"] == nasty
    assert database.rows("ORDER_TABLE", "customerId") == [(nasty,)]
    for query in ("sort=price%60%20desc;drop%20table%20ORDER_TABLE", "sort=(select%201),desc", "page=0;drop&size=1'--", "after=1%20or%201=1"):
        assert order.rest.get(f"/orders?{query}").status in (200, 400)
    for path in ("/orders/1%20or%201=1", "/orders/1;drop", "/orders/%27"):
        order.rest.delete(path)
    assert database.count("ORDER_TABLE") in (0, 1)  # "1;drop" is a path parameter of 1


def test_nothing_is_stored_half(order, database):
    order.rest.post("/orders", LAB, headers=HTTPIE)
    before = database.rows("ORDER_TABLE")
    bad = [
        ("POST", "/orders", {"qty": 5, "productId": "x"}, 400),
        ("POST", "/orders", {"qty": 5, "customerId": "c" * 256}, 409),
        ("POST", "/orders", {"qty": 5, "price": "NaN"}, 500),
        ("POST", "/orders", [{"qty": 1}, {"qty": 2, "customerId": "c" * 256}], 409),
        ("POST", "/orders", [{"qty": 1}, {"qty": "x"}], 400),
        ("POST", "/orders", '{"qty":1', 400),
        ("PUT", "/orders/1", {"qty": 6, "customerId": "c" * 256}, 409),
        ("PATCH", "/orders/1", {"qty": 7, "price": "x"}, 400),
        ("PATCH", "/orders/1", '[{"op":"replace","path":"/qty","value":8},{"op":"test","path":"/customerId","value":"other"}]', 400),
    ]
    for method, path, body, status in bad:
        kind = "application/json-patch+json" if isinstance(body, str) and body[0] == "[" else "application/json"
        answer = order.rest.request(method, path, body, headers={"Content-Type": kind})
        assert answer.status == status, (method, path, body, answer)
        assert order.rest.get("/orders").status == 200
    assert database.rows("ORDER_TABLE") == before


# ---- what only exists here ----------------------------------------------------------------------------------------------


def test_an_array_is_stored_as_a_whole_or_not_at_all(order, database):
    answer = order.rest.post("/orders", [dict(LAB, customerId=f"c{i}") for i in range(1000)], headers=HTTPIE)
    assert answer.status == 201 and [o["customerId"] for o in items(answer)] == [f"c{i}" for i in range(1000)]
    assert items(answer)[-1]["_links"]["self"]["href"] == f"{order.url}/orders/1000"
    assert order.rest.post("/orders", [{}] * 1001, headers=HTTPIE).status == 400
    assert order.rest.post("/orders", [], headers=HTTPIE).status == 400
    assert "element 2" in order.rest.post("/orders", [{}, {}, {"qty": "x"}], headers=HTTPIE).json["message"]
    assert "element 1" in order.rest.post("/orders", [{}, {"customerId": "c" * 256}], headers=HTTPIE).json["message"]
    assert "element 1" in order.rest.post("/orders", [{}, 5], headers=HTTPIE).json["message"]
    assert database.count("ORDER_TABLE") == 1000


def test_a_repeated_request_makes_one_order(order, database):
    headers = {**HTTPIE, "Idempotency-Key": "k-1"}
    first, second = (order.rest.post("/orders", LAB, headers=headers) for _ in range(2))
    assert (first.status, second.status) == (201, 201)
    assert first.headers["location"] == second.headers["location"] and first.json == second.json
    assert "idempotency-replayed" not in first.headers and second.headers["idempotency-replayed"] == "true"
    assert order.rest.post("/orders", {**LAB, "qty": "11"}, headers=headers).status == 422
    assert order.rest.post("/orders", LAB, headers={**HTTPIE, "Idempotency-Key": "K-1"}).headers["location"].endswith("/2")
    assert order.rest.post("/orders", LAB, headers={**HTTPIE, "Idempotency-Key": "k" * 256}).status == 400

    with ThreadPoolExecutor(16) as pool:  # sixteen at once, as impatient clients do
        answers = list(pool.map(lambda _: order.rest.post("/orders", LAB, headers={**HTTPIE, "Idempotency-Key": "k-2"}), range(16)))
    assert {a.status for a in answers} == {201}, answers
    assert len({a.headers["location"] for a in answers}) == 1
    assert database.count("ORDER_TABLE") == 3

    failed = order.rest.post("/orders", {"customerId": "c" * 256}, headers={**HTTPIE, "Idempotency-Key": "k-3"})
    assert failed.status == 409  # and the key is free again
    assert order.rest.post("/orders", LAB, headers={**HTTPIE, "Idempotency-Key": "k-3"}).status == 201


def test_a_client_can_wait_for_orders(marketing, database):
    insert = "insert into SYNC_ORDER_TABLE (customerId, qty) values ('a', 1)"
    empty = marketing.rest.get("/syncOrders?after=0&wait=50ms")
    assert empty.status == 200 and items(empty, "syncOrders") == []
    with ThreadPoolExecutor(40) as pool:  # more than there are workers: waiting holds none
        waiting = [pool.submit(marketing.rest.get, "/syncOrders?after=0&wait=50s") for _ in range(40)]
        until("all to wait", lambda: metric(marketing, "http_waiting_requests") == 40)
        assert marketing.rest.get("/syncOrders").status == 200
        database.sql(insert)
        answers = [w.result() for w in waiting]
    assert {a.status for a in answers} == {200}
    assert [o["qty"] for o in items(answers[0], "syncOrders")] == [1]
    database.sql(insert)
    following = answers[0].json["_links"]["next"]["href"].removeprefix(marketing.url)
    assert [o["_links"]["self"]["href"].rsplit("/", 1)[1] for o in items(marketing.rest.get(following), "syncOrders")] == ["2"]
    for wrong in ("after=x", "after=1&wait=x", "after=1&wait=-1s", "after="):
        assert marketing.rest.get(f"/syncOrders?{wrong}").status == 400


def test_waiting_clients_are_told_when_it_stops(marketing):
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(marketing.rest.get, "/syncOrders?after=0&wait=50s")
        until("it to wait", lambda: metric(marketing, "http_waiting_requests") == 1)
        assert marketing.stop() == 0
        assert waiting.result().status == 200


def buy(database, *pairs):
    database.sql("insert into SYNC_ORDER_TABLE (customerId, productId) values " + ",".join(["(%s,%s)"] * len(pairs)), *[v for p in pairs for v in p])


def suggested(marketing, query="sort=productId&size=100"):
    found = items(marketing.rest.get(f"/suggestions?{query}"), "suggestions")
    return {s["productId"]: [s[f"suggestProductId{i}"] for i in (1, 2, 3)] for s in found}


def test_suggestions_follow_the_orders(marketing, database):
    """Customers a, b, c bought 1 and 2; a and b also 3; c also 4; d only 9."""
    buy(database, ("a", 1), ("a", 2), ("a", 3), ("b", 1), ("b", 2), ("b", 3), ("c", 1), ("c", 2), ("c", 4), ("d", 9), ("a", 1), (None, 1), ("", 5), ("e", None))
    until("suggestions", lambda: suggested(marketing) == {1: [2, 3, 4], 2: [1, 3, 4], 3: [1, 2, None], 4: [1, 2, None]})
    assert marketing.stop() == 0
    marketing.start()
    buy(database, ("d", 1), ("d", 4))
    until("newer ones", lambda: (now := suggested(marketing)).get(9) == [1, 4, None] and now[4] == [1, 2, 9] and now[1] == [2, 3, 4])
    assert database.sql("show index from SYNC_ORDER_TABLE where Key_name <> 'PRIMARY'") == []


def test_orders_that_come_late_count(marketing, database):
    """A smaller id is committed after a larger one was read; also while the service is away."""
    def order_with(number, customer, product):
        database.sql("insert into SYNC_ORDER_TABLE (id, customerId, productId) values (%s, %s, %s)", number, customer, product)

    order_with(100, "a", 1)
    order_with(101, "a", 2)
    until("the first", lambda: suggested(marketing) == {1: [2, None, None], 2: [1, None, None]})
    order_with(99, "a", 3)
    until("the late one", lambda: suggested(marketing).get(1) == [2, 3, None])
    assert marketing.stop() == 0
    order_with(98, "a", 4)
    marketing.start()
    until("the one that nobody saw", lambda: suggested(marketing).get(4) == [1, 2, 3])


def test_new_orders_do_not_wait_for_a_backlog(marketing, database):
    """Ten times as many orders as are read at once: while they are worked off, a new order is in the suggestions; in the end all are."""
    database.script("create table left_then (parts int);"  # what is unread when suggestions of the new products are written
                    "create trigger note after insert on Suggestion_table for each row"
                    " insert into left_then select count(*) from SUGGESTION_UNREAD having new.productId > 1000")
    database.sql("insert into SYNC_ORDER_TABLE (customerId, productId) with recursive n (i) as (select 0 union all select i + 1 from n where i < 999) "
                 "select concat('c', (a.i * 100 + b.i) mod 20000), 1 + (a.i * 100 + b.i) mod 7 from n a join n b on b.i < 100")
    until("the backlog to begin", lambda: database.count("SUGGESTION_UNREAD") == 2)
    buy(database, ("new", 1001), ("new", 1002))
    until("the new pair", lambda: suggested(marketing, "sort=productId,desc") == {1002: [1001, None, None], 1001: [1002, None, None]})
    assert database.sql("select min(parts) from left_then")[0][0] == 2, "the backlog was worked off first"
    until("the backlog", lambda: database.count("SUGGESTION_UNREAD") == 1 and database.count("SUGGESTION_DUE") == 0)
    assert database.count("SUGGESTION_BASIS") == database.sql("select count(distinct customerId, productId) from SYNC_ORDER_TABLE")[0][0]
    pairs = {}
    for customer, product in database.rows("SYNC_ORDER_TABLE", "distinct customerId, productId"):
        pairs.setdefault(customer, set()).add(product)
    assert set(suggested(marketing)) == {p for products in pairs.values() if len(products) > 1 for p in products}


def metric(service, name):
    found = re.search(rf"(?m)^{re.escape(name)} (\S+)$", service.rest.get("/metrics").text)
    return found and float(found[1])


def test_metrics_count_what_happened(order):
    for _ in range(3):
        order.rest.get("/orders")
    order.rest.get("/nope")
    order.rest.post("/orders", LAB, headers=HTTPIE)
    answer = order.rest.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    until("all counted", lambda: metric(order, 'http_server_requests_total{method="POST",status="2xx"}') == 1)
    assert metric(order, 'http_server_requests_total{method="GET",status="4xx"}') == 1
    assert metric(order, 'http_server_requests_total{method="GET",status="2xx"}') >= 3
    assert metric(order, "http_server_request_duration_seconds_count") >= 5
    assert 1 <= metric(order, "database_connections_open") <= metric(order, "database_connections_max")
    for line in answer.text.splitlines():
        assert re.fullmatch(r"# (HELP|TYPE) \w+ .+|\w+(\{[^}]*\})? \S+", line), line


def test_a_request_can_be_followed_through_the_log(lab, database, order):
    answer = order.rest.get("/orders/7?x=1", headers={"X-Request-Id": "from-the-client"})
    assert answer.headers["x-request-id"] == "from-the-client"
    order.wait_log(r'"GET /orders/7\?x=1 HTTP/1\.1" status=404 bytes=0 ms=\d+\.\d+ id=from-the-client')
    database.sql("drop table ORDER_TABLE")
    failed = order.rest.get("/orders")
    assert failed.status == 500
    order.wait_log(rf"ORDER_TABLE.*\n(.*\n)*.*status=500 .*id={failed.headers['x-request-id']}")
    forged = raw(order, b"GET /orders/1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Request-Id: a b\x1b[31m\r\n\r\n")
    assert b"\x1b" not in forged and "\x1b" not in order.log
    quiet = lab.order_service(database, env={"SERVER_ACCESS_LOG": "false", "LOGGING_FORMAT": "json"})
    quiet.rest.get("/orders")
    assert quiet.stop() == 0
    assert "GET /orders" not in quiet.log and all(json.loads(line) for line in quiet.log.splitlines())


# ---- the database goes and comes ------------------------------------------------------------------------------------------


def test_a_restart_of_mysql_needs_no_restart_of_the_service(lab):
    server = lab.own_mysql()
    order = lab.order_service(lab.database(server))
    with ThreadPoolExecutor(8) as pool:  # several connections in the pool
        assert {a.status for a in pool.map(lambda _: order.rest.post("/orders", LAB, headers=HTTPIE), range(32))} == {201}
    server.stop()
    away = order.rest.get("/orders")
    assert away.status == 503 and away.headers["retry-after"] == "1" and away.json["message"] == "the database cannot be reached"
    assert order.rest.post("/orders", LAB, headers=HTTPIE).status == 503
    health = order.rest.get("/actuator/health")
    assert (health.status, health.json) == (503, {"status": "DOWN"})
    assert order.rest.get("/actuator/health/liveness").status == 200 and order.rest.get("/").status == 200
    assert lab_password_is_absent(order)
    server.start()
    until("health", lambda: order.rest.get("/actuator/health").json == {"status": "UP"})
    with ThreadPoolExecutor(8) as pool:
        assert {a.status for a in pool.map(lambda _: order.rest.post("/orders", LAB, headers=HTTPIE), range(32))} == {201}
    assert order.rest.get("/orders").json["page"]["totalElements"] == 64


def lab_password_is_absent(service):
    return "1234" not in re.sub(r"id=\w+|\d{4}-\d\d-\d\d\S*", "", service.log)


def test_a_mysql_that_hangs_is_an_outage(lab):
    server = lab.own_mysql()
    order = lab.order_service(lab.database(server), env={"_DATASOURCE_TIMEOUT": "1000"})
    assert order.rest.post("/orders", LAB, headers=HTTPIE).status == 201
    server.pause()
    assert order.rest.get("/orders").status == 503
    assert order.rest.get("/").status == 200
    server.resume()
    until("it to serve again", lambda: order.rest.get("/orders").status == 200)


def test_it_starts_before_mysql_does(lab):
    server = lab.own_mysql()
    database = lab.database(server)
    server.stop()
    order = lab.order_service(database)
    assert order.rest.get("/orders").status == 503
    assert order.rest.get("/actuator/health").status == 503
    server.start()
    until("orders", lambda: order.rest.get("/orders").status == 200)
    assert order.rest.post("/orders", LAB, headers=HTTPIE).status == 201


def ends(service, expected):
    """Starts it; it has to end by itself with this status. Returns what it said."""
    Process.start(service)
    assert service.wait_exit() == expected
    return service.log


def test_what_cannot_work_ends_the_program_at_the_start(lab, database):
    def service(**env):
        return lab.order_service(database, env=env, start=False)

    assert "Access denied" in ends(service(_DATASOURCE_PASSWORD="wrong"), 1)
    assert "Unknown database" in ends(service(_DATASOURCE_TABLESPACE="nosuch"), 1)
    assert "server.port" in ends(service(SERVER_PORT="70000"), 2)
    assert "datasource.address" in ends(service(_DATASOURCE_ADDRESS="host:port"), 2)
    taken = lab.order_service(database)
    assert "in use" in ends(service(SERVER_PORT=taken.port), 1)


def test_options_go_before_the_environment(lab, database):
    program = paths.BIN / "order-service"
    cases = [("--help", 0, "_DATASOURCE_ADDRESS"), ("--version", 0, "order-service"), ("--nosuch=1", 2, "nosuch"), ("--server.port", 2, "server.port")]
    for option, status, said in cases:
        done = subprocess.run([program, option], capture_output=True, text=True, timeout=60)
        assert done.returncode == status and said in done.stdout + done.stderr
    service = lab.order_service(database, env={"SERVER_PORT": "1"}, start=False)
    service.argv.append(f"--server.port={service.port}")
    service.start()
    assert service.rest.get("/orders").status == 200


# ---- how it stops, and its limits ---------------------------------------------------------------------------------------------


def test_sigterm_lets_a_running_request_finish(order, database):
    order.rest.post("/orders", LAB, headers=HTTPIE)
    other = database.connect(autocommit=False)
    try:
        with other.cursor() as cursor, ThreadPoolExecutor(1) as pool:
            cursor.execute("select * from ORDER_TABLE where id = 1 for update")
            running = pool.submit(order.rest.patch, "/orders/1", {"qty": 11}, headers=HTTPIE)
            until("it to wait for the lock", lambda: metric(order, "database_connections_in_use") >= 1)
            order.signal(15)
            order.wait_log("stopping on SIGTERM")
            with pytest.raises(ConnectionRefusedError):
                order.rest.get("/")
            other.rollback()
            answer = running.result()
            assert (answer.status, answer.json["qty"], answer.headers["connection"].lower()) == (200, 11, "close")
        assert order.wait_exit() == 0
    finally:
        other.close()
    assert database.rows("ORDER_TABLE", "qty") == [(11,)]


def test_bodies_and_headers_are_bounded(lab, database):
    order = lab.order_service(database, env={"SERVER_MAX_BODY_SIZE": "1000"})
    assert order.rest.post("/orders", {"customerId": "c", "x": "y" * 900}, headers=HTTPIE).status == 201
    assert order.rest.post("/orders", {"customerId": "c", "x": "y" * 1000}, headers=HTTPIE).status == 413
    chunk = b"3e8\r\n" + b" " * 1000 + b"\r\n"
    chunked = raw(order, b"POST /orders HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk * 2 + b"0\r\n\r\n")
    assert chunked.startswith(b"HTTP/1.1 413")
    assert raw(order, b"GET /orders HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 20000 + b"\r\n\r\n").startswith(b"HTTP/1.1 431")
    assert raw(order, b"GET /" + b"a" * 20000 + b" HTTP/1.1\r\nHost: x\r\n\r\n")[:12] in (b"HTTP/1.1 414", b"HTTP/1.1 431")
    assert order.rest.get("/orders").json["page"]["totalElements"] == 1


def test_clients_that_trickle_or_say_nothing_are_cut_off(lab, database):
    order = lab.order_service(database, env={"SERVER_REQUEST_TIMEOUT": "1000", "SERVER_IDLE_TIMEOUT": "1000"})

    def trickle(start, rest):
        """One byte every 50 ms does not keep a connection."""
        with socket.create_connection(("127.0.0.1", order.port), timeout=20) as connection:
            connection.sendall(start)
            try:
                while True:
                    connection.sendall(rest)
                    time.sleep(0.05)
            except OSError:
                return True

    starts = [(b"GET /orders HTTP/1.1\r\nHost: x\r\n", b"X: y\r\n"), (b"POST /orders HTTP/1.1\r\nHost: x\r\nContent-Length: 9999\r\n\r\n", b" ")] * 10
    with ThreadPoolExecutor(len(starts)) as pool:
        slow = [pool.submit(trickle, *s) for s in starts]
        assert raw(order, b"", timeout=20) == b""
        assert all(s.result() for s in slow)
    assert order.rest.get("/orders").json["page"]["totalElements"] == 0


def test_a_client_that_does_not_read_its_answer_holds_nothing_for_long(lab, database):
    database_rows = ",".join(["('" + "c" * 250 + "')"] * 1000)
    order = lab.order_service(database, env={"SERVER_REQUEST_TIMEOUT": "1000"})
    database.sql(f"insert into ORDER_TABLE (customerId) values {database_rows}")
    with socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", order.port))
        connection.sendall(b"GET /orders?size=1000 HTTP/1.1\r\nHost: x\r\n\r\n" * 20)
        until("it to be given up", lambda: metric(order, 'http_server_requests_total{method="GET",status="none"}'))
    assert order.rest.get("/orders?size=1").status == 200


def test_more_connections_than_allowed_wait_their_turn(lab, database):
    order = lab.order_service(database, env={"SERVER_MAX_CONNECTIONS": "10"})
    held = [socket.create_connection(("127.0.0.1", order.port)) for _ in range(10)]
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(order.rest.get, "/orders")
        for connection in held:
            connection.close()
        assert waiting.result().status == 200


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_it_needs_no_root(lab, database):
    order = lab.order_service(database, start=False)
    order.argv = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--inh-caps=-all", *order.argv]
    order.start()
    assert order.rest.post("/orders", LAB, headers=HTTPIE).status == 201
    assert f"Uid:\t{65534}" in open(f"/proc/{order.pid}/status").read()


# ---- load -------------------------------------------------------------------------------------------------------------------------


def test_many_clients_at_once_lose_nothing(order, database):
    """Everything at once, kept connections: with SAN=1 this is the load under which the sanitizers look."""
    clients, rounds, failures = 16, 25, []

    def client(number):
        connection = http.client.HTTPConnection("127.0.0.1", order.port, timeout=60)

        def ask(method, path, body=None, expected=200):
            connection.request(method, path, body and json.dumps(body), HTTPIE)
            answer = connection.getresponse()
            text = answer.read()
            if answer.status != expected:
                failures.append((method, path, answer.status, text))
            return answer, text

        for i in range(rounds):
            answer, _ = ask("POST", "/orders", dict(LAB, customerId=f"{number}-{i}"), 201)
            path = "/" + answer.headers["location"].split("/", 3)[3]
            ask("PATCH", path, {"qty": i})
            ask("GET", f"/orders?size=5&sort=price,desc&page={i % 3}")
            ask("GET", path)
            if i % 2:
                ask("DELETE", path, expected=204)
        connection.close()

    threads = [threading.Thread(target=client, args=(n,)) for n in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    kept = {(f"{n}-{i}", i) for n in range(clients) for i in range(0, rounds, 2)}
    assert set(database.rows("ORDER_TABLE", "customerId, qty")) == kept
    assert metric(order, "database_connections_open") <= metric(order, "database_connections_max")


@pytest.mark.skipif("san" in paths.BIN.parts, reason="sanitizers take memory of their own")
def test_memory_stays_small_with_many_connections(order, database):
    database.sql("insert into ORDER_TABLE (customerId) values " + ",".join(["('some customer')"] * 200))
    connections = [http.client.HTTPConnection("127.0.0.1", order.port, timeout=60) for _ in range(256)]
    for _ in range(4):
        for connection in connections:
            connection.request("GET", "/orders")
        for connection in connections:
            assert connection.getresponse().read()
    assert metric(order, "process_resident_memory_bytes") <= 16 * 1024 * 1024
    for connection in connections:
        connection.close()
