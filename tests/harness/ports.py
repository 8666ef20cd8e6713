"""Free TCP ports that two test processes never choose at the same time."""

import os
import random
import socket

# Below the range from which the system takes the ports of outgoing connections, so that none of those is in the way.
FIRST, LAST = (int(p) for p in os.environ.get("TEST_PORTS", "24000-31999").split("-"))

_claims = {}


def free_port():
    """A port nobody listens on, claimed until this process ends.

    The claim is an abstract unix socket named after the port: it leaves no file and goes away with the process.
    """
    for _ in range(1000):
        port = random.randint(FIRST, LAST)
        claim = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            claim.bind(f"\0lab-test-port-{port}")
            if is_free(port):
                _claims[port] = claim
                return port
        except OSError:
            pass
        claim.close()
    raise RuntimeError(f"no free port between {FIRST} and {LAST}")


def is_free(port):
    for family, address in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")):
        try:
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                probe.bind((address, port))
        except OSError as problem:
            if family == socket.AF_INET6 and problem.errno in (97, 99):  # no IPv6 here
                continue
            return False
    return True


def listens(port, host="127.0.0.1"):
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False
