"""One look for every chart: colours with a fixed meaning, type scale, axes, proportions.

Colour is never the only carrier of a meaning, and the same meaning has the same colour in every chapter. Each colour has
a counterpart for the dark page: charts are drawn once in the light colours and recoloured by CSS attribute selectors
(:func:`dark_css`), so a page carries no second drawing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from popbook.exhibits.fonts import FAMILY
from popbook.exhibits.model import Layout

PAPER = "#ffffff"
INK = "#1f2933"
MUTED = "#55606e"
AXIS = "#8a949f"
GRID = "#e4e8ec"
CARD_DARK = "#1b2026"

COLOURS: dict[str, str] = {
    # population concepts
    "resident": "#2272c3",
    "hukou": "#c8641b",
    "floating": "#0a5a4c",
    "census": "#3d2c6e",
    # kinds of statement
    "actual": "#1f3a5f",
    "forecast": "#8a4fc9",
    "plan": "#848d97",
    # the plan's scenarios: one hue, told by lightness
    "low": "#b98b1e",
    "medium": "#84540f",
    "high": "#4a2a07",
    # components of change
    "natural": "#0a5a4c",
    "migration": "#c8641b",
    # sexes
    "male": "#1d5c8a",
    "female": "#cf6a97",
    # ages
    "age_0_14": "#2f9e6a",
    "age_15_59": "#5f7794",
    "age_60plus": "#b5561a",
    "age_80plus": "#6a240c",
    # districts
    "core": "#562a7e",
    "new": "#1a93ac",
    "west": "#a1781a",
}

STATUS_COLOURS: dict[str, str] = {
    "达成": "#18794e",
    "有望": "#2067b0",
    "有风险": "#9a5708",
    "难以达成": "#b3261e",
    "未达成": "#b3261e",
    "已突破": "#8c1d5a",
    "未公布": "#5f6975",
    "无法评估": "#5f6975",
    "完成": "#18794e",
    "进行中": "#2067b0",
    "逾期未见公布": "#9a5708",
    "触发": "#9a5708",
    "未触发": "#18794e",
    "无法判断": "#5f6975",
}
# The shape stands before the word, so that a status is read without colour and without the legend.
STATUS_SHAPES: dict[str, str] = {
    "达成": "●",
    "有望": "◆",
    "有风险": "▲",
    "难以达成": "▼",
    "未达成": "×",
    "已突破": "■",
    "未公布": "○",
    "无法评估": "□",
    "完成": "●",
    "进行中": "◆",
    "逾期未见公布": "▲",
    "触发": "▲",
    "未触发": "●",
    "无法判断": "□",
}
STATUS_CLASSES: dict[str, str] = {
    "达成": "met",
    "有望": "likely",
    "有风险": "risk",
    "难以达成": "unlikely",
    "未达成": "missed",
    "已突破": "breached",
    "未公布": "unpublished",
    "无法评估": "unassessed",
    "完成": "met",
    "进行中": "likely",
    "逾期未见公布": "risk",
    "触发": "risk",
    "未触发": "met",
    "无法判断": "unassessed",
}

# Light drawing → dark page.
DARK: dict[str, str] = {
    PAPER: CARD_DARK,
    INK: "#e8ecf0",
    MUTED: "#aab4bf",
    AXIS: "#78838f",
    GRID: "#343c45",
    "#2272c3": "#5aa5f0",
    "#c8641b": "#f0a060",
    "#0a5a4c": "#a5e8d8",
    "#3d2c6e": "#d3c4ff",
    "#1f3a5f": "#dbe6f3",
    "#8a4fc9": "#b483f0",
    "#848d97": "#8b95a0",
    "#b98b1e": "#8f6d1c",
    "#84540f": "#cf9a35",
    "#4a2a07": "#f7dda6",
    "#1d5c8a": "#5c9fd0",
    "#cf6a97": "#f4b3cc",
    "#2f9e6a": "#52c78c",
    "#5f7794": "#91a8c4",
    "#b5561a": "#e8924a",
    "#6a240c": "#f6d5bf",
    "#562a7e": "#a56fd8",
    "#1a93ac": "#7bdcee",
    "#a1781a": "#d9ab45",
    "#18794e": "#4cc38a",
    "#2067b0": "#74b4f5",
    "#9a5708": "#eda04a",
    "#b3261e": "#ff8a80",
    "#8c1d5a": "#f08cc0",
    "#5f6975": "#aab4bf",
    "#1f5c9e": "#8fc4f5",
}

# Colours that meet in one chart; tests hold every pair apart for colour-blind readers.
USED_TOGETHER: tuple[tuple[str, ...], ...] = (
    ("resident", "hukou", "floating"),
    ("resident", "census"),
    ("actual", "forecast", "plan"),
    ("resident", "plan"),
    ("hukou", "plan"),
    ("floating", "plan"),
    ("low", "medium", "high"),
    ("natural", "migration"),
    ("male", "female"),
    ("age_0_14", "age_15_59", "age_60plus"),
    ("age_60plus", "age_80plus"),
    ("core", "new", "west"),
)

# Five steps of one hue for maps and heat tables; text on the last two is white.
SEQUENCE: tuple[str, ...] = ("#e6eff8", "#bdd5ec", "#8ab4dc", "#4a86bf", "#1f5c9e")
SEQUENCE_DARK: tuple[str, ...] = ("#22303f", "#27486a", "#2f6596", "#4b8cc6", "#8fc4f5")
DARK_TEXT_ON_SEQUENCE = 3


@dataclass(frozen=True)
class TypeScale:
    """Sizes of text in one layout, in pixels."""

    title: float
    subtitle: float
    label: float
    strong: float


TYPE_SCALES: dict[str, TypeScale] = {
    "wide": TypeScale(16, 12.5, 12, 12.5),
    "narrow": TypeScale(15, 12, 11, 11.5),
}

# Height of the plot as a share of the drawing's width, one per kind of chart.
ASPECTS: dict[str, tuple[float, float]] = {
    "line": (0.46, 0.78),
    "fan": (0.54, 0.95),
    "components": (0.46, 0.80),
    "pyramid": (0.62, 1.15),
    "shares": (0.46, 0.78),
}


def plot_height(kind: str, layout: Layout) -> int:
    """Return the height of the plot in pixels for a kind of chart in a layout."""
    return round(layout.width * ASPECTS[kind][1 if layout.is_narrow else 0])


def type_scale(layout: Layout) -> TypeScale:
    """Return the text sizes of a layout."""
    return TYPE_SCALES[layout.name]


def config(layout: Layout) -> dict[str, Any]:
    """Return the Vega-Lite configuration shared by all charts of a layout.

    Element descriptions of the converter are switched off: they are English templates; the drawing gets one Chinese
    title and description instead.
    """
    sizes = type_scale(layout)
    axis = {
        "aria": False,
        "labelFont": FAMILY,
        "titleFont": FAMILY,
        "labelFontSize": sizes.label,
        "titleFontSize": sizes.label,
        "labelColor": MUTED,
        "titleColor": MUTED,
        "titleFontWeight": "normal",
        "domainColor": AXIS,
        "tickColor": AXIS,
        "gridColor": GRID,
        "gridWidth": 1,
        "labelPadding": 5,
    }
    return {
        "aria": False,
        "background": "transparent",
        "font": FAMILY,
        "view": {"stroke": None},
        "axis": axis,
        "axisX": {"grid": False, "tickSize": 4},
        "axisY": {"domain": False, "ticks": False, "grid": True},
        "header": {"labelFont": FAMILY, "labelFontSize": sizes.label, "labelColor": INK, "title": None},
        "text": {"font": FAMILY, "fontSize": sizes.label, "color": INK},
        "legend": {"aria": False, "labelFont": FAMILY, "titleFont": FAMILY},
    }


def relative_luminance(colour: str) -> float:
    """Return the relative luminance of ``#rrggbb`` (WCAG 2.2).

    Examples
    --------
    >>> relative_luminance("#ffffff")
    1.0
    """
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return round(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2], 10)


def contrast(first: str, second: str) -> float:
    """Return the contrast ratio of two colours (WCAG 2.2), between 1 and 21.

    Examples
    --------
    >>> contrast("#000000", "#ffffff")
    21.0
    """
    light, dark = sorted((relative_luminance(first), relative_luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def mix(colour: str, share: float, ground: str = PAPER) -> str:
    """Return the opaque colour that ``colour`` at an opacity gives on a ground.

    Tints are drawn opaque, because a translucent band changes its colour where it overlaps another one.

    Examples
    --------
    >>> mix("#000000", 0.5)
    '#808080'
    """
    parts = [
        round(int(colour[i : i + 2], 16) * share + int(ground[i : i + 2], 16) * (1 - share) + 1e-9)
        for i in (1, 3, 5)
    ]
    return "#" + "".join(f"{part:02x}" for part in parts)


TINT_80 = 0.38
TINT_95 = 0.18
TINT_AREA = 0.30


def text_colour(colour: str) -> str:
    """Return a darker shade of a chart colour that is legible as small text on paper (contrast of 4.5 or more).

    Examples
    --------
    >>> contrast(text_colour(COLOURS["plan"]), PAPER) >= 4.5
    True
    """
    return _legible(colour, PAPER, "#000000")


def _legible(colour: str, ground: str, towards: str) -> str:
    shade, share = colour, 1.0
    while contrast(shade, ground) < 4.5:
        share -= 0.04
        shade = mix(colour, share, towards)
    return shade


def tints() -> dict[str, str]:
    """Return every tint a chart may use, mapped to its counterpart on the dark page."""
    found: dict[str, str] = {}
    for colour in sorted(set(COLOURS.values()) | set(STATUS_COLOURS.values())):
        for share in (TINT_80, TINT_95, TINT_AREA):
            found[mix(colour, share)] = mix(DARK[colour], share, CARD_DARK)
    found.update(zip(SEQUENCE[:-1], SEQUENCE_DARK[:-1], strict=True))
    return found


def dark_colours() -> Mapping[str, str]:
    """Return light → dark for every colour and tint that may stand in a drawing."""
    texts = {text_colour(c): _legible(DARK[c], CARD_DARK, "#ffffff") for c in sorted(set(COLOURS.values()))}
    return {**tints(), **texts, **DARK}


def dark_css(selector: str = 'html[data-theme="dark"] .pb-chart', media: bool = True) -> str:
    """Return the style rules that recolour inline charts on a dark page.

    Parameters
    ----------
    selector
        What stands before each attribute selector.
    media
        Whether the rules hold on screen only; print is always light.
    """
    rules = "".join(
        f'{selector} [fill="{light}"]{{fill:{dark}}}{selector} [stroke="{light}"]{{stroke:{dark}}}\n'
        for light, dark in sorted(dark_colours().items())
    )
    return f"@media screen{{\n{rules}}}\n" if media else rules
