"""The ``popbook`` command: exit status 0 done, 1 the data or a check says no, 2 wrong usage; never a traceback for a
user's mistake."""

from __future__ import annotations

import io
import sys
from datetime import date
from pathlib import Path
from typing import Any, NoReturn

import click

from popbook import __version__
from popbook.cli.cohort_formats import COHORT_HELP
from popbook.cli.forecast_options import FORECAST_HELP, MODEL_NOTES, Horizon, Levels
from popbook.ledger.errors import DataError, PopbookError

EXIT_USAGE = 2
EXIT_INTERRUPTED = 130


class ChineseCommand(click.Command):
    """A command whose help is Chinese down to the words that click supplies itself."""

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the usage line."""
        pieces = " ".join(
            "[选项]" if piece == "[OPTIONS]" else piece for piece in self.collect_usage_pieces(ctx)
        )
        formatter.write_usage(ctx.command_path, pieces, prefix="用法：")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options under a Chinese head."""
        records = [row for param in self.get_params(ctx) if (row := param.get_help_record(ctx)) is not None]
        rows = [(name, text.replace("[required]", "[必填]")) for name, text in records if text]
        if rows:
            with formatter.section("选项"):
                formatter.write_dl(rows)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return ``--help`` with Chinese help."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.help = "显示本说明"
        return option


class ChineseGroup(ChineseCommand, click.Group):
    """A group of commands with Chinese help."""

    command_class = ChineseCommand

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Return the pieces of the usage line."""
        return ["[选项]", "命令", "[参数]…"]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write options, then commands."""
        super().format_options(ctx, formatter)
        rows = [(name, self.commands[name].get_short_help_str(limit=80)) for name in self.list_commands(ctx)]
        with formatter.section("命令"):
            formatter.write_dl(rows)


class Year(click.ParamType):
    """A data year of four digits."""

    name = "年份"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the year as a number."""
        if isinstance(value, int):
            return value
        if not (value.isascii() and value.isdigit() and len(value) == 4):
            raise click.UsageError(f"年度版应为四位年份，例如 2024；现为“{value}”")
        return int(value)


class Choice(click.ParamType):
    """One of a few words."""

    name = "选项"

    def __init__(self, *words: str) -> None:
        self.words = words

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the word if it is one of them."""
        if value not in self.words:
            name = param.opts[0] if param else ""
            raise click.UsageError(f"{name} 可选 {'、'.join(self.words)}；现为“{value}”")
        return str(value)


class IsoDate(click.ParamType):
    """A day as ``2026-07-05``."""

    name = "日期"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the day as it stands."""
        if not value:
            return ""
        try:
            return date.fromisoformat(value).isoformat()
        except ValueError:
            raise click.UsageError(f"日期应写作 2026-07-05；现为“{value}”") from None


class Jobs(click.ParamType):
    """How many processes run at once."""

    name = "数目"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number of processes."""
        if isinstance(value, int):
            return value
        if not (value.isascii() and value.isdigit() and int(value) >= 1):
            raise click.UsageError(f"--jobs 应为正整数；现为“{value}”")
        return int(value)


@click.group(cls=ChineseGroup, help="人口发展规划年度监测报告：检查数据，运行笔记本，生成网站。")
@click.version_option(__version__, "--version", message="popbook %(version)s", help="显示版本号")
def popbook() -> None:
    """Hold the commands."""


