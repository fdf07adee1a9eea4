"""The customer's pages as a preview for staff: everything works, nothing is stored, and it says so.

A preview's link has the form of a survey's (`surveys.previews`); it is answered here before the pages
themselves look for an invitation.
"""

from dataclasses import dataclass
from http import HTTPStatus

from flask import Flask, Response, request

from feedback_service import i18n
from feedback_service.bootstrap import Services
from feedback_service.shops.models import Shop
from feedback_service.surveys.invited import ShopFace
from feedback_service.surveys.previews import Preview, read_preview
from feedback_service.surveys.questionnaire import FIRST, Questionnaire
from feedback_service.surveys.questions import SCALES
from feedback_service.web.customer.language import Reader, chosen_language, reader_of
from feedback_service.web.customer.pages import Pages, Place, thanks_path
from feedback_service.web.customer.survey import HIDDEN_FIELD, Form


@dataclass(frozen=True, slots=True)
class Mark:
    """The sentence that marks a preview, and the language it is in: the page's own may be another."""

    text: str
    language: str


def register(app: Flask, services: Services, pages: Pages) -> None:
    """Let the application answer for previews."""

    @app.before_request
    def show_preview() -> bytes | Response | None:
        token = (request.view_args or {}).get("token", "")
        if not token.startswith("preview-"):
            return None
        preview = read_preview(services.secret, token, services.clock.now())
        return None if preview is None else _answer(services, pages, preview, token)


def survey_page(
    pages: Pages, shop: Shop, asked: Questionnaire, preview: Preview, reader: Reader, token: str = ""
) -> bytes:
    """Return the survey's page as a customer would see it, marked as a preview."""
    first = FIRST[preview.survey]
    pressed = reader.rating if reader.rating in SCALES[first].values else None
    return pages.made(
        "survey",
        ShopFace.of(shop),
        reader,
        Place(token),
        survey=preview.survey,
        asked=asked,
        form=Form().with_number(first, pressed),
        error="",
        is_edit=False,
        hidden_field=HIDDEN_FIELD,
        preview_mark=_mark(reader.language),
    )


def _answer(services: Services, pages: Pages, preview: Preview, token: str) -> bytes | Response | None:
    with services.database.reading() as session:
        shop = session.get(Shop, preview.shop_id)
        if shop is None:
            return None
        asked = services.questionnaires.current(session, shop)
    if request.endpoint == "answer":
        address = thanks_path(token, chosen_language(request))
        return Response(status=HTTPStatus.SEE_OTHER, headers={"Location": address})
    reader = reader_of(request, preview.language, request.args.get("r", type=int))
    if request.endpoint == "survey":
        return survey_page(pages, shop, asked, preview, reader, token)
    context: dict[str, object] = {"preview_mark": _mark(reader.language), "survey": preview.survey}
    if request.endpoint == "thanks":
        context["edit_minutes"] = services.settings.survey_edit_minutes
        return pages.made("thanks", ShopFace.of(shop), reader, Place(token), **context)
    return pages.made("objection", ShopFace.of(shop), reader, Place(token), is_done=request.method == "POST", **context)


def _mark(language: str) -> Mark:
    """Return what marks a preview; staff read it, so it is in a language of theirs."""
    spoken = i18n.staff_language(language)
    return Mark(i18n.translations(spoken).gettext("Preview: nothing you do here is stored."), spoken)
