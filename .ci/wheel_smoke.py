"""Use the installed wheel from a folder that is not the project: set up, render a page and a mail, list the jobs."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import feedback_service
from feedback_service.app import create_app
from feedback_service.bootstrap import build
from feedback_service.settings import load_settings

assert "site-packages" in feedback_service.__file__, feedback_service.__file__


def command(*arguments: str) -> str:
    """Run `feedback-service` and return what it printed."""
    program = Path(sys.executable).parent / "feedback-service"
    return subprocess.run([program, *arguments], check=True, capture_output=True, text=True).stdout  # noqa: S603


with tempfile.TemporaryDirectory() as folder:
    os.environ["FEEDBACK_INSTANCE"] = folder
    command("init", "--shop-name", "Boutique Exemple", "--sender", "bonjour@example.com", "--admin-email", "a@example.com")
    services = build(load_settings())
    client = create_app(services).test_client()
    assert client.get("/healthz").status_code == 200  # noqa: PLR2004
    page = client.get("/s/no-such-token", headers={"Accept-Language": "fr"}).get_data(as_text=True)
    assert '<html lang="fr"' in page, page[:200]
    assert client.get("/api/v1/openapi.json").get_json()["openapi"].startswith("3.1")
    mail = services.renderer.render("test_mail", "fr", "Europe/Paris", {"shop": {"name": "Boutique Exemple"}})
    assert "Boutique Exemple" in mail.html
    services.close()
    jobs = command("job", "--list")
    assert {"send_mail", "send_surveys", "scan_sources", "send_digests", "prune"} <= set(jobs.split()), jobs
    print("wheel: page, mail and jobs are there")
