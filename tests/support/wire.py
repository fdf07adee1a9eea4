"""Servers that misbehave on purpose, byte by byte, on a loopback port."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterable, Iterator

Answer = Callable[[socket.socket], None]


@contextlib.contextmanager
def raw_server(answer: Answer) -> Iterator[str]:
    """Serve `answer` to every connection, each in its thread; yield the address."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.1)
        stopping = threading.Event()
        threads = [threading.Thread(target=_accept, args=(listener, answer, stopping), daemon=True)]
        threads[0].start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
        stopping.set()
        threads[0].join()


def _accept(listener: socket.socket, answer: Answer, stopping: threading.Event) -> None:
    while not stopping.is_set():
        with contextlib.suppress(TimeoutError):
            connection, _ = listener.accept()
            threading.Thread(target=_serve, args=(connection, answer), daemon=True).start()


def _serve(connection: socket.socket, answer: Answer) -> None:
    with connection, contextlib.suppress(OSError):
        connection.recv(65536)
        answer(connection)


def sending(head: bytes, body: Iterable[bytes], pause: float = 0) -> Answer:
    """Send a head, then chunk after chunk with a pause in between, until the other side hangs up."""
    nap = threading.Event()

    def answer(connection: socket.socket) -> None:
        connection.sendall(head)
        for chunk in body:
            connection.sendall(chunk)
            if pause:
                nap.wait(pause)

    return answer
