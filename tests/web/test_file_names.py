"""Names of uploaded files, as the clients of this world write them into a multipart body."""

from httpx import AsyncClient

from tests.web.asking import problem
from tests.web.site import Site

KIND = "multipart/form-data; boundary=edge"

# What stands behind `name="file"; ` and the name that is meant.
WRITTEN = {
    "a browser": ('filename="Übersicht €.pdf"', "Übersicht €.pdf"),
    "a browser, with a quote": ('filename="a %22b%22.pdf"', 'a "b".pdf'),
    "curl, with a quote": ('filename="a \\"b\\".pdf"', 'a "b".pdf'),
    "requests": ("filename*=utf-8''%C3%9Cbersicht%20%E2%82%AC.pdf", "Übersicht €.pdf"),
    "requests, in Japanese": ("filename*=UTF-8''%E8%A6%8B%E7%A9%8D.pdf", "見積.pdf"),
    "Java's HttpClient": ("filename*=\"UTF-8'de'%C3%BC.pdf\"", "ü.pdf"),
    "Latin-1": ("filename*=iso-8859-1''%FC.pdf", "ü.pdf"),
    "both, of which the extended one counts": ("filename=\"u.pdf\"; filename*=UTF-8''%C3%BC.pdf", "ü.pdf"),
    "both, the extended one first": ("filename*=UTF-8''%C3%BC.pdf; filename=\"u.pdf\"", "ü.pdf"),
    "both, the extended one broken": ("filename=\"u.pdf\"; filename*=UTF-8''%FF.pdf", "u.pdf"),
    "both, the extended one in an unknown charset": ("filename=\"u.pdf\"; filename*=koi-9''%C1.pdf", "u.pdf"),
}


def a_body(name: str, content: bytes = b"%PDF \xff\x00", revision: int = 1) -> bytes:
    """The revision as a field of text, and a file that is no text."""
    return (
        b'--edge\r\nContent-Disposition: form-data; name="revision"\r\n\r\n'
        + str(revision).encode()
        + b"\r\n"
        + f'--edge\r\nContent-Disposition: form-data; name="file"; {name}\r\n'.encode()
        + b"Content-Type: application/pdf\r\n\r\n"
        + content
        + b"\r\n--edge--\r\n"
    )


async def test_a_file_keeps_its_name_however_it_was_written(site: Site, script: AsyncClient) -> None:
    ticket = await site.ticket()
    await site.draft(ticket)
    address, wrong = f"/tickets/{ticket.id}/attachments", {}

    for revision, (client, (written, meant)) in enumerate(WRITTEN.items(), 1):
        content = b"%PDF \xff\x00\r\n--edg" + str(revision).encode()
        added = await script.post(address, content=a_body(written, content, revision), headers={"Content-Type": KIND})
        assert added.status_code == 200, f"{client}: {added.text}"
        file = added.json()["draft"]["attachments"][-1]
        read = await script.get(f"{address}/{file['sha256']}")
        if (file["filename"], file["type"], read.content) != (meant, "application/pdf", content):
            wrong[client] = file

    assert wrong == {}


async def test_a_name_cannot_add_lines_to_the_header(site: Site, script: AsyncClient) -> None:
    ticket = await site.ticket()
    await site.draft(ticket)
    written = "filename*=UTF-8''a%0D%0AContent-Type%3A%20text%2Fhtml%22%0D%0A%0D%0A.pdf"

    added = await script.post(
        f"/tickets/{ticket.id}/attachments", content=a_body(written), headers={"Content-Type": KIND}
    )

    assert added.status_code == 200, added.text
    (file,) = added.json()["draft"]["attachments"]
    assert file["type"] == "application/pdf"
    assert set(file["filename"]).isdisjoint("\r\n")


async def test_a_body_that_breaks_off_is_refused(site: Site, script: AsyncClient) -> None:
    ticket = await site.ticket()
    await site.draft(ticket)
    broken = a_body("filename*=UTF-8''a.pdf")[:-12]

    answer = await script.post(f"/tickets/{ticket.id}/attachments", content=broken, headers={"Content-Type": KIND})

    assert problem(answer, 400)["type"].endswith(":bad-input")


async def test_a_field_of_text_that_is_no_text_is_refused(site: Site, script: AsyncClient) -> None:
    ticket = await site.ticket()
    await site.draft(ticket)

    answer = await script.post(
        f"/tickets/{ticket.id}/attachments", content=a_body("size=3", b"\xff\xfe"), headers={"Content-Type": KIND}
    )

    assert "UTF-8" in problem(answer, 400)["detail"]


async def test_a_name_that_cannot_be_read_is_refused_with_the_next_step(site: Site, script: AsyncClient) -> None:
    ticket = await site.ticket()
    await site.draft(ticket)

    answer = await script.post(
        f"/tickets/{ticket.id}/attachments", content=a_body("filename*=UTF-8''%FF"), headers={"Content-Type": KIND}
    )

    assert "percent-encoded UTF-8" in problem(answer, 400)["detail"]