@popbook.command(help="运行笔记本，生成各年度版，汇入 _build/site/。只重做输入有变的部分。")
@click.option(
    "--edition", "editions", multiple=True, type=Year(), help="只生成这一年度版；可重复使用。默认全部"
)
@click.option(
    "--regions",
    "regions",
    metavar="区县",
    multiple=True,
    help="改为生成区县分册：all 或区县代码，可重复使用。没有写 --edition 时只做最新一个年度版",
)
@click.option("--jobs", type=Jobs(), help="同时运行的进程数。默认等于处理器核数，最多 4")
@click.option("--force", is_flag=True, help="全部重新运行，不用以前的结果")
@click.option(
    "--trust-notebooks", is_flag=True, help="也运行来自项目以外的笔记本：链接到别处的，或属于其他用户的"
)
@click.option(
    "--scheduler",
    metavar="地址",
    default="",
    help="由 dask 集群的工作进程运行各步，地址如 tcp://10.0.0.5:8786；不写就在本机运行",
)
def build(
    editions: tuple[int, ...],
    regions: tuple[str, ...],
    jobs: int | None,
    force: bool,
    trust_notebooks: bool,
    scheduler: str,
) -> None:
    """Build the site and name the page to open."""
    from popbook.publishing.booklets import choose_districts, newest_edition
    from popbook.publishing.build import build_site
    from popbook.publishing.places import find_project
    from popbook.publishing.progress import show_progress
    from popbook.publishing.trust import check_notebooks

    if scheduler:
        from popbook.publishing.cluster import check_address

        check_address(scheduler)
    project = find_project()
    districts = choose_districts(regions)
    check_notebooks(project.booklet(districts[0]) if districts else project, trusted=trust_notebooks)
    wanted = editions or newest_edition() if districts else editions
    with show_progress() as progress:
        report = build_site(
            project, wanted, progress, jobs=jobs, force=force, districts=districts, scheduler=scheduler
        )
    click.echo(f"完成：运行 {len(report.ran)} 步，沿用 {len(report.reused)} 步")
    click.echo(f"请打开：{report.entry}")


@popbook.command(
    help="""给出一张图、一张表或一个数的引用文字，与网站上引用框和著录文件逐字相同。

    编号以 fig-、tbl- 或 fact- 开头，在图目、表目、数值目中查；写 report 引用整份报告。""",
    short_help="给出一张图、一张表或一个数的引用文字。",
)
@click.argument("exhibit_id", metavar="编号")
@click.option("--edition", metavar="年份", type=Year(), help="年度版。默认最新一版")
@click.option("--region", metavar="区县", default="", help="区县代码：图表在该区县的分册里。默认全市")
@click.option(
    "--style",
    metavar="格式",
    default="gbt7714-2025",
    type=Choice("gbt7714-2025", "gbt7714-2015", "bibtex", "ris", "csl-json", "text"),
    help="gbt7714-2025（默认）、gbt7714-2015、bibtex、ris、csl-json 或 text（可直接放进公文的一句话）",
)
@click.option(
    "--accessed", metavar="日期", default="", type=IsoDate(), help="引用日期，例如 2026-07-05；默认不写"
)
def cite(exhibit_id: str, edition: int | None, region: str, style: str, accessed: str) -> None:
    """Print the reference of an exhibit."""
    from popbook.ledger.datapackage import find_data_dir
    from popbook.publishing.export import cite_exhibit

    site = _site_of(region)
    _tell_moved(site, exhibit_id, edition)
    click.echo(cite_exhibit(site, find_data_dir(), exhibit_id, edition, style, accessed))


@popbook.command(
    help="把一张图或一张表写成文件；svg、png、csv、xlsx 与网站上的下载文件逐字节相同。",
    short_help="把一张图或一张表写成文件。",
)
@click.argument("exhibit_id", metavar="编号")
@click.option("--edition", metavar="年份", type=Year(), help="年度版。默认最新一版")
@click.option("--region", metavar="区县", default="", help="区县代码：图表在该区县的分册里。默认全市")
@click.option(
    "--format",
    "format_",
    metavar="格式",
    required=True,
    type=Choice("svg", "png", "csv", "xlsx", "pdf", "docx"),
    help="svg、png（图），csv、xlsx（图和表的数据），pdf、docx（图表连同注、来源和引用格式）",
)
@click.option("--out", required=True, metavar="文件", type=click.Path(path_type=Path), help="写入的文件")
def export(exhibit_id: str, edition: int | None, region: str, format_: str, out: Path) -> None:
    """Write an exhibit as a file."""
    from popbook.ledger.datapackage import find_data_dir
    from popbook.publishing.export import export_exhibit

    site = _site_of(region)
    _tell_moved(site, exhibit_id, edition)
    export_exhibit(site, find_data_dir(), exhibit_id, format_, out, edition)
    click.echo(f"完成：{out}")


def _site_of(region: str) -> Path:
    """Return the site of the city, or that of the booklet of a district."""
    from popbook.ledger.errors import UsageError
    from popbook.publishing.booklets import choose_districts
    from popbook.publishing.places import find_project

    project = find_project()
    if not region:
        return project.site
    districts = choose_districts([region], "--region")
    if len(districts) > 1:
        raise UsageError("一次只能引用一个区县的分册", "--region", "写一个区县代码")
    return project.booklet(districts[0]).site


