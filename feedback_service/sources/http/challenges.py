"""Answers that ask for a person: proofs against robots, logins, consents. Pure.

They are recognised so that staff are told what stands in the way; they are never worked around (R54). A page that
carries a CAPTCHA for its comment form, or a login beside its reviews, is none of these.
"""

import re
from collections.abc import Mapping
from urllib.parse import urlsplit

_HEADERS = (
    ("cf-mitigated", "challenge"),  # Cloudflare
    ("x-amzn-waf-action", "challenge"),
    ("x-amzn-waf-action", "captcha"),
    ("x-datadome", "protected"),
)
_LONGEST_INTERSTITIAL = 100_000
_LONGEST_STUB = 6000
# The whole title, for a post may well be called "Un instant de lumière".
_TITLE = re.compile(
    rb"<title[^>]*>\s*(?:(?:just a moment|un instant|einen moment|un momento)(?:\.\.\.|\xe2\x80\xa6)"
    rb"|attention required! \| cloudflare|making sure you(?:'|&#39;|\xe2\x80\x99)re not a bot!?|ddos-guard"
    rb"|are you a robot\?|robot check|access to this page has been denied\.?|human verification|security check"
    rb"|verify(?:ing)? (?:that )?you are (?:a )?human\.?)\s*</title>",
    re.IGNORECASE,
)
_SCRIPT = re.compile(
    rb"_cf_chl_opt|/cdn-cgi/challenge-platform/h/|geo\.captcha-delivery\.com|id=[\"']px-captcha|window\._pxAppId"
    rb"|/\.well-known/sgcaptcha/|AwsWafIntegration|gokuProps|/\.within\.website/x/cmd/anubis|_Incapsula_Resource",
)
_LOGIN = re.compile(
    r"/(?:log-?in|sign-?in|signon|connexion|se-connecter|anmelden|anmeldung|wp-login\.php|accounts?/login)(?:[/.?]|$)",
    re.IGNORECASE,
)
_CONSENT_HOST = re.compile(r"consent\.[a-z-]+\.(?:com|[a-z]{2})")


def asks_for_a_person(headers: Mapping[str, str], body: bytes = b"") -> bool:
    """Tell whether an answer is a proof that only a person can give instead of the page.

    Args:
        headers: of the answer, lower-case names.
        body: unpacked; a short page that has nothing but the marks of such a proof is one, whatever its status.
    """
    if any(word in headers.get(name, "").lower() for name, word in _HEADERS):
        return True
    if len(body) > _LONGEST_INTERSTITIAL or b"<html" not in body[:2000].lower():
        return False
    # The scripts of some protectors stand in every page of their customers: only a page that is little else is a proof.
    return bool(_TITLE.search(body)) or (len(body) <= _LONGEST_STUB and bool(_SCRIPT.search(body)))


def asks_for_a_login(asked: str, came_to: str) -> bool:
    """Tell whether a site that was asked for one address has sent us to its login or to a consent instead."""
    if asked == came_to or _is_gate(asked):
        return False
    return _is_gate(came_to)


def _is_gate(url: str) -> bool:
    parts = urlsplit(url)
    return bool(_LOGIN.search(parts.path) or _CONSENT_HOST.fullmatch(parts.hostname or ""))
