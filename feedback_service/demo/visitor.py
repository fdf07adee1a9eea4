"""A visitor without a browser: reads pages over HTTP and fills in their forms, as a person would."""

from urllib.parse import urljoin

import httpx
from selectolax.lexbor import LexborHTMLParser, LexborNode

from feedback_service.errors import OutsideError

_SECONDS = 15.0
_CHOICES = ("checkbox", "radio")


class Visitor:
    """One visitor with a cookie jar; `close` at the end."""

    def __init__(self) -> None:
        self._client = httpx.Client(follow_redirects=True, timeout=_SECONDS, trust_env=False)
        self._page = LexborHTMLParser("")
        self.address = ""

    def open(self, address: str) -> str:
        """Open a page and return its text; raise `OutsideError` unless it answers 200."""
        return self._took(self._client.get(address))

    def submit(self, action: str, **filled: str) -> str:
        """Fill in and send the form whose action ends with `action` (empty: the page's first) and return the text."""
        form = next((form for form in self._page.css("form") if _action(form).endswith(action)), None)
        if form is None:
            sentence = f"{self.address} has no form {action!r}."
            raise OutsideError(sentence, subject=self.address, permanent=True)
        values = _filled_in(form) | filled
        target = urljoin(self.address, _action(form) or self.address)
        origin = "/".join(self.address.split("/", 3)[:3])
        return self._took(self._client.post(target, data=values, headers={"Origin": origin, "Referer": self.address}))

    def close(self) -> None:
        """Close the connections."""
        self._client.close()

    def _took(self, response: httpx.Response) -> str:
        if response.status_code != httpx.codes.OK:
            sentence = f"{response.request.method} {response.url} answered {response.status_code}."
            raise OutsideError(sentence, subject=str(response.url), permanent=True)
        self.address = str(response.url)
        self._page = LexborHTMLParser(response.text)
        return str(self._page.text(separator=" "))


def _action(form: LexborNode) -> str:
    return form.attributes.get("action") or ""


def _filled_in(form: LexborNode) -> dict[str, str]:
    """Return what the form sends if nobody touches it."""
    values: dict[str, str] = {}
    for field in form.css("input[name], textarea[name], select[name]"):
        name = field.attributes["name"] or ""
        if field.attributes.get("type") in _CHOICES and "checked" not in field.attributes:
            continue
        chosen = field.css_first("option[selected]") if field.tag == "select" else None
        text = field.text().strip() if field.tag == "textarea" else field.attributes.get("value")
        values[name] = (chosen.attributes.get("value") if chosen else text) or ""
    return values
