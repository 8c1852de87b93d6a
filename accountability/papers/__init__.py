"""纸面: official documents as PDF in the form of GB/T 9704 and as .docx, and .docx read back (三（三）1).

A pure package: text in, bytes out; no model, no request, no clock.

| module | holds |
|---|---|
| `blocks` | 正文: what people type becomes headings, paragraphs and tables, and text again |
| `references` | 3〔F-05〕次: numbers that say which figure they come from |
| `sheet` | `Sheet`, `Signer` and `AnnexPage`, what is printed; `render_pdf`, `render_docx` |
| `characters` | which face draws which character; what no face draws |
| `layout` | what the templates ask: title lines, columns, signature |
| `typesetting` | a sheet to a PDF: template, grid of 22 lines, tables of the text measured first |
| `printing` | HTML to an archival PDF with our own fonts, shared with the illustrated report; the same PDF again |
| `even_pages`, `cjk_justify`, `compact_fonts` | what WeasyPrint does not do by itself |
| `pictures` | a chart as PNG for Word, an address as QR code |
| `docx_writing`, `docx_reading` | Word and WPS: real styles out, text back in |

A new form of document: add its name to `Form` in `sheet`, a template `templates/papers/NAME.html` that extends
`papers/sheet.html` with a `NAME.css` beside it, a sample in `tests/accountability/test_papers.py` (which then measures
it), and, where its head or signature differs, a branch in `docx_writing`. Look at it: `pdftoppm -r 80 -png`.

Nothing here imports WeasyPrint before something is printed: 50 MB that no web process should carry.
"""
