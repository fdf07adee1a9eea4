"""SPF as a receiver reckons it (RFC 7208 4): may this address send for that domain, and at what price?"""

import ipaddress
from dataclasses import dataclass
from enum import StrEnum

from feedback_service.mail.preflight.names import Answer, Kind, Names, Outcome, normal
from feedback_service.mail.preflight.spf_terms import (
    WITH_LOOKUP,
    Mechanism,
    Policy,
    Sender,
    SpfError,
    expanded,
    parse,
    refuse,
    spf_records,
)

LOOKUPS = 10
VOID_LOOKUPS = 2
_NAMES_OF_ONE = 10
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Result(StrEnum):
    """The results of RFC 7208 2.6."""

    NONE = "none"
    NEUTRAL = "neutral"
    PASS = "pass"  # noqa: S105 - a result, no password
    FAIL = "fail"
    SOFTFAIL = "softfail"
    TEMPERROR = "temperror"
    PERMERROR = "permerror"


_RESULTS = {"+": Result.PASS, "-": Result.FAIL, "~": Result.SOFTFAIL, "?": Result.NEUTRAL}


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a receiver comes to: the result, why, and how many look-ups it took."""

    result: Result
    why: str = ""
    lookups: int = 0


class _TemporaryError(Exception):
    """The DNS gave no answer; a receiver would try again later."""


def outlook(names: Names, domain: str, address: Address, local: str = "postmaster") -> Outlook:
    """Return what SPF says of a mail from `local`@`domain` that comes from `address`. It never raises."""
    check = _Check(names, Sender(address, local, normal(domain)))
    try:
        result, why = check.of(normal(domain))
    except SpfError as error:
        result, why = Result.PERMERROR, str(error)
    except _TemporaryError as error:
        result, why = Result.TEMPERROR, str(error)
    return Outlook(result, why, check.lookups)


def relies_on_ptr(names: Names, domain: str) -> bool:
    """Tell whether the record of `domain` itself uses "ptr", which is not to be used any more (RFC 7208 5.5)."""
    records = spf_records(names.ask(domain, Kind.TXT).values)
    try:
        return any(mechanism.name == "ptr" for record in records for mechanism in parse(record).mechanisms)
    except SpfError:
        return False


@dataclass(slots=True)
class _Check:
    """One evaluation: it counts what it asks."""

    names: Names
    sender: Sender
    lookups: int = 0
    voids: int = 0

    def of(self, domain: str) -> tuple[Result, str]:
        """Return the result for the record of `domain`, and the term that decided it."""
        policy = self._policy(domain)
        if policy is None:
            return Result.NONE, f"{domain} has no SPF record"
        for mechanism in policy.mechanisms:
            if self._matches(mechanism, domain):
                return _RESULTS[mechanism.qualifier], f"{mechanism.qualifier}{mechanism.text} of {domain}"
        if not policy.redirect:
            return Result.NEUTRAL, f"no term of {domain} matches"
        target = self._name(policy.redirect, domain)
        self._count()
        result, why = self.of(target)
        if result is Result.NONE:
            refuse(f"redirect={target}, which has no SPF record")
        return result, why

    def _policy(self, domain: str) -> Policy | None:
        answer = self._answer(domain, Kind.TXT)
        records = spf_records(answer.values)
        if len(records) > 1:
            refuse(f"{domain} has {len(records)} SPF records; there may be one")
        try:
            return parse(records[0]) if records else None
        except SpfError as error:
            refuse(f"in the record of {domain} {error}", error)

    def _matches(self, mechanism: Mechanism, domain: str) -> bool:
        if mechanism.name in WITH_LOOKUP:
            self._count()
        target = self._name(mechanism.value, domain) if mechanism.value else domain
        match mechanism.name:
            case "ip4" | "ip6":
                found = self.sender.address in ipaddress.ip_network(mechanism.value)
            case "a":
                found = self._is_host(target, mechanism)
            case "mx":
                found = any(self._is_host(host, mechanism) for host in self._exchanges(target))
            case "exists":
                found = self._counted(self._answer(target, Kind.A)).outcome is Outcome.FOUND
            case "include":
                found = self._includes(target)
            case "ptr":
                found = self._is_named(target)
            case _:  # all
                found = True
        return found

    def _includes(self, target: str) -> bool:
        result, _ = self.of(target)
        if result is Result.NONE:
            refuse(f"include:{target}, which has no SPF record")
        return result is Result.PASS

    def _is_host(self, host: str, mechanism: Mechanism) -> bool:
        address = self.sender.address
        is_v4 = address.version == 4  # noqa: PLR2004 - versions of IP
        answer = self._counted(self._answer(host, Kind.A if is_v4 else Kind.AAAA))
        bits = mechanism.v4_bits if is_v4 else mechanism.v6_bits
        return any(address in ipaddress.ip_network(f"{found}/{bits}", strict=False) for found in answer.values)

    def _exchanges(self, target: str) -> list[str]:
        answer = self._counted(self._answer(target, Kind.MX))
        if len(answer.values) > _NAMES_OF_ONE:
            refuse(f"{target} has more than {_NAMES_OF_ONE} MX hosts")
        return [name for name in (value.partition(" ")[2] for value in answer.values) if name != "."]

    def _is_named(self, target: str) -> bool:
        """Tell whether a name of the address, confirmed by its own address, lies in `target` ("ptr", 5.5)."""
        answer = self.names.ask(str(self.sender.address), Kind.PTR)
        for name in map(normal, answer.values[:_NAMES_OF_ONE]):
            if name == target or name.endswith(f".{target}"):
                kind = Kind.A if self.sender.address.version == 4 else Kind.AAAA  # noqa: PLR2004 - versions of IP
                found = self.names.ask(name, kind).values
                if any(ipaddress.ip_address(each) == self.sender.address for each in found):
                    return True
        return False

    def _name(self, value: str, domain: str) -> str:
        return normal(expanded(value, domain, self.sender))

    def _answer(self, name: str, kind: Kind) -> Answer:
        answer = self.names.ask(name, kind)
        if answer.outcome is Outcome.FAILED:
            sentence = f"{name} ({kind.value}): {answer.why}"
            raise _TemporaryError(sentence)
        return answer

    def _counted(self, answer: Answer) -> Answer:
        self.voids += answer.is_void
        if self.voids > VOID_LOOKUPS:
            refuse(f"more than {VOID_LOOKUPS} of its look-ups find nothing")
        return answer

    def _count(self) -> None:
        self.lookups += 1
        if self.lookups > LOOKUPS:
            refuse(f"it takes more than {LOOKUPS} look-ups")
