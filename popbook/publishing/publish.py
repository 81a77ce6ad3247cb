"""Publishing: freezing a built edition as a revision of a web root, in one step.

The new web root is put together beside the old one: published revisions are linked, not copied, the new one is copied,
the front is written anew. Then the two folders change places in one step. Whatever happens before that step, the old web
root has not been touched; whatever happens after it, the new one is complete.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from popbook.ledger.atomic import explain_failure, replace_atomically, restore_interrupted, write_through
from popbook.ledger.datapackage import find_data_dir
from popbook.ledger.dates import today
from popbook.ledger.errors import PopbookError
from popbook.ledger.revisions import FIRST_REASON, declare_revision
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
    """What a publication did.

    Parameters
    ----------
    published : Published
        The newest revision of the edition, as the register holds it.
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
    from filelock import FileLock, Timeout

    check_request((edition,), read_ledger().city)
    root = _plain(target)
    built = project.site / str(edition)
    try:
        _check_place(root)
        _check_built(built, edition)
        with FileLock(str(root.with_name(f".{root.name}.lock")), timeout=WAIT_SECONDS):
            restore_interrupted(root)
            _clear(_staging(root))
            register = _open_web_root(root)
            _declare(edition, built, register, reason)
            if read_build_record(built)["revision"] != _revision(edition):
                build_site(project, (edition,), progress, jobs=jobs)
            # No build may exchange the site while it is being copied.
            with FileLock(str(project.lock), timeout=WAIT_SECONDS):
                known = _newest(register, edition)
                is_new = known is None or not _is_published(built, edition, known)
                entry = _entry(built, register) if known is None or is_new else known
                if is_new:
                    _check_built(built, edition)
                    _freeze(built, root, register, entry)
    except Timeout:
        raise PopbookError("另一个发布或构建正在进行", str(root), "等它结束后再运行") from None
    except OSError as error:
        raise explain_failure(error, root, UNTOUCHED) from error
    return PublishReport(entry, root / entry.address / "index.html", is_new, file_sha256(root / MANIFEST))


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


def _check_built(built: Path, edition: int) -> None:
    if not (built / MANIFEST).is_file():
        raise PopbookError(
            f"{edition} 年度版还没有生成", str(built), f"请先运行 popbook build --edition {edition}"
        )
    again = f"请重新运行 popbook build --edition {edition} --force"
    _refuse_differences(find_differences(built), built, again)
    record = read_build_record(built)
    if "revisions" not in record:
        raise PopbookError("由较早的程序生成，不含修订记录", str(built), again)
    _check_identifiers(built, edition)
    ledger = read_ledger().for_edition(edition)
    # A revision that was declared and not built yet is built by publishing itself.
    is_declared = record["revision"] != ledger.editions[edition].revision
    if not is_declared and record["inputs"]["data"] != data_fingerprint(ledger):
        raise PopbookError(
            "生成以后数据又改过", str(built), f"先运行 popbook build --edition {edition}，看过再发布"
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


def _newest(register: Sequence[Published], edition: int) -> Published | None:
    return next((item for item in reversed(register) if item.edition == edition), None)


def _revision(edition: int) -> str:
    return read_ledger().editions[edition].revision


def _is_published(built: Path, edition: int, known: Published) -> bool:
    return known.revision == _revision(edition) and known.manifest == file_sha256(built / MANIFEST)


def _declare(edition: int, built: Path, register: Sequence[Published], reason: str) -> None:
    """Make sure that data/revisions.csv names the revision that this publication will be."""
    known = _newest(register, edition)
    if known is None or _is_published(built, edition, known):
        return
    about = read_ledger().editions[edition]
    if known.number > int(about.revision[1:]):
        raise PopbookError(
            f"网站上的 {edition} 年度版已是 {known.revision}，台账只登记到 {about.revision}",
            "data/revisions.csv",
            "恢复该文件最近的版本",
        )
    if known.revision != about.revision:
        # Declared before, but not published here: by a publication that was interrupted, or to another place.
        declared = about.revisions[-1].reason
        if reason not in ("", declared):
            raise PopbookError(
                f"{about.revision} 已经登记，原因是“{declared}”", "data/revisions.csv", "不写 --reason 再运行"
            )
        return
    if not reason:
        raise PopbookError(
            f"{edition} 年度版与已发布的 {known.revision} 不同，改版须写明原因",
            str(built),
            "用 --reason 写一句给读者看的修订原因",
        )
    declare_revision(find_data_dir(), edition, reason, today().isoformat(), _first_date(register, edition))


def _first_date(register: Sequence[Published], edition: int) -> str:
    return next(item.published for item in register if item.edition == edition)


def _entry(built: Path, register: Sequence[Published]) -> Published:
    revisions = read_build_record(built)["revisions"]
    if not revisions:
        return make_entry(built, today().isoformat(), FIRST_REASON, register)
    return make_entry(built, revisions[-1]["published"], revisions[-1]["reason"], register)


def _staging(root: Path) -> Path:
    return root.with_name(f".{root.name}.new")


def _clear(staging: Path) -> None:
    """Remove what a publication that was killed has left."""
    if staging.is_symlink():
        raise PopbookError(f"这是符号链接，{UNTOUCHED}", str(staging), "移走后再发布")
    if staging.exists():
        shutil.rmtree(staging)


def _freeze(built: Path, root: Path, register: Sequence[Published], entry: Published) -> None:
    staging = _staging(root)
    try:
        staging.mkdir()
        if root.exists():
            shutil.copymode(root, staging)
        for item in register:
            _fill(staging / item.address, root / item.address, _link_or_copy)
        copied = staging / entry.address
        _fill(copied, built, _copy_through)
        if find_differences(copied) or file_sha256(copied / MANIFEST) != entry.manifest:
            raise PopbookError(f"复制的内容与生成的不符，{UNTOUCHED}", str(root), "再运行一次")
        write_front(staging, (*register, entry))
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
