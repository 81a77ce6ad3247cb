"""What every step of a build needs, imported once: the process that this is imported in is forked for each step.

Nothing here may start a thread or open a socket.
"""

from __future__ import annotations

import gc
import importlib
from contextlib import suppress

# Nothing that is imported becomes garbage; looking for it would take a third of the time.
gc.disable()

import ipykernel.kernelapp  # noqa: E402, F401
import jupyter_book.config  # noqa: E402, F401
import myst_nb.sphinx_ext  # noqa: E402, F401
import papermill  # noqa: E402, F401
import soupsieve  # noqa: E402
import sphinx_book_theme  # noqa: E402, F401
import sphinx_external_toc  # noqa: E402, F401
from sphinx.application import builtin_extensions  # noqa: E402

import popbook.exhibits.files  # noqa: E402
import popbook.exhibits.pages  # noqa: E402
import popbook.publishing.outputs  # noqa: E402
import popbook.publishing.sphinx_ext  # noqa: E402
import popbook.publishing.warm_kernel  # noqa: E402, F401
from popbook.exhibits.chapters import problems, projects, status, targets, trends  # noqa: E402, F401
from popbook.exhibits.fonts import wrap_text  # noqa: E402
from popbook.exhibits.kept import library_code  # noqa: E402
from popbook.ledger.errors import PopbookError  # noqa: E402
from popbook.ledger.reads import results_code  # noqa: E402
from popbook.ledger.store import read_ahead  # noqa: E402

for _extension in builtin_extensions:
    importlib.import_module(_extension)
# The first selector makes the patterns of all of them.
soupsieve.compile("li.a")
# Loads the dictionary of words and the advances of both weights.
wrap_text("常住人口", 20, 12)
wrap_text("常住人口", 20, 12, "bold")
# The code as it is imported here, and the data: every step asks for both.
results_code()
library_code()
with suppress(PopbookError):  # told by whoever needs them
    read_ahead()
# The collector writes to what it visits; pages of frozen objects stay shared.
gc.freeze()
gc.enable()
