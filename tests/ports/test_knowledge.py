"""The knowledge folder: what it reads, what it refuses, what it finds first."""

from pathlib import Path

import pytest

from adapters.knowledge import FolderKnowledge
from tickets.errors import DeskError


def write(folder: Path, article_id: str, body: str = "Some words.", **front: str) -> None:
    fields = {
        "id": article_id,
        "title": f"About {article_id}",
        "kind": "article",
        "category": "technical",
        "language": "en",
    } | front
    lines = "\n".join(f"{name}: {value}" for name, value in fields.items())
    (folder / f"{article_id}.md").write_text(f"---\n{lines}\n---\n{body}\n", encoding="utf-8")


async def found(folder: Path, text: str, language: str = "en", category: str = "", limit: int = 5) -> list[str]:
    articles = await FolderKnowledge(folder).search(text, language=language, category=category, limit=limit)
    return [article.id for article in articles]


async def test_the_article_with_the_words_of_the_question_comes_first(tmp_path: Path) -> None:
    write(tmp_path, "restart", "Switch the inverter off and on again.")
    write(tmp_path, "invoice", "An invoice is due after fourteen days.")

    assert await found(tmp_path, "How do I restart my inverter?") == ["restart"]


async def test_a_title_and_keywords_weigh_more_than_the_body(tmp_path: Path) -> None:
    write(tmp_path, "long", "The battery and many other words about all sorts of things, roofs, cables, meters.")
    write(tmp_path, "short", "Other words.", title="The battery", keywords="[battery, storage]")
    write(tmp_path, "none", "Nothing of it.")

    assert await found(tmp_path, "battery") == ["short", "long"]


async def test_the_language_of_the_customer_is_preferred(tmp_path: Path) -> None:
    write(tmp_path, "english", "The wallbox charges slowly. Extra words in here.", language="en")
    write(tmp_path, "german", "Die Wallbox lädt langsam.", language="de")

    assert (await found(tmp_path, "wallbox", language="de"))[0] == "german"
    assert (await found(tmp_path, "wallbox", language="en"))[0] == "english"


async def test_the_category_of_the_ticket_is_preferred(tmp_path: Path) -> None:
    write(tmp_path, "a", "The battery.", category="sales")
    write(tmp_path, "b", "The battery.", category="warranty")
    write(tmp_path, "c", "A roof.", category="sales")

    assert await found(tmp_path, "battery", category="warranty") == ["b", "a"]


async def test_ready_texts_of_the_category_are_found_without_a_common_word(tmp_path: Path) -> None:
    write(tmp_path, "ready", "We look into it.", kind="macro", category="billing")
    write(tmp_path, "foreign", "Wir prüfen das.", kind="macro", category="billing", language="de")

    assert await found(tmp_path, "xyzzy", category="billing") == ["ready"]


async def test_no_more_than_the_limit_is_found(tmp_path: Path) -> None:
    for number in range(5):
        write(tmp_path, f"a{number}", "The battery.")
    write(tmp_path, "other", "A roof.")

    assert len(await found(tmp_path, "battery", limit=3)) == 3


async def test_an_article_is_read_with_all_its_fields(tmp_path: Path) -> None:
    write(tmp_path, "m", "First line.\n\n---\n\nAfter a rule.", kind="macro", keywords="[one, two]", language="DE")

    (article,) = FolderKnowledge(tmp_path).articles

    assert article.is_macro
    assert article.keywords == ("one", "two")
    assert article.language == "de"
    assert article.body == "First line.\n\n---\n\nAfter a rule."


async def test_nothing_written_down_is_nothing_found(tmp_path: Path) -> None:
    assert await found(tmp_path, "battery") == []
    assert FolderKnowledge(None).all_text() == ""
    assert await FolderKnowledge(None).search("x", language="en", category="sales", limit=3) == ()


async def test_all_text_holds_every_article(tmp_path: Path) -> None:
    write(tmp_path, "a", "Call 030 1234567.")
    write(tmp_path, "b", "Costs 12 EUR.")

    text = FolderKnowledge(tmp_path).all_text()

    assert "030 1234567" in text
    assert "12 EUR" in text


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("no front matter", "three dashes"),
        ("words first\n---\nid: x\n---\nbody", "three dashes"),
        ("---\nid: x\n---\nbody", "'title' is missing"),
        ("---\n- a\n- b\n---\nbody", "front matter"),
        ("---\nid: [\n---\nbody", "cannot be read"),
        ("---\nid: x\ntitle: T\nkind: poem\ncategory: sales\nlanguage: en\n---\nbody", "neither article nor macro"),
        ("---\nid: x\ntitle: T\ncategory: Fair weather\nlanguage: en\n---\nbody", "small letters"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_with_the_reason(tmp_path: Path, content: str, reason: str) -> None:
    (tmp_path / "bad.md").write_text(content, encoding="utf-8")

    with pytest.raises(DeskError) as caught:
        FolderKnowledge(tmp_path)

    assert "bad.md" in str(caught.value)
    assert reason in str(caught.value)
    assert "start again" in str(caught.value)


def test_bytes_that_are_no_text_are_named_too(tmp_path: Path) -> None:
    (tmp_path / "bytes.md").write_bytes(b"---\n\xff\xfe\n---\n")

    with pytest.raises(DeskError, match=r"bytes\.md"):
        FolderKnowledge(tmp_path)


def test_two_files_with_one_id_are_refused(tmp_path: Path) -> None:
    write(tmp_path, "a")
    (tmp_path / "copy.md").write_text((tmp_path / "a.md").read_text("utf-8"), encoding="utf-8")

    with pytest.raises(DeskError, match="'a'"):
        FolderKnowledge(tmp_path)


def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(DeskError, match="missing"):
        FolderKnowledge(tmp_path / "missing")
