"""The house's paper: letterhead, type, tables and page numbers of every PDF that leaves it."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, time
from importlib.resources import as_file, files
from typing import Any

from fpdf import FPDF
from fpdf.enums import TableBordersLayout, XPos, YPos
from fpdf.fonts import FontFace

from models.settle.invoice import TradeParty
from pipelines.exports.formulas import printable

_FONT = "DejaVu"
_INK, _QUIET, _ACCENT, _BAND = (30, 34, 42), (110, 116, 128), (31, 58, 95), (243, 245, 248)
_WARNING = (166, 58, 22)
_MARGIN, _BODY, _SMALL = 18.0, 9.0, 7.5
# A heading, a sentence, a table heading and its first row stay together.
_KEEP = 40.0
_LONGEST_FACT, _LONGEST_CELL = 120, 400
_PADDING, _BOLDER = 1.6, 1.12
# Hebrew, Arabic and what is written with their letters, presentation forms too.
_FROM_RIGHT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")


class Paper(FPDF):
    """An A4 document on our paper.

    Args:
        sender: whose letterhead it is.
        title: of the document.
        issued_on: its date; the only one in the file, so that the same input gives the same bytes.
        mark: what every sheet says on top, as that it is provisional; empty: nothing.
        archive: whether it is PDF/A-3, for files within it.
    """

    def __init__(
        self,
        sender: TradeParty,
        title: str,
        issued_on: date,
        mark: str = "",
        *,
        archive: bool = False,
    ) -> None:
        super().__init__(format="A4", enforce_compliance="PDF/A-3B" if archive else None)
        self._sender = sender
        self._issued_on = issued_on
        self._title = title
        self._mark = mark
        with as_file(files("pipelines.exports") / "fonts") as folder:
            self.add_font(_FONT, "", str(folder / "DejaVuSansCondensed.ttf"))
            self.add_font(_FONT, "B", str(folder / "DejaVuSansCondensed-Bold.ttf"))
        self.set_title(title)
        self.set_author(sender.name)
        self.set_creation_date(datetime.combine(issued_on, time(), UTC))
        self.set_margins(_MARGIN, 16, _MARGIN)
        self.set_auto_page_break(True, margin=20)
        self.alias_nb_pages()
        self.add_page()

    def header(self) -> None:
        """Name and address on the first page, name and title on the others."""
        self.set_draw_color(*_ACCENT)
        if self._mark:
            self._type(_BODY, _WARNING, bold=True)
            self._line(5, self._mark, align="R")
        if self.page_no() > 1:
            self._type(_SMALL, _QUIET)
            self._line(5, f"{self._sender.name} · {self._title}")
            self.ln(4)
            return
        self._type(15, _ACCENT, bold=True)
        self._line(8, self._sender.name)
        self._type(_SMALL, _QUIET)
        for line in contact_lines(self._sender):
            self._line(3.8, line)
        self.set_line_width(0.5)
        self.line(_MARGIN, self.get_y() + 2, self.w - _MARGIN, self.get_y() + 2)
        self.ln(8)

    def footer(self) -> None:
        """Page numbers and what the law wants of a company."""
        self.set_y(-14)
        self._type(_SMALL, _QUIET)
        width = self.epw * 0.85
        legal = " · ".join(legal_words(self._sender))
        while self.get_string_width(legal) > width:
            legal = printable(legal, len(legal) - 1)
        self.cell(width, 5, legal)
        self.cell(0, 5, f"Page {self.page_no()} of {{nb}}", align="R")

    def address(self, recipient: TradeParty) -> None:
        """Write the recipient's address, as in the window of an envelope."""
        self._type(_BODY, _INK)
        for line in address_lines(recipient):
            self._line(4.8, line)
        self.ln(7)

    def heading(self, text: str, size: float = 12) -> None:
        """Write a heading that stays with what follows it."""
        if self.will_page_break(_KEEP):
            self.add_page()
        self._type(size, _ACCENT, bold=True)
        self.multi_cell(0, size * 0.55, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
        self.ln(1.5)

    def text_block(self, text: str, *, quiet: bool = False) -> None:
        """Write a paragraph."""
        self._type(_SMALL if quiet else _BODY, _QUIET if quiet else _INK)
        self.multi_cell(
            0, 4 if quiet else 4.8, text, align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT
        )
        self.ln(2)

    def facts(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Write names and values alongside one another, in two columns."""
        cells = list(pairs)
        quiet = FontFace(color=_QUIET, size_pt=_SMALL)
        self._type(_BODY, _INK)
        with self.table(
            col_widths=(16, 34, 16, 34),
            text_align="LEFT",
            borders_layout=TableBordersLayout.NONE,
            first_row_as_headings=False,
            line_height=4.6,
            padding=(0.3, 1.6, 0.3, 0),
        ) as table:
            for index in range(0, len(cells), 2):
                row = table.row()
                for name, value in cells[index : index + 2]:
                    row.cell(name, style=quiet)
                    row.cell(printable(value, _LONGEST_FACT))
        self.ln(3)

    def rows(
        self,
        head: Sequence[str],
        body: Iterable[Sequence[str]],
        widths: Sequence[float],
        *,
        right: Iterable[int] = (),
        strong: Iterable[int] = (),
        small: bool = False,
    ) -> None:
        """Write a table whose heading repeats on every page."""
        self._type(_SMALL if small else _BODY, _INK)
        figures, bold, lines = set(right), set(strong), [list(row) for row in body]
        fitting = self._fit_figures([list(head), *lines], widths, figures)
        align = tuple("RIGHT" if index in figures else "LEFT" for index in range(len(widths)))
        self.set_draw_color(215, 219, 226)
        self.set_line_width(0.15)
        with self.table(
            col_widths=fitting,
            text_align=align,
            borders_layout=TableBordersLayout.HORIZONTAL_LINES,
            headings_style=FontFace(emphasis="BOLD", color=_ACCENT, fill_color=_BAND),
            first_row_as_headings=bool(head),
            line_height=4.2 if small else 5.2,
            padding=(0.6, _PADDING),
        ) as table:
            if head:
                table.row(head)
            for index, row in enumerate(lines):
                # A row that is higher than a sheet cannot be drawn.
                cells = [printable(text, _LONGEST_CELL) for text in row]
                table.row(cells, style=FontFace(emphasis="BOLD") if index in bold else None)
        self.ln(5)

    def multi_cell(self, *args: Any, **options: Any) -> Any:
        """Write text as FPDF does; what runs from right to left is shaped, which takes longer."""
        text = options["text"] if "text" in options else args[2]
        self.set_text_shaping(_FROM_RIGHT.search(text) is not None)
        try:
            return super().multi_cell(*args, **options)
        finally:
            self.set_text_shaping(False)

    def finish(self) -> bytes:
        """Return the file."""
        return bytes(self.output())

    def _line(self, height: float, text: str, *, align: str = "L") -> None:
        """Write a line, and what does not fit into it below."""
        self.multi_cell(0, height, text, align=align, new_x=XPos.LMARGIN, new_y=YPos.NEXT)

    def _fit_figures(
        self, rows: Sequence[Sequence[str]], widths: Sequence[float], figures: set[int]
    ) -> tuple[float, ...]:
        """Return widths in which no figure is broken: the widest column of texts gives way."""
        unit = self.epw / sum(widths)
        fitting = [width * unit for width in widths]
        texts = [index for index in range(len(widths)) if index not in figures]
        for index in figures:
            longest = max((row[index] for row in rows if row), key=len, default="")
            # Bold, as totals are; and the padding on both sides.
            needed = self.get_string_width(longest) * _BOLDER + 2 * _PADDING + 0.5
            widest = max(texts, key=fitting.__getitem__, default=index)
            gained = max(needed - fitting[index], 0)
            fitting[index] += gained
            fitting[widest] -= gained
        return tuple(fitting)

    def _type(self, size: float, color: tuple[int, int, int], *, bold: bool = False) -> None:
        self.set_font(_FONT, "B" if bold else "", size)
        self.set_text_color(*color)


def address_lines(party: TradeParty) -> list[str]:
    """Return a party's name and address, line by line."""
    place = " ".join(filter(None, (party.postal_code, party.city)))
    return [line for line in (party.name, party.street, place, party.country) if line]


def contact_lines(party: TradeParty) -> list[str]:
    """Return a party's address and contact in at most two lines."""
    address = " · ".join(address_lines(party)[1:])
    contact = " · ".join(filter(None, (party.email, party.phone)))
    return [line for line in (address, contact) if line]


def legal_words(party: TradeParty) -> list[str]:
    """VAT number, registration and account, as far as known."""
    words = (("VAT", party.vat_id), ("Reg.", party.registration_id), ("IBAN", party.iban))
    return [f"{name} {value}" for name, value in words if value]
