"""Google's OAuth client as the settings describe it."""

from adapters.google_oauth import GoogleOAuth
from entrypoints.settings import Settings
from tickets.errors import BadInput


def oauth_of(settings: Settings) -> GoogleOAuth:
    """Raises BadInput when the client is not configured."""
    if not settings.google_client_id or settings.google_client_secret is None:
        raise BadInput("Set CA_GOOGLE_CLIENT_ID and CA_GOOGLE_CLIENT_SECRET to your Google OAuth client first.")
    return GoogleOAuth(
        settings.google_client_id,
        settings.google_client_secret.get_secret_value(),
        auth_url=settings.google_auth_url,
        token_url=settings.google_token_url,
        revoke_url=settings.google_revoke_url,
        api_root=settings.gmail_api_root,
    )
