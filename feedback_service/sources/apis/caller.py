"""The client that all review APIs share: the account, its token, one renewal when it is refused, and errors by name."""

import json
from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Generic

from feedback_service.clock import Clock
from feedback_service.errors import InvalidInputError
from feedback_service.sources.apis import limits
from feedback_service.sources.apis.accounts import AccountBook, AnyAccount
from feedback_service.sources.apis.payloads import parsed, surprise
from feedback_service.sources.apis.services import Call, ReviewService
from feedback_service.sources.apis.tokens import Grant, Token, TokenStore, granted
from feedback_service.sources.errors import FetchError, FetchFailure
from feedback_service.sources.http.fetcher import Fetcher
from feedback_service.sources.http.pages import NO_VALIDATORS, Answer, Validators

_JSON = {"Accept": "application/json"}


class Caller(Generic[AnyAccount]):
    """Sends the requests of one service in the name of its accounts. Threads may share it."""

    def __init__(self, service: ReviewService[AnyAccount], book: AccountBook, fetcher: Fetcher, clock: Clock) -> None:
        self._service = service
        self._book = book
        self._fetcher = fetcher
        self._clock = clock
        self._tokens = TokenStore()

    def account(self, name: str) -> AnyAccount:
        """Return an account; raise `FetchError` (account) where accounts.toml gives none that can be used."""
        try:
            return self._book.account(self._service.model, self._service.kind, name)
        except InvalidInputError as error:
            raise self._unusable(name, error) from error

    def get(self, name: str, account: AnyAccount, url: str, validators: Validators = NO_VALIDATORS) -> Answer:
        """Ask for a page of reviews; raise `FetchError`."""
        given = {"If-None-Match": validators.etag, "If-Modified-Since": validators.last_modified}
        conditional = {header: value for header, value in given.items() if value}
        return self._send(name, account, "GET", url, _JSON | conditional, b"")

    def send(self, name: str, account: AnyAccount, call: Call) -> Answer:
        """Send what changes something at the service; raise `FetchError`."""
        headers = _JSON | {"Content-Type": "application/json"}
        return self._send(name, account, call.method, call.url, headers, json.dumps(call.body).encode())

    def _send(
        self, name: str, account: AnyAccount, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> Answer:
        answer = self._once(name, account, method, url, headers, body)
        if answer.status == HTTPStatus.UNAUTHORIZED:
            # A token may be withdrawn before its time; a second refusal means the account.
            self._tokens.forget(name)
            answer = self._once(name, account, method, url, headers, body)
        failure = limits.failure_of(answer, self._service.name, name, url, self._clock.now())
        if failure:
            raise failure
        return answer

    def _once(
        self, name: str, account: AnyAccount, method: str, url: str, headers: Mapping[str, str], body: bytes
    ) -> Answer:
        token = self._token(name, account)
        sent = {**headers, **self._service.headers(account, token)}
        return self._fetcher.call(method, url, headers=sent, body=body)

    def _token(self, name: str, account: AnyAccount) -> Token | None:
        now = self._clock.now()
        return self._tokens.token(name, account, now, lambda: self._new_token(name, account, now))

    def _new_token(self, name: str, account: AnyAccount, now: datetime) -> Token | None:
        try:
            credential = self._service.credential(account, self._book, now)
        except InvalidInputError as error:
            raise self._unusable(name, error) from error
        return self._asked(name, credential, now) if isinstance(credential, Grant) else credential

    def _asked(self, name: str, grant: Grant, now: datetime) -> Token:
        answer = self._fetcher.call("POST", grant.url, headers=grant.headers(), body=grant.body())
        failure = limits.token_failure_of(answer, self._service.name, name, grant.url, now)
        if failure:
            raise failure
        token = granted(parsed(answer.body, self._service.name, grant.url), now)
        if token is None:
            raise surprise(self._service.name, grant.url)
        return token

    def _unusable(self, name: str, error: InvalidInputError) -> FetchError:
        return FetchError(FetchFailure.ACCOUNT, str(error), url=f"{self._service.kind}:{name}")
