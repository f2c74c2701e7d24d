"""How much one text is like another: the edits between them, as a share of the longer one."""

from typing import Final

LONGEST: Final = 20_000  # characters that are compared


def fidelity(draft: str, sent: str) -> float:
    """1 - normalised Levenshtein distance: 1 for the same words, 0 for nothing in common. Space counts as one blank."""
    one, other = (" ".join(text.split())[:LONGEST] for text in (draft, sent))
    longer = max(len(one), len(other))
    return 1 - edits(one, other) / longer if longer else 1.0


def edits(one: str, other: str) -> int:
    """The fewest insertions, deletions and replacements of a character between two texts (Levenshtein distance).

    Myers' bit-vector algorithm (1999), with one long integer as the vector: a step for each character of `other`.
    """
    if not one:
        return len(other)
    places: dict[str, int] = {}
    for place, letter in enumerate(one):
        places[letter] = places.get(letter, 0) | 1 << place
    mask, last = (1 << len(one)) - 1, 1 << len(one) - 1
    rising, falling, distance = mask, 0, len(one)
    for letter in other:
        equal = places.get(letter, 0)
        flat = equal | falling
        carried = ((equal & rising) + rising ^ rising) | equal
        up = falling | ~(carried | rising) & mask
        down = rising & carried
        distance += bool(up & last) - bool(down & last)
        up = up << 1 | 1
        rising = (down << 1 | ~(flat | up)) & mask
        falling = up & flat & mask
    return distance
