"""Reading an SPF record (RFC 7208 4.6, 5, 6 and 7): its mechanisms, its modifiers, its macros. Pure."""

import ipaddress
import re
from dataclasses import dataclass
from typing import NoReturn, cast

VERSION = "v=spf1"
_TERM = re.compile(r"(?P<qualifier>[-+~?])?(?P<name>[a-z][a-z0-9]*)(?P<rest>[:/].*)?", re.IGNORECASE)
_MODIFIER = re.compile(r"(?P<name>[a-z][a-z0-9._-]*)=(?P<value>.*)", re.IGNORECASE)
_LENGTHS = re.compile(r"(?:/(?P<v4>0|[1-9]\d{0,2}))?(?://(?P<v6>0|[1-9]\d{0,2}))?$", re.ASCII)
# A domain ends with a macro, or with a label that is not a number and has another in front (RFC 7208 7.1).
_DOMAIN_END = re.compile(
    r"(?:.*%\{[^}]*\}|.*\.(?:[a-z0-9]*[a-z][a-z0-9]*|[a-z0-9]+-[a-z0-9-]*[a-z0-9])\.?)", re.IGNORECASE
)
_MACRO = re.compile(r"%(?:\{(?P<letter>[slodiphcrtv])(?P<digits>\d{0,3})(?P<turned>r?)(?P<marks>[-.+,/_=]*)\}|(?P<sign>[%_-]))", re.IGNORECASE)  # fmt: skip  # noqa: E501 - one pattern
_FOR_EXPLANATIONS = re.compile(r"%\{[crt]", re.IGNORECASE)
_SIGNS = {"%": "%", "_": " ", "-": "%20"}
_LONGEST_NAME = 253
_V4_BITS, _V6_BITS = 32, 128

WITH_LOOKUP = frozenset({"a", "mx", "ptr", "exists", "include"})
"""The mechanisms that ask the DNS (RFC 7208 4.6.4)."""
_TAKE_NETWORK = frozenset({"a", "mx"})
_NEED_VALUE = frozenset({"include", "exists", "ip4", "ip6"})
_KNOWN = WITH_LOOKUP | {"all", "ip4", "ip6"}


class SpfError(ValueError):
    """A record that receivers cannot use (permerror); the message says why."""


def refuse(why: str, cause: Exception | None = None) -> NoReturn:
    """Raise `SpfError`."""
    raise SpfError(why) from cause


@dataclass(frozen=True, slots=True)
class Mechanism:
    """One mechanism: `qualifier` is one of `+-~?`, `value` a domain or network, with the lengths of prefixes."""

    qualifier: str
    name: str
    value: str = ""
    v4_bits: int = _V4_BITS
    v6_bits: int = _V6_BITS

    @property
    def text(self) -> str:
        """The mechanism as one would write it."""
        return self.name + (f":{self.value}" if self.value else "")


@dataclass(frozen=True, slots=True)
class Policy:
    """An SPF record: mechanisms in their order, and where to go on when none matches."""

    mechanisms: tuple[Mechanism, ...]
    redirect: str = ""


@dataclass(frozen=True, slots=True)
class Sender:
    """Whom a record is asked about: what macros are filled with."""

    address: ipaddress.IPv4Address | ipaddress.IPv6Address
    local: str
    domain: str


def spf_records(texts: tuple[str, ...]) -> list[str]:
    """Return those of the TXT records that are SPF records (RFC 7208 4.5)."""
    return [text for text in texts if text.lower() == VERSION or text.lower().startswith(VERSION + " ")]


def parse(record: str) -> Policy:
    """Return the terms of a record; raise `SpfError` for the first that is none."""
    if not (record.isascii() and record.isprintable()):
        refuse("it has a letter that is not ASCII, or a control character")
    mechanisms: list[Mechanism] = []
    modifiers: dict[str, str] = {}
    for term in record.split(" ")[1:]:
        if not term:
            continue
        modifier = _MODIFIER.fullmatch(term)
        if modifier:
            _add_modifier(modifiers, modifier["name"].lower(), modifier["value"])
        else:
            mechanisms.append(_mechanism(term))
    return Policy(tuple(mechanisms), modifiers.get("redirect", ""))


