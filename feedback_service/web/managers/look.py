"""How mails look: the shop's colour, logo and sender names, each mail as it will be, and a test to oneself."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from http import HTTPStatus

from flask import Blueprint, redirect, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from feedback_service import i18n
from feedback_service.bootstrap import Services
from feedback_service.errors import InvalidInputError, NotFoundError
from feedback_service.hashing import new_token
from feedback_service.mail.letters import Letter
from feedback_service.mail.models import Audience
from feedback_service.mail.outbox import URGENT
from feedback_service.samples import CUSTOMER_KINDS, Sampler
from feedback_service.shops import configuration, look, pictures
from feedback_service.shops.models import AuditEntry, Role, Shop, Staff
from feedback_service.web import auth
from feedback_service.web.caged import caged
from feedback_service.web.managers.dashboard import wanted_shop
from feedback_service.web.pages import language, notify, page
from feedback_service.web.security import POLICY
from feedback_service.web.staff import limits

_FIELDS = ("accent", "survey_sender_name", "notice_sender_name")


@dataclass(frozen=True, slots=True)
class Choice:
    """Which mail is shown: the template's name, and the language."""

    kind: str
    language: str


def add_views(pages: Blueprint, services: Services) -> None:
    """Add the page, its preview and the targets of its forms to `pages`."""
    view = LookView(services)
    limiter = limits.by_account(pages, "test-mail")
    managers = auth.staff_only(Role.MANAGER, Role.ADMIN)
    test = limiter.limit(limits.BY_ACCOUNT)(managers(view.send_test))
    rules: list[tuple[str, str, Callable[..., object], str]] = [
        ("/look", "look", managers(view.show), "GET"),
        ("/look/<slug>", "change_look", managers(view.change), "POST"),
        ("/look/<slug>/test", "test_look", test, "POST"),
        ("/look/<slug>/<kind>/<language>", "preview_look", managers(view.preview), "GET"),
    ]
    for rule, endpoint, function, method in rules:
        pages.add_url_rule(rule, endpoint, function, methods=[method])  # type: ignore[arg-type]  # the decorators hide what it returns


