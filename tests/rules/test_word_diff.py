"""What changed between two texts, word by word."""

from hypothesis import given
from hypothesis import strategies as st

from tickets.word_diff import Change, Kind, Piece, change, word_diff

WORDS = st.lists(st.sampled_from(["a", "b", "the", "refund", "50", "EUR", ",", "\n", " ", "Größe"]), max_size=60)


def older(pieces: tuple[Piece, ...]) -> str:
    return "".join(piece.text for piece in pieces if piece.kind is not Kind.ADDED)


def newer(pieces: tuple[Piece, ...]) -> str:
    return "".join(piece.text for piece in pieces if piece.kind is not Kind.REMOVED)


def test_a_replaced_word_is_removed_and_added_where_it_stood() -> None:
    pieces = word_diff("It takes a few days.", "It takes seven days.")

    assert pieces == (
        Piece(Kind.KEPT, "It takes "),
        Piece(Kind.REMOVED, "a few"),
        Piece(Kind.ADDED, "seven"),
        Piece(Kind.KEPT, " days."),
    )


def test_an_added_sentence_stands_alone() -> None:
    pieces = word_diff("Hello.\n\nBye.", "Hello. I am sorry.\n\nBye.")

    assert [piece for piece in pieces if piece.kind is not Kind.KEPT] == [Piece(Kind.ADDED, " I am sorry.")]


def test_equal_texts_are_one_kept_piece() -> None:
    assert word_diff("Same words", "Same words") == (Piece(Kind.KEPT, "Same words"),)


def test_an_empty_text_is_all_added_or_all_removed() -> None:
    assert word_diff("", "All new") == (Piece(Kind.ADDED, "All new"),)
    assert word_diff("All gone", "") == (Piece(Kind.REMOVED, "All gone"),)
    assert word_diff("", "") == ()


def test_a_moved_paragraph_keeps_the_rest() -> None:
    first, second, third = "Alpha beta gamma.", "Delta epsilon zeta.", "Eta theta iota."

    pieces = word_diff(f"{first} {second} {third}", f"{second} {third} {first}")

    kept = "".join(piece.text for piece in pieces if piece.kind is Kind.KEPT)
    assert second in kept
    assert third in kept


@given(WORDS, WORDS)
def test_both_texts_can_be_read_from_the_pieces(before: list[str], after: list[str]) -> None:
    old, new = "".join(before), "".join(after)

    pieces = word_diff(old, new)

    assert (older(pieces), newer(pieces)) == (old, new)


def test_long_texts_without_a_word_that_is_unique_are_compared_within_the_budget() -> None:
    before, after = "yes no " * 7_000, "no maybe no yes " * 4_000

    pieces = word_diff(before, after)

    assert (older(pieces), newer(pieces)) == (before, after)


def test_the_count_of_changed_words_does_not_count_space() -> None:
    assert change("one two three", "one  2 three four") == Change(words=4, removed=1, added=2)
    assert change("one two", "one two").is_none
    assert change("one two", "one\ntwo").is_none
