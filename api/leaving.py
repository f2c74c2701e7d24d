"""Clients that leave while their request is still being read: a browser that moves on does so, and nothing is wrong."""

from typing import Final

from litestar.exceptions import InternalServerException

CLIENT_LEFT: Final = 499  # as proxies write it; nobody is there to read it
_SAID: Final = "client disconnected prematurely"  # Litestar tells this from its own faults by the words alone


def has_left(error: Exception) -> bool:
    return isinstance(error, InternalServerException) and error.detail == _SAID
