"""What all commands of the command line share: their errors, their settings, a desk to work on."""

import asyncio
import sys
import warnings
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

import click

if TYPE_CHECKING:
    from entrypoints.settings import Settings
    from entrypoints.wiring import Parts

T = TypeVar("T")

# Google's library means its own next releases, not this desk; on a console it only stands in the way of the answer.
warnings.filterwarnings("ignore", r"Package google\.api_core depends on grpcio", FutureWarning)


class Group(click.Group):
    """Turns our errors into one line that says the next step, and exit code 2."""

    def invoke(self, ctx: click.Context) -> Any:
        from tickets.errors import DeskError

        try:
            return super().invoke(ctx)
        except DeskError as error:
            fail(str(error))
        except UnicodeDecodeError:
            fail("A settings file is not UTF-8 text. Save .env (or the file that a *_FILE names) as UTF-8.")
        except BrokenPipeError:
            raise  # whoever read along has seen enough (`... | head`): click ends without a word
        except OSError as error:
            fail(f"{error.filename or 'A file'}: {error.strerror}. Check the path, its permissions and the disk.")
        except KeyboardInterrupt:
            sys.exit(130)


def settings_of(*, quiet: bool = False) -> tuple["Settings", dict[str, str]]:
    """The settings and the whole environment; the log is configured. Raises BadInput."""
    from entrypoints.log import configure
    from entrypoints.settings import Settings, environment

    environ = environment()
    settings = Settings.read(environ)
    configure(settings.log_format, "warning" if quiet else settings.log_level)
    return settings, environ


def with_parts(use: Callable[["Parts"], Awaitable[T]]) -> T:
    """Build the desk, use it once, take it down."""
    from entrypoints.wiring import opened

    settings, environ = settings_of(quiet=True)

    async def run() -> T:
        async with opened(settings, environ) as parts:
            return await use(parts)

    return asyncio.run(run())


def fail(message: str) -> NoReturn:
    """One line on standard error, and exit code 2."""
    click.echo(message, err=True)
    sys.exit(2)
