"""Every setting, command and job is documented."""

import re
from pathlib import Path

import click
import pytest

from feedback_service.cli import cli
from feedback_service.settings import Settings
from jobs.registry import JOBS, Job

HOUSE = Path(__file__).resolve().parents[2]
DOCS = HOUSE / "docs"


def _text(name: str) -> str:
    return (DOCS / name).read_text(encoding="utf-8")


def _commands(group: click.Group, path: str = "") -> list[str]:
    found = []
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        found += _commands(command, f"{path}{name} ") if isinstance(command, click.Group) else [f"{path}{name}"]
    return found


@pytest.mark.parametrize("setting", sorted(Settings.model_fields))
def test_every_setting_is_in_the_table(setting: str) -> None:
    first_cells = re.findall(r"^\|([^|]*)\|", _text("settings.md"), re.MULTILINE)

    assert any(f"`{setting}`" in cell for cell in first_cells)


def test_the_table_names_no_setting_that_is_gone() -> None:
    first_cells = re.findall(r"^\|([^|]*)\|", _text("settings.md"), re.MULTILINE)
    named = {name for cell in first_cells for name in re.findall(r"`(\w+)`", cell)}

    assert named == set(Settings.model_fields)


@pytest.mark.parametrize("command", _commands(cli))
def test_every_command_is_in_the_documentation(command: str) -> None:
    everything = "\n".join(path.read_text(encoding="utf-8") for path in DOCS.rglob("*.md"))

    assert re.search(rf"feedback-service {re.escape(command)}\b|`{re.escape(command)}\b", everything)


@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_every_job_is_in_the_documentation_with_what_it_does(job: Job) -> None:
    assert f"| `{job.name}` |" in _text("operations.md")
    assert job.does in _text("operations.md")


def test_every_rule_that_code_cites_is_in_the_list() -> None:
    cited = {
        number
        for folder in ("feedback_service", "jobs", "docs")
        for kind in ("*.py", "*.md")
        for path in (HOUSE / folder).rglob(kind)
        for number in re.findall(r"\bR\d{1,2}\b", path.read_text(encoding="utf-8"))
    }
    listed = set(re.findall(r"^\| (R\d+) \|", _text("rules.md"), re.MULTILINE))

    assert cited <= listed
