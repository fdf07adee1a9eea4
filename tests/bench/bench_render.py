"""Personal mails a second on one core: rendered, with CSS inlined, as bytes on the wire, unsigned and signed.

`python -m tests.bench.bench_render [MAILS]` prints one line for each figure, with its share of the limit. The slow way,
where the standard library writes every message, runs turn by turn with ours, so that a busy machine slows both.
"""

import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from feedback_service import paths
from feedback_service.links import Links
from feedback_service.mail.dkim import Signer
from feedback_service.mail.headers import survey_headers
from feedback_service.mail.models import Audience, MailImage, OutboxMail
from feedback_service.mail.render import Renderer
from feedback_service.mail.wire import message_bytes
from feedback_service.returns.models import Order, Return, ReturnLine, ReturnState
from feedback_service.settings import load_settings
from feedback_service.shops.look import look_of
from feedback_service.shops.models import Shop
from feedback_service.surveys.letter import Asked, survey_letter
from feedback_service.surveys.questionnaire import SHIPPED
from tests.support.builders import NOW, SECRET
from tests.support.slow_mail import slow_bytes

MAILS = 400
ROUNDS = 5
UNSIGNED_LIMIT, SIGNED_LIMIT = 500, 300  # mails a second
LOGO = Path(__file__).parents[1] / "shops" / "data" / "logo.png"
Step = Callable[[int], object]


def _shop() -> Shop:
    return Shop(
        slug="atelier",
        name="Atelier Lumen",
        controller="Atelier Lumen SAS, 1 rue Exemple, 75000 Paris",
        privacy_url="https://atelier-lumen.example.com/vie-privee",
        sender_address="bonjour@atelier-lumen.example.com",
        reply_to="support@atelier-lumen.example.com",
        time_zone="Europe/Paris",
        accent="#7a2e5d",
    )


class Press:
    """Makes the survey mail of one customer after the other."""

    def __init__(self) -> None:
        self._shop = _shop()
        self._settings = load_settings({}, secret_key=SECRET)
        self._links = Links("https://feedback.example.com")
        self._renderer = Renderer((Path("none"), paths.templates_folder()), self._links)
        self._images = [MailImage(content_id="logo-1", png=LOGO.read_bytes())]

    def mail(self, number: int, *, logo: bool = False) -> OutboxMail:
        """Return the outbox row of one survey, rendered for this customer alone."""
        token = f"{number:032d}"
        lines = [ReturnLine(position=1, sku="LAMP", product=f"Lampe Aube n° {number}", quantity=1)]
        returned = Return(
            id=number, state=ReturnState.REFUNDED, closed_at=NOW, lines=lines, order=Order(number=f"AL-{number:05d}")
        )
        letter = survey_letter(
            self._shop,
            returned,
            Asked(f"client{number}@example.com", "fr", token, SHIPPED),
            self._settings,
            survey_headers(self._shop, self._links, token, self._settings),
            expires_at=NOW + timedelta(days=4),
        )
        context = {"shop": self._shop, "look": look_of(self._shop), **letter.context}
        rendered = self._renderer.render(letter.template, letter.language, self._shop.time_zone, context)
        return OutboxMail(
            kind=letter.template,
            audience=Audience.CUSTOMER,
            message_id=f"<{token}@atelier-lumen.example.com>",
            sender="Atelier Lumen <bonjour@atelier-lumen.example.com>",
            recipient=letter.recipient,
            reply_to=self._shop.reply_to,
            subject=rendered.subject,
            text=rendered.text,
            html=rendered.html,
            headers=dict(letter.headers),
            images=list(self._images) if logo else [],
        )


def _rates(steps: dict[str, Step], count: int) -> dict[str, float]:
    """Run the steps in turn, several rounds; return the best rate of each, in mails a second of processor time."""
    best = dict.fromkeys(steps, 0.0)
    for step in steps.values():
        step(0)
    for _ in range(ROUNDS):
        for name, step in steps.items():
            began = time.process_time()
            for number in range(1, count + 1):
                step(number)
            best[name] = max(best[name], count / (time.process_time() - began))
    return best


def main() -> None:
    """Run and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else MAILS
    press = Press()
    rsa_signer = Signer(rsa.generate_private_key(public_exponent=65537, key_size=2048), "mail")
    ed25519_signer = Signer(ed25519.Ed25519PrivateKey.generate(), "mail")
    ready = press.mail(1)
    assert message_bytes(ready, NOW) == slow_bytes(ready, NOW)
    steps: dict[str, Step] = {
        "render.words": press.mail,
        "render.wire": lambda _: message_bytes(ready, NOW),
        "render.wire_slow": lambda _: slow_bytes(ready, NOW),
        "render.unsigned": lambda number: message_bytes(press.mail(number), NOW),
        "render.unsigned_slow": lambda number: slow_bytes(press.mail(number), NOW),
        "render.with_logo": lambda number: message_bytes(press.mail(number, logo=True), NOW),
        "render.signed_rsa": lambda number: rsa_signer.signed(message_bytes(press.mail(number), NOW)),
        "render.signed_ed25519": lambda number: ed25519_signer.signed(message_bytes(press.mail(number), NOW)),
    }
    rates = _rates(steps, count)
    limits = {"render.unsigned": UNSIGNED_LIMIT, "render.with_logo": UNSIGNED_LIMIT}
    limits |= {"render.signed_rsa": SIGNED_LIMIT, "render.signed_ed25519": SIGNED_LIMIT}
    for name, rate in rates.items():
        against = f"  RATIO {rate / limits[name]:.2f} of the limit of {limits[name]}" if name in limits else ""
        print(f"{name:22} {rate:8.1f} mails/s{against}")
    for name in ("wire", "unsigned"):
        ratio = rates[f"render.{name}"] / rates[f"render.{name}_slow"]
        print(f"render.{name}_gain{'':{11 - len(name)}} {ratio:8.2f} times the slow way")
    print(f"{len(message_bytes(ready, NOW))} bytes a mail, of which {len((ready.html or '').encode())} HTML")


if __name__ == "__main__":
    main()
