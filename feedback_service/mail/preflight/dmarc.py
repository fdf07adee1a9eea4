"""DMARC (RFC 7489; the tree walk is that of its successor, DMARCbis): whose policy counts, and what is aligned. Pure.

The tree walk finds the organizational domain by asking the DNS alone; no list of public suffixes is needed.
"""

import re
from dataclasses import dataclass
from enum import StrEnum

from feedback_service.findings import Remark
from feedback_service.mail.preflight.names import Kind, Names, Outcome, normal, parents
from feedback_service.mail.preflight.tags import TagError, read_tags

_VERSION = "v=dmarc1"
_MOST_QUESTIONS = 8
_LONGEST_WALK = 7
_ALL = 100
_PERCENT = re.compile(r"[0-9]{1,2}|100")


class Wish(StrEnum):
    """What a domain wants done with mails that fail."""

    NONE = "none"
    QUARANTINE = "quarantine"
    REJECT = "reject"


class DmarcError(ValueError):
    """The record cannot be used; the message says why."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A DMARC record that can be used."""

    wish: Wish
    for_subdomains: Wish
    is_strict_dkim: bool = False
    is_strict_spf: bool = False
    percent: int = _ALL
    is_testing: bool = False
    reports_to: tuple[str, ...] = ()
    """Where aggregate reports go: the domains of the addresses, empty for one that is none."""
    suffix: str = "u"
    """The tag psd=: "y" for a public suffix, "n" for an organizational domain, "u" for what the walk finds."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a walk up from a domain has found.

    `at` is where the policy stands that counts; None, and empty, where there is none. `organization` is the domain
    within which names count as one. `broken` are records that receivers leave out, in words.
    """

    policy: Policy | None
    at: str
    organization: str
    broken: tuple[str, ...] = ()
    failed: str = ""


def parse(record: str) -> Policy:
    """Return a record's policy; raise `DmarcError` for one that receivers leave out."""
    try:
        tags = read_tags(record)
    except TagError as error:
        raise DmarcError(str(error)) from error
    if next(iter(tags.items()), None) != ("v", "DMARC1"):
        message = "it must begin with v=DMARC1"
        raise DmarcError(message)
    wish = _wish(tags, "p", None)
    return Policy(
        wish=wish,
        for_subdomains=_wish(tags, "sp", wish),
        is_strict_dkim=tags.get("adkim", "r").lower() == "s",
        is_strict_spf=tags.get("aspf", "r").lower() == "s",
        percent=int(tags["pct"]) if _PERCENT.fullmatch(tags.get("pct", "")) else _ALL,
        is_testing=tags.get("t", "").lower() == "y",
        reports_to=tuple(_domain_of(address) for address in tags.get("rua", "").split(",") if address.strip()),
        suffix=tags.get("psd", "u").lower(),
    )


def look_up(names: Names, domain: str) -> Found:
    """Walk up from `domain` and return what is found on the way."""
    domain = normal(domain)
    found: dict[str, Policy] = {}
    broken: list[str] = []
    for at in _walk(domain):
        answer = names.ask(f"_dmarc.{at}", Kind.TXT)
        if answer.outcome is Outcome.FAILED:
            return Found(None, "", domain, failed=f"_dmarc.{at} cannot be asked: {answer.why}.")
        policy, problem = _the_one(answer.values, at)
        broken += [problem] if problem else []
        if policy:
            found[at] = policy
            if policy.suffix == "n" or (policy.suffix == "y" and at != domain):
                break
    organization = _organization(domain, found)
    at = next((name for name in (domain, organization) if name in found), next(iter(found), ""))
    return Found(found.get(at), at, organization, tuple(broken))


def are_aligned(one: str, other: str, *, is_strict: bool, organization: str) -> bool:
    """Tell whether two domains count as one; `organization` is that of `one` (RFC 7489 3.1)."""
    one, other = normal(one), normal(other)
    return one == other or (not is_strict and (other == organization or other.endswith(f".{organization}")))


