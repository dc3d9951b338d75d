"""Markdown of developers and owners as safe HTML: a small set of elements, links to https only."""

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

TAGS = {
    *("p", "br", "hr", "h3", "h4", "h5", "h6", "ul", "ol", "li", "strong", "em", "s", "code", "pre", "blockquote"),
    *("a", "table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"a": {"href"}, "ol": {"start"}}
SCHEMES = {"https", "mailto"}
REL = "nofollow ugc noopener noreferrer"
# A page has its own h1 and h2.
LOWERED = {"h1": "h3", "h2": "h3", "h3": "h4", "h4": "h5", "h5": "h6", "h6": "h6"}

_parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"]).disable("image")


def markdown(text: str | None) -> Markup:
    """``text`` as HTML. Two fences: the parser makes no raw HTML, and nh3 lets only the listed elements pass."""
    tokens = _parser.parse(text or "")
    for token in tokens:
        lower(token)
    html = _parser.renderer.render(tokens, _parser.options, {})
    clean = nh3.clean(
        html,
        tags=TAGS,
        attributes=ATTRIBUTES,
        attribute_filter=keep,
        url_schemes=SCHEMES,
        link_rel=REL,
        strip_comments=True,
    )
    return Markup(clean)  # noqa: S704 - cleaned by nh3 above


def lower(token: Token) -> None:
    """Put a heading below the page's own."""
    token.tag = LOWERED.get(token.tag, token.tag)


def keep(_element: str, attribute: str, value: str) -> str | None:
    """No relative and no protocol-relative links: where they lead depends on the page."""
    if attribute == "href" and not value.lower().startswith(("https://", "mailto:")):
        return None
    return value
