"""How headers are written: some as they stand, the others as the standard library does.

The standard library folds a header longer than 78 characters into encoded words: a long
List-Unsubscribe then reads `=?utf-8?q?...`, which no mail program undoes, and one-click breaks. Here
such headers stay as they are written.
"""

from email.policy import EmailPolicy
from typing import cast

from feedback_service.mail.quoted import LONGEST

_LONGEST_LINE = 998
_RAW = frozenset({
    "from", "to", "reply-to", "subject", "date", "message-id", "in-reply-to", "references", "mime-version",
    "list-unsubscribe", "list-unsubscribe-post", "list-id", "list-help", "auto-submitted",
    "x-pm-metadata-message-id", "x-pm-metadata-message-id-rest", "x-pm-keepid", "x-mj-customid", "x-mailin-custom",
    "x-smtpapi",
})  # fmt: skip


class WirePolicy(EmailPolicy):
    """Writes the headers of `_RAW` as they stand and leaves the others to the standard library."""

    def header_store_parse(self, name: str, value: str) -> tuple[str, str]:
        """Store a header; one that is written as it stands is checked, not parsed."""
        if name.lower() not in _RAW:
            return cast("tuple[str, str]", super().header_store_parse(name, value))
        lines = value.split("\r\n ")
        if any("\r" in line or "\n" in line or "\0" in line or len(line) > _LONGEST_LINE for line in lines):
            msg = f"the header {name} holds a line break or a line that is too long"
            raise ValueError(msg)
        if not (self.utf8 or value.isascii()):
            msg = f"the header {name} must be ASCII"
            raise ValueError(msg)
        return name, value

    def fold(self, name: str, value: str) -> str:
        """Return the header as text for the wire."""
        if name.lower() in _RAW:
            return f"{name}: {value}{self.linesep}"
        return cast("str", super().fold(name, value))

    def fold_binary(self, name: str, value: str) -> bytes:
        """Return the header as bytes for the wire."""
        if name.lower() in _RAW:
            return self.fold(name, value).encode("utf-8" if self.utf8 else "ascii")
        return super().fold_binary(name, value)


PLAIN = WirePolicy(linesep="\r\n", cte_type="7bit", max_line_length=LONGEST)
INTERNATIONAL = PLAIN.clone(utf8=True)
