"""`web`, `jobs`, `run` (both in one command) and `job NAME`."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Any

import click

from feedback_service.arenas import share_arenas
from feedback_service.bootstrap import Services, build
from feedback_service.cli.start import started
from feedback_service.errors import OutsideError
from feedback_service.processes import Child, ChildFailedError, end_with_parent, stop_on_signals
from feedback_service.settings import Settings
from feedback_service.twins import twin_of_this_process

_GRACE_SECONDS = 10
_STUCK_SECONDS = 120
_LOOK_SECONDS = 0.5

_parent = click.option("--parent", type=int, hidden=True, help="End when this process, which started us, ends.")


@click.command("web")
@_parent
def web_command(parent: int | None) -> None:
    """Serve the pages and the API (gunicorn, one process with threads)."""
    share_arenas()
    with started() as services:
        settings = services.settings
        check_port_free(settings.web_host, settings.web_port)
    if parent:
        end_with_parent(parent)
    click.echo(f"Serving {settings.public_url} on {settings.web_host}:{settings.web_port}.", err=True)
    _serve_web(settings)


@click.command("jobs")
@_parent
def jobs_command(parent: int | None) -> None:
    """Run the jobs: mails, surveys, sources, digests, pruning. Ends after the work in hand at SIGTERM."""
    from jobs import scheduler

    share_arenas()
    with started() as services:
        stop_on_signals(services.stopping)
        if parent:
            end_with_parent(parent)
        scheduler.serve(services)


@click.command("run")
def run_command() -> None:
    """Run web and jobs together: the jobs here, the web in a process that is started again if it dies."""
    from feedback_service import app
    from feedback_service.cli import main
    from jobs import scheduler

    share_arenas()
    app.load()
    twin = twin_of_this_process(main)
    with started() as services:
        settings = services.settings
        check_port_free(settings.web_host, settings.web_port)
        stop_on_signals(services.stopping)
        with _looked_after(Child(["web"], twin=twin), services) as failures:
            scheduler.serve(services)
    if failures:
        raise failures[0]


@click.command("job")
@click.argument("name", required=False)
@click.option("--list", "listed", is_flag=True, help="Name the jobs, with what they do and how often, and run none.")
def job_command(name: str | None, *, listed: bool) -> None:
    """Run the job NAME once and say what it did."""
    from jobs import registry, runs

    if listed:
        for job in registry.JOBS:
            click.echo(f"{job.name:14}{job.often:>7}  {job.does}")
        return
    if name is None:
        sentence = "Name a job; `feedback-service job --list` shows them."
        raise click.UsageError(sentence)
    job = registry.find(name)
    with started() as services:
        stop_on_signals(services.stopping)
        outcome = runs.run_recorded(services, job)
    if outcome.error:
        click.echo(f"{job.name}: {outcome.error}", err=True)
        raise SystemExit(1)
    click.echo(f"{job.name}: {outcome.done} done.")


def check_port_free(host: str, port: int) -> None:
    """Raise `OutsideError` with a sentence when nothing can listen on that address."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        sentence = (
            f"Cannot listen on {host}:{port}: {error.strerror or error}. "
            "Stop the program that uses the port, or choose another with FEEDBACK_WEB_PORT."
        )
        raise OutsideError(sentence, subject=f"{host}:{port}", permanent=True) from error


@contextlib.contextmanager
def _looked_after(child: Child, services: Services) -> Iterator[list[ChildFailedError]]:
    """Keep `child` running while open; if it cannot be, stop the service and say so in the list given."""
    failures: list[ChildFailedError] = []

    def look() -> None:
        try:
            while not services.stopping.wait(_LOOK_SECONDS):
                child.look_after()
        except ChildFailedError as error:
            failures.append(error)
            services.stopping.set()
        child.ask_to_end()

    child.start()
    watch = threading.Thread(target=look, name="web-watch")
    watch.start()
    try:
        yield failures
    finally:
        services.stopping.set()
        watch.join()
        child.end(_GRACE_SECONDS)


def _serve_web(settings: Settings) -> None:
    from gunicorn.app.base import BaseApplication

    class Application(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
        """Gunicorn, told by our settings alone: no file, no command line, no environment of its own."""

        def load_config(self) -> None:
            """Take our options."""
            for key, value in _gunicorn_options(settings).items():
                self.cfg.set(key, value)

        def load(self) -> Any:  # noqa: ANN401 - a WSGI application
            """Make the application, in the worker: connections are not shared across the fork."""
            from feedback_service.app import create_app

            return create_app(build(settings))

    Application().run()


def _gunicorn_options(settings: Settings) -> dict[str, Any]:
    host = f"[{settings.web_host}]" if ":" in settings.web_host else settings.web_host
    return {
        "bind": f"{host}:{settings.web_port}",
        "worker_class": "gthread",
        # SQLite takes one writer at a time, and PostgreSQL takes as many `web` commands as one starts.
        "workers": 1,
        "threads": settings.web_threads,
        "timeout": _STUCK_SECONDS,
        "graceful_timeout": _GRACE_SECONDS,
        "loglevel": "warning",
        # No access log: its lines would carry tokens and addresses of readers (R15, R45).
        "accesslog": None,
        "control_socket_disable": True,
    }