def _tell_moved(site: Path, exhibit_id: str, edition: int | None) -> None:
    """Say beside the result, not in it, that an exhibit has another identifier now."""
    from popbook.ledger.datapackage import find_data_dir
    from popbook.publishing.export import current_id

    _, sentence = current_id(site, find_data_dir(), exhibit_id, edition)
    if sentence:
        click.echo(sentence, err=True)


@popbook.command(help="列出尚未登记的图表数值编号，以及已登记而不再出现的编号；登记后编号永久有效。")
@click.option("--write", is_flag=True, help="把新编号追加到 data/exhibit_ids.csv")
def ids(write: bool) -> None:
    """Compare the registry of identifiers with the built editions."""
    from popbook.ledger.datapackage import find_data_dir
    from popbook.publishing.exhibit_ids import FILE, append_ids, compare_ids
    from popbook.publishing.places import find_project

    data_dir = find_data_dir()
    new, lost = compare_ids(data_dir, find_project().site)
    for name in lost:
        click.echo(f"{name}  已登记，但不再出现 → 恢复该编号，或在 {FILE} 中改为 moved 或 retired 并写明原因")
    for name, edition in new.items():
        click.echo(f"{name}  新编号，首见{edition}年度版")
    if write and new:
        append_ids(data_dir, new)
        click.echo(f"完成：{FILE} 新增{len(new)}个编号")
        new = {}
    click.echo(f"新编号{len(new)}个，丢失编号{len(lost)}个")
    sys.exit(int(bool(new or lost)))


@popbook.command(help="在本机打开已生成的网站，只有这台机器能访问；按 Ctrl-C 结束。")
@click.option("--port", default=8000, type=click.IntRange(0, 65535), help="端口；0 由系统选。默认 8000")
def serve(port: int) -> None:
    """Show the site to this machine."""
    from popbook.publishing.places import find_project
    from popbook.publishing.serve import HOST, open_server

    with open_server(find_project().site, port) as server:
        click.echo(f"请打开：http://{HOST}:{server.server_port}/  （按 Ctrl-C 结束）")
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            click.echo("已结束")


@popbook.command(help="检查全部数据，列出所有问题。")
def check() -> None:
    """Report all problems in the data."""
    from popbook.ledger.check import check_data

    problems = check_data()
    for problem in problems:
        click.echo(str(problem))
    if problems:
        click.echo(f"共 {len(problems)} 处问题")
        sys.exit(1)
    click.echo("数据没有问题")


@popbook.command(
    "new-year",
    help="""为新一年生成填报表 data/inbox/年份.xlsx：按统计公报的栏目列出全部指标，附定义、单位、口径和最近两次的数。

    已填过的填报表不会被覆盖。""",
    short_help="为新一年生成填报表 data/inbox/年份.xlsx。",
)
@click.argument("year", metavar="年份", type=Year())
@click.option(
    "--format",
    "format_",
    metavar="格式",
    default="xlsx",
    type=Choice("xlsx", "csv"),
    help="xlsx（默认）或 csv",
)
def new_year(year: int, format_: str) -> None:
    """Write the template of a year."""
    from popbook.ledger.store import read_ledger
    from popbook.ledger.template import write_template

    ledger = read_ledger()
    path, template = write_template(ledger, year, format_)
    shown = path.relative_to(ledger.data_dir.parent).as_posix()
    regions = len({row.region.region_id for row in template.figures})
    click.echo(
        f"完成：{shown}，{len(template.figures)} 项，{regions} 个地区，{len(template.sources)} 个待登记的来源"
    )
    click.echo(f"填好后运行：popbook ingest {shown} --dry-run")


@popbook.command(
    help="""检查填好的填报表，显示写入后台账、判断和概览的变化，然后追加到台账。

    有任何问题就一次全部列出，什么都不写。加 --dry-run 只检查和显示。""",
    short_help="检查填报表，显示变化，追加到台账。",
)
@click.argument("file", metavar="文件", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="试运行：只检查和显示，不写入")
def ingest(file: Path, dry_run: bool) -> None:
    """Append a filled template to the ledger."""
    from popbook.ledger.addition_text import addition_text
    from popbook.ledger.ingest import ingest as append
    from popbook.ledger.ingest import plan_ingest

    try:
        addition = plan_ingest(file) if dry_run else append(file)
    except DataError as error:
        _list_problems(error)
    click.echo(addition_text(addition))
    if dry_run:
        from popbook.exhibits.impact import impact_text

        click.echo(f"\n{impact_text(addition)}")
        click.echo(f"\n试运行，没有写入。确认后运行：popbook ingest {file}")
    elif addition.contents:
        click.echo("\n已写入台账。")
    else:
        click.echo("\n台账已有全部内容，没有写入。")


