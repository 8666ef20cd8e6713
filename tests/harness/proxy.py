"""A TCP proxy that can stop forwarding without closing anything, as a cut cable does."""

import selectors
import socket
import threading


class Proxy:
    """Forwards 127.0.0.1:port to 127.0.0.1:target, until cut() and again after heal()."""

    def __init__(self, port, target):
        self.port, self.target = port, target
        self._connected = threading.Event()
        self._connected.set()
        self._server = socket.create_server(("127.0.0.1", port))
        self._open = []
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self):
        """What was sent and not forwarded yet stays where it is; new connections get no answer."""
        self._connected.clear()

    def heal(self):
        self._connected.set()

    def close(self):
        self._server.close()
        self._connected.set()
        for s in self._open:
            s.close()

    def _accept(self):
        while True:
            try:
                client, _ = self._server.accept()
                self._connected.wait()
                server = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                return
            self._open += [client, server]
            threading.Thread(target=self._forward, args=(client, server), daemon=True).start()

    def _forward(self, *ends):
        selector = selectors.DefaultSelector()
        try:
            for end, other in (ends, ends[::-1]):
                selector.register(end, selectors.EVENT_READ, other)
            while True:
                for key, _ in selector.select():
                    self._connected.wait()
                    data = key.fileobj.recv(65536)
                    if not data:
                        return
                    key.data.sendall(data)
        except (OSError, ValueError):
            pass
        finally:
            selector.close()
            for end in ends:
                end.close()
