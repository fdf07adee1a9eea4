"""Use the installed wheel from a folder that is not the project: set up, render a page and a mail, list the jobs."""

import os
import subprocess
import sys
import tempfile
from http import HTTPStatus
from pathlib import Path

import sqlalchemy as sa

import feedback_service
from feedback_service.app import create_app
from feedback_service.bootstrap import Services, build
from feedback_service.mail.models import OutboxMail
from feedback_service.settings import load_settings

ORDERS = """order_id,ordered_at,sku,product,quantity,unit_price,email,language
1,{day},LAMP,Lampe Aube,1,49.90,client@example.com,fr
"""
RETURNS = """return_id,order,requested_at,received_at,sku,quantity
r1,1,{day},{day},LAMP,1
"""


def command(*arguments: str) -> str:
    """Run `feedback-service` and return what it printed."""
    program = Path(sys.executable).parent / "feedback-service"
    return subprocess.run([program, *arguments], check=True, capture_output=True, text=True).stdout  # noqa: S603 - our own command


def import_return(folder: Path, day: str) -> None:
    """Import an order and its return, received today: that queues a mail to the customer."""
    for kind, text in (("orders", ORDERS), ("returns", RETURNS)):
        file = folder / f"{kind}.csv"
        file.write_text(text.format(day=day), encoding="utf-8")
        command("import", kind, str(file))


def check_page(services: Services) -> None:
    """Render a page in French, and the description of the API."""
    client = create_app(services).test_client()
    assert client.get("/healthz").status_code == HTTPStatus.OK
    page = client.get("/s/no-such-token", headers={"Accept-Language": "fr"}).get_data(as_text=True)
    assert '<html lang="fr"' in page, page[:200]
    assert client.get("/api/v1/openapi.json").get_json()["openapi"].startswith("3.1")


def check_mail(services: Services) -> None:
    """Look at the mail that the import queued: rendered from the wheel's templates, in French."""
    with services.database.reading() as session:
        mail = session.scalars(sa.select(OutboxMail)).one()
    assert mail.kind == "return_received", mail.kind
    for part in (mail.text or "", mail.html or ""):
        assert "Bonjour" in part, part
        assert "Lampe Aube" in part, part


def main() -> None:
    """Do all of it in an installation of its own."""
    assert "site-packages" in feedback_service.__file__, feedback_service.__file__
    with tempfile.TemporaryDirectory() as folder:
        os.environ["FEEDBACK_INSTANCE"] = folder
        who = ("--shop-name", "Boutique Exemple", "--sender", "bonjour@example.com", "--admin-email", "a@example.com")
        command("init", *who)
        services = build(load_settings())
        import_return(Path(folder), services.clock.now().isoformat())
        check_page(services)
        check_mail(services)
        services.close()
    jobs = {line.split()[0] for line in command("job", "--list").splitlines()}
    assert jobs == {
        "send_mail",
        "read_mail",
        "send_surveys",
        "scan_sources",
        "watch_scans",
        "renew_websub",
        "send_digests",
        "learn",
        "prune",
    }, jobs
    print("wheel: page, mail and jobs are there")


if __name__ == "__main__":
    main()
