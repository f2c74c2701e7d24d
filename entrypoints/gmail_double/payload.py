"""Messages as the API shows them: minimal, metadata, full and raw; attachments."""

import base64
from collections.abc import Iterator, Sequence
from email import message_from_bytes
from email.message import Message as Part
from email.parser import BytesHeaderParser

from entrypoints.gmail_double.mailbox import Message
from entrypoints.gmail_double.source import beginning_of_undivided, decoded, utf8_content
from entrypoints.gmail_double.wire import Json, Refusal, not_found


def brief(message: Message) -> Json:
    return {"id": message.id, "threadId": message.thread_id}


def labelled(message: Message) -> Json:
    return {**brief(message), "labelIds": sorted(message.labels)}


def shown(message: Message, form: str = "full", only_headers: Sequence[str] = ()) -> Json:
    """The message in one of Gmail's formats; Refusal 400 for another word."""
    if form not in ("minimal", "metadata", "full", "raw"):
        raise Refusal(400, f"Invalid value for format: {form}")
    raw = message.source.raw
    view: Json = {
        **labelled(message),
        "sizeEstimate": len(raw),
        "historyId": str(message.history_id),
        "internalDate": str(message.internal_ms),
    }
    if form == "raw":
        # Whatever the mail is made of, its bytes can be had: nothing here may take it apart.
        return {**view, "snippet": beginning_of_undivided(raw), "raw": base64.urlsafe_b64encode(raw).decode()}
    view["snippet"] = message.source.snippet
    if form == "metadata":
        mail = BytesHeaderParser().parsebytes(raw)
        view["payload"] = {
            "mimeType": mail.get_content_type(),
            "headers": _headers(mail, only_headers),
        }
    if form == "full":
        view["payload"] = _part(message_from_bytes(raw), "", message.history_id)
    return view


def attachment(message: Message, attachment_id: str) -> Json:
    """The bytes of one attachment; 404 when the id names none."""
    part_id = attachment_id.removeprefix("ANGjdJ").rpartition("_")[0]
    for found_id, part in _walk(message_from_bytes(message.source.raw), ""):
        if found_id == part_id and not part.is_multipart():
            content = _content(part)
            return {"size": len(content), "data": base64.urlsafe_b64encode(content).decode()}
    raise not_found()


def _part(part: Part, part_id: str, salt: int) -> Json:
    filename = decoded(part.get_filename() or "")
    view: Json = {
        "partId": part_id,
        "mimeType": part.get_content_type(),
        "filename": filename,
        "headers": _headers(part, ()),
    }
    if part.get_content_maintype() == "multipart":
        children = [_part(child, child_id, salt) for child_id, child in _children(part, part_id)]
        return {**view, "body": {"size": 0}, "parts": children}
    content = _content(part)
    view["body"] = {"size": len(content)}
    if part.get_content_maintype() == "text" and not filename:
        view["body"]["data"] = base64.urlsafe_b64encode(content).decode()
    else:
        # Gmail's attachment ids are not stable either: they differ after each change of the mail.
        view["body"]["attachmentId"] = f"ANGjdJ{part_id}_{salt}"
    return view


def _children(part: Part, part_id: str) -> Iterator[tuple[str, Part]]:
    payload = part.get_payload()
    for number, child in enumerate(payload if isinstance(payload, list) else []):
        if isinstance(child, Part):
            yield (f"{part_id}.{number}" if part_id else str(number)), child


def _walk(part: Part, part_id: str) -> Iterator[tuple[str, Part]]:
    yield part_id, part
    if part.get_content_maintype() == "multipart":
        for child_id, child in _children(part, part_id):
            yield from _walk(child, child_id)


def _content(part: Part) -> bytes:
    payload = part.get_payload(decode=True)
    if isinstance(payload, bytes):
        is_text = part.get_content_maintype() == "text" and not part.get_filename()
        return utf8_content(part, payload) if is_text else payload
    # An attached mail (message/rfc822) holds a parsed message instead of bytes.
    return b"".join(child.as_bytes() for _, child in _children(part, ""))


def _headers(part: Part, only: Sequence[str]) -> list[Json]:
    wanted = {name.casefold() for name in only}
    return [
        {"name": name, "value": decoded(value)}
        for name, value in part.items()
        if not wanted or name.casefold() in wanted
    ]
