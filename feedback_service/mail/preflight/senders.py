"""What the DNS says of the domains a shop's mails come from: SPF, DKIM, DMARC and the ways back (R25). Pure.

Receivers ask whether the domain that people read in From is the one that answers for the mail: by its envelope
(SPF) or by its signature (DKIM). One of the two is enough for DMARC.
"""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

from feedback_service.findings import Finding, Remark, summed_up
from feedback_service.mail.preflight import dkim_key, dmarc, routes, spf
from feedback_service.mail.preflight.names import Kind, Names
from feedback_service.mail.preflight.spf import Result

_STRANGER = ipaddress.ip_address("192.0.2.1")
_STRANGER_OF_IPV6 = ipaddress.ip_address("2001:db8::1")
"""Addresses that nobody has (RFC 5737, 3849): who lets them pass lets anybody pass."""
_EMPTY = frozenset({Result.NONE, Result.PERMERROR, Result.TEMPERROR})


@dataclass(frozen=True, slots=True)
class Domains:
    """The domains of one sender, in punycode: what people read, where failures go, where replies go."""

    author: str
    envelope: str
    reply: str


@dataclass(frozen=True, slots=True)
class Signing:
    """With what we sign; `selector` is empty where we do not. `domain` is empty for that of each sender."""

    selector: str = ""
    domain: str = ""
    key: dkim_key.PublicKey | None = None


def judge(names: Names, domains: Domains, signing: Signing, addresses: Sequence[str]) -> list[Finding]:
    """Return what is to be known of a sender; `addresses` are those its mails leave from, where that is known."""
    spf_remarks = judge_spf(names, domains.envelope, addresses)
    signer = signing.domain or domains.author
    dkim_remarks = judge_dkim(names, signer, signing, domains.author)
    found = dmarc.look_up(names, domains.author)
    signs = bool(signing.selector) and not _is_grave(dkim_remarks) and dkim_key.is_known_everywhere(signing.key)
    answers = [
        ("the envelope", domains.envelope, not _is_grave(spf_remarks), _is_strict(found, "spf")),
        ("the signature", signer, signs, _is_strict(found, "dkim")),
    ]
    aligned = [
        what
        for what, domain, works, is_strict in answers
        if works and dmarc.are_aligned(domains.author, domain, is_strict=is_strict, organization=found.organization)
    ]
    dmarc_remarks = [*dmarc.judge_policy(domains.author, found), *dmarc.judge_reports(names, found)]
    if not aligned and not found.failed:
        dmarc_remarks.append(_unaligned(domains, signing, found))
    by = f"{' and '.join(aligned)} answer{'' if len(aligned) > 1 else 's'} for the sender." if aligned else ""
    asks = f"{dmarc.wish_of(domains.author, found).value} is asked for (_dmarc.{found.at});" if found.at else ""
    return [
        summed_up(f"SPF of {domains.envelope}", _spf_words(names, domains.envelope, addresses), spf_remarks),
        summed_up(f"DKIM of {signer}", _dkim_words(signer, signing), dkim_remarks),
        summed_up(f"DMARC of {domains.author}", f"{asks} {by}".strip(), dmarc_remarks),
        *_ways_back(names, domains),
    ]


def judge_spf(names: Names, domain: str, addresses: Sequence[str]) -> list[Remark]:
    """Return what is amiss with the SPF record of the envelope's domain."""
    stranger = spf.outlook(names, domain, _STRANGER)
    start = f"Publish one TXT record at {domain}, such as: v=spf1 include:… -all, with what your mail server asks for."
    match stranger.result:
        case Result.NONE:
            return [Remark("There is no SPF record.", start)]
        case Result.TEMPERROR:
            return [Remark(f"SPF cannot be asked: {stranger.why}.", "Look at the name servers of the domain.")]
        case Result.PERMERROR:
            to_do = "Correct the record: receivers take a broken one for none."
            return [Remark(f"The SPF record cannot be used: {stranger.why}.", to_do)]
        case Result.PASS:
            return [_open_to_all(stranger)]
    of_ipv6 = spf.outlook(names, domain, _STRANGER_OF_IPV6)
    if of_ipv6.result is Result.PASS:
        return [_open_to_all(of_ipv6)]
    remarks = [remark for address in addresses if (remark := _of_address(names, domain, address))]
    if stranger.result is Result.NEUTRAL:
        sentence = "The SPF record says nothing of those it does not name."
        remarks.append(Remark(sentence, "End it with -all or ~all.", is_advice=True))
    if spf.relies_on_ptr(names, domain):
        sentence = "The SPF record uses ptr, which some receivers skip (RFC 7208 5.5)."
        remarks.append(Remark(sentence, "Name the addresses by ip4, ip6, a or include.", is_advice=True))
    return remarks


