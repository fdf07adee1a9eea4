"""The customer's pages as a preview for staff: everything works, nothing is stored, and it says so.

A preview's link has the form of a survey's (`surveys.previews`); it is answered here, and no page looks for an
invitation by it.
"""

from dataclasses import dataclass

from feedback_service import i18n
from feedback_service.bootstrap import Services
from feedback_service.shops.models import Shop
from feedback_service.surveys.answers import closed
from feedback_service.surveys.invited import ShopFace
from feedback_service.surveys.previews import PREFIX, Preview, read_preview
from feedback_service.surveys.questionnaire import FIRST, Questionnaire
from feedback_service.surveys.questions import SCALES
from feedback_service.web.customer.language import Reader, chosen_language, reader_of
from feedback_service.web.customer.pages import Pages, Place, thanks_path
from feedback_service.web.customer.serving import Request, Response, see
from feedback_service.web.customer.survey import HIDDEN_FIELD, Form


@dataclass(frozen=True, slots=True)
class Mark:
    """The sentence that marks a preview, and the language it is in: the page's own may be another."""

    text: str
    language: str


def is_preview(token: str) -> bool:
    """Tell whether a token has the form of a preview's."""
    return token.startswith(PREFIX)


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


class PreviewView:
    """The views at the addresses of previews; they answer as the pages themselves would."""

    def __init__(self, services: Services, pages: Pages) -> None:
        self._services = services
        self._pages = pages

    def show(self, request: Request, token: str) -> Response:
        """Show the form."""
        preview, shop = self._found(token)
        with self._services.database.reading() as session:
            asked = self._services.questionnaires.current(session, shop)
        reader = reader_of(request, preview.language, request.args.get("r", type=int))
        return Response(survey_page(self._pages, shop, asked, preview, reader, token))

    def answer(self, request: Request, token: str) -> Response:
        """Lead to the thanks for an answer that is stored nowhere."""
        self._found(token)
        return see(thanks_path(token, chosen_language(request)))

    def thanks(self, request: Request, token: str) -> Response:
        """Thank."""
        minutes = self._services.settings.survey_edit_minutes
        return self._made("thanks", request, token, edit_minutes=minutes)

    def objection(self, request: Request, token: str) -> Response:
        """Ask whether the surveys shall stop; once the button was pressed, say so."""
        return self._made("objection", request, token, is_done=request.method == "POST")

    def _found(self, token: str) -> tuple[Preview, Shop]:
        preview = read_preview(self._services.secret, token, self._services.clock.now())
        if preview is None:
            raise closed()
        with self._services.database.reading() as session:
            shop = session.get(Shop, preview.shop_id)
        if shop is None:
            raise closed()
        return preview, shop

    def _made(self, name: str, request: Request, token: str, **context: object) -> Response:
        preview, shop = self._found(token)
        reader, place = reader_of(request, preview.language), Place(token)
        context |= {"preview_mark": _mark(reader.language), "survey": preview.survey}
        return Response(self._pages.made(name, ShopFace.of(shop), reader, place, **context))


def _mark(language: str) -> Mark:
    """Return what marks a preview; staff read it, so it is in a language of theirs."""
    spoken = i18n.staff_language(language)
    return Mark(i18n.translations(spoken).gettext("Preview: nothing you do here is stored."), spoken)