@popbook.command(
    help="把 _build/site/ 中的一个年度版（或它的区县分册）发布到网站文件夹，一步完成。首次发布为 r1；内容变了须写修订原因，"
    "成为下一个修订，旧修订留在原地址；没有变化就不发布。",
    short_help="把一个年度版发布到网站文件夹；已发布的修订永不改动。",
)
@click.argument("edition", metavar="年份", type=Year())
@click.option(
    "--to",
    "target",
    required=True,
    metavar="文件夹",
    type=click.Path(path_type=Path),
    help="网站文件夹；没有就建立",
)
@click.option(
    "--regions",
    "regions",
    metavar="区县",
    multiple=True,
    help="改为发布区县分册：all 或区县代码，可重复使用。各册修订分开编号；全市的同一年度版须先发布",
)
@click.option("--reason", default="", metavar="文字", help="为什么改版，一句话，印在新修订每一页的页脚")
def publish(edition: int, target: Path, regions: tuple[str, ...], reason: str) -> None:
    """Freeze an edition, or booklets of it, as revisions of a web root."""
    from popbook.publishing.booklets import choose_districts, district_names
    from popbook.publishing.places import find_project
    from popbook.publishing.progress import show_progress
    from popbook.publishing.publish import publish_booklets, publish_edition

    project = find_project()
    districts = choose_districts(regions)
    try:
        with show_progress() as progress:
            if districts:
                reports = publish_booklets(project, edition, districts, target, progress, reason)
            else:
                reports = (publish_edition(project, edition, target, progress, reason),)
    except DataError as error:
        _list_problems(error)
    names = {code: f"{name}分册" for code, name in district_names().items()} if districts else {}
    for report in reports:
        published = report.published
        name = f"{published.edition}年度版{names.get(published.district, '')} {published.revision}"
        click.echo(f"已发布：{name}" if report.is_new else f"没有变化：{name} 已在网站上，没有发布")
    click.echo(f"网站指纹：{reports[0].fingerprint}")
    click.echo(f"请打开：{reports[0].page}")


@popbook.command(help="逐字节核对已发布的网站（或单个年度版）与清单是否一致，列出改变、缺少和多出的文件。")
@click.argument("folder", metavar="文件夹", type=click.Path(path_type=Path))
def verify(folder: Path) -> None:
    """Prove that nothing in a web root has changed."""
    from popbook.publishing.verify import verify as verify_folder

    found = verify_folder(folder)
    for difference in found.differences:
        click.echo(difference)
    if found.differences:
        click.echo(f"共 {len(found.differences)} 处不符")
        sys.exit(1)
    booklets = f"{found.booklets} 册区县分册，" if found.booklets else ""
    click.echo(
        f"逐字节一致：{found.editions} 个年度版，{booklets}{found.revisions} 个修订，{found.files} 个文件"
    )
    click.echo(f"指纹：{found.fingerprint}")


@popbook.command(
    help="两个年度版之间变了什么、为什么变：判断、预测、数据、口径。内容与“与上年比较”一页相同。"
)
@click.argument("earlier", metavar="较早年份", type=Year())
@click.argument("later", metavar="较晚年份", type=Year())
def changes(earlier: int, later: int) -> None:
    """Print what changed between two editions."""
    from popbook.exhibits.pages.changes import changes_between
    from popbook.exhibits.plain import plain_sections
    from popbook.exhibits.report import open_report

    click.echo(plain_sections(changes_between(open_report(later, chapter="changes"), earlier)))


@popbook.command(help="把尚未存档的年度版的预测写入预测档案 data/forecast_archive.csv；已存档的不改。")
@click.argument("editions", metavar="[年份]…", nargs=-1, type=Year())
@click.option("--verify", is_flag=True, help="不写入，只用现在的程序和数据复算已存档的预测，逐版列出是否一致")
def archive(editions: tuple[int, ...], verify: bool) -> None:
    """Archive the forecasts of editions, or make archived ones again."""
    from popbook.ledger.store import read_ledger
    from popbook.monitoring.archive import FILE, UNEXPLAINED, append_archive, verify_archive

    ledger = read_ledger()
    if verify:
        found = verify_archive(ledger)
        for row in found.itertuples(index=False):
            click.echo(f"{row.edition}年度版  {row.rows}行  {row.state}  最大差 {row.largest_difference:.3f}")
        sys.exit(int((found["state"] == UNEXPLAINED).any()))
    try:
        written = append_archive(ledger, editions)
    except DataError as error:
        _list_problems(error)
    click.echo(
        f"完成：{FILE} 新增{'、'.join(f'{e}年度版' for e in written)}" if written else "没有需要存档的年度版"
    )


