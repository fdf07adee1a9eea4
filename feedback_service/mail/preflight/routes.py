"""Ways back: who takes the mails for a domain (MX), and whether an address and its name know each other (PTR). Pure."""

import ipaddress

from feedback_service.findings import Remark
from feedback_service.mail.preflight.names import Answer, Kind, Names, Outcome

_NOBODY = "."


def judge_mailbox_domain(names: Names, domain: str) -> list[Remark]:
    """Return why mails to `domain` would not arrive (RFC 5321 5.1, RFC 7505)."""
    answer = names.ask(domain, Kind.MX)
    if answer.outcome is Outcome.FAILED:
        return [_unasked(domain, answer)]
    hosts = [value.partition(" ")[2] for value in answer.values]
    if hosts == [_NOBODY]:
        return [Remark(f"{domain} says that it takes no mail at all (null MX).", _mx(domain))]
    if not hosts:
        return _without_mx(names, domain)
    known = {host: _addresses(names, host) for host in hosts}
    lost = [host for host, answers in known.items() if all(each.is_void for each in answers)]
    if lost and len(lost) == len(hosts):
        return [Remark(f"No MX host of {domain} has an address: {', '.join(lost)}.", _mx(domain))]
    return [
        Remark(f"The MX host {host} of {domain} has no address.", "Take it out, or give it one.", is_advice=True)
        for host in lost
    ]


def judge_reverse(names: Names, address: str) -> list[Remark]:
    """Return what is amiss with the name of an address that mails come from: it must lead back (FCrDNS)."""
    answer = names.ask(address, Kind.PTR)
    if answer.outcome is Outcome.FAILED:
        return [_unasked(f"The name of {address}", answer)]
    to_do = f"Ask whoever gave you {address} to set its reverse name (PTR), and give that name the address {address}."
    if not answer.values:
        return [Remark(f"{address} has no name (PTR); large mailbox providers refuse its mails.", to_do)]
    kind = Kind.A if ipaddress.ip_address(address).version == 4 else Kind.AAAA  # noqa: PLR2004 - versions of IP
    for name in answer.values:
        if _same(address, names.ask(name, kind)):
            return []
    return [Remark(f"{address} is called {answer.values[0]}, and that name does not lead back to it.", to_do)]


def _same(address: str, answer: Answer) -> bool:
    wanted = ipaddress.ip_address(address)
    return any(ipaddress.ip_address(found) == wanted for found in answer.values)


def _without_mx(names: Names, domain: str) -> list[Remark]:
    if any(answer.values for answer in _addresses(names, domain)):
        sentence = f"{domain} has no MX; mails go to the host of that name."
        return [Remark(sentence, _mx(domain), is_advice=True)]
    return [Remark(f"Nobody takes mails for {domain}: it has no MX and no address.", _mx(domain))]


def _addresses(names: Names, host: str) -> tuple[Answer, Answer]:
    return names.ask(host, Kind.A), names.ask(host, Kind.AAAA)


def _mx(domain: str) -> str:
    return f"Publish an MX record for {domain}, or use an address of another domain."


def _unasked(what: str, answer: Answer) -> Remark:
    return Remark(f"{what} cannot be asked: {answer.why}.", "Look at the name servers of the domain.")
