"""The command `ruhu`. Each command's code is read only when it is called."""

import importlib
import sys

import click
from rich.console import Console

from api import logs
from core.problems import ConfigurationError, Problem

console = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
"""Where commands write; what is piped is not broken into lines."""

_COMMANDS = {
    "serve": ("api.cli.serve", "Start everything: database, web, worker."),
    "worker": ("api.cli.worker", "Run only a worker (several machines)."),
    "demo": ("api.cli.demo.command", "Make a demo district and push it as phones would."),
    "user": ("api.cli.people", "Accounts."),
    "device": ("api.cli.people", "Phones."),
    "form": ("api.cli.form", "Forms: check, publish, list."),
    "import": ("api.cli.importing", "Read what a banner already has."),
    "policy": ("api.cli.policy", "Parameters: list, show, check, try a change, judge anew."),
    "fieldwork": ("api.cli.fieldwork", "Look over how interviews were made."),
    "report": ("api.cli.reporting", "Monthly reports: freeze, list, export, verify."),
    "case": ("api.cli.cases", "Cases: list, show."),
    "notify": ("api.cli.notifying", "News on its way to webhooks: list, send again."),
    "rebuild": ("api.cli.rebuild", "Make ledger, findings and feed anew from the log, or compare."),
    "backup": ("api.cli.backup", "Write the whole database to one file, or check such a file."),
    "restore": ("api.cli.backup", "Make the database what a backup says."),
    "key": ("api.cli.key", "The key that seals what is personal."),
    "doctor": ("api.cli.doctor", "Look over the whole system."),
    "docs": ("api.cli.docs", "Write the generated pages of docs/."),
}


class _Ruhu(click.Group):
    """A group whose commands are imported when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the names of the commands."""
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Import and return a command."""
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(_COMMANDS[cmd_name][0])
        command: click.Command = getattr(module, "import_" if cmd_name == "import" else cmd_name)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        """Write the list of commands without importing them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, about) for name, (_, about) in _COMMANDS.items()])


@click.group(cls=_Ruhu)
@click.version_option(package_name="ruhu")
def ruhu() -> None:
    """Ruhu (入户): household visits, ledger and findings."""


def main() -> None:
    """Run the command line; a problem is one plain sentence, never a stack trace."""
    logs.configure("warning")
    try:
        ruhu.main(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except ConfigurationError as error:
        console.print(f"[red]{error}[/red]", soft_wrap=True)
        sys.exit(2)
    except Problem as error:
        console.print(f"[red]{error.title}[/red]. {error.detail} {error.todo}", soft_wrap=True)
        for name, value in error.members.items():
            for item in value if isinstance(value, list) else [value]:
                console.print(f"  {name}: {item}", soft_wrap=True, markup=False)
        sys.exit(1)
