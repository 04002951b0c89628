"""`ruhu form`: check, publish and list forms."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
import yaml

from api.cli import console
from api.cli.connect import database, settings
from api.cli.people import OPERATOR
from api.cli.tables import show
from forms.checks import check as check_definition
from ledger.dictionary import dictionary
from sync.services import Services
from sync.worklists import announce_forms


def _read(file: str) -> Mapping[str, Any]:
    text = Path(file).read_text(encoding="utf-8")
    try:
        draft = json.loads(text) if file.endswith(".json") else yaml.safe_load(text)
    except (ValueError, yaml.YAMLError) as error:
        msg = f"{file}: {error}"
        raise click.ClickException(msg) from error
    if not isinstance(draft, dict):
        msg = f"{file} does not hold an object."
        raise click.ClickException(msg)
    return draft


@click.group()
def form() -> None:
    """Forms."""


@form.command("check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
def check(file: str) -> None:
    """Report all problems of a definition (JSON or YAML) without publishing it."""
    problems = check_definition(_read(file), dictionary())
    for problem in problems:
        console.print(f"[bold]{problem.code}[/bold] at {problem.where}\n  {problem.what}\n  {problem.todo}")
    console.print(f"{len(problems)} problems")
    raise SystemExit(1 if problems else 0)


@form.command("publish")
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
def publish(file: str) -> None:
    """Publish a definition (JSON or YAML)."""
    draft = _read(file)
    with database(settings()) as (known, store):
        services = Services.open(store, known)
        version = services.forms.publish(draft, dictionary(), services.clock.now(), OPERATOR)
        announce_forms(services)
    console.print(f"{version.form_id} {version.version}  {version.sha256}")


@form.command("list")
def list_forms() -> None:
    """List the newest version of each form."""
    with database(settings()) as (known, store):
        rows = [
            (each.form_id, each.version, f"{each.published_at:%Y-%m-%d}", each.sha256)
            for each in Services.open(store, known).forms.latest()
        ]
    show(("form", "version", "published", "sha256"), rows)
