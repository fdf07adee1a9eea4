"""SMTP in detail: replies in words, dot-stuffing, the name by which we greet (RFC 5321)."""

import ipaddress
import re
from dataclasses import dataclass

from feedback_service.mail import addresses

_STATUS = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?=\s|$)")
_LONGEST_REPLY = 300


@dataclass(frozen=True, slots=True)
class Reply:
    """What the server answered; `code` is -1 where it was no SMTP reply."""

    code: int
    raw: bytes | str

    @property
    def text(self) -> str:
        """The words of the reply in one printable line of bounded length."""
        text = self.raw.decode("utf-8", "replace") if isinstance(self.raw, bytes) else self.raw
        return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())[:_LONGEST_REPLY]

    @property
    def is_permanent(self) -> bool:
        """Tell whether trying again cannot help: the class 5 of replies (RFC 5321 4.2.1)."""
        return self.code // 100 == 5  # noqa: PLR2004 - as the docstring says

    @property
    def status(self) -> str:
        """The enhanced status code 'x.y.z' (RFC 2034), empty where there is none."""
        found = _STATUS.match(self.text)
        return found.group() if found else ""

    def __str__(self) -> str:
        return f"{self.code} {self.text}".strip()


def dot_stuffed(message: bytes) -> bytes:
    """Return a message of CRLF lines as it follows DATA, with its final dot."""
    end = b".\r\n" if message.endswith(b"\r\n") else b"\r\n.\r\n"
    stuffed = message.replace(b"\n.", b"\n..")
    return (b"." + stuffed if message.startswith(b".") else stuffed) + end


def own_name(host: str) -> str:
    """Return the name for EHLO: our public host, in punycode; a number in brackets."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        name = host if host.isascii() else addresses.punycode_domain(f"postmaster@{host}")
        return name if name.isascii() else "localhost"
    return f"[IPv6:{address}]" if address.version == 6 else f"[{address}]"  # noqa: PLR2004 - RFC 5321 4.1.3
