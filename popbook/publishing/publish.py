"""Publishing: freezing a built edition, or booklets of it, as revisions of a web root, in one step.

The new web root is put together beside the old one: published revisions are linked, not copied, the new one is copied,
the front is written anew. Then the two folders change places in one step. Whatever happens before that step, the old web
root has not been touched; whatever happens after it, the new one is complete.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from popbook.ledger.atomic import explain_failure, replace_atomically, restore_interrupted, write_through
from popbook.ledger.datapackage import find_data_dir
from popbook.ledger.dates import today
from popbook.ledger.errors import PopbookError
from popbook.ledger.model import Edition
from popbook.ledger.revisions import FIRST_REASON, declare_revision, revisions_table
from popbook.ledger.store import read_ledger
from popbook.ledger.visibility import data_fingerprint
from popbook.publishing.build import build_site, check_request
from popbook.publishing.built_edition import BuiltEdition
from popbook.publishing.exhibit_ids import append_ids, new_ids, read_registry, require_registered
from popbook.publishing.fingerprint import file_sha256
from popbook.publishing.manifest import MANIFEST, find_differences, list_files
from popbook.publishing.places import Project
from popbook.publishing.progress import Progress
from popbook.publishing.site import read_build_record
from popbook.publishing.verify import verify_web_root
from popbook.publishing.web_root import REGISTER, Published, make_entry, read_register, write_front

WAIT_SECONDS = 600
"""A second publication waits for the first; one that holds the web root for ten minutes hangs."""

SHOWN_DIFFERENCES = 5
REVISIONS_TABLE = "tbl-edition-revisions"
"""On the page of the edition's making (popbook.exhibits.pages.colophon), from its second revision on."""

UNTOUCHED = "已发布的网站没有改动"


@dataclass(frozen=True)
class PublishReport:
    """What a publication did, of the report on the city or of one booklet.

    Parameters
    ----------
    published : Published
        Its newest revision, as the register holds it.
    page : Path
        Its first page.
    is_new : bool
        Whether this call published it; False if the web root already held exactly this.
    fingerprint : str
        SHA-256 of the manifest of the web root.
    """

    published: Published
    page: Path
    is_new: bool
    fingerprint: str


def publish_edition(
    project: Project,
    edition: int,
    target: Path,
    progress: Progress,
    reason: str = "",
    jobs: int | None = None,
) -> PublishReport:
    """Freeze the built edition as the next revision of a web root.

    The first publication freezes what stands in ``_build/site/``. If the web root already holds a revision and what was
    built is different, the change is declared in ``data/revisions.csv`` with its reason, the edition is built again so
    that every page carries the new number and the reason, and that is frozen.

    Parameters
    ----------
    project : Project
        The report.
    edition : int
        Data year.
    target : Path
        Web root; made if it is not there, but not the folder around it.
    progress : Progress
        Told about every step of a build.
    reason : str
        Why a published edition is changed; one line for readers.
    jobs : int, optional
        Processes of a build.

    Returns
    -------
    PublishReport

    Raises
    ------
    UsageError
        For an unknown edition.
    DataError
        If the reason cannot stand in a data file or a page.
    PopbookError
        If there is nothing to publish, an identifier is not registered, the reason is missing, the target is no web root of popbook or does not hold what
        it should, or cannot be written. The web root is the old one then.
    """
    return _publish([project], edition, target, progress, reason, jobs)[0]


def publish_booklets(
    project: Project,
    edition: int,
    districts: Sequence[str],
    target: Path,
    progress: Progress,
    reason: str = "",
    jobs: int | None = None,
) -> tuple[PublishReport, ...]:
    """Freeze built booklets of an edition, each as its own next revision, all in one step.

    They go below the web root that holds the edition, to which their pages lead. Each is counted by itself: one that has
    not changed stays the revision that it is.

    Parameters
    ----------
    project : Project
        The report on the city.
    edition : int
        Data year.
    districts : sequence of str
        Codes of the districts.
    target, progress, reason, jobs
        As for :func:`publish_edition`; the reason is that of all booklets that have changed.

    Returns
    -------
    tuple of PublishReport
        In the order of the districts.

    Raises
    ------
    UsageError, DataError, PopbookError
        As :func:`publish_edition`, and if the edition itself has not been published there.
    """
    return _publish([project.booklet(code) for code in districts], edition, target, progress, reason, jobs)


