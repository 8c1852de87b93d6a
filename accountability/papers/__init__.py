"""纸面: official documents as PDF in the form of GB/T 9704 and as .docx, and .docx read back (三（三）1).

A pure package: text in, bytes out; no model, no request, no clock.

| module | holds |
|---|---|
| `blocks` | 正文: what people type becomes headings, paragraphs and tables, and text again |
| `sheet` | `Sheet` and `Signer`, what is printed; `render_pdf`, `render_docx` |
| `characters` | which face draws which character; what no face draws |
| `layout` | what the templates ask: title lines, columns, signature |
| `typesetting` | a sheet to a PDF: template, grid of 22 lines, two passes where there are tables |
| `printing` | HTML to a PDF with our own fonts, shared with the annual report |
| `docx_writing`, `docx_reading` | Word and WPS: real styles out, text back in |

A new form of document: add its name to `Form` in `sheet`, a template `templates/papers/NAME.html` that extends
`papers/sheet.html` with a `NAME.css` beside it, a sample in `tests/accountability/test_papers.py` (which then measures
it), and, where its head or signature differs, a branch in `docx_writing`. Look at it: `pdftoppm -r 80 -png`.

Nothing here imports WeasyPrint before something is printed: 50 MB that no web process should carry.
"""
