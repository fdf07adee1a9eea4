"""Why a source stands as it does, in the language of the reader.

The reason is stored in English, as it came about: it may name a host or quote an error. Its sentences are
those below; each that is found is translated, and what remains is left as it is. Pure.
"""

import re
from collections.abc import Callable
from functools import cache

from feedback_service import i18n
from feedback_service.i18n import N_, SOURCE_LANGUAGE
from feedback_service.sources.finding.discovery import Why
from feedback_service.sources.models import SourceKind

_NAME = re.compile(r"\\\{(\w+)\\\}")


# Where one sentence is the beginning of another, the longer one comes first.
SENTENCES = (
    N_("Not read yet: the first scan only takes stock and alerts nobody."),
    N_("Not read yet: the first scan alerts only on what was published in the last {days} days."),
    N_("Handed in from outside: nothing is read here."),
    N_("Read: unchanged since the last poll."),
    N_("Read: 1 item."),
    N_("Read: {count} items."),
    N_("The source can be read and holds nothing."),
    N_("Nothing here overlaps with the last poll: mentions in between may have been missed."),
    N_("Nothing new for {days} days; usually there is something every day. This is no good news."),
    N_("Nothing new for {days} days; usually there is something every {usual} days. This is no good news."),
    N_("It has failed {failures} times in a row."),
    N_("It could be read before: the site has changed."),
    N_("Check the address; the page may have moved."),
    N_("Check the address."),
    N_("Ask the site for permission, or use its feed, API or export."),
    N_("Ask the site for a feed or an API; we do not work around it."),
    N_("Allow the network with fetch_allow_private if it is yours."),
    N_("It is not read any more; remove the source or add its new address."),
    N_("Raise fetch_max_bytes, or use a shorter feed."),
    N_("The site asks for a login, and nothing behind a login is read (HTTP {status})."),
    N_("The site refuses to be read by programs (HTTP {status})."),
    N_("There is no page at this address (HTTP {status})."),
    N_("The site says that this page is gone for good (HTTP {status})."),
    N_("The site asks us to come less often (HTTP {status})."),
    N_("The site may not show this page, for legal reasons (HTTP {status})."),
    N_("The site is out of service for now (HTTP {status})."),
    N_("The site has a fault (HTTP {status})."),
    N_("The site gave no page (HTTP {status})."),
    N_("The site's robots.txt asks programs not to read this page."),
    N_("The site's robots.txt could not be read, which counts as a no:"),
    N_("The site sends us from one address to the next without end (more than {count} redirects)."),
    N_("The site redirects to something that is not an address."),
    N_("The site takes too long to answer (fetch_timeout)."),
    N_("The page is longer than {count} bytes (fetch_max_bytes)."),
    N_("The page cannot be unpacked:"),
    N_("The answer breaks off or is no HTTP:"),
    N_("There is no host {host}, or the name service does not answer."),
    N_("is not an address that begins with http:// or https://."),
    N_("cannot be read as an address."),
    N_("carries a user name; nothing behind a login is read (R18)."),
    N_("has no usable host name."),
    N_("leads to {address}, which is not on the public internet: it is not fetched."),
    N_("is on port {port}; allowed are {ports} (fetch_allow_ports): it is not fetched."),
    N_("cannot be reached:"),
    N_("The feed is in an encoding that can hide what it holds."),
    N_("The feed defines XML entities that could fetch files or grow without end; it is not read."),
    N_("The feed has more than {count} tags; reading it would take too long. Use a shorter feed."),
    N_("A tag of the feed has thousands of attributes; it is not read."),
    N_("Reading the feed takes too long. Use a shorter feed."),
    N_("The feed is damaged in a way that it cannot be read."),
    N_("The answer is empty: this is not a feed."),
    N_("This is not a feed (neither RSS nor Atom)."),
    N_("This is JSON, but no JSON Feed: it has no list of items."),
    N_("This begins like a JSON Feed, but it is broken JSON."),
    N_("The JSON holds far more values than a feed has; it is not read. Use a shorter feed."),
    N_("This is an HTML page, not a feed; the page names this feed:"),
    N_("This is an HTML page, not a feed."),
    N_("This page carries no reviews that a program can read (schema.org Review in JSON-LD, microdata or RDFa)."),
    N_("It carries no reviews that a program can read either."),
    N_("This page carries no article that a program can read."),
    N_("The page is too long, or nested too deep, to look for an article in it."),
    N_("The page is nested so deep that reading it would take minutes; it is not read."),
    N_("The average rating has fallen from {before} to {after} out of 5."),
    N_("There are no new ratings: old ones were removed, or the site counts otherwise."),
    N_("The {count} new ratings average about {mean}."),
    N_("The page names a feed:"),
    N_("It is tried again by itself, ever more seldom."),
    N_("Look at the site: it may have moved, or ended."),
    N_("The site has to repair that."),
    N_("The site wants a proof that a person is there (a CAPTCHA or the like) (HTTP {status})."),
    N_("The site wants a proof that a person is there (a CAPTCHA or the like)."),
    N_("The site sends us to its login or to a consent instead; only a person can go there."),
    N_("The site says that nothing has changed, though it was not asked that (HTTP 304)."),
    N_("The site's certificate has expired."),
    N_("The site's certificate is not valid yet."),
    N_("The site's certificate is made out for another name."),
    N_("The site's certificate is signed by nobody whom browsers trust."),
    N_("The site's certificate is not valid."),
    N_("The site offers only a version of TLS that is not safe any more."),
    N_("The site does not speak TLS at this address."),
    N_("The secure connection cannot be agreed on."),
    N_("leads to {address}, where a site outside that network may not send us: it is not fetched."),
    N_("the compressed body ends too early."),
    N_("the compressed body is damaged:"),
    N_("the site sent the encoding {encoding}, which was not asked for."),
    N_("it is packed again and again."),
    N_("it is packed in more than {count} parts."),
    N_("the head of the answer has no end."),
    N_("The page comes in far too many small pieces."),
    N_("Nothing is fetched from here: what comes in is pushed or imported."),
    N_("Correct the account in accounts.toml (docs/sources-apis.md)."),
    N_("An answer has 1 to {longest} characters there; this one has {count}."),
    N_("To answer on Trustpilot the account needs secret and business_user in accounts.toml."),
    N_("{service} asks us to come less often (HTTP {status})."),
    N_("{service} refuses the account {account} (HTTP {status}): its key is wrong, expired or withdrawn."),
    N_("{service} does not know what the account {account} asks for (HTTP {status})."),
    N_("{service} sends us to another address (HTTP {status}), where no secret is sent."),
    N_("{service} gives no token for the account {account} (HTTP {status}): what it holds is wrong or expired."),
    N_("{service} answered with a page for people, not with data."),
    N_("{service} did not answer as its documentation says; the API may have changed."),
    N_("There is no account [{account}] in accounts.toml."),
    N_("There is no file {name} in the instance folder."),
    N_("{name} holds secrets and may be read by others than its owner: chmod 600."),
    N_("The account [{account}] of accounts.toml cannot be used:"),
    N_("accounts.toml is not TOML (line {line}): check its quotation marks and brackets."),
    N_("accounts.toml is not TOML: check its quotation marks and brackets."),
    N_("accounts.toml names {names}; there are: {kinds}."),
    N_("accounts.toml: accounts are written [{kind}.name], in small letters, digits, - and _."),
    N_("What it names cannot be read:"),
    N_("{name} cannot be read:"),
    N_("The key file holds something else than {what}."),
    N_("The service account's file is not the JSON key of Google: it needs {fields}."),
    N_("The service account's file: token_uri is not an address that begins with https://."),
    N_("The page is made for reviews and has none yet; say that it is a review page to wait for the first."),
    N_("No feed stands at the usual places of the site."),
    N_("{name} already has the source {address}."),
    N_("Reading it failed by a fault of this program ({fault}); the log has it."),
    N_("Reading it has ended this program {count} times; it is tried again in a day."),
)