def _publish(
    reports: Sequence[Project], edition: int, target: Path, progress: Progress, reason: str, jobs: int | None
) -> tuple[PublishReport, ...]:
    from filelock import FileLock, Timeout

    check_request((edition,), read_ledger().city)
    root = _plain(target)
    made: list[tuple[Published, bool]] = []
    try:
        _check_place(root)
        _check_built(reports, edition)
        with FileLock(str(root.with_name(f".{root.name}.lock")), timeout=WAIT_SECONDS):
            restore_interrupted(root)
            _clear(_staging(root))
            register = _open_web_root(root)
            _check_city(reports, edition, register, root)
            for report in reports:
                _declare(report, edition, register, reason)
            stale = [report for report in reports if not _has_revision(report, edition)]
            if stale:
                districts = tuple(report.district for report in stale if report.district)
                build_site(Project(stale[0].root), (edition,), progress, jobs=jobs, districts=districts)
            # No build may exchange the site while it is being copied.
            with FileLock(str(reports[0].lock), timeout=WAIT_SECONDS):
                fresh: dict[Path, Published] = {}
                for report in reports:
                    entry = _newest(register, edition, report.district)
                    is_new = entry is None or not _is_published(report, edition, entry)
                    if entry is None or is_new:
                        entry = _entry(report, edition, (*register, *fresh.values()))
                        fresh[report.site / str(edition)] = entry
                    made.append((entry, is_new))
                if fresh:
                    _check_built(reports, edition)
                    _freeze(fresh, root, register)
    except Timeout:
        raise PopbookError("另一个发布或构建正在进行", str(root), "等它结束后再运行") from None
    except OSError as error:
        raise explain_failure(error, root, UNTOUCHED) from error
    fingerprint = file_sha256(root / MANIFEST)
    return tuple(
        PublishReport(entry, root / entry.address / "index.html", is_new, fingerprint) for entry, is_new in made
    )


def _check_identifiers(built: Path, edition: int) -> None:
    shown, data = BuiltEdition(built), find_data_dir()
    # The table of revisions comes with r2, which publishing itself builds: nobody could have registered it before.
    first = new_ids(read_registry(data), {edition: {REVISIONS_TABLE} & set(shown.exhibits)})
    if first:
        append_ids(data, first)
    require_registered(read_registry(data), edition, [*shown.exhibits, *shown.facts])


def _plain(target: Path) -> Path:
    """The absolute path, with the last name as it is: a link there must not be followed."""
    return target.parent.resolve() / target.name if target.name not in ("", "..") else target.resolve()


def _check_place(root: Path) -> None:
    where = str(root)
    if root.is_symlink():
        raise PopbookError(
            f"这是符号链接，{UNTOUCHED}", where, f"直接写它指向的文件夹 {os.path.realpath(root)}"
        )
    if not root.parent.is_dir():
        raise PopbookError("上级文件夹不存在", where, "先建立上级文件夹")
    if root.exists() and not root.is_dir():
        raise PopbookError("这是文件，不是文件夹", where, "换一个名称")
    if root.is_mount():
        raise PopbookError("这是挂载点，不能整体替换", where, "指定它下面的一个文件夹")


def _name(edition: int, *reports: Project) -> str:
    codes = "、".join(report.district for report in reports if report.district)
    return f"{edition} 年度版 {codes} 分册" if codes else f"{edition} 年度版"


def _command(edition: int, *reports: Project) -> str:
    codes = ",".join(report.district for report in reports if report.district)
    return f"popbook build --edition {edition}{f' --regions {codes}' if codes else ''}"


def _check_built(reports: Sequence[Project], edition: int) -> None:
    missing = [report for report in reports if not (report.site / str(edition) / MANIFEST).is_file()]
    if missing:
        where = str(missing[0].site / str(edition))
        remedy = f"请先运行 {_command(edition, *missing)}"
        raise PopbookError(f"{_name(edition, *missing)}还没有生成", where, remedy)
    ledger = read_ledger()
    data = data_fingerprint(ledger.for_edition(edition))
    outdated = []
    for report in reports:
        record = _whole_record(report, edition)
        if not report.district:  # identifiers of booklets hold the code of the district and are not in the registry
            _check_identifiers(report.site / str(edition), edition)
        # A revision that was declared and not built yet is built by publishing itself.
        is_declared = record["revision"] != ledger.about(edition, report.district).revision
        if not is_declared and record["inputs"]["data"] != data:
            outdated.append(report)
    if outdated:
        where = str(outdated[0].site / str(edition))
        raise PopbookError("生成以后数据又改过", where, f"先运行 {_command(edition, *outdated)}，看过再发布")


def _whole_record(report: Project, edition: int) -> dict[str, Any]:
    """Return the build record of what is built, after proving that nothing of it is changed or missing."""
    built = report.site / str(edition)
    again = f"请重新运行 {_command(edition, report)} --force"
    _refuse_differences(find_differences(built), built, again)
    record = read_build_record(built)
    if "revisions" not in record:
        raise PopbookError("由较早的程序生成，不含修订记录", str(built), again)
    return record


def _check_city(
    reports: Sequence[Project], edition: int, register: Sequence[Published], root: Path
) -> None:
    """Refuse booklets without the report on the city, to which their pages lead."""
    if reports[0].district and _newest(register, edition, "") is None:
        raise PopbookError(
            f"网站上还没有全市 {edition} 年度版，分册的页面要指向它",
            str(root),
            f"先运行 popbook publish {edition} --to {root}",
        )


