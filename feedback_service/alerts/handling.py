"""What people do with stories: take, resolve, dismiss, reopen; each guarded, noted and audited.

A story has one owner. The row is locked and read again before it is changed, so of two people who press
at once one gets the story and the other is told who has it.
"""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service import i18n
from feedback_service.alerts.models import CLOSED, Story, StoryEvent, StoryItem, StoryState
from feedback_service.errors import ConflictError, NotFoundError
from feedback_service.mentions.models import Mention, Verdict
from feedback_service.shops.models import AuditEntry, Staff

_GIVEN_ON_CLOSING = {
    StoryState.RESOLVED: (Verdict.COMPLAINT,),
    StoryState.DISMISSED: (Verdict.NOT_US, Verdict.NOT_NEGATIVE),
}


class StoryHandling:
    """The four things a person can do with a story; all raise `ConflictError` when somebody was faster."""

    def take(self, session: Session, story: Story, staff: Staff, now: datetime) -> Story:
        """Make `staff` the owner; taking twice changes nothing."""
        story = _still_free(session, story, staff)
        if story.state is StoryState.TAKEN:
            return story
        story.state, story.owner_id = StoryState.TAKEN, staff.id
        return _noted(session, story, staff, now, "taken")

    def resolve(self, session: Session, story: Story, staff: Staff, now: datetime, note: str = "") -> Story:
        """Close the story as dealt with; `note` says how. So it was a complaint: that is kept with its mentions."""
        _lock_mentions(session, story.id)
        story = _still_free(session, story, staff)
        for item in story.items:
            if item.mention and item.mention.verdict is None:
                item.mention.verdict = Verdict.COMPLAINT
        story.state, story.owner_id, story.closed_at = StoryState.RESOLVED, staff.id, now
        return _noted(session, story, staff, now, "resolved", note.strip())

    def dismiss(self, session: Session, story: Story, staff: Staff, now: datetime, verdict: Verdict) -> Story:
        """Close the story as a false alarm; the verdict is kept with its mentions, to measure our precision."""
        _lock_mentions(session, story.id)
        story = _still_free(session, story, staff)
        story.state, story.owner_id, story.closed_at = StoryState.DISMISSED, staff.id, now
        for item in story.items:
            if item.mention:
                item.mention.verdict = verdict
        return _noted(session, story, staff, now, verdict.value)

    def reopen(self, session: Session, story: Story, staff: Staff, now: datetime) -> Story:
        """Put a closed or taken story back for everybody; an open one stays as it is.

        The verdict that closing it gave to its mentions is taken back, until it is closed again.
        """
        _lock_mentions(session, story.id)
        story = locked(session, story.id)
        if story.state is StoryState.OPEN:
            return story
        for item in story.items:
            if item.mention and item.mention.verdict in _GIVEN_ON_CLOSING.get(story.state, ()):
                item.mention.verdict = None
        story.state, story.owner_id, story.closed_at = StoryState.OPEN, None, None
        return _noted(session, story, staff, now, "reopened")


def locked(session: Session, story_id: int) -> Story:
    """Return the story as it stands now, locked until the transaction ends."""
    session.flush()
    story = session.scalar(
        sa.select(Story).where(Story.id == story_id).with_for_update().execution_options(populate_existing=True)
    )
    if story is None:
        sentence = f"There is no story {story_id}."
        raise NotFoundError(sentence)
    session.expire(story, ["items", "events", "owner"])
    return story


def _lock_mentions(session: Session, story_id: int) -> None:
    """Lock the mentions of a story before the story, as a scan that counts a copy does: or both wait for ever."""
    theirs = sa.select(Mention.id).join(StoryItem, StoryItem.mention_id == Mention.id)
    session.execute(
        theirs.where(StoryItem.story_id == story_id).order_by(Mention.id).with_for_update(of=Mention, key_share=True)
    )


def _still_free(session: Session, story: Story, staff: Staff) -> Story:
    story = locked(session, story.id)
    _ = i18n.translations(staff.language).gettext
    if story.state in CLOSED:
        sentence = _("This story is closed already. Open it again if there is more to do.")
        raise ConflictError(sentence)
    if story.state is StoryState.TAKEN and story.owner_id not in {None, staff.id}:
        owner = story.owner.name if story.owner else ""
        raise ConflictError(_("%(owner)s is dealing with this story.") % {"owner": owner})
    return story


def _noted(session: Session, story: Story, staff: Staff, now: datetime, kind: str, note: str = "") -> Story:
    story.updated_at = now
    if kind != "reopened":
        story.acknowledged_at = story.acknowledged_at or now
    session.add(StoryEvent(story_id=story.id, at=now, staff_id=staff.id, kind=kind, note=note))
    session.add(AuditEntry(at=now, staff_id=staff.id, action=f"story.{kind}", subject=f"story:{story.id}"))
    session.flush()
    session.expire(story, ["events", "owner"])
    return story
