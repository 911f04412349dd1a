"""A Word document in Chinese: headings, sentences and tables that fit the page."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import TYPE_CHECKING, Any, Final

from fengsui.errors import MissingToolError

if TYPE_CHECKING:
    from docx.document import Document as WordDocument

_FONT: Final = "宋体"
_HEADING_FONT: Final = "黑体"
_SMALL: Final = 9  # points, in tables


class Paper:
    """Builds one document from top to bottom.

    Raises:
        MissingToolError: python-docx is not installed.
    """

    def __init__(self, title: str) -> None:
        try:
            import docx  # noqa: PLC0415 - the extra `papers`
            from docx.enum.text import WD_PARAGRAPH_ALIGNMENT  # noqa: PLC0415
            from docx.oxml.ns import qn  # noqa: PLC0415
            from docx.shared import Cm, Pt  # noqa: PLC0415
        except ImportError as error:
            raise missing("python-docx") from error
        self._qn, self._pt, self._cm = qn, Pt, Cm
        self._centre = WD_PARAGRAPH_ALIGNMENT.CENTER
        self._document: WordDocument = docx.Document()
        self._document.core_properties.title = title
        self._document.core_properties.author = "烽燧 Fengsui"
        section = self._document.sections[0]
        section.page_width, section.page_height = Cm(21), Cm(29.7)
        section.left_margin = section.right_margin = Cm(2.2)
        section.top_margin = section.bottom_margin = Cm(2.2)
        for name, font in (
            ("Normal", _FONT),
            *((f"Heading {n}", _HEADING_FONT) for n in (1, 2, 3)),
        ):
            self._font(self._document.styles[name], font)
        normal: Any = self._document.styles["Normal"]
        normal.font.size = Pt(10.5)
        self._chapters = [0, 0]
        section.header.paragraphs[0].add_run(title).font.size = Pt(_SMALL)
        section.header.paragraphs[0].alignment = self._centre
        self._page_numbers(section.footer.paragraphs[0])

    def cover(self, title: str, rows: Sequence[tuple[str, str]], note: str) -> None:
        """The first page."""
        paragraph = self._document.add_paragraph()
        paragraph.alignment = self._centre
        paragraph.paragraph_format.space_before = self._pt(120)
        paragraph.paragraph_format.space_after = self._pt(60)
        run = paragraph.add_run(title)
        run.bold = True
        run.font.size = self._pt(24)
        self._font(run, _HEADING_FONT)
        self.table([], rows, (4.5, 12.1))
        self.say(note)
        self._document.add_page_break()  # type: ignore[no-untyped-call]

    def head(self, text: str, level: int = 1) -> None:
        """A heading of level 1 or 2, with its number."""
        self._chapters = (
            [self._chapters[0] + 1, 0] if level == 1 else [self._chapters[0], self._chapters[1] + 1]
        )
        number = ".".join(str(each) for each in self._chapters[:level])
        self._document.add_heading(f"{number}　{text}", level)

    def say(self, text: str) -> None:
        """A paragraph."""
        self._document.add_paragraph(text)

    def table(
        self, columns: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float]
    ) -> None:
        """A table; `widths` in cm. Its head is repeated on each page."""
        table = self._document.add_table(rows=0, cols=len(widths))
        table.style = "Table Grid"
        table.autofit = False
        if columns:
            self._row(table, columns, widths, bold=True)
            first: Any = table.rows[0]
            mark = first._tr.get_or_add_trPr()  # noqa: SLF001 - python-docx has no word for it
            repeated = mark.makeelement(self._qn("w:tblHeader"), {self._qn("w:val"): "true"})
            mark.append(repeated)
        for row in rows:
            self._row(table, row, widths, bold=False)
        for column, width in zip(table.columns, widths, strict=True):
            column.width = self._cm(width)
        self._document.add_paragraph()

    def data(self) -> bytes:
        """The file."""
        out = BytesIO()
        self._document.save(out)
        return out.getvalue()

    def _page_numbers(self, paragraph: Any) -> None:
        """Page and number of pages, as fields that the reader's program fills."""
        paragraph.alignment = self._centre
        for code in ("PAGE", " / ", "NUMPAGES"):
            run = paragraph.add_run("" if code.isupper() else code)
            run.font.size = self._pt(_SMALL)
            if code.isupper():
                field = run._r.makeelement(self._qn("w:fldSimple"), {self._qn("w:instr"): code})  # noqa: SLF001
                paragraph._p.append(field)  # noqa: SLF001

    def _row(
        self, table: Any, cells: Sequence[str], widths: Sequence[float], *, bold: bool
    ) -> None:
        row: Any = table.add_row()
        properties = row._tr.get_or_add_trPr()  # noqa: SLF001
        properties.append(properties.makeelement(self._qn("w:cantSplit"), {}))
        for cell, text, width in zip(row.cells, cells, widths, strict=True):
            cell.width = self._cm(width)
            paragraph = cell.paragraphs[0]
            paragraph.paragraph_format.space_after = self._pt(0)
            run = paragraph.add_run(printable(text))
            run.font.size = self._pt(_SMALL)
            run.bold = bold

    def _font(self, styled: Any, font: str) -> None:
        styled.font.name = font
        properties = styled.element.get_or_add_rPr()
        properties.get_or_add_rFonts().set(self._qn("w:eastAsia"), font)


def printable(text: str) -> str:
    """Text without control characters, which neither Word nor Excel takes."""
    return "".join(char for char in str(text) if char >= " " or char in "\n\t")


def missing(library: str) -> MissingToolError:
    """The extra is not installed."""
    return MissingToolError(
        f"{library} is not installed",
        where="papers",
        next="pip install 'fengsui[papers]'",
        code="papers_not_installed",
    )