class LookView:
    """The views; each opens one short transaction."""

    def __init__(self, services: Services) -> None:
        self._services = services

    def show(self) -> Response:
        """Show the look as it is, and one mail."""
        return self._page(wanted_shop())

    def change(self, slug: str) -> Response | tuple[Response, HTTPStatus]:
        """Keep what the form says; where something does not fit nothing changes, and the page says what."""
        shop = _shop(slug)
        try:
            with self._services.database.writing() as session:
                self._change(session, session.get_one(Shop, shop.id))
        except InvalidInputError as error:
            return self._page(shop, _wrong(error.field, language())), HTTPStatus.UNPROCESSABLE_ENTITY
        notify(i18n.translations(language()).gettext("The look is changed; the next mails have it."))
        return redirect(url_for(".look", shop=slug), HTTPStatus.SEE_OTHER)

    def preview(self, slug: str, kind: str, language: str) -> Response:
        """Give the HTML part of one mail, caged, with its logo inside."""
        shop = _shop(slug)
        rendered = self._services.outbox.rendered(self._sample(shop, Choice(kind, _known(language))))
        return caged(rendered.html, self._logos(rendered.html))

    def send_test(self, slug: str) -> Response:
        """Send one mail to who asks for it, by the outbox as every other mail."""
        shop, choice = _shop(slug), _choice(wanted_kind=request.form.get("kind"), wanted=request.form.get("language"))
        letter = self._sample(shop, choice)
        with self._services.database.writing() as session:
            recipient = session.get_one(Staff, auth.person().id).email
            test = replace(
                letter,
                audience=Audience.STAFF,
                cause=f"look:{new_token()}",
                recipient=recipient,
                priority=URGENT,
                context={**letter.context, "look": look.look_of(shop)},
                expires_at=None,
            )
            self._services.outbox.post(session, test, self._services.clock.now())
        sentence = i18n.translations(language()).gettext("A test is on its way to %(address)s.")
        notify(sentence % {"address": recipient})
        address = url_for(".look", shop=slug, kind=choice.kind, language=choice.language)
        return redirect(address, HTTPStatus.SEE_OTHER)

    def _page(self, shop: Shop, wrong: str = "") -> Response:
        chosen = _choice(wanted_kind=request.args.get("kind"), wanted=request.args.get("language"))
        rendered = self._services.outbox.rendered(self._sample(shop, chosen))
        text = page(
            "managers/look.html",
            shop=shop,
            look=look.look_of(shop),
            sender=look.sender_name(shop, chosen.kind),
            wrong=wrong,
            chosen=chosen,
            kinds=[(kind, _kind_word(kind, language())) for kind in CUSTOMER_KINDS],
            languages=[(code, i18n.OWN_NAMES[code]) for code in i18n.LANGUAGES],
            mail=rendered,
        )
        response = Response(text, content_type="text/html; charset=utf-8")
        response.headers["Content-Security-Policy"] = f"{POLICY}; frame-src 'self'"
        return response

    def _change(self, session: Session, shop: Shop) -> None:
        form = request.form
        values = {key: form[key] for key in _FIELDS if key in form}
        if form.get("our_colour"):
            values["accent"] = ""
        configuration.change(shop, values)
        now = self._services.clock.now()
        file = request.files.get("logo")
        data = file.read(pictures.LARGEST + 1) if file else b""
        if data:
            look.set_logo(session, shop, data, now)
        elif form.get("no_logo"):
            look.remove_logo(shop)
        entry = AuditEntry(at=now, staff_id=auth.person().id, action="shop.look_changed", subject=f"shop:{shop.id}")
        session.add(entry)

    def _sample(self, shop: Shop, choice: Choice) -> Letter:
        services = self._services
        asked = services.questionnaires.of(services.database, shop.id, shop.questionnaire_version)
        now = services.clock.now()
        sampler = Sampler(shop, services.settings, services.links, choice.language, now, asked)
        return sampler.to_customer(choice.kind)

    def _logos(self, html: str) -> dict[str, tuple[str, bytes]]:
        """Return the logos that a mail shows, as `caged` wants them."""
        with self._services.database.reading() as session:
            found = {digest: look.logo_bytes(session, digest) or b"" for digest in look.logos_shown(html)}
        return {
            f"{look.CONTENT_ID}{digest}": (f"image/{pictures.kind_of(data)}", data) for digest, data in found.items()
        }


def _shop(slug: str) -> Shop:
    for shop in auth.person().shops:
        if shop.slug == slug:
            return shop
    sentence = f"There is no shop {slug!r}."
    raise NotFoundError(sentence)


def _choice(*, wanted_kind: str | None, wanted: str | None) -> Choice:
    kind = wanted_kind if wanted_kind in CUSTOMER_KINDS else CUSTOMER_KINDS[0]
    return Choice(kind, i18n.best_language(wanted or language(), i18n.LANGUAGES, i18n.SOURCE_LANGUAGE))


def _known(wanted: str) -> str:
    if wanted not in i18n.LANGUAGES:
        sentence = f"There are no mails in {wanted!r}."
        raise NotFoundError(sentence)
    return wanted


def _wrong(field: str, language: str) -> str:
    _ = i18n.translations(language).gettext
    match field:
        case "accent":
            return _("The colour was not understood: write it like #1d5c4a.")
        case "logo":
            return _(
                "This picture cannot be used. It must be a whole PNG or JPEG in RGB (not CMYK, which is for print) of "
                "at most 100 kB, 16 to 2000 pixels wide and high."
            )
        case _:
            return _("A sender name is one line of at most 100 characters.")


def _kind_word(kind: str, language: str) -> str:
    _ = i18n.translations(language).gettext
    words = {
        "survey": _("Survey"),
        "survey_reminder": _("Survey: the reminder"),
        "survey_periodic": _("Survey: would you recommend us?"),
        "return_received": _("Return received"),
        "return_refunded": _("Return refunded"),
        "return_replaced": _("Return replaced"),
    }
    return words.get(kind, kind)