def judge_dkim(names: Names, signer: str, signing: Signing, author: str) -> list[Remark]:
    """Return what is amiss with the key we sign with, or that we do not sign."""
    if not signing.selector:
        to_do = (
            f"Look at a mail you received: it must say dkim=pass for {author}. If not, let the mail server sign, "
            "or set FEEDBACK_DKIM_KEY_FILE and FEEDBACK_DKIM_SELECTOR."
        )
        sentence = "We do not sign; whether your mail server does cannot be seen from here."
        return [Remark(sentence, to_do, is_advice=True)]
    name = dkim_key.record_name(signing.selector, signer)
    return dkim_key.judge_key(name, names.ask(name, Kind.TXT), signing.key)


def judge_address(names: Names, address: str) -> Finding:
    """Return what is to be known of an address that mails leave from."""
    named = ", ".join(names.ask(address, Kind.PTR).values)
    remarks = routes.judge_reverse(names, address)
    return summed_up(f"Name of {address}", f"{named}, and back." if named and not remarks else "", remarks)


def _ways_back(names: Names, domains: Domains) -> list[Finding]:
    ways = {"Bounces": domains.envelope, "Replies": domains.reply}
    if domains.author not in ways.values():
        # Receivers doubt a domain that could not be written to.
        ways["Mails"] = domains.author
    return [
        summed_up(
            f"{what} to {domain}",
            ", ".join(value.partition(" ")[2] for value in names.ask(domain, Kind.MX).values if value != "0 ."),
            routes.judge_mailbox_domain(names, domain),
        )
        for what, domain in ways.items()
    ]


def _open_to_all(found: spf.Outlook) -> Remark:
    return Remark(f"SPF lets anybody send ({found.why}).", "End the record with -all or ~all.")


def _of_address(names: Names, domain: str, address: str) -> Remark | None:
    found = spf.outlook(names, domain, ipaddress.ip_address(address))
    if found.result is Result.PASS:
        return None
    kind = "ip6" if ":" in address else "ip4"
    return Remark(
        f"Mails leave from {address}, and SPF does not let it ({found.result.value}: {found.why}).",
        f"Put {kind}:{address}, or what your mail server's documentation names, into the SPF record of {domain}.",
    )


def _unaligned(domains: Domains, signing: Signing, found: dmarc.Found) -> Remark:
    sentence = (
        f"Neither the envelope ({domains.envelope}) nor a signature of ours answers for {domains.author}, "
        "so mails fail DMARC unless your mail server signs them."
    )
    is_near = dmarc.are_aligned(
        domains.author, domains.envelope, is_strict=_is_strict(found, "spf"), organization=found.organization
    )
    if is_near:
        to_do = f"Mend the SPF record of {domains.envelope}, or sign with a key of {domains.author}."
    else:
        to_do = f"Sign with a key of {domains.author}, or let FEEDBACK_BOUNCE_ADDRESS be an address there or below it."
    # Where we do not sign, the mail server may: then all may be well, and nobody can see it from here.
    is_advice = not signing.selector or dmarc.wish_of(domains.author, found) is dmarc.Wish.NONE
    return Remark(sentence, to_do, is_advice=is_advice)


def _spf_words(names: Names, domain: str, addresses: Sequence[str]) -> str:
    found = spf.outlook(names, domain, _STRANGER)
    if found.result in _EMPTY or found.result is Result.PASS:
        return ""
    words = f"{found.lookups} of {spf.LOOKUPS} look-ups."
    if not addresses:
        words += (
            " Whether your mail server may send is not known: FEEDBACK_SENDING_ADDRESSES names where mails leave from."
        )
    return words


def _dkim_words(signer: str, signing: Signing) -> str:
    return f"Signed with {dkim_key.record_name(signing.selector, signer)}." if signing.selector else ""


def _is_grave(remarks: Sequence[Remark]) -> bool:
    return any(not remark.is_advice for remark in remarks)


def _is_strict(found: dmarc.Found, by: str) -> bool:
    if found.policy is None:
        return False
    return found.policy.is_strict_spf if by == "spf" else found.policy.is_strict_dkim
