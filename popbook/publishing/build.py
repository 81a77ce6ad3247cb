"""One build: run what changed, weave, build the book, assemble the site.

Notebooks and editions are independent of each other, so they run in processes side by side. Nothing under the site
changes until every edition of the build is finished.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from popbook.ledger.errors import DataError, PopbookError, UsageError
from popbook.ledger.kept import KEPT_VARIABLE, forget_oldest
from popbook.publishing.aside import aside
from popbook.publishing.booklets import write_list
from popbook.publishing.collecting import without_collector
from popbook.publishing.edition_run import RECORD, gather_edition, read_edition_run, write_edition_run
from popbook.publishing.environment import environment
from popbook.publishing.fingerprint import (
    file_sha256,
    files_below,
    hash_files,
    hash_values,
    software_versions,
)
from popbook.publishing.manifest import MANIFEST, hash_below, write_manifest
from popbook.publishing.parameters import check_parameters
from popbook.publishing.places import Project
from popbook.publishing.processes import Processes, start_server
from popbook.publishing.progress import Progress
from popbook.publishing.site import assemble_site
from popbook.publishing.step import Step, choose_next
from popbook.publishing.unchanged import fingerprint_inputs, note_whole, unchanged_steps

if TYPE_CHECKING:
    from popbook.publishing.cluster import Cluster

LAST_GOOD = "网站仍是上一次完整的版本"

ARRIVAL_SECONDS = 60.0
"""How long a network file system may hide what another machine has written (NFS: acdirmax, 60 s)."""

MOST_JOBS = 4
"""More kernels at once than this race for ports and memory without being faster (anchors: QuantEcon saw it above 8)."""

BOOK_SOURCES = ("_config.yml", "_toc.yml", "notebooks/district/_toc.yml", "book", "popbook")
BOOK_INPUTS = {"record": "图表与文字", "book": "书稿或程序", "data": "数据", "software": "软件包"}
"""What a finished edition is made from: name in its build record, and what a user calls it."""
UNREAD_SUFFIXES = {".mo", ".pyc"}
FORECAST_CODE = "popbook/forecasting/ages.py"
FORCED = "--force"
UNCHANGED = "未变"

Cell = tuple[int, str]
"""One report in the grid of tasks: edition, and district or "" for the city."""


@dataclass(frozen=True)
class BuildReport:
    """What a build did.

    Parameters
    ----------
    entry : Path
        Page to open.
    ran, reused : tuple of str
        Steps that ran, and steps whose result was taken from an earlier build.
    """

    entry: Path
    ran: tuple[str, ...]
    reused: tuple[str, ...]


@dataclass(frozen=True)
class Inputs:
    """Hashes of what results are made from.

    Parameters
    ----------
    data : dict
        Edition to what it sees of the data folder; later data do not change it.
    states : dict
        Edition, also an earlier one, to the fingerprints of all that can be read from its ledger.
    software : str
        The packages.
    book : str
        Hand-written pages, configuration and all of the library.
    """

    data: dict[int, str]
    states: dict[int, dict[str, str]]
    software: str
    book: str

    @classmethod
    def of(cls, project: Project, editions: Sequence[int]) -> Inputs:
        """Hash the inputs of some editions of a project."""
        from popbook.ledger.reads import state_of
        from popbook.ledger.store import read_ledger
        from popbook.ledger.visibility import data_fingerprint

        ledger = read_ledger()
        seen = [edition for edition in sorted(ledger.editions, reverse=True) if edition <= max(editions)]
        package = Path(__file__).resolve().parents[1]
        sources = [path for name in BOOK_SOURCES[:-1] for path in files_below(project.root / name)]
        book = [path for path in sources if path.suffix not in UNREAD_SUFFIXES]
        return cls(
            data={edition: data_fingerprint(ledger.for_edition(edition)) for edition in editions},
            states={edition: state_of(ledger.for_edition(edition)) for edition in seen},
            software=hash_values(software_versions()),
            book=hash_values(
                {"pages": hash_files(book, project.root), "code": hash_files(files_below(package), package)}
            ),
        )


def finish_edition(root: Path, edition: int, key: dict[str, str], district: str = "") -> None:
    """Make one finished edition: pages, exhibits, indexes, data, documents, manifest; then put it in place.

    A booklet has no documents, and its identifiers, which hold the code of its district, are not in the registry.

    Parameters
    ----------
    root : Path
        Project folder.
    edition : int
        Data year.
    key : dict
        Hashes of the inputs, for the build record.
    district : str
        District whose booklet it is; "" for the city.
    """
    temporary = Project(root).temporary
    temporary.mkdir(parents=True, exist_ok=True)
    # On the file system of the finished edition, and of no other attempt, be it on another machine.
    with without_collector(), tempfile.TemporaryDirectory(prefix=f"{edition}-", dir=temporary) as work:
        _finish_in(Path(work), root, edition, key, district)


def _finish_in(work: Path, root: Path, edition: int, key: dict[str, str], district: str) -> None:
    from popbook.ledger.atomic import replace_atomically
    from popbook.ledger.datapackage import find_data_dir
    from popbook.publishing.book import build_pages
    from popbook.publishing.built_edition import BuiltEdition
    from popbook.publishing.citing import make_citable
    from popbook.publishing.content_policy import add_policies
    from popbook.publishing.discovery import describe_report, write_sitemap
    from popbook.publishing.documents.write import write_documents
    from popbook.publishing.exhibit_ids import read_registry, require_kept, write_gone_pages
    from popbook.publishing.lean import lighten
    from popbook.publishing.outputs import (
        write_build_record,
        write_data,
        write_exhibits,
        write_indexes,
        write_results,
    )
    from popbook.publishing.pages import read_pages, write_pages
    from popbook.publishing.requests import find_foreign_requests
    from popbook.publishing.search_index import write_search_index

    project = Project(root, district)
    run = read_edition_run(project.runs, edition)
    registry = read_registry(find_data_dir())
    if not district:
        require_kept(registry, edition, [*run.exhibits, *run.facts])
    final = project.editions / str(edition)
    fresh = work / str(edition)
    fresh.mkdir()
    write_build_record(run, fresh, key, project.runs / str(edition) / RECORD, project.base_address())
    # Pages, documents and the folders of exhibits need nothing of each other; what follows, nothing of the documents.
    with aside(*([] if district else [partial(write_documents, root, run, fresh)])):
        write_indexes(run, fresh)
        write_data(run, fresh, write_results(run, fresh))
        with aside(partial(write_exhibits, run, fresh)) as (wait_for_exhibits,):
            build_pages(root, edition, fresh, district)
            if not district:
                write_gone_pages(registry, BuiltEdition(fresh))
            wait_for_exhibits()
            built, pages = BuiltEdition(fresh), read_pages(fresh)
            read = dict(pages)
            make_citable(built, pages)
            write_search_index(fresh, pages)
            describe_report(built, pages)
            write_sitemap(built, pages)
            foreign = find_foreign_requests(fresh, pages)
            if foreign:
                raise PopbookError(
                    "页面会向外部主机发出请求：\n" + "\n".join(foreign), f"{edition} 年度版", "改为站内文件"
                )
            lighten(fresh, pages.values())
            add_policies(pages)
            write_pages(fresh, pages, read)
        hashed = hash_below(fresh)  # while the documents are being set
    write_manifest(fresh, hashed)
    final.parent.mkdir(parents=True, exist_ok=True)
    replace_atomically(fresh, final)


def _run_step(step: Step) -> None:
    step.run()


def _title(project: Project, edition: int) -> str:
    return f"{edition} {project.district}".rstrip()


def _forecast_steps(project: Project, inputs: Inputs, chapters: Iterable[Step]) -> list[Step]:
    """Return the steps that compute what chapters share, of their editions and of earlier ones that they look back on.

    None if no notebook runs the code of forecasts.
    """
    from popbook.ledger.reads import results_code
    from popbook.publishing.chapter_inputs import forecast_reads
    from popbook.publishing.run import run_forecasts, run_notebook

    if not any(step.call is run_notebook and FORECAST_CODE in step.inputs for step in chapters):
        return []
    made_with = {"程序或软件包": results_code()}
    outputs = {edition: project.forecasts / f"{edition}.json" for edition in inputs.states}
    return [
        Step(
            name=f"{edition} 推算",
            edition=edition,
            output=output,
            inputs=made_with,
            call=run_forecasts,
            arguments=(output, edition),
            key_file=output.with_suffix(".key"),
            state=inputs.states[edition],
            reads=forecast_reads,
            kept=project.kept,
        )
        for edition, output in outputs.items()
    ]


def _chapter_steps(project: Project, edition: int, region: str, inputs: Inputs) -> list[Step]:
    from popbook.publishing.chapter_inputs import notebook_inputs, notebook_reads, page_inputs, shared_inputs
    from popbook.publishing.kept_pages import page_reads
    from popbook.publishing.run import run_notebook, run_pages

    parameters = {"edition": edition, "region": region}
    shared = shared_inputs(parameters)
    state = inputs.states[edition]
    folder = project.runs / str(edition)
    steps = []
    for notebook in project.chapters():
        check_parameters(notebook, parameters)
        output = folder / "chapters" / notebook.name
        failed = project.failed / str(edition) / notebook.name
        steps.append(
            Step(
                name=f"{_title(project, edition)} {notebook.stem}",
                edition=edition,
                output=output,
                inputs={**shared, **notebook_inputs(notebook)},
                call=run_notebook,
                arguments=(notebook, output, parameters, failed, project.root),
                key_file=output.with_suffix(".key"),
                district=project.district,
                state=state,
                reads=notebook_reads,
                kept=project.kept,
            )
        )
    pages = folder / "pages.json"
    by_page = {module: {**shared, **files} for module, files in page_inputs(bool(project.district)).items()}
    steps.append(
        Step(
            name=f"{_title(project, edition)} 附录与总览",
            edition=edition,
            output=pages,
            inputs={name: value for own in by_page.values() for name, value in own.items()},
            call=run_pages,
            arguments=(pages, edition, region, by_page, state),
            key_file=pages.with_suffix(".key"),
            district=project.district,
            state=state,
            reads=page_reads,
            kept=project.kept,
        )
    )
    return steps


def _edition_step(project: Project, edition: int, region: str, inputs: Inputs) -> Step:
    folder = project.runs / str(edition)
    record = write_edition_run(gather_edition(folder, edition, region), folder)
    key = {
        "record": file_sha256(record),
        "book": inputs.book,
        "data": inputs.data[edition],
        "software": inputs.software,
    }
    return Step(
        name=f"{_title(project, edition)} 成书",
        edition=edition,
        output=project.editions / str(edition) / MANIFEST,
        inputs={BOOK_INPUTS[name]: value for name, value in key.items()},
        call=finish_edition,
        arguments=(project.root, edition, key, project.district),
        key_file=project.editions / f"{edition}.key",
        district=project.district,
        kept=project.kept,
        is_large=not project.district,  # with documents
    )


def check_request(editions: Sequence[int], region: str) -> tuple[int, ...]:
    """Return the editions to build, newest first; refuse what the data do not know.

    Parameters
    ----------
    editions : sequence of int
        Wanted data years; empty for all.
    region : str
        GB/T 2260 code.

    Returns
    -------
    tuple of int
        Editions of data/editions.csv.

    Raises
    ------
    UsageError
        For an unknown edition or region.
    """
    from popbook.ledger.store import read_ledger

    ledger = read_ledger()
    for edition in editions:
        if edition not in ledger.editions:
            known = "、".join(str(year) for year in sorted(ledger.editions))
            raise UsageError(f"没有 {edition} 年度版", "--edition", f"可选：{known}")
    if region not in ledger.regions:
        raise UsageError(f"没有代码为 {region} 的地区", "region", "见 data/regions.csv")
    return tuple(sorted(set(editions or ledger.editions), reverse=True))


def _compile_messages(project: Project) -> None:
    # Sphinx compiles translations beside their source while it builds; two editions at once would write one file.
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    for source in sorted(project.root.glob("book/_locale/*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        with source.open("rb") as stream:
            catalogue = read_po(stream, locale=source.parts[-3])
        partial = target.with_suffix(".partial")
        with partial.open("wb") as stream:
            write_mo(stream, catalogue)
        partial.replace(target)


def build_site(
    project: Project,
    editions: Sequence[int],
    progress: Progress,
    region: str = "",
    jobs: int | None = None,
    force: bool = False,
    districts: Sequence[str] = (),
    scheduler: str = "",
) -> BuildReport:
    """Build editions, of the city or of the booklets of districts, and put them into the site.

    Parameters
    ----------
    project : Project
        The report.
    editions : sequence of int
        Data years; empty for all.
    progress : Progress
        Told about every step.
    region : str
        GB/T 2260 code; "" for the city of the plan.
    jobs : int, optional
        Processes at once; all cores, at most :data:`MOST_JOBS`, if not given.
    force : bool
        Run everything, whatever has not changed.
    districts : sequence of str
        GB/T 2260 codes of districts whose booklets are built; none for the report on the city.
    scheduler : str
        Address of a dask scheduler whose workers run the steps; "" for processes of this machine.

    Returns
    -------
    BuildReport
        Page to open and what ran.

    Raises
    ------
    UsageError
        For an unknown edition, region or parameter; nothing has run then.
    DataError
        If the data do not pass the check; nothing has run then.
    PopbookError
        If a notebook fails, the book has a warning or the system refuses to write; the site is the last good one then.
    """
    from filelock import FileLock, Timeout

    from popbook.ledger.atomic import explain_failure

    reports = [project.booklet(code) for code in districts] or [project]
    before = fingerprint_inputs(project, region)
    known = None if force else _whole(reports, before, editions)
    if known:
        with suppress(Timeout), FileLock(str(project.lock), timeout=0):
            progress.expect(len(known))
            for name in known:
                progress.done(name, UNCHANGED)
            return BuildReport(_entry(reports), (), tuple(known))

    if not scheduler:
        start_server()  # gets ready while this process checks the data
    from popbook.ledger.check import check_data

    if not region:
        from popbook.ledger.store import read_ledger

        region = read_ledger().city
    wanted = check_request(editions, region)
    problems = check_data()
    if problems:
        raise DataError(problems)
    cells: dict[Cell, Project] = {
        (edition, report.district): report for edition in wanted for report in reports
    }
    with environment(**{KEPT_VARIABLE: str(project.kept)}):
        inputs = Inputs.of(project, wanted)
        steps = {
            cell: _chapter_steps(report, cell[0], report.district or region, inputs)
            for cell, report in cells.items()
        }
    forecasts = _forecast_steps(project, inputs, (step for chapters in steps.values() for step in chapters))
    try:
        project.build.mkdir(exist_ok=True)
        with FileLock(str(project.lock), timeout=0):
            _compile_messages(project)
            builder = _Builder(cells, region, inputs, progress, force)
            builder.run(forecasts, steps, _workers(project, progress, jobs, scheduler))
            forget_oldest(project.kept)
            for report in reports:
                assemble_site(report.site, [report.editions / str(edition) for edition in wanted])
                note_whole(
                    report, before, {edition: builder.done[edition, report.district] for edition in wanted}
                )
    except Timeout:
        raise PopbookError("另一个构建正在进行", str(project.build), "等它结束后再运行") from None
    except OSError as error:
        raise explain_failure(error, project.build, LAST_GOOD) from error
    return BuildReport(_entry(reports), tuple(builder.ran), tuple(builder.reused))


def _whole(reports: Sequence[Project], inputs: str, editions: Sequence[int]) -> list[str] | None:
    found = [unchanged_steps(report, inputs, editions) for report in reports]
    return [name for names in found for name in names or ()] if all(found) else None


def _entry(reports: Sequence[Project]) -> Path:
    if not reports[0].district:
        return reports[0].site / "index.html"
    return write_list(Project(reports[0].root))


def _workers(project: Project, progress: Progress, jobs: int | None, scheduler: str) -> Processes | Cluster:
    if scheduler:
        from popbook.publishing.cluster import Cluster

        return Cluster(scheduler, project.temporary)
    from popbook.exhibits.drawer import DRAWER_VARIABLE, serve_drawings
    from popbook.publishing.warm_kernel import NO_WARM_KERNELS, can_warm

    if not can_warm():
        progress.note(NO_WARM_KERNELS)
    number = jobs or min(os.cpu_count() or 1, MOST_JOBS)
    return Processes(number, project.temporary, (DRAWER_VARIABLE, serve_drawings))


def _arrived(step: Step) -> bool:
    """Whether the result is there; what another machine has written may take a while to be seen."""
    until = time.monotonic() + ARRIVAL_SECONDS
    while (is_missing := bool(step.why())) and time.monotonic() < until:
        time.sleep(0.5)
    return not is_missing


class _Builder:
    """Keeps the processes busy: an edition's book starts as soon as its own notebooks are done."""

    def __init__(
        self, cells: Mapping[Cell, Project], region: str, inputs: Inputs, progress: Progress, force: bool
    ) -> None:
        self._cells = cells
        self._region = region
        self._inputs = inputs
        self._progress = progress
        self._force = force
        self._unfinished: dict[Cell, set[str]] = {}
        self._bound: set[Cell] = set()
        self._running: dict[str, Step] = {}
        self._waiting: list[Step] = []
        self._reasons: dict[str, str] = {}
        self.ran: list[str] = []
        self.reused: list[str] = []
        self.done: dict[Cell, list[str]] = {cell: [] for cell in cells}

    def run(
        self, shared: Sequence[Step], steps: dict[Cell, list[Step]], workers: Processes | Cluster
    ) -> None:
        """Run the shared steps first, then those of all reports; after a failure start nothing new and tell all failures."""
        self._progress.expect(len(shared) + sum(len(chapters) + 1 for chapters in steps.values()))
        failures: list[PopbookError] = []
        with workers as processes:
            self._unfinished = {cell: {step.name for step in chapters} for cell, chapters in steps.items()}
            # Nothing waits for what is shared: a chapter that comes too early computes by itself what it needs.
            for step in (*shared, *(step for chapters in steps.values() for step in chapters)):
                self._plan(step)
            self._plan_books()
            while processes.busy or (self._waiting and not failures):
                while not failures and processes.has_room:
                    chosen = choose_next(self._waiting, self._running.values(), processes.most_large)
                    if chosen is None:
                        break
                    self._waiting.remove(chosen)
                    self._running[chosen.name] = chosen
                    processes.start(chosen.name, _run_step, (chosen,))
                for name, error in processes.wait():
                    step = self._running.pop(name)
                    if error is None and (not processes.is_elsewhere or _arrived(step)):
                        self._finish(step, self.ran)
                    elif error is None:
                        failures.append(
                            PopbookError("结果没有到达", str(step.output), "检查共享文件夹后再运行")
                        )
                    elif isinstance(error, PopbookError):
                        failures.append(_with_edition(error, step))
                    else:
                        raise error
                if not failures:
                    self._plan_books()
        if failures:
            raise failures[0] if len(failures) == 1 else PopbookError("\n".join(sorted(map(str, failures))))

    def _plan(self, step: Step) -> None:
        reason = FORCED if self._force else step.why()
        if reason:
            self._reasons[step.name] = reason
            self._waiting.append(step)
        else:
            self._finish(step, self.reused)

    def _finish(self, step: Step, list_of: list[str]) -> None:
        list_of.append(step.name)
        self._progress.done(step.name, self._reasons.get(step.name, UNCHANGED))
        if step.cell in self.done:  # forecasts are shared with reports that are not built now
            self.done[step.cell].append(step.name)
            self._unfinished[step.cell].discard(step.name)

    def _plan_books(self) -> None:
        for cell, names in self._unfinished.items():
            if not names and cell not in self._bound:
                self._bound.add(cell)
                report = self._cells[cell]
                self._plan(_edition_step(report, cell[0], report.district or self._region, self._inputs))


def _with_edition(error: PopbookError, step: Step) -> PopbookError:
    if str(step.edition) in error.where:
        return error
    where = f"{step.edition} 年度版 {error.where}".rstrip()
    return type(error)(error.what, where, error.remedy) if error.where or error.remedy else error
