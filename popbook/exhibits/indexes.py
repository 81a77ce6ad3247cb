"""Lists of all figures, tables and numbers of an edition, by chapter, with downloads; a script may narrow them down."""

from __future__ import annotations

import html
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from popbook.exhibits.citations import concept_words
from popbook.exhibits.inline import plain_text
from popbook.exhibits.render import DOWNLOADS
from popbook.ledger.model import BASIS_ZH

Payload = Mapping[str, Any]


@dataclass(frozen=True)
class Home:
    """A page that shows exhibits.

    Parameters
    ----------
    docname
        Sphinx document name.
    title
        Name in the table of contents.
    address
        Address relative to the edition's folder.
    """

    docname: str
    title: str
    address: str


def exhibit_index(kind: str, exhibits: Iterable[Payload], homes: Sequence[Home]) -> str:
    """Return the list of all figures or all tables as MyST.

    Parameters
    ----------
    kind
        ``figure`` or ``table``.
    exhibits
        Payloads with ``number`` and ``docname``, in the order of their numbers.
    homes
        Pages in reading order.
    """
    of_kind = [payload for payload in exhibits if payload["kind"] == kind]
    parts = [_filter_html(_indicator_names(of_kind), "输入题名、指标或编号")]
    for home, members in _by_home(of_kind, homes):
        items = "".join(_exhibit_item(payload, home) for payload in members)
        parts.append(f"## {home.title}（{len(members)}）\n\n{_raw(f'<ul class=pb-index>{items}</ul>')}")
    return "\n\n".join(parts)


def fact_index(facts: Iterable[Payload], homes: Sequence[Home], indicators: Mapping[str, str]) -> str:
    """Return the list of all numbers as MyST.

    Parameters
    ----------
    facts
        Payloads with ``docname``.
    homes
        Pages in reading order.
    indicators
        Names of indicators by id.
    """
    listed = list(facts)
    used = {
        payload["indicator_id"]: indicators[payload["indicator_id"]]
        for payload in listed
        if payload["indicator_id"]
    }
    parts = [_filter_html(used, "输入名称、数值、年份或编号")]
    for home, members in _by_home(listed, homes):
        rows = "".join(
            _fact_row(payload, home) for payload in sorted(members, key=lambda each: each["label"])
        )
        head = (
            '<tr><th scope="col">名称和编号</th><th scope="col" class="pb-num">数值</th>'
            '<th scope="col">口径</th></tr>'
        )
        label = html.escape(f"{home.title}的数值", quote=True)
        table = (
            f'<div class="pb-scroll" tabindex="0" role="region" aria-label="{label}">'
            f'<table class="pb-table pb-fact-index"><thead>{head}</thead><tbody>{rows}</tbody></table></div>'
        )
        parts.append(f"## {home.title}（{len(members)}）\n\n{_raw(f'<div class=pb-exhibit>{table}</div>')}")
    return "\n\n".join(parts)


def _by_home(payloads: Sequence[Payload], homes: Sequence[Home]) -> Iterable[tuple[Home, list[Payload]]]:
    for home in homes:
        members = [payload for payload in payloads if payload["docname"] == home.docname]
        if members:
            yield home, members


def _exhibit_item(payload: Payload, home: Home) -> str:
    title = html.escape(plain_text(payload["title"]))
    concept = concept_words(payload["basis"], payload["unit"], payload["region"], payload["years"])
    names = "、".join(item["name"] for item in payload["indicators"])
    folder = f"exhibits/{payload['id']}/"
    files = "".join(
        f'<a href="{folder}{name}" download>{label}</a>' for name, label in DOWNLOADS[payload["kind"]]
    )
    about = html.escape("；".join(filter(None, (concept, names))))
    return (
        f'<li data-indicators="{" ".join(payload["indicator_ids"])}"><p><span class="pb-number">{payload["number"]}</span>　'
        f'<a href="{home.address}#{payload["id"]}">{title}</a></p><p class="pb-source">{about}</p>'
        f'<p class="pb-actions"><a href="{folder}index.html">口径与引用</a>{files}<code>{payload["id"]}</code></p></li>'
    )


def _fact_row(payload: Payload, home: Home) -> str:
    basis = "" if payload["basis"] == "none" else BASIS_ZH.get(payload["basis"], "")
    return (
        f'<tr data-indicators="{payload["indicator_id"]}"><th scope="row">'
        f'<a href="exhibits/{payload["id"]}/index.html">{html.escape(payload["label"])}</a>'
        f" <code>{payload['id']}</code></th>"
        f'<td class="pb-num"><a href="{home.address}#{payload["id"]}">{html.escape(payload["text"])}</a></td>'
        f'<td class="pb-short">{html.escape(basis)}</td></tr>'
    )


def _indicator_names(payloads: Iterable[Payload]) -> dict[str, str]:
    return {item["id"]: item["name"] for payload in payloads for item in payload["indicators"]}


def _filter_html(indicators: Mapping[str, str], hint: str) -> str:
    options = "".join(
        f'<option value="{name}">{html.escape(words)}</option>'
        for name, words in sorted(indicators.items(), key=lambda item: item[1])
    )
    return _raw(
        f'<form class="pb-filter" hidden><label>查找 <input type="search" name="q" placeholder="{hint}" autocomplete="off"></label>'
        f'<label>指标 <select name="indicator"><option value="">全部</option>{options}</select></label>'
        f'<output aria-live="polite"></output></form><script src="_static/indexes.js" defer></script>'
    )


def _raw(markup: str) -> str:
    return f"```{{raw}} html\n{markup}\n```"
