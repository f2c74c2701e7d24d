"""The Chromium that is installed on this machine."""

import os
import shutil

FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")


def installed() -> str | None:
    """Its path: `CA_CHROMIUM`, else the one that the shell finds; None when there is none."""
    return os.environ.get("CA_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
