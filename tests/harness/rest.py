"""HTTP as the tests speak it: nothing is added to a request but what the test says."""

import http.client
import json
import time
import urllib.parse

from .wait import WAIT_S, Hopeless, until


class Answer:
    def __init__(self, status, headers, raw):
        self.status, self.headers, self.raw = status, headers, raw

    @property
    def text(self):
        return self.raw.decode("utf-8", "replace")

    @property
    def json(self):
        return json.loads(self.raw)

    def __repr__(self):
        return f"<{self.status} {self.text[:500]}>"


class Http:
    """One server. Bodies that are dict or list go out as JSON with its Content-Type, str and bytes as they are."""

    def __init__(self, base):
        self.base = base.rstrip("/")
        self._url = urllib.parse.urlsplit(self.base)

    def request(self, method, path, body=None, headers=None, timeout=WAIT_S):
        headers = dict(headers or {})
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
            headers.setdefault("Content-Type", "application/json")
        if isinstance(body, str):
            body = body.encode()
        connection = http.client.HTTPConnection(self._url.hostname, self._url.port, timeout=timeout)
        try:
            connection.putrequest(method, path, skip_accept_encoding=True)
            if body is not None or method in ("POST", "PUT", "PATCH"):
                connection.putheader("Content-Length", str(len(body or b"")))
            for name, value in headers.items():
                connection.putheader(name, value)
            connection.endheaders(body or None)
            response = connection.getresponse()
            return Answer(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
        finally:
            connection.close()

    def get(self, path, **options):
        return self.request("GET", path, **options)

    def post(self, path, body=None, **options):
        return self.request("POST", path, body, **options)

    def put(self, path, body=None, **options):
        return self.request("PUT", path, body, **options)

    def patch(self, path, body=None, **options):
        return self.request("PATCH", path, body, **options)

    def delete(self, path, **options):
        return self.request("DELETE", path, **options)


class ConnectRest(Http):
    """The worker's API, with what most scenarios do."""

    def patient(self, method, path, body=None, timeout=WAIT_S):
        """A request, repeated while a rebalance makes the worker answer 409."""
        end = time.monotonic() + timeout
        while True:
            answer = self.request(method, path, body)
            if answer.status != 409 or "Cannot complete request momentarily" not in answer.text or time.monotonic() > end:
                return answer
            time.sleep(0.1)

    def create(self, name, config, wait=True, tasks=None):
        """POST /connectors, and unless told otherwise waits until connector and tasks run.

        One that is to fail is made with wait=False, or with create_failing(): it may run for a moment, or not at all.
        """
        answer = self.patient("POST", "/connectors", {"name": name, "config": config})
        assert answer.status == 201, f"POST /connectors: {answer!r}"
        if wait:
            self.wait_running(name, tasks, is_new=True)
        return answer.json

    def create_failing(self, name, config):
        """POST /connectors, and waits until the connector or a task has failed; returns the trace."""
        self.create(name, config, wait=False)
        return self.wait_failed(name)

    def remove(self, name):
        answer = self.patient("DELETE", f"/connectors/{urllib.parse.quote(name, safe='')}")
        assert answer.status in (204, 404), f"DELETE {name}: {answer!r}"

    def names(self):
        return sorted(self.patient("GET", "/connectors").json)

    def status(self, name):
        """The status, or None."""
        answer = self.get(f"/connectors/{urllib.parse.quote(name, safe='')}/status")
        return answer.json if answer.status == 200 else None

    def states(self, name):
        """("RUNNING", ["RUNNING"]): the connector's and its tasks' states; None without a status."""
        status = self.status(name)
        return status and (status["connector"]["state"], [t["state"] for t in status["tasks"]])

    def wait_states(self, name, connector, tasks, timeout=WAIT_S):
        """Waits for exactly these states."""
        expected = (connector, list(tasks))
        seen = []

        def check():
            seen[:] = [self.states(name)]
            return seen[0] == expected

        try:
            until(f"{name} to be {expected}", check, timeout)
        except AssertionError as problem:
            raise AssertionError(f"{problem}; seen {seen}, status {self.status(name)}") from None

    def wait_running(self, name, tasks=None, timeout=WAIT_S, is_new=False):
        """Waits until the connector and all its tasks run: `tasks` of them, or at least one.

        What is new has not failed before, so that a failure ends the waiting; a connector that was restarted or changed
        may still show its last one.
        """

        def check():
            states = self.states(name)
            if is_new and states and "FAILED" in (states[0], *states[1]):
                raise Hopeless(f"{name} failed")
            return (states and states[0] == "RUNNING" and states[1] and set(states[1]) == {"RUNNING"}
                    and (tasks is None or len(states[1]) == tasks))

        try:
            until(f"{name} to run", check, timeout)
        except AssertionError as problem:
            raise type(problem)(f"{problem}; status {self.status(name)}") from None

    def wait_failed(self, name, timeout=WAIT_S):
        """Waits until a task (or the connector) has failed; returns its trace."""

        def check():
            status = self.status(name)
            parts = status and [status["connector"], *status["tasks"]]
            return [p.get("trace", "") for p in parts or [] if p["state"] == "FAILED"]

        return until(f"{name} to fail", check, timeout)[0]

    def offsets(self, name):
        return self.patient("GET", f"/connectors/{urllib.parse.quote(name, safe='')}/offsets").json["offsets"]

    def pause(self, name):
        assert self.patient("PUT", f"/connectors/{name}/pause").status == 202

    def resume(self, name):
        assert self.patient("PUT", f"/connectors/{name}/resume").status == 202

    def stop(self, name):
        assert self.patient("PUT", f"/connectors/{name}/stop").status == 204
        self.wait_states(name, "STOPPED", [])