def judge_policy(domain: str, found: Found) -> list[Remark]:
    """Return what is amiss with the policy that counts for mails from `domain`."""
    if found.failed:
        return [Remark(found.failed, "Look at the name servers of the domain.")]
    fix = f"Publish one TXT record at _dmarc.{domain}, such as: v=DMARC1; p=none; rua=mailto:dmarc@{domain}"
    remarks = [Remark(sentence, fix) for sentence in found.broken]
    if found.policy is None:
        missing = Remark(f"There is no DMARC record for {domain}; large mailbox providers ask for one.", fix)
        return remarks or [missing]
    if wish_of(domain, found) is Wish.NONE:
        to_do = "Once the reports show that your mails pass, ask for p=quarantine."
        remarks.append(Remark("It asks for nothing (p=none): anybody may write in your name.", to_do, is_advice=True))
    if found.policy.percent < _ALL:
        sentence = f"It holds for {found.policy.percent} % of the mails only."
        remarks.append(Remark(sentence, "Take pct= out: it is going out of use.", is_advice=True))
    if found.policy.is_testing:
        remarks.append(Remark("It is being tested (t=y): nobody follows it.", "Take t=y out.", is_advice=True))
    if not found.policy.reports_to:
        remarks.append(
            Remark("Nobody gets its reports.", "Add rua=mailto:… to read who writes in your name.", is_advice=True)
        )
    return remarks


def judge_reports(names: Names, found: Found) -> list[Remark]:
    """Return whose reports nobody gets: another domain must say that it takes them (RFC 7489 7.1)."""
    hosts = dict.fromkeys(found.policy.reports_to) if found.policy else {}
    remarks = []
    for host in hosts:
        if not host:
            sentence = "Its rua= names something that is no address."
            remarks.append(Remark(sentence, "Write it as rua=mailto:name@domain.", is_advice=True))
            continue
        if are_aligned(found.at, host, is_strict=False, organization=found.organization):
            continue
        name = f"{found.at}._report._dmarc.{host}"
        answer = names.ask(name, Kind.TXT)
        if answer.outcome is not Outcome.FAILED and not any(_is_dmarc(text) for text in answer.values):
            sentence = f"Its reports go to {host}, which does not say that it takes them; receivers then send none."
            to_do = f"Let {host} publish v=DMARC1 as a TXT record at {name}, or have them sent to {found.at}."
            remarks.append(Remark(sentence, to_do, is_advice=True))
    return remarks


def wish_of(domain: str, found: Found) -> Wish:
    """Return what is done with mails from `domain` that fail."""
    if found.policy is None:
        return Wish.NONE
    return found.policy.wish if found.at == normal(domain) else found.policy.for_subdomains


def _wish(tags: dict[str, str], name: str, default: Wish | None) -> Wish:
    value = tags.get(name, "").lower()
    if value in set(Wish):
        return Wish(value)
    # A record whose reports go somewhere counts as p=none (RFC 7489 6.6.3).
    if default is None and not tags.get("rua"):
        message = f"{name}={value[:20]} is none of none, quarantine, reject" if value else f"it has no {name}="
        raise DmarcError(message)
    return default or Wish.NONE


def _walk(domain: str) -> list[str]:
    """Return the names to ask, at most eight: the domain, then those of seven labels and fewer."""
    above = [name for name in parents(domain)[1:] if name.count(".") < _LONGEST_WALK]
    return [domain, *above][:_MOST_QUESTIONS]


def _the_one(texts: tuple[str, ...], at: str) -> tuple[Policy | None, str]:
    records = [text for text in texts if _is_dmarc(text)]
    if len(records) > 1:
        return None, f"There are {len(records)} DMARC records at _dmarc.{at}; receivers then follow none."
    try:
        return (parse(records[0]) if records else None), ""
    except DmarcError as error:
        return None, f"The DMARC record at _dmarc.{at} cannot be used: {error}."


def _is_dmarc(text: str) -> bool:
    return "".join(text.lower().split()).startswith(_VERSION)


def _domain_of(address: str) -> str:
    """Return the domain of `mailto:name@domain!10m`; empty where it is none (RFC 7489 6.2)."""
    scheme, _, rest = address.strip().partition(":")
    domain = normal(rest.partition("!")[0].partition("?")[0].rpartition("@")[2])
    return domain if scheme.lower() == "mailto" and "@" in rest and "." in domain else ""


def _organization(domain: str, found: dict[str, Policy]) -> str:
    """Return the organizational domain by the tree walk (DMARCbis 4.10.2)."""
    for at, policy in found.items():
        if policy.suffix == "n":
            return at
        if policy.suffix == "y" and at != domain:
            return next(name for name in parents(domain) if name.endswith(f".{at}") and _is_child(name, at))
    return min(found, key=len, default=domain)


def _is_child(name: str, parent: str) -> bool:
    return name.count(".") == parent.count(".") + 1
