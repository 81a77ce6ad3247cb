from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from popbook.exhibits.theme import (
    CARD_DARK,
    COLOURS,
    DARK,
    DARK_TEXT_ON_SEQUENCE,
    INK,
    MUTED,
    PAPER,
    SEQUENCE,
    SEQUENCE_DARK,
    STATUS_CLASSES,
    STATUS_COLOURS,
    STATUS_SHAPES,
    TYPE_SCALES,
    USED_TOGETHER,
    contrast,
    dark_colours,
    dark_css,
    mix,
    text_colour,
)

# Machado, Oliveira & Fernandes (2009), severity 1.0, in linear RGB.
VISION = {
    "normal": np.eye(3),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
LEAST_DIFFERENCE = 19.0


def _lab(colour: str, vision: np.ndarray) -> np.ndarray:
    c = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
    to_xyz = np.array(
        [
            [0.4124564, 0.3575761, 0.1804375],
            [0.2126729, 0.7151522, 0.0721750],
            [0.0193339, 0.1191920, 0.9503041],
        ]
    )
    xyz = to_xyz @ np.clip(vision @ linear, 0, 1) / np.array([0.95047, 1.0, 1.08883])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("vision", VISION)
@pytest.mark.parametrize("page", ["light", "dark"])
def test_colours_that_meet_stay_apart_for_every_kind_of_vision(vision: str, page: str) -> None:
    for group in USED_TOGETHER:
        for first, second in combinations(group, 2):
            pair = [COLOURS[name] if page == "light" else DARK[COLOURS[name]] for name in (first, second)]
            distance = np.linalg.norm(_lab(pair[0], VISION[vision]) - _lab(pair[1], VISION[vision]))
            assert distance >= LEAST_DIFFERENCE, (first, second, round(float(distance), 1))


@pytest.mark.parametrize("name", [*COLOURS, *STATUS_COLOURS])
def test_marks_stand_out_on_paper_and_on_the_dark_card(name: str) -> None:
    colour = {**COLOURS, **STATUS_COLOURS}[name]
    assert contrast(colour, PAPER) >= 3
    assert contrast(DARK[colour], CARD_DARK) >= 3


def test_text_is_legible_in_light_and_dark() -> None:
    dark = dark_colours()
    for colour in (INK, MUTED, *STATUS_COLOURS.values(), *(text_colour(c) for c in COLOURS.values())):
        assert contrast(colour, PAPER) >= 4.5
        assert contrast(dark[colour], CARD_DARK) >= 4.5


def test_numbers_are_legible_on_every_tile() -> None:
    for i, (light, dark) in enumerate(zip(SEQUENCE, SEQUENCE_DARK, strict=True)):
        ink = PAPER if i >= DARK_TEXT_ON_SEQUENCE else INK
        assert contrast(ink, light) >= 3.5, i
        assert contrast(dark_colours()[ink], dark) >= 3.5, i


def test_a_scale_of_tints_grows_steadily_from_its_ground() -> None:
    light = [contrast(colour, PAPER) for colour in SEQUENCE]
    dark = [contrast(colour, CARD_DARK) for colour in SEQUENCE_DARK]
    assert light == sorted(light)
    assert dark == sorted(dark)


def test_one_light_colour_has_one_dark_counterpart() -> None:
    css = dark_css()
    for light, dark in dark_colours().items():
        assert f'[fill="{light}"]{{fill:{dark}}}' in css
        assert f'[stroke="{light}"]{{stroke:{dark}}}' in css
    assert "@media screen" in css


def test_print_is_never_dark() -> None:
    assert dark_css().startswith("@media screen{")


def test_each_status_has_shape_class_and_colour() -> None:
    assert set(STATUS_SHAPES) == set(STATUS_CLASSES) == set(STATUS_COLOURS)


def test_every_status_word_of_the_rule_has_a_shape_of_its_own() -> None:
    from popbook.monitoring.status import STATUS_WORDS

    assert len({STATUS_SHAPES[word] for word in STATUS_WORDS}) == len(STATUS_WORDS)


def test_text_on_the_phone_is_at_least_eleven_pixels() -> None:
    scale = TYPE_SCALES["narrow"]
    assert min(scale.title, scale.subtitle, scale.label, scale.strong) >= 11


def test_mixing_with_the_ground_gives_the_tint() -> None:
    assert mix("#ff0000", 0.0) == PAPER
    assert mix("#ff0000", 1.0) == "#ff0000"
