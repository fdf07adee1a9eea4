"""A real name server on a loopback port, by UDP and TCP: it answers from a zone, or as badly as a test wishes."""

import contextlib
import socketserver
import struct
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

from tests.support.commands import free_port

_LARGEST_DATAGRAM = 512
_MOST_ALIASES = 8
Zone = Mapping[str, Mapping[str, Sequence[str]]]


@dataclass(slots=True)
class NameServer:
    """Records by name and kind, as a zone file writes them; a CNAME is followed as a resolver does.

    Attributes:
        failing: names that are answered with SERVFAIL.
        silent: names that are not answered at all.
        asked: the questions that came in.
    """

    zone: dict[str, Mapping[str, Sequence[str]]]
    port: int
    failing: set[str] = field(default_factory=set)
    silent: set[str] = field(default_factory=set)
    asked: list[tuple[str, str]] = field(default_factory=list)

    @property
    def address(self) -> str:
        """The server as the setting `dns_resolver` names it."""
        return f"127.0.0.1:{self.port}"

    def answer(self, wire: bytes, limit: int) -> bytes | None:
        """Return the answer to a question; cut off, with a flag that says so, where it is over `limit`."""
        query = dns.message.from_wire(wire)
        question = query.question[0]
        name = question.name.to_text(omit_final_dot=True).lower()
        kind = dns.rdatatype.to_text(question.rdtype)
        self.asked.append((name, kind))
        if name in self.silent:
            return None
        response = dns.message.make_response(query)
        response.flags |= dns.flags.RA
        self._fill(response, name, kind)
        answer = response.to_wire(max_size=65_535)
        if len(answer) <= limit:
            return answer
        response.answer.clear()
        response.flags |= dns.flags.TC
        return response.to_wire()

    def _fill(self, response: dns.message.Message, name: str, kind: str) -> None:
        if name in self.failing:
            response.set_rcode(dns.rcode.SERVFAIL)
            return
        for _ in range(_MOST_ALIASES):
            records = self.zone.get(name)
            if records is None:
                response.set_rcode(dns.rcode.NXDOMAIN)
                return
            alias = records.get("CNAME")
            found = alias or records.get(kind)
            if found:
                which = "CNAME" if alias else kind
                response.answer.append(dns.rrset.from_text_list(f"{name}.", 60, "IN", which, list(found)))
            if not alias:
                return
            name = alias[0].rstrip(".").lower()


@contextlib.contextmanager
def name_server(zone: Zone) -> Iterator[NameServer]:
    """Answer from `zone` while open."""
    server = NameServer({name.lower(): records for name, records in zone.items()}, free_port())

    class ByDatagram(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            data, socket = self.request
            answer = server.answer(data, _LARGEST_DATAGRAM)
            if answer is not None:
                socket.sendto(answer, self.client_address)

    class ByStream(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            head = self.rfile.read(2)
            if len(head) == struct.calcsize("!H"):
                answer = server.answer(self.rfile.read(struct.unpack("!H", head)[0]), 65_535)
                if answer is not None:
                    self.wfile.write(struct.pack("!H", len(answer)) + answer)

    with (
        socketserver.ThreadingUDPServer(("127.0.0.1", server.port), ByDatagram) as datagrams,
        socketserver.ThreadingTCPServer(("127.0.0.1", server.port), ByStream) as streams,
    ):
        both = (datagrams, streams)
        threads = [threading.Thread(target=one.serve_forever, kwargs={"poll_interval": 0.02}) for one in both]
        for thread in threads:
            thread.start()
        try:
            yield server
        finally:
            for one in both:
                one.shutdown()
            for thread in threads:
                thread.join()


def text(*pieces: str) -> str:
    """Return a TXT record of pieces, as a zone file writes it."""
    return " ".join('"' + piece.replace("\\", "\\\\").replace('"', '\\"') + '"' for piece in pieces)
