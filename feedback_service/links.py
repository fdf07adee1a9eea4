"""Addresses of our own pages, built without a web request; a test holds them against the routes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Links:
    """Absolute addresses below the public URL."""

    public_url: str

    def survey(self, token: str, rating: int | None = None) -> str:
        """The customer's page; `rating` is preselected there, never stored by opening it (R31)."""
        return f"{self.public_url}/s/{token}" + (f"?r={rating}" if rating is not None else "")

    def unsubscribe(self, token: str) -> str:
        """Where the customer objects, by a page or by the one-click POST of RFC 8058."""
        return f"{self.public_url}/u/{token}"

    def inbox(self) -> str:
        """The staff's inbox of stories."""
        return f"{self.public_url}/inbox"

    def story(self, story_id: int) -> str:
        """One story."""
        return f"{self.public_url}/stories/{story_id}"

    def returned(self, return_id: int) -> str:
        """One return."""
        return f"{self.public_url}/returns/{return_id}"

    def sources(self) -> str:
        """The sources and how they are."""
        return f"{self.public_url}/sources"

    def dashboard(self) -> str:
        """The managers' figures."""
        return f"{self.public_url}/dashboard"

    def digest(self, digest_id: int) -> str:
        """One weekly digest as a page."""
        return f"{self.public_url}/digests/{digest_id}"

    def websub(self, token: str) -> str:
        """Where a hub asks whether we meant it, and posts what a feed publishes (R56)."""
        return f"{self.public_url}/hooks/websub/{token}"
