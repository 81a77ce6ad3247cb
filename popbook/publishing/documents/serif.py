"""The typeface of running text in documents: "Popbook Serif", a subset of Noto Serif SC (SIL Open Font Licence 1.1).

It has a family name of its own, as the typeface of the charts has (:mod:`popbook.exhibits.fonts`), so that an installed
font never takes its place.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from popbook.exhibits.fonts import shipped_characters

FAMILY = "Popbook Serif"
SERIF_FOLDER = Path(__file__).parent / "assets" / "fonts"
SERIF_FILE = SERIF_FOLDER / "PopbookSerif-Regular.otf"
COLLECTION_INDEX = 2
"""Place of the simplified Chinese face in the collection that distributions ship."""


def make_serif(source: Path, target: Path = SERIF_FILE, characters: Iterable[str] | None = None) -> None:
    """Cut a Noto Serif CJK collection, or a single Noto Serif SC, to the shipped subset under the shipped name.

    Parameters
    ----------
    source
        ``NotoSerifCJK-Regular.ttc`` or a single font of simplified Chinese.
    target
        Font file to write; the same source gives the same bytes.
    characters
        Characters to keep; default those of the typeface of the charts.
    """
    from fontTools import subset
    from fontTools.ttLib import TTFont

    number = COLLECTION_INDEX if source.suffix == ".ttc" else -1
    font = TTFont(source, fontNumber=number, recalcTimestamp=False)
    options = subset.Options()
    options.layout_features = ["ccmp"]
    options.hinting = False
    options.notdef_outline = True
    options.name_IDs = ["*"]
    options.drop_tables += ["vhea", "vmtx", "BASE", "VORG", "GDEF", "GPOS", "DSIG"]
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=sorted({ord(sign) for sign in characters or shipped_characters()}))
    cutter.subset(font)
    postscript = FAMILY.replace(" ", "") + "-Regular"
    for record in list(font["name"].names):
        if record.nameID not in (0, 1, 2, 3, 4, 5, 6, 7, 8, 13, 14):
            font["name"].names.remove(record)
    for name_id, words in {1: FAMILY, 2: "Regular", 3: postscript, 4: FAMILY, 6: postscript}.items():
        font["name"].setName(words, name_id, 3, 1, 0x409)
    if "CFF " in font:
        font["CFF "].cff.fontNames[0] = postscript
        top = font["CFF "].cff.topDictIndex[0]
        top.FamilyName, top.FullName = FAMILY, FAMILY
    target.parent.mkdir(parents=True, exist_ok=True)
    font.save(target)


def main(arguments: list[str] | None = None) -> None:
    """Make the shipped font file from a Noto Serif CJK collection (see assets/fonts/README.md)."""
    import argparse

    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("source", type=Path, help="NotoSerifCJK-Regular.ttc, or a single Noto Serif SC")
    make_serif(parser.parse_args(arguments).source)


if __name__ == "__main__":
    main()