@popbook.command(help=COHORT_HELP, short_help="用自己的数据做队列要素推算，结果写入CSV。")
@click.argument("folder", metavar="文件夹", type=click.Path(path_type=Path))
@click.option(
    "--out", required=True, metavar="文件", type=click.Path(path_type=Path), help="写入结果的CSV文件"
)
def cohort(folder: Path, out: Path) -> None:
    """Project a population from a folder of inputs."""
    from popbook.demography.cohort_files import project_folder

    try:
        notes = project_folder(folder, out)
    except DataError as error:
        _list_problems(error)
    for note in notes:
        click.echo(f"注：{note}")
    click.echo(f"完成：{out}")


@popbook.command(help=FORECAST_HELP, short_help="用任意年度序列作趋势预测，结果写入CSV。")
@click.option(
    "--series", required=True, metavar="文件", type=click.Path(path_type=Path), help="年度序列的CSV文件"
)
@click.option("--horizon", required=True, type=Horizon(), help="预测几年")
@click.option(
    "--out", required=True, metavar="文件", type=click.Path(path_type=Path), help="写入结果的CSV文件"
)
@click.option("--levels", default="80,95", type=Levels(), help="区间的概率，百分数。默认80,95")
@click.option("--jobs", default="1", type=Jobs(), help="同时运行的进程数；结果与它无关。默认1")
def forecast(series: Path, horizon: int, out: Path, levels: tuple[int, ...], jobs: int) -> None:
    """Forecast the series of a file."""
    from popbook.forecasting.series_file import forecast_file

    try:
        done = forecast_file(series, out, horizon, levels, jobs)
    except DataError as error:
        _list_problems(error)
    for sentence in done.notes:
        click.echo(f"注：{sentence}")
    for model, note in MODEL_NOTES.items():
        if model in done.models:
            click.echo(f"注：{done.models[model]}{note}（{model}）")
    click.echo(f"完成：{sum(done.models.values())}个序列，{out}")


def _list_problems(error: DataError) -> NoReturn:
    for problem in error.problems:
        click.echo(str(problem), err=True)
    click.echo(f"共 {len(error.problems)} 处问题，没有写结果", err=True)
    sys.exit(error.exit_code)


def _usage_sentence(error: click.UsageError) -> str:
    if isinstance(error, click.NoSuchOption):
        return f"没有选项 {error.option_name}"
    if isinstance(error, click.MissingParameter):
        name = (
            error.param.make_metavar(error.ctx)
            if isinstance(error.param, click.Argument) and error.ctx
            else ""
        )
        return f"缺少{name or '选项 ' + error.param.opts[0]}" if error.param else "缺少参数"
    if isinstance(error, click.BadOptionUsage):
        return f"选项 {error.option_name} 缺少取值"
    if error.message.startswith("No such command"):
        return f"没有命令 {error.message.split(chr(39))[1]}"
    if error.message.startswith("Got unexpected extra argument"):
        return f"多余的参数：{error.message.partition('(')[2].rstrip(')')}"
    return error.message


def main() -> None:
    """Run the command line and exit with its status."""
    for stream in (sys.stdout, sys.stderr):
        # A console that cannot show a character shows a question mark instead of ending in a traceback.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    try:
        status = popbook(standalone_mode=False, prog_name="popbook")
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.message, err=True)
        sys.exit(EXIT_USAGE)
    except click.UsageError as error:
        path = error.ctx.command_path if error.ctx else "popbook"
        click.echo(f"用法错误：{_usage_sentence(error)}。运行 {path} --help 查看说明", err=True)
        sys.exit(EXIT_USAGE)
    except PopbookError as error:
        click.echo(f"错误：{error}", err=True)
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        click.echo("已中断；网站仍是完整的一版，没有写到一半的内容", err=True)
        sys.exit(EXIT_INTERRUPTED)
    sys.exit(status if isinstance(status, int) else 0)