KIND_WORDS = {
    SourceKind.FEED: N_("feed (RSS, Atom or JSON Feed)"),
    SourceKind.REVIEW_PAGE: N_("review page (schema.org)"),
    SourceKind.ARTICLE: N_("article and its comments"),
    SourceKind.TRUSTPILOT: N_("Trustpilot Business API"),
    SourceKind.GOOGLE_REVIEWS: N_("Google Business Profile API"),
    SourceKind.AVIS_VERIFIES: N_("Avis Vérifiés (Skeepers), by API or files"),
    SourceKind.APP_STORE: N_("App Store Connect API"),
    SourceKind.GOOGLE_PLAY: N_("Google Play Developer API"),
    SourceKind.PUSHED: N_("handed in from outside"),
}
"""What each kind of source is; in English for the command line."""

WHY_WORDS = {
    Why.GIVEN: N_("this address itself"),
    Why.KNOWN_PLACE: N_("where this site has it"),
    Why.LINK: N_("named by the page"),
    Why.MARKUP: N_("marked up in the page"),
    Why.SOFTWARE: N_("served by the software of the site"),
    Why.ANCHOR: N_("linked from the page"),
    Why.USUAL_PLACE: N_("found at a usual place"),
}
"""Why an address was taken for a source; in English for the command line."""


def kind_in_words(kind: SourceKind, language: str) -> str:
    """Return what a source is, in `language`."""
    return _said(KIND_WORDS[kind], language)


def why_in_words(why: Why, language: str) -> str:
    """Return why an address was taken for a source, in `language`."""
    return _said(WHY_WORDS[why], language)


def _said(message: str, language: str) -> str:
    return message if language == SOURCE_LANGUAGE else i18n.translations(language).gettext(message)


def in_words(reason: str, language: str) -> str:
    """Return the stored `reason` in `language`; sentences that are not ours stay as they came."""
    if language == SOURCE_LANGUAGE:
        return reason
    translate = i18n.translations(language).gettext
    for message in SENTENCES:
        reason = _pattern(message).sub(_saying(translate(message)), reason)
    return reason


def _saying(sentence: str) -> Callable[[re.Match[str]], str]:
    """Return what puts `sentence` in the place of a match, with the match's parts for its `{names}`."""
    return lambda found: sentence.format(**found.groupdict())


@cache
def _pattern(message: str) -> re.Pattern[str]:
    """Return what finds `message` with anything short in the place of its `{names}`."""
    return re.compile(_NAME.sub(r"(?P<\1>.{1,120}?)", re.escape(message)))