def _add_modifier(modifiers: dict[str, str], name: str, value: str) -> None:
    if name in modifiers and name in {"redirect", "exp"}:
        refuse(f"{name}= stands there twice")
    if name in {"redirect", "exp"}:
        _check_domain(value, f"{name}={value}")
    else:
        _check_macros(value)
    modifiers[name] = value


def _mechanism(term: str) -> Mechanism:
    found = _TERM.fullmatch(term)
    name = found["name"].lower() if found else ""
    if found is None or name not in _KNOWN:
        refuse(f"{term[:60]!r} is no SPF mechanism")
    qualifier, rest = found["qualifier"] or "+", found["rest"] or ""
    if name in {"ip4", "ip6"}:
        return Mechanism(qualifier, name, _network(name, rest))
    value, v4_bits, v6_bits = rest, _V4_BITS, _V6_BITS
    if name in _TAKE_NETWORK:
        value, v4_bits, v6_bits = _with_prefixes(rest, term)
    value = value.removeprefix(":")
    if (name in _NEED_VALUE or rest.startswith(":")) and not value:
        refuse(f"{term[:60]!r} names no domain")
    if (name == "all" and rest) or (value and rest.startswith("/")):
        refuse(f"{term[:60]!r} has something behind it that does not belong there")
    if value:
        _check_domain(value, term)
    return Mechanism(qualifier, name, value, v4_bits, v6_bits)


def _network(name: str, rest: str) -> str:
    value = rest.removeprefix(":")
    if re.search(r"/0\d", value):
        refuse(f"'{name}:{value[:60]}' is no network")
    version = ipaddress.IPv4Network if name == "ip4" else ipaddress.IPv6Network
    try:
        return str(version(value, strict=False))
    except ValueError as error:
        refuse(f"'{name}:{value[:60]}' is no network", error)


def _with_prefixes(rest: str, term: str) -> tuple[str, int, int]:
    """Split `:domain/24//64` into the domain and the two lengths."""
    # A macro may hold slashes; the lengths stand at the very end.
    lengths = cast("re.Match[str]", _LENGTHS.search(rest))  # it matches an empty end
    v4_bits, v6_bits = int(lengths["v4"] or _V4_BITS), int(lengths["v6"] or _V6_BITS)
    if v4_bits > _V4_BITS or v6_bits > _V6_BITS:
        refuse(f"{term[:60]!r} has a prefix that is too long")
    return rest[: lengths.start()], v4_bits, v6_bits


def _check_domain(value: str, term: str) -> None:
    _check_macros(value)
    if not value:
        refuse(f"{term[:60]!r} names no domain")
    if _FOR_EXPLANATIONS.search(value):
        refuse(f"{term[:60]!r} has a macro that only explanations may have")
    if not _DOMAIN_END.fullmatch(value):
        refuse(f"{term[:60]!r} names something that is no domain")


def _check_macros(value: str) -> None:
    left = _MACRO.sub("", value)
    if "%" in left:
        refuse(f"{value[:60]!r} has a macro that is none")


def expanded(value: str, domain: str, sender: Sender) -> str:
    """Return a domain with its macros filled in (RFC 7208 7.3); labels are taken off where it is too long."""

    def fill(found: re.Match[str]) -> str:
        if found["sign"]:
            return _SIGNS[found["sign"]]
        text = _macro_value(found["letter"].lower(), domain, sender)
        parts = re.split(f"[{re.escape(found['marks'] or '.')}]", text)
        if found["turned"]:
            parts.reverse()
        count = int(found["digits"] or len(parts))
        return ".".join(parts[-count:] if count else parts)

    name = _MACRO.sub(fill, value).rstrip(".")
    while len(name) > _LONGEST_NAME and "." in name:
        name = name.partition(".")[2]
    return name


def _macro_value(letter: str, domain: str, sender: Sender) -> str:
    address = sender.address
    dotted = ".".join(address.exploded.replace(":", "")) if address.version == 6 else str(address)  # noqa: PLR2004 - RFC 7208 7.4
    values = {
        "s": f"{sender.local}@{sender.domain}",
        "l": sender.local,
        "o": sender.domain,
        "d": domain,
        "i": dotted,
        "h": sender.domain,
        "c": str(address),
        "v": "ip6" if address.version == 6 else "in-addr",  # noqa: PLR2004 - RFC 7208 7.3
    }
    # "p" needs look-ups that RFC 7208 advises against; "r" and "t" belong in explanations only.
    return values.get(letter, "unknown")
