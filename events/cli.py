"""The `sixnet` command: starts, stops, fills, saves and examines an installation."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from events.commands.reporting import report
from events.core import settings
from events.core.embedded import EmbeddedError
from events.core.errors import ServiceError
from events.core.i18n import set_language
from events.supervisor import Stop

app = typer.Typer(
    name="sixnet",
    help="Events of Finland's network of industrial regions.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

INTERRUPTED = 130


class StaffRole(StrEnum):
    """As `events.accounts.tables.Role`, which takes a second to load."""

    ADMIN = "admin"
    COORDINATOR = "coordinator"
    ORGANISER = "organiser"
    DOOR = "door"
    VIEWER = "viewer"


class TokenScope(StrEnum):
    """As `events.accounts.tables.Scope`."""

    PROGRAMME = "programme"
    REGISTRATION = "registration"
    CHECKIN = "checkin"
    REPORTS = "reports"
    ALL = "all"


Port = Annotated[int, typer.Option("--port", min=0, max=65535, help="Port of the web pages; 0 takes a free one.")]

stop = Stop()


@app.command()
def demo(
    *,
    port: Port = 8000,
    data_dir: Annotated[Path | None, typer.Option(help="Where the database is kept.")] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open a browser.")] = False,
) -> None:
    """Run everything with a demo programme: database, web pages, worker and tick."""
    from events.commands import running

    if data_dir is not None:
        settings.override(data_dir=str(data_dir.absolute()))
    running.demo(port, stop, browser=not no_browser)


@app.command()
def serve(
    *,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Port = 8000,
    web_workers: Annotated[int, typer.Option(min=1, max=64, help="Web processes.")] = 1,
    with_worker: Annotated[bool, typer.Option("--with-worker", help="Run a worker and the tick too.")] = False,
) -> None:
    """Serve the web pages and the API."""
    from events.commands import running

    running.serve(host, port, web_workers, stop, with_worker=with_worker)


@app.command()
def worker(
    *,
    processes: Annotated[int, typer.Option(min=1, max=64, help="Worker processes.")] = 1,
    threads: Annotated[int, typer.Option(min=1, max=64, help="Jobs at a time in each process.")] = 4,
) -> None:
    """Run the workers and the minute tick."""
    from events.commands import running

    running.worker(processes, threads, stop)


@app.command()
def migrate() -> None:
    """Bring the database up to date: schema, regions, municipalities, themes and projects."""
    from events.commands import running

    running.migrate()


staff = typer.Typer(help="Who works here.", no_args_is_help=True)
token = typer.Typer(help="Keys for programs.", no_args_is_help=True)
imports = typer.Typer(help="Take in tables (CSV or XLSX).", no_args_is_help=True)
app.add_typer(staff, name="staff")
app.add_typer(token, name="token")
app.add_typer(imports, name="import")
app.add_typer(report, name="report")

DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done and do nothing.")]


@staff.command("add")
def staff_add(
    email: str,
    *,
    role: Annotated[StaffRole, typer.Option(help="What they are.")],
    region: Annotated[list[str] | None, typer.Option(help="Code of a region, repeatable; none: everywhere.")] = None,
) -> None:
    """Make an account; prints a link that signs in once."""
    from events.commands import accounts

    accounts.add_staff(email, role, region or [])


@token.command("add")
def token_add(
    name: str,
    *,
    scope: Annotated[TokenScope, typer.Option(help="What it opens.")],
    event: Annotated[str | None, typer.Option(help="For this event alone (its slug).")] = None,
) -> None:
    """Make an API token; the last line printed is the token alone."""
    from events.commands import accounts

    accounts.add_token(name, scope, event)


@imports.command("programme")
def import_programme(file: Path, *, dry_run: DryRun = False) -> None:
    """Make the events of a table, one row each; those that exist are left as they are."""
    from events.commands import imports as commands

    commands.programme(file, dry_run=dry_run)


@imports.command("participants")
def import_participants(
    file: Path,
    *,
    event: Annotated[str, typer.Option(help="The event (its slug).")],
    dry_run: DryRun = False,
    send: Annotated[bool, typer.Option("--send", help="Send the confirmations.")] = False,
    health_consent: Annotated[
        str | None,
        typer.Option(
            help="Under which consent diets and needs were given, for columns headed like a health question of the"
            " event; else they are left out."
        ),
    ] = None,
    answer: Annotated[
        list[str] | None,
        typer.Option(
            help="HEADING=CODE: the column answers this question of the event; repeat it for each. Columns headed by a"
            " question's text do so by themselves, and HEADING= leaves one out."
        ),
    ] = None,
) -> None:
    """Register the people of a table for an event; a second run adds nothing."""
    from events.commands import imports as commands

    commands.participants(file, event, dry_run=dry_run, send=send, health_consent=health_consent, answers=answer or ())


@app.command()
def backup(file: Path) -> None:
    """Save database, key and files into one file, while the service runs."""
    from events.commands import backup as commands

    commands.backup(file)


@app.command()
def restore(file: Path) -> None:
    """Bring a backup into an empty database."""
    from events.commands import backup as commands

    commands.restore(file)


@app.command()
def doctor(send_to: Annotated[str | None, typer.Option(help="Send a test mail to this address.")] = None) -> None:
    """Say what is misconfigured, in plain words."""
    from events.commands import doctor as commands

    commands.doctor(send_to)


def main() -> None:
    """Run a command; what the user can mend comes out as one line and exit code 1."""
    set_language("en")
    with stop.heard():
        try:
            app(standalone_mode=True)
        except (ServiceError, EmbeddedError) as error:
            print(f"sixnet: {error}", file=sys.stderr)  # noqa: T201 - the command's answer
            sys.exit(1)
        except (KeyboardInterrupt, typer.Abort):
            sys.exit(INTERRUPTED)


if __name__ == "__main__":
    main()
