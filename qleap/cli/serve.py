"""``qleap serve``: a quantum cloud of one's own, and who may use it."""

from typing import TYPE_CHECKING, Annotated

import typer

from qleap.cli.console import console, note, print_json

if TYPE_CHECKING:
    from qleap.processing.serve.accounts import Accounts

__all__ = ["app"]

app = typer.Typer(
    help="Offer simulators as a cloud (OQTOPUS User API) to a class or laboratory.",
    no_args_is_help=True,
)

Config = Annotated[
    str | None, typer.Option(help="TOML file with the settings; all are optional.")
]
DatabaseUrl = Annotated[
    str | None,
    typer.Option(
        "--database", help="URL; by default SQLite, or QLEAP_SERVE_DATABASE_URL."
    ),
]
Email = Annotated[str, typer.Argument(help="E-mail address.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON only.")]
Days = Annotated[
    float | None, typer.Option(help="Life of the token; else as in the settings.")
]


@app.command()
def start(
    config: Config = None,
    database: DatabaseUrl = None,
    host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="0 takes a free one.")
    ] = 8080,
    workers: Annotated[int, typer.Option(min=0, help="Processes that run jobs.")] = 1,
) -> None:
    """Start the service with its workers; Ctrl-C ends it."""
    _require()
    from qleap.processing.serve.server import serve, set_up_log
    from qleap.processing.serve.settings import load_settings

    set_up_log()
    settings = load_settings(config)
    serve(
        settings,
        host=host,
        port=port,
        workers=workers,
        worker_arguments=[] if config is None else ["--config", config],
        database_url=database,
        say=note,
    )


@app.command()
def worker(
    config: Config = None,
    database: DatabaseUrl = None,
    parent: Annotated[
        int | None, typer.Option(hidden=True, help="End with this process.")
    ] = None,
) -> None:
    """Start one more worker, here or on another machine with the same database."""
    _require()
    from qleap.processing.serve.server import set_up_log
    from qleap.processing.serve.settings import load_settings
    from qleap.processing.serve.store import open_store
    from qleap.processing.serve.worker import Worker

    set_up_log()
    Worker(load_settings(config), open_store(database), parent).run()


@app.command("add-user")
def add_user(
    email: Email,
    name: Annotated[str, typer.Option(help="For people.")] = "",
    organization: Annotated[str, typer.Option(help="For people.")] = "",
    shots: Annotated[
        int | None, typer.Option(min=1, max=10_000_000, help="Most shots of a job.")
    ] = None,
    qubits: Annotated[
        int | None, typer.Option(min=1, max=62, help="Most qubits of a job.")
    ] = None,
    queue: Annotated[
        int | None, typer.Option(min=1, help="Most jobs that wait or run.")
    ] = None,
    days: Days = None,
    config: Config = None,
    database: DatabaseUrl = None,
    json: Json = False,
) -> None:
    """Add a user and print the token, which is shown this once."""
    from qleap.processing.serve.accounts import Accounts
    from qleap.processing.serve.settings import load_settings
    from qleap.processing.serve.store import open_store

    given = {"shots": shots, "qubits": qubits, "queue": queue}
    limits = {key: value for key, value in given.items() if value is not None}
    life = days if days is not None else load_settings(config).token_days
    accounts = Accounts(open_store(database))
    user = accounts.add(email, name=name, organization=organization, limits=limits)
    _print_token(accounts, user.id, email, life, json)


@app.command("add-token")
def add_token(
    email: Email,
    days: Days = None,
    config: Config = None,
    database: DatabaseUrl = None,
    json: Json = False,
) -> None:
    """Print a fresh token of a user; the older one ends with this."""
    from qleap.processing.serve.accounts import Accounts
    from qleap.processing.serve.settings import load_settings
    from qleap.processing.serve.store import open_store

    life = days if days is not None else load_settings(config).token_days
    accounts = Accounts(open_store(database))
    _print_token(accounts, accounts.named(email).id, email, life, json)


@app.command("remove-user")
def remove_user(email: Email, database: DatabaseUrl = None) -> None:
    """Delete a user with all tokens, jobs and results."""
    from qleap.processing.serve.accounts import Accounts
    from qleap.processing.serve.store import open_store

    accounts = Accounts(open_store(database))
    accounts.remove(accounts.named(email).id)
    console().print(f"{email} is deleted")


@app.command()
def users(database: DatabaseUrl = None, json: Json = False) -> None:
    """List all users."""
    from qleap.processing.serve.accounts import Accounts
    from qleap.processing.serve.store import open_store

    found = Accounts(open_store(database)).users()
    if json:
        print_json(
            [
                {
                    "email": user.email,
                    "name": user.name,
                    "organization": user.organization,
                    "created": user.created.isoformat(),
                    "limits": user.limits,
                }
                for user in found
            ]
        )
        return
    for user in found:
        console().print(f"{user.email}  {user.name}  {user.limits or ''}")


@app.command()
def announce(
    title: Annotated[str, typer.Argument(help="One line.")],
    text: Annotated[str, typer.Argument(help="What there is to say.")],
    days: Annotated[float, typer.Option(min=0.0, help="For how long.")] = 7.0,
    database: DatabaseUrl = None,
) -> None:
    """Announce something, on the status page and to clients."""
    from datetime import timedelta

    from qleap.core.environment import utc_now
    from qleap.processing.serve.accounts import Accounts
    from qleap.processing.serve.store import open_store

    now = utc_now()
    number = Accounts(open_store(database)).announce(
        title, text, start=now, end=now + timedelta(days=days)
    )
    console().print(f"announcement {number}")


def _require() -> None:
    from qleap.core.extras import require

    for module in ("fastapi", "uvicorn", "python_multipart"):
        require(module, "serve")


def _print_token(
    accounts: "Accounts", user_id: str, email: str, days: float, json: bool
) -> None:
    from qleap.core.checks import between

    made = accounts.new_token(user_id, between("days", days, 1e-6, 3650.0, "d"))
    if json:
        print_json(
            {"email": email, "token": made.secret, "expires": made.expires.isoformat()}
        )
        return
    out = console()
    out.print(f"token of {email}, shown this once, until {made.expires:%Y-%m-%d}:")
    out.print(made.secret, soft_wrap=True)
