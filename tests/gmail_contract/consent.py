"""Ask the owner of a live mailbox for a refresh token: `python -m tests.gmail_contract.consent`. Not a test.

Opens Google's page in the browser of this machine; CA_GOOGLE_CLIENT_ID and CA_GOOGLE_CLIENT_SECRET are a desktop
client's, CA_GMAIL_LIVE_ADDRESS says whose mailbox. The token is the last line that is printed.
"""

import os
from typing import Any

from google_auth_oauthlib.flow import InstalledAppFlow

from tests.gmail_contract.emulated import SCOPE


def main() -> None:
    """Print the token."""
    client = {
        "client_id": os.environ["CA_GOOGLE_CLIENT_ID"],
        "client_secret": os.environ["CA_GOOGLE_CLIENT_SECRET"],
        "auth_uri": os.environ.get("CA_GOOGLE_AUTH_URL", "https://accounts.google.com/o/oauth2/v2/auth"),
        "token_uri": os.environ.get("CA_GOOGLE_TOKEN_URL", "https://oauth2.googleapis.com/token"),
    }
    flow: Any = InstalledAppFlow.from_client_config({"installed": client}, scopes=[SCOPE])
    hint = os.environ["CA_GMAIL_LIVE_ADDRESS"]
    credentials = flow.run_local_server(port=0, access_type="offline", prompt="consent", login_hint=hint)
    print(credentials.refresh_token)


if __name__ == "__main__":
    main()
