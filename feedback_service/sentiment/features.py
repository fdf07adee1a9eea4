"""What a learned model sees of a text: its words, their pieces, and pairs of neighbours, hashed.

Hashing keeps no word of a shop's customers in a model, and makes its size known beforehand. The hash is CRC-32,
which is the same on every machine and in every run. The place of a pair is made of one half for each of its words, so
that a text needs no hash for a pair.
"""

from zlib import crc32

SIZE = 1 << 18
_MASK = SIZE - 1
_LONGEST_WORD = 24
_PIECES = (3, 4)


def word_features(word: str) -> tuple[int, ...]:
    """Return the places (0 to `SIZE`) of a plain word and of its pieces, which a misspelled word shares in part."""
    whole = f"<{word[:_LONGEST_WORD]}>"
    if whole.isascii():
        # Of what is ASCII the pieces of the bytes are the bytes of the pieces, and no piece is encoded.
        raw = whole.encode()
        cut = [raw[at : at + length] for length in _PIECES for at in range(len(raw) - length + 1)]
        return (_place(f"w {word}"), *[crc32(piece) & _MASK for piece in cut])
    pieces = (whole[at : at + length] for length in _PIECES for at in range(len(whole) - length + 1))
    return (_place(f"w {word}"), *map(_place, pieces))


def left_half(word: str) -> int:
    """Return the half of a pair's place that its first word makes; the place is `left_half ^ right_half`."""
    return _place(f"l {word}")


def right_half(word: str) -> int:
    """Return the half of a pair's place that its second word makes."""
    return _place(f"r {word}")


def _place(feature: str) -> int:
    return crc32(feature.encode("utf-8", "surrogatepass")) & _MASK
