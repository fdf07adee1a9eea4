"""Staff: accounts, sign-in, and the end of sessions."""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from feedback_service import i18n
from feedback_service.addresses import checked_address
from feedback_service.errors import ConflictError, InvalidInputError
from feedback_service.hashing import normal_address
from feedback_service.shops import passwords
from feedback_service.shops.models import AuditEntry, Role, Shop, Staff


def add_staff(
    session: Session,
    email: str,
    name: str,
    role: Role,
    shops: Sequence[Shop],
    password: str,
    now: datetime,
    *,
    language: str = "fr",
) -> Staff:
    """Add an account; raise `InvalidInputError` for what is no account, `ConflictError` if the address has one."""
    address = _checked(email)
    if language not in i18n.STAFF_LANGUAGES:
        sentence = f"Pages for staff are not written in {language!r}; there are: {', '.join(i18n.STAFF_LANGUAGES)}."
        raise InvalidInputError(sentence, field="language")
    if find_staff(session, address):
        sentence = f"{address} has an account already."
        raise ConflictError(sentence)
    attached = session.scalars(sa.select(Shop).where(Shop.id.in_([shop.id for shop in shops]))).all()
    staff = Staff(
        email=address,
        name=name.strip() or address.partition("@")[0],
        role=role,
        language=language,
        password_hash=passwords.hash_password(password),
        shops=list(attached),
        created_at=now,
    )
    session.add(staff)
    session.flush()
    session.add(AuditEntry(at=now, action="staff.added", subject=f"staff:{staff.id}", detail=role.value))
    return staff


def find_staff(session: Session, email: str) -> Staff | None:
    """Return the account of that address, active or not."""
    return session.scalar(sa.select(Staff).where(Staff.email == normal_address(email)))


def verify(session: Session, email: str, password: str, now: datetime) -> Staff | None:
    """Return who signs in with this address and password, or None; both are written to the audit log (R48).

    An unknown address takes as long as a wrong password, and the log keeps no address nobody has.
    """
    staff = find_staff(session, email)
    fits = passwords.fits(staff.password_hash if staff else None, password)
    if staff is None or not staff.is_active or not fits:
        session.add(AuditEntry(at=now, staff_id=staff.id if staff else None, action="staff.sign_in_refused"))
        return None
    if passwords.is_outdated(staff.password_hash):
        staff.password_hash = passwords.hash_password(password)
    session.add(AuditEntry(at=now, staff_id=staff.id, action="staff.signed_in"))
    return staff


def change_password(session: Session, staff: Staff, password: str, now: datetime) -> None:
    """Set a new password and end every open session of `staff`."""
    staff.password_hash = passwords.hash_password(password)
    end_sessions(session, staff, now, action="staff.password_changed")


def end_sessions(session: Session, staff: Staff, now: datetime, *, action: str = "staff.signed_out") -> None:
    """End every open session of `staff`, on every device."""
    staff.session_version += 1
    session.add(AuditEntry(at=now, staff_id=staff.id, action=action))


def _checked(email: str) -> str:
    try:
        checked_address(email)
    except ValueError as error:
        sentence = f"{email!r} is no e-mail address: {error}"
        raise InvalidInputError(sentence, field="email") from error
    return normal_address(email)
