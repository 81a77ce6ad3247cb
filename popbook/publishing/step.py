"""A step of a build: one result, what it was made from, and why it must be made again."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from popbook.ledger.kept import KEPT_VARIABLE
from popbook.publishing.environment import environment
from popbook.publishing.fingerprint import file_sha256
from popbook.publishing.manifest import MANIFEST, find_differences

FIRST_TIME = "第一次运行"
DAMAGED = "结果或记录已损坏"
NAMED_CHANGES = 2
"""How many changed inputs a reason names."""


@dataclass(frozen=True)
class Step:
    """A result that one call makes from hashed inputs, with what tells whether it is still valid.

    Parameters
    ----------
    name : str
        What the user sees.
    edition : int
        Data year.
    output : Path
        File whose presence proves the result.
    inputs : mapping
        What the result depends on, by the name a user knows it by, to its hash.
    call : callable
        Makes the result; must be importable by a worker process.
    arguments : tuple
        Its arguments.
    key_file : Path
        Where the inputs are noted; not beside a result that is published.
    district : str
        GB/T 2260 code of the district whose booklet it belongs to; "" for the city.
    state : mapping
        Fingerprints of all that can be read from the ledger (:func:`popbook.ledger.reads.read_state`).
    reads : callable, optional
        Tells from the output what was read.
    kept : Path, optional
        Where forecasts, drawings and typefaces are kept (:mod:`popbook.ledger.kept`).
    is_large : bool
        Whether it takes so much memory that only few of its kind should run at once.
    """

    name: str
    edition: int
    output: Path
    inputs: Mapping[str, str]
    call: Callable[..., None]
    arguments: tuple[Any, ...]
    key_file: Path
    district: str = ""
    state: Mapping[str, str] = field(default_factory=dict)
    reads: Callable[[Path], Iterable[str]] | None = None
    kept: Path | None = None
    is_large: bool = False

    @property
    def cell(self) -> tuple[int, str]:
        """Edition and region in the grid of tasks."""
        return self.edition, self.district

    def why(self) -> str:
        """Return why the step must run, or "" if its result is there, undamaged, and made from the same inputs."""
        if not self.key_file.is_file() or not self.output.is_file():
            return FIRST_TIME
        try:
            kept = json.loads(self.key_file.read_text(encoding="utf-8"))
            inputs, reads, output = dict(kept["inputs"]), dict(kept["reads"]), kept["output"]
        except (ValueError, KeyError, TypeError):
            return DAMAGED
        if output != file_sha256(self.output):
            return DAMAGED
        if self.output.name == MANIFEST and find_differences(self.output.parent):
            return DAMAGED
        return changes(inputs, self.inputs, reads, self.state)

    def run(self) -> None:
        """Make the result and note what it was made from; an old note never survives a failed run."""
        self.key_file.unlink(missing_ok=True)
        with environment(**({KEPT_VARIABLE: str(self.kept)} if self.kept else {})):
            self.call(*self.arguments)
        names = self.reads(self.output) if self.reads else ()
        kept = {
            "inputs": dict(self.inputs),
            # The ledger as it was before the step began: what is written meanwhile makes the step run again.
            "reads": {name: self.state.get(name, "") for name in names},
            "output": file_sha256(self.output),
        }
        self.key_file.parent.mkdir(parents=True, exist_ok=True)
        self.key_file.write_text(json.dumps(kept, ensure_ascii=False), encoding="utf-8")


def choose_next(waiting: Sequence[Step], running: Iterable[Step], most_large: int) -> Step | None:
    """Return the step that starts next: a large one as soon as it has room, because its edition ends with it.

    Parameters
    ----------
    waiting : sequence of Step
        In the order in which they became ready.
    running : iterable of Step
        What runs now.
    most_large : int
        How many large steps may run at once.

    Returns
    -------
    Step or None
        The first one of its kind; None if all that wait are large and there is no room for one more.

    Examples
    --------
    >>> from functools import partial
    >>> make = partial(Step, edition=2024, output=Path("out"), inputs={}, call=print, arguments=(), key_file=Path("key"))
    >>> chapter, book = make("2023 01_status"), make("2024 成书", is_large=True)
    >>> choose_next([chapter, book], [], 1).name, choose_next([chapter, book], [book], 1).name
    ('2024 成书', '2023 01_status')
    >>> choose_next([book], [book], 1) is None
    True
    """
    has_room = sum(step.is_large for step in running) < most_large
    ready = [step for step in waiting if has_room or not step.is_large]
    return min(ready, key=lambda step: not step.is_large, default=None)


def changes(
    inputs: Mapping[str, str], now: Mapping[str, str], reads: Mapping[str, str], state: Mapping[str, str]
) -> str:
    """Say which inputs differ from what a result was made from.

    Parameters
    ----------
    inputs, now : mapping
        Inputs of the result, and as they are.
    reads, state : mapping
        What it read from the ledger, and the ledger as it is; what is not there has the fingerprint "".

    Returns
    -------
    str
        "" if nothing differs.

    Examples
    --------
    >>> changes({"参数": "a"}, {"参数": "b"}, {}, {})
    '参数变了'
    >>> changes({}, {}, {"series resident_population 330100": "a"}, {"series resident_population 330100": "b"})
    'data/observations.csv 变了：resident_population 330100'
    """
    names = [name for name in {**now, **inputs} if inputs.get(name) != now.get(name)]
    found = [f"{name} 变了" if name.isascii() else f"{name}变了" for name in sorted(names)]
    read = sorted((name for name in reads if reads[name] != state.get(name, "")), key=_narrow_first)
    # A value that changed changes its series, all rows of its indicator, and the table: the narrowest is told.
    told = [name for place, name in enumerate(read) if not any(_is_within(other, name) for other in read[:place])]
    found += list(dict.fromkeys(map(_read_words, told)))
    more = f"等 {len(found)} 处" if len(found) > NAMED_CHANGES else ""
    return "；".join(found[:NAMED_CHANGES]) + more


def _narrow_first(name: str) -> tuple[int, str]:
    kinds = ("record", "series", "rows", "table", "all", "descriptor")
    kind = name.partition(" ")[0]
    return (kinds.index(kind) if kind in kinds else len(kinds)), name


def _is_within(narrow: str, wide: str) -> bool:
    kind, _, what = wide.partition(" ")
    table = "observations" if narrow.startswith(("series ", "rows ")) else f"{narrow} ".split(" ")[1]
    inside = {"rows": narrow.startswith(f"series {what} "), "table": table == what, "all": table == what}
    return inside.get(kind, kind == "everything")


def _read_words(name: str) -> str:
    kind, _, what = name.partition(" ")
    if kind in ("series", "rows"):
        return f"data/observations.csv 变了：{what}"
    if kind == "record":
        table, _, key = what.partition(" ")
        return f"data/{table}.csv 变了：{key}"
    if what:
        return f"数据表 {what} 变了"
    return "data/datapackage.json 变了" if kind == "descriptor" else "data/ 变了"
