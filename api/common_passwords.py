"""What people choose when twelve characters are asked of them: the words, numbers and keyboard walks tried first."""

import re
from typing import Final

_SPACED: Final = """
password passwort passw0rd p@ssword p@ssw0rd qwerty qwertz qwertyuiop qwertzuiop asdfghjkl yxcvbnm zxcvbnm admin
administrator welcome willkommen letmein iloveyou ichliebedich changeme default secret geheim hallo hello login
support helpdesk master monkey dragon sunshine princess football fussball baseball superman batman trustno1 starwars
freedom whatever shadow michael jordan abc abcd abcdef abcdefgh qazwsx qazwsxedc 1qaz2wsx 1q2w3e4r 1q2w3e4r5t
q1w2e3r4t5 zaq12wsx company firma test tester testing user root guest summer winter spring autumn sommer herbst
january february march april june july august september october november december monday
"""
_WORDS: Final = sorted(map(re.escape, _SPACED.split()), key=len, reverse=True)
_ROWS: Final = ("1234567890", "qwertyuiopasdfghjklzxcvbnm", "qwertzuiopasdfghjklyxcvbnm", "abcdefghijklmnopqrstuvwxyz")
_BETWEEN: Final = r"[\s\d!?.,;:_@#$%&*+=/\\-]*"
_OF_WORDS: Final = re.compile(rf"{_BETWEEN}(?:(?:{'|'.join(_WORDS)}){_BETWEEN}){{1,3}}")


def is_common(password: str) -> bool:
    """Whether it is one to three of the usual words with digits and signs, a keyboard walk, or a repetition."""
    password = password.casefold()
    return _is_repeated(password) or _is_walk(password) or _OF_WORDS.fullmatch(password) is not None


def _is_repeated(password: str) -> bool:
    """`aaaaaaaaaaaa`, `abcabcabcabc`, `121212121212`."""
    return any(password == (password[:size] * len(password))[: len(password)] for size in range(1, 5))


def _is_walk(password: str) -> bool:
    return any(password in way * 3 for row in _ROWS for way in (row, row[::-1]))