def _open_web_root(root: Path) -> tuple[Published, ...]:
    if not root.exists() or not any(root.iterdir()):
        return ()
    if not (root / REGISTER).is_file():
        raise PopbookError(
            "文件夹不是空的，里面不是 popbook 发布的网站", str(root), "换一个文件夹，或清空后再发布"
        )
    _refuse_differences(verify_web_root(root).differences, root, "用 popbook verify 查明，从备份恢复后再发布")
    return read_register(root)


def _refuse_differences(found: Sequence[str], where: Path, remedy: str) -> None:
    if found:
        shown = "；".join(found[:SHOWN_DIFFERENCES])
        more = f"等 {len(found)} 处" if len(found) > SHOWN_DIFFERENCES else ""
        raise PopbookError(f"内容与清单不符：{shown}{more}", str(where), remedy)


def _newest(register: Sequence[Published], edition: int, district: str) -> Published | None:
    own = (item for item in reversed(register) if (item.edition, item.district) == (edition, district))
    return next(own, None)


def _about(report: Project, edition: int) -> Edition:
    return read_ledger().about(edition, report.district)


def _has_revision(report: Project, edition: int) -> bool:
    """Whether what is built carries the revision that the ledger gives it."""
    record = read_build_record(report.site / str(edition))
    return bool(record["revision"] == _about(report, edition).revision)


def _is_published(report: Project, edition: int, known: Published) -> bool:
    manifest = file_sha256(report.site / str(edition) / MANIFEST)
    return known.revision == _about(report, edition).revision and known.manifest == manifest


def _declare(report: Project, edition: int, register: Sequence[Published], reason: str) -> None:
    """Make sure that the ledger names the revision that this publication will be."""
    known = _newest(register, edition, report.district)
    if known is None or _is_published(report, edition, known):
        return
    about, table = _about(report, edition), f"data/{revisions_table(report.district)}.csv"
    if known.number > int(about.revision[1:]):
        raise PopbookError(
            f"网站上的 {_name(edition, report)}已是 {known.revision}，台账只登记到 {about.revision}",
            table,
            "恢复该文件最近的版本",
        )
    if known.revision != about.revision:
        # Declared before, but not published here: by a publication that was interrupted, or to another place.
        declared = about.revisions[-1].reason
        if reason not in ("", declared):
            raise PopbookError(
                f"{about.revision} 已经登记，原因是“{declared}”", table, "不写 --reason 再运行"
            )
        return
    if not reason:
        raise PopbookError(
            f"{_name(edition, report)}与已发布的 {known.revision} 不同，改版须写明原因",
            str(report.site / str(edition)),
            "用 --reason 写一句给读者看的修订原因",
        )
    first = next(item for item in register if (item.edition, item.district) == (edition, report.district))
    declare_revision(
        find_data_dir(), edition, reason, today().isoformat(), first.published, report.district
    )


def _entry(report: Project, edition: int, register: Sequence[Published]) -> Published:
    built = report.site / str(edition)
    declared = read_build_record(built)["revisions"] or [
        {"published": today().isoformat(), "reason": FIRST_REASON}
    ]
    latest = declared[-1]
    return make_entry(built, latest["published"], latest["reason"], register, report.district)


def _staging(root: Path) -> Path:
    return root.with_name(f".{root.name}.new")


def _clear(staging: Path) -> None:
    """Remove what a publication that was killed has left."""
    if staging.is_symlink():
        raise PopbookError(f"这是符号链接，{UNTOUCHED}", str(staging), "移走后再发布")
    if staging.exists():
        shutil.rmtree(staging)


def _freeze(fresh: Mapping[Path, Published], root: Path, register: Sequence[Published]) -> None:
    staging = _staging(root)
    try:
        staging.mkdir()
        if root.exists():
            shutil.copymode(root, staging)
        for item in register:
            _fill(staging / item.address, root / item.address, _link_or_copy)
        for built, entry in fresh.items():
            copied = staging / entry.address
            _fill(copied, built, _copy_through)
            if find_differences(copied) or file_sha256(copied / MANIFEST) != entry.manifest:
                raise PopbookError(f"复制的内容与生成的不符，{UNTOUCHED}", str(root), "再运行一次")
        write_front(staging, (*register, *fresh.values()))
        replace_atomically(staging, root)
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _fill(target: Path, source: Path, put: Callable[[Path, Path], None]) -> None:
    # Not shutil.copytree: it goes on after a failure and hides what the system said.
    for name in list_files(source):
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        put(source / name, path)


def _link_or_copy(source: Path, target: Path) -> None:
    try:
        target.hardlink_to(source)
    except OSError:
        _copy_through(source, target)  # a file system without links, or a file of another owner


def _copy_through(source: Path, target: Path) -> None:
    shutil.copyfile(source, target)
    write_through(target)
