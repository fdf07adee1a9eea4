"""Limits on what makes us ask other sites: by account, counted in the memory of each web process."""

from typing import cast

from flask import Blueprint, Flask
from flask.sansio.blueprints import BlueprintSetupState
from flask_limiter import Limiter

from feedback_service.web import auth

BY_ACCOUNT = "20 per minute; 200 per hour"


def by_account(pages: Blueprint, name: str) -> Limiter:
    """Return a limiter that counts per account, for views of `pages` behind the login."""
    limiter = Limiter(_account, storage_uri="memory://", key_prefix=name)

    @pages.record_once
    def install(state: BlueprintSetupState) -> None:
        limiter.init_app(cast("Flask", state.app))

    return limiter


def _account() -> str:
    someone = auth.signed_in()
    return str(someone.id) if someone else "nobody"
