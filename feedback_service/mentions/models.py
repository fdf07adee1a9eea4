"""Document (what a source published) and mention (what in it is about a shop, scored)."""

import hashlib
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from feedback_service.db import Base, enum_column
from feedback_service.mentions.relevance import Standing
from feedback_service.returns.models import Order
from feedback_service.sentiment.judgement import Label
from feedback_service.sources.models import Source


def _index_of(key: str) -> sa.Index:
    """Return an index on a key within a source that leaves out the documents without one."""
    has_key = sa.text(f"{key} != 0")
    return sa.Index(f"ix_document_source_id_{key}", "source_id", key, sqlite_where=has_key, postgresql_where=has_key)


class Verdict(StrEnum):
    """What staff said of a mention."""

    NOT_US = "not_us"
    NOT_NEGATIVE = "not_negative"
    COMPLAINT = "complaint"


class Document(Base):
    """One item of a source, as published; stored once per source and identity.

    The keys find it again when it comes with another GUID, address or form (`mentions.keys`); 0 where there is none.
    """

    __tablename__ = "document"
    __table_args__ = (
        sa.UniqueConstraint("source_id", "identity"),
        sa.Index(None, "fetched_at"),
        _index_of("place_key"),
        _index_of("words_key"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    source_id: Mapped[int] = mapped_column(sa.ForeignKey("source.id", ondelete="CASCADE"))
    identity: Mapped[str] = mapped_column(doc="GUID, link or content digest: `mentions.identity` decides (R57).")
    url: Mapped[str] = mapped_column(default="")
    title: Mapped[str] = mapped_column(default="")
    text: Mapped[str] = mapped_column(doc="Plain text.")
    author: Mapped[str] = mapped_column(default="", doc="Pseudonym (R18).")
    rating: Mapped[float | None]
    best_rating: Mapped[float | None]
    published_at: Mapped[datetime | None]
    fetched_at: Mapped[datetime]
    is_baseline: Mapped[bool]
    place_key: Mapped[int] = mapped_column(sa.BigInteger(), default=0, server_default="0")
    words_key: Mapped[int] = mapped_column(sa.BigInteger(), default=0, server_default="0")
    exact_key: Mapped[int | None] = mapped_column(sa.BigInteger(), doc="NULL: stored before there were keys.")
    edits: Mapped[int] = mapped_column(default=0, server_default="0", doc="How many times its text was edited.")
    edited_at: Mapped[datetime | None]
    gone_at: Mapped[datetime | None] = mapped_column(doc="When its page did not show it any more.")

    source: Mapped[Source] = relationship()
    versions: Mapped[list["DocumentVersion"]] = relationship(order_by="DocumentVersion.id", viewonly=True)


class DocumentVersion(Base):
    """A document as it was before its author edited it: evidence, with the SHA-256 of its text."""

    __tablename__ = "document_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(sa.ForeignKey("document.id", ondelete="CASCADE"), index=True)
    title: Mapped[str]
    text: Mapped[str]
    rating: Mapped[float | None]
    best_rating: Mapped[float | None]
    digest: Mapped[str] = mapped_column(doc="SHA-256 of title and text, in hex.")
    replaced_at: Mapped[datetime]


def version_digest(title: str, text: str) -> str:
    """Return what proves that a version is as it was: the SHA-256 of title and text, in hex."""
    return hashlib.sha256(f"{title}\n{text}".encode("utf-8", "surrogatepass")).hexdigest()


class MentionBand(Base):
    """A key under which texts that say nearly the same find each other (`mentions.near`)."""

    __tablename__ = "mention_band"

    shop_id: Mapped[int] = mapped_column(sa.ForeignKey("shop.id", ondelete="CASCADE"), primary_key=True)
    band: Mapped[int] = mapped_column(sa.BigInteger(), primary_key=True)
    mention_id: Mapped[int] = mapped_column(
        sa.ForeignKey("mention.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class Mention(Base):
    """A document that is about the shop. The same text twice is one mention."""

    __tablename__ = "mention"
    __table_args__ = (
        sa.UniqueConstraint("shop_id", "text_digest"),
        sa.Index(None, "shop_id", "thread"),
        sa.Index(None, "shop_id", "found_at"),
        sa.Index(None, "shop_id", "standing"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    shop_id: Mapped[int] = mapped_column(sa.ForeignKey("shop.id", ondelete="CASCADE"))
    document_id: Mapped[int] = mapped_column(sa.ForeignKey("document.id", ondelete="CASCADE"), index=True)
    source_id: Mapped[int] = mapped_column(sa.ForeignKey("source.id", ondelete="CASCADE"), index=True)
    text_digest: Mapped[str] = mapped_column(doc="Digest of the folded text, white space collapsed.")
    thread: Mapped[str] = mapped_column(doc="Canonical address of the page or thread it stands on.")
    url: Mapped[str]
    title: Mapped[str]
    text: Mapped[str] = mapped_column(doc="Title and text as judged; evidence offsets point into it.")
    author: Mapped[str] = mapped_column(default="")
    rating: Mapped[float | None]
    best_rating: Mapped[float | None]
    published_at: Mapped[datetime | None]
    found_at: Mapped[datetime]
    matched_terms: Mapped[list[str]] = mapped_column(default=list)
    standing: Mapped[Standing] = mapped_column(
        enum_column(Standing), default=Standing.US, server_default=Standing.US.value
    )
    relevance: Mapped[float] = mapped_column(
        default=1.0, server_default="1", doc="How sure it is that it is about the shop, 0-1."
    )
    clues: Mapped[list[dict[str, Any]]] = mapped_column(
        sa.JSON(), default=list, server_default="[]", doc="kind, weight, words: why."
    )
    language: Mapped[str] = mapped_column(default="")
    label: Mapped[Label] = mapped_column(enum_column(Label))
    negative: Mapped[float] = mapped_column(doc="Probability-like score, 0-1.")
    evidence: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON(), default=list, doc="start, end, text, weight.")
    topics: Mapped[list[str]] = mapped_column(
        default=list, server_default="[]", doc="What it is about, the most spoken of first."
    )
    copies: Mapped[int] = mapped_column(default=1, doc="How many documents carry this text (syndication).")
    is_baseline: Mapped[bool]
    order_id: Mapped[int | None] = mapped_column(sa.ForeignKey("order.id", ondelete="SET NULL"), index=True)
    verdict: Mapped[Verdict | None] = mapped_column(enum_column(Verdict))

    document: Mapped[Document] = relationship()
    source: Mapped[Source] = relationship()
    order: Mapped[Order | None] = relationship()
