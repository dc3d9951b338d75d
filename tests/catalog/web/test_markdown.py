"""People's markdown as HTML: little is allowed, nothing runs."""

import pytest

from catalog.web.markdown import REL, markdown

ATTACKS = [
    "<img src=x onerror=alert(1)>",
    "<svg><animate onbegin=alert(1)></svg>",
    "<details open ontoggle=alert(1)>x</details>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)></style></mglyph></table></mtext></math>",
    "<script>alert(1)</script>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<a href='javascript:alert(1)'>x</a>",
    "![x](javascript:alert(1))",
    "<style>@import 'https://evil.example'</style>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
]


@pytest.mark.parametrize("text", ATTACKS)
def test_a003_nothing_that_runs_survives(text: str) -> None:
    html = markdown(text)
    for element in ("<img", "<svg", "<script", "<style", "<iframe", "<details", "<math", "<animate", "<noscript"):
        assert element not in html.lower()
    assert "<a" not in html or "javascript:" not in html


@pytest.mark.parametrize(
    "target",
    [
        "javascript:alert(1)",
        "data:text/html,x",
        "//evil.example",
        "/relative",
        "http://plain.example",
        "JaVaScRiPt:x",
        "vbscript:x",
    ],
)
def test_a002_links_lead_to_https_or_nowhere(target: str) -> None:
    assert "href=" not in markdown(f"[x]({target})")


def test_a002_links_of_others_are_marked() -> None:
    assert markdown("[x](https://contoh.id)") == f'<p><a href="https://contoh.id" rel="{REL}">x</a></p>\n'


def test_headings_stay_below_the_pages_own() -> None:
    assert markdown("# Satu\n\n## Dua\n\n### Tiga") == "<h3>Satu</h3>\n<h3>Dua</h3>\n<h4>Tiga</h4>\n"


def test_lists_tables_and_emphasis_work() -> None:
    html = markdown("- **satu**\n- _dua_\n\n|a|b|\n|-|-|\n|1|~~2~~|")
    for piece in ("<li><strong>satu</strong></li>", "<em>dua</em>", "<th>a</th>", "<td><s>2</s></td>"):
        assert piece in html


def test_no_text_is_no_html() -> None:
    assert markdown(None) == markdown("") == ""
