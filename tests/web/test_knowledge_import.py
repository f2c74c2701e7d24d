"""Importing knowledge from files, on its page and by REST: all files or none, with a report of each."""

import io
import zipfile

from tests.web.asking import problem
from tests.web.site import Site
from tickets.audit import EventKind
from tickets.people import Role, Scope

PAGE = "/boards/settings/knowledge/import"
REST = "/settings/knowledge/import"
Part = tuple[str, tuple[str, bytes, str]]


def part(name: str, article: str, body: str = "Ten years.") -> Part:
    text = f"---\nid: {article}\ntitle: Terms\ncategory: warranty\nlanguage: en\n---\n{body}\n"
    return ("files", (name, text.encode(), "text/markdown"))


def archive(**files: str) -> Part:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as packed:
        for name, body in files.items():
            packed.writestr(f"kb/{name}.md", part("", name, body)[1][1])
    return ("files", ("kb.zip", stream.getvalue(), "application/zip"))


async def kept(site: Site) -> dict[str, int]:
    assert site.services.knowledge_base
    return {each.article.id: each.revision for each in await site.services.knowledge_base.kept()}


async def test_several_files_and_an_archive_are_imported_and_running_it_again_changes_nothing(site: Site) -> None:
    files = [part("a.md", "terms"), archive(returns="Within 14 days.", shipping="Free.")]

    async with await site.browser(Role.ADMIN) as admin:
        first = await admin.post(PAGE, data={"do": "import"}, files=files)
        again = await admin.post(PAGE, data={"do": "import"}, files=files)

    assert first.status_code == 200
    assert "new: <b" in first.text
    assert "kb.zip/kb/returns.md" in first.text
    assert "as before: <b" in again.text
    assert await kept(site) == {"returns": 1, "shipping": 1, "terms": 1}
    assert await site.recorded(EventKind.KNOWLEDGE_IMPORTED) == ["operator:admin@desk.example"]


async def test_one_wrong_file_keeps_all_out_and_every_fault_is_told(site: Site) -> None:
    wrong = ("files", ("b.md", b"no front matter", "text/markdown"))

    async with await site.browser(Role.ADMIN) as admin:
        answer = await admin.post(
            PAGE, data={"do": "import"}, files=[part("a.md", "terms"), wrong, part("c.md", "x"), part("d.md", "x")]
        )

    assert answer.status_code == 400
    assert "3 files cannot be read, so nothing was imported" in answer.text
    assert "does not begin with front matter" in answer.text
    assert "the same id" in answer.text
    assert await kept(site) == {}


async def test_checking_imports_nothing(site: Site) -> None:
    async with await site.browser(Role.ADMIN) as admin:
        answer = await admin.post(PAGE, data={"do": "check"}, files=[part("a.md", "terms")])

    assert "nothing was imported yet" in answer.text
    assert await kept(site) == {}


async def test_scripts_import_and_are_told_of_each_file(site: Site) -> None:
    async with await site.script(Scope.ADMIN) as script:
        asked = await script.post(f"{REST}?dry_run=true", files=[part("a.md", "terms")])
        done = await script.post(REST, files=[part("a.md", "terms"), ("files", ("x.txt", b"x", "text/plain"))])
        changed = await script.post(REST, files=[part("a.md", "terms", "Twelve years.")])
        empty = await script.post(REST, files=[("files", ("x.txt", b"x", "text/plain"))])

    assert (asked.json()["is_done"], asked.json()["files"][0]["fate"]) == (False, "added")
    assert done.json()["is_done"]
    assert [file["fate"] for file in done.json()["files"]] == ["added", "left_out"]
    assert changed.json()["files"][0]["fate"] == "changed"
    problem(empty, 400)
    assert await kept(site) == {"terms": 2}


async def test_only_administrators_import(site: Site) -> None:
    async with await site.browser(Role.OPERATOR) as browser, await site.script(Scope.DRAFT) as script:
        assert (await browser.post(PAGE, files=[part("a.md", "terms")])).status_code == 403
        problem(await script.post(REST, files=[part("a.md", "terms")]), 403)
