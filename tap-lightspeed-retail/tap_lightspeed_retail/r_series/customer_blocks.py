"""Which customer each sale was emitted with, as digests of blocks of sales: so old sales are held in a few words.

When two customers are merged at the till, one vanishes, and its receipts of any age are the other's, without a stamp.
Of a block whose digest is not what its rows make now, some sale has another customer. A block without a digest may.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from hashlib import blake2b
from typing import Protocol

from tap_lightspeed_retail.r_series.digests import MOST_BLOCKS, SPAN, digests_in, digests_text
from tap_lightspeed_retail.r_series.ids import END

DIGESTS = 2**32
Changes = dict[str, str | int]


class Sold(Protocol):
    """What is seen of a sale here."""

    @property
    def number(self) -> int:
        """Its id."""

    @property
    def customer(self) -> str:
        """The key of its customer."""


class Held(Protocol):
    """What is asked: the part of a ``Bookmark`` that is needed here."""

    def text(self, name: str) -> str:
        """A text of it."""

    def number(self, name: str) -> int:
        """A number of it."""


def digest_of(rows: Iterable[Sold]) -> int:
    """A number that changes with the customer of any of the rows, and whatever their order is."""
    return sum(_digest(row) for row in rows) % DIGESTS


def _digest(row: Sold) -> int:
    return int.from_bytes(blake2b(f"{row.number} {row.customer}".encode(), digest_size=4).digest(), "big")


class CustomerBlocks:
    """The blocks, as a bookmark holds them.

    Attributes:
        span: Ids per block.
        digests: Block -> digest, where it is known.
    """

    def __init__(self, bookmark: Held) -> None:
        self.span = bookmark.number("customer_span") or SPAN
        self.digests = digests_in(bookmark.text("customer_blocks"))
        self._begun = digests_in(bookmark.text("scan_customers"))

    def changes(self) -> Changes:
        """What STATE says of them."""
        return {
            "customer_span": self.span,
            "customer_blocks": digests_text(self.digests, MOST_BLOCKS),
            "scan_customers": digests_text(self._begun, 1),
        }

    def scanned(self, rows: Sequence[Sold], above: int, through: int) -> None:
        """Take in what a full scan has read: all rows with ids beyond ``above``, up to ``through``, each emitted.

        Too many blocks become wider.
        """
        by_block: dict[int, list[Sold]] = defaultdict(list)
        for row in rows:
            by_block[row.number // self.span].append(row)
        last = () if through == END else (through // self.span,)
        for block in sorted({*self._begun, *by_block, *last}):
            is_whole = block * self.span > above or not above or block in self._begun
            total = (self._begun.pop(block, 0) + digest_of(by_block[block])) % DIGESTS
            self.digests.pop(block, None)
            is_over = through >= (block + 1) * self.span - 1
            if is_whole and (total or not is_over):
                (self.digests if is_over else self._begun)[block] = total
        self._widen_to_fit()

    def learn(self, block: int, total: int) -> None:
        """Take in a whole block, whose sales were emitted with these customers. Too many blocks become wider."""
        self.digests[block] = total
        self._widen_to_fit()

    def forget(self, numbers: Iterable[int]) -> None:
        """Rows were read by themselves: what their blocks are now is not known."""
        for block in {number // self.span for number in numbers}:
            self.digests.pop(block, None)

    def _widen_to_fit(self) -> None:
        """STATE has no room for more: whoever holds numbers of blocks has to ask for ``span`` again."""
        while len(self.digests) > MOST_BLOCKS:
            self._widen()

    def _widen(self) -> None:
        """Twice as many ids per block. Of a pair of which one is not known nothing is known."""
        for block, total in list(self._begun.items()):
            del self._begun[block]
            if block % 2 == 0 or block - 1 in self.digests:
                before = self.digests.get(block - 1, 0) if block % 2 else 0
                self._begun[block // 2] = (total + before) % DIGESTS
        pairs = {block // 2 for block in self.digests if {block, block ^ 1} <= self.digests.keys()}
        self.digests = {pair: (self.digests[2 * pair] + self.digests[2 * pair + 1]) % DIGESTS for pair in sorted(pairs)}
        self.span *= 2
