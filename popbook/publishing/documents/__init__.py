"""Documents: the whole edition and its two-page brief as PDF and as Word, from one pandoc tree.

The chapters and exhibits of a run become a pandoc tree (:mod:`manuscript`, :mod:`markup`, :mod:`exhibit_blocks`). Two
writers take it: pandoc's own for Word (:mod:`word`), and typst for PDF (:mod:`pdf`). Both programs come in wheels, the
fonts with the package: no LaTeX, no browser, no font of the machine.
"""
