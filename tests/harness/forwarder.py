"""A way to a server that can be cut at the worst moment."""

import socket
import threading


class Forwarder:
    """Passes bytes between clients and a server. cut_behind(text): the next request that ends in `text` still arrives, its
    answer does not, and the client's connection is closed."""

    def __init__(self, host, port):
        self.target = (host, port)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.cuts = 0
        self._text = None
        self._sockets = []
        threading.Thread(target=self._accept, daemon=True).start()

    def cut_behind(self, text):
        self._text = text

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
                server = socket.create_connection(self.target)
            except OSError:
                return
            self._sockets += [client, server]
            link = {"is_cut": False}
            threading.Thread(target=self._requests, args=(client, server, link), daemon=True).start()
            threading.Thread(target=self._answers, args=(client, server, link), daemon=True).start()

    def _requests(self, client, server, link):
        try:
            while data := client.recv(65536):
                if self._text and data.endswith(self._text):
                    self._text, link["is_cut"] = None, True
                server.sendall(data)
        except OSError:
            pass
        if not link["is_cut"]:
            self._close(client, server)

    def _answers(self, client, server, link):
        try:
            while data := server.recv(65536):
                if link["is_cut"]:  # it is done, and nobody hears of it
                    self.cuts += 1
                    break
                client.sendall(data)
        except OSError:
            pass
        self._close(client, server)

    @staticmethod
    def _close(*sockets):
        for s in sockets:
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            s.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._close(self.listener, *self._sockets)
