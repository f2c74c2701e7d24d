"""What kind of file an attachment is, in a word, and what to beware of before opening it.

The name's last ending decides, as it does on the computer that opens the file; the type that the sender states can only
make it worse. Nothing here looks into a file.
"""

from dataclasses import dataclass
from typing import Final

from tickets.mail import Attachment
from tickets.wording import N_

_TURNING: Final = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")

_PROGRAM: Final = N_("A program: it runs when it is opened. Do not open it.")
_SCRIPT: Final = N_("A script: it runs when it is opened. Do not open it.")
_MACROS: Final = N_("Can hold macros, which are programs. Do not allow them to run.")
_PAGE: Final = N_("A web page: it can imitate a login. Do not type a password into it.")
_DISK: Final = N_("A disk image: what is inside is checked by nobody. Do not open it.")
_PACKED: Final = N_("An archive: nobody has looked inside, and it may be encrypted.")
_HIDDEN: Final = N_("Its name is written so that it hides the real ending. Do not open it.")


@dataclass(frozen=True, slots=True)
class FileType:
    """`word` is what people call such a file, `warning` one sentence, or None for what is harmless to open."""

    word: str
    warning: str | None = None


def _endings(words: str, named: FileType) -> dict[str, FileType]:
    return dict.fromkeys(words.split(), named)


_BY_ENDING: Final[dict[str, FileType]] = {
    **_endings(
        "exe com scr pif msi msix appx cpl dll sys jar apk app deb rpm pkg run gadget",
        FileType("program", _PROGRAM),
    ),
    **_endings(
        "bat cmd ps1 psm1 vbs vbe js jse mjs wsf wsh hta sct sh bash command py pyw pl rb lnk url reg inf scf chm msc"
        " desktop ade adp application settingcontent-ms library-ms search-ms",
        FileType("script", _SCRIPT),
    ),
    **_endings("docm dotm xlsm xltm xlam xlsb pptm potm ppam ppsm sldm xll slk iqy one", FileType("document", _MACROS)),
    **_endings("html htm xhtml xht shtml mht mhtml svg svgz xml xsl", FileType("web page", _PAGE)),
    **_endings("iso img vhd vhdx dmg udf", FileType("disk image", _DISK)),
    **_endings("zip 7z rar gz tgz bz2 xz tar cab arj lzh ace zst", FileType("archive", _PACKED)),
    **_endings("jpg jpeg png gif webp heic tif tiff bmp avif", FileType("image")),
    **_endings("pdf", FileType("PDF")),
    **_endings("doc docx odt rtf pages", FileType("document")),
    **_endings("xls xlsx ods csv numbers", FileType("table")),
    **_endings("ppt pptx odp key", FileType("slides")),
    **_endings("txt md log", FileType("text")),
    **_endings("eml msg", FileType("e-mail")),
    **_endings("ics", FileType("invitation")),
    **_endings("vcf", FileType("contact")),
    **_endings("mp4 mov avi mkv webm", FileType("video")),
    **_endings("mp3 m4a wav ogg aac", FileType("sound")),
    **_endings("p7s", FileType("S/MIME signature")),
    **_endings("p7m", FileType("encrypted or signed part (S/MIME)")),
    **_endings("asc sig pgp gpg", FileType("PGP part")),
}

_BY_TYPE: Final[dict[str, FileType]] = {
    **_endings(
        "application/x-msdownload application/x-dosexec application/x-executable application/x-msdos-program"
        " application/vnd.microsoft.portable-executable application/java-archive application/x-msi",
        FileType("program", _PROGRAM),
    ),
    **_endings(
        "application/javascript text/javascript application/x-javascript application/x-sh application/hta text/vbscript"
        " application/x-bat application/x-ms-shortcut",
        FileType("script", _SCRIPT),
    ),
    **_endings("text/html application/xhtml+xml image/svg+xml", FileType("web page", _PAGE)),
    **_endings("application/pkcs7-signature application/x-pkcs7-signature", FileType("S/MIME signature")),
    **_endings("application/pgp-signature", FileType("PGP signature")),
    **_endings("application/pkcs7-mime application/x-pkcs7-mime", FileType("encrypted or signed part (S/MIME)")),
    **_endings("application/pgp-encrypted", FileType("PGP-encrypted part")),
    **_endings("application/pgp-keys", FileType("PGP key")),
    **_endings("message/rfc822 message/global message/news", FileType("e-mail")),
}


def file_type(file: Attachment) -> FileType:
    """The gravest of what its name and its stated type say."""
    name = _plain(file.filename)
    _, dot, ending = name.casefold().rstrip(". ").rpartition(".")
    named = _BY_ENDING.get(ending.strip(), FileType(ending.strip()[:12] or "file")) if dot else None
    stated = _BY_TYPE.get(file.content_type.casefold())
    if name != file.filename:
        return FileType(named.word if named else "file", _HIDDEN)
    if named and named.warning:
        return named
    return stated or named or FileType(_spoken(file.content_type))


def _plain(name: str) -> str:
    """Without the signs that turn the direction of writing: `Rechnung<U+202E>fdp.exe` would read `Rechnungexe.pdf`."""
    return "".join(sign for sign in name if sign not in _TURNING)


def _spoken(content_type: str) -> str:
    family = content_type.partition("/")[0]
    return family if family in ("image", "video", "audio", "text") else "file"
