"""Everything we send passes Meta's own schema `Message`, and everything within the limits is sent."""

import json
import sys
from collections.abc import Callable
from importlib import util
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from botruntime.sdk.contract import Button, File, Location, Reply, Row, Section, TemplateUse
from botruntime.transports.base import Outgoing, TransportError
from botruntime.transports.cloud_api import wire

Judge = Callable[[dict[str, Any]], list[str]]


@pytest.fixture(scope="session")
def judge(oracle: Path) -> Judge:
    """The violations of schema `Message` in a body."""
    spec = util.spec_from_file_location("oracle_check", oracle / "check.py")
    assert spec is not None
    assert spec.loader is not None
    check = util.module_from_spec(spec)
    written, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        spec.loader.exec_module(check)
    finally:
        sys.dont_write_bytecode = written
    validator = check.validator("Message")
    return lambda body: [" ".join(check.deepest(error)) for error in validator.iter_errors(body)]


def text(most: int, least: int = 1) -> st.SearchStrategy[str]:
    """Words as people write them, up to and beyond the limit."""
    letters = st.characters(codec="utf-8", exclude_categories=("Cs",), exclude_characters="\x00")
    return st.text(letters, min_size=least, max_size=most + 2)


ids = st.text("abcdefghijklmnopqrstuvwxyz0123456789:_.-", min_size=1, max_size=30)
links = ids.map(lambda name: f"https://files.example/{name}")
files = st.one_of(
    st.builds(File, id=ids, filename=text(20, 0)), st.builds(File, link=links, filename=text(20, 0)), st.builds(File)
)
card = {"body": text(60), "header": text(60, 0), "footer": text(60, 0), "quoted": st.none() | ids}
replies = st.one_of(
    st.builds(Reply, kind=st.just("text"), body=text(80), quoted=st.none() | ids),
    st.builds(
        Reply,
        kind=st.just("buttons"),
        buttons=st.lists(st.builds(Button, id=ids, title=text(20)), max_size=4).map(tuple),
        **card,
    ),
    st.builds(
        Reply,
        kind=st.just("list"),
        label=text(20),
        sections=st.lists(
            st.builds(
                Section,
                rows=st.lists(st.builds(Row, id=ids, title=text(24), description=text(72, 0)), max_size=6).map(tuple),
                title=text(24, 0),
            ),
            max_size=3,
        ).map(tuple),
        **card,
    ),
    st.builds(Reply, kind=st.just("link"), label=text(20), url=links, **card),
    st.builds(
        Reply,
        kind=st.sampled_from(["image", "video", "audio", "document", "sticker"]),
        body=text(40, 0),
        file=st.none() | files,
        quoted=st.none() | ids,
    ),
    st.builds(
        Reply,
        kind=st.just("location"),
        location=st.builds(Location, st.floats(-91, 91), st.floats(-181, 181), text(20, 0), text(20, 0)),
    ),
    st.builds(
        Reply,
        kind=st.just("contacts"),
        contacts=st.lists(
            st.fixed_dictionaries({"name": text(20, 0), "phones": st.lists(text(15), max_size=2)}), max_size=3
        ).map(tuple),
    ),
    st.builds(Reply, kind=st.just("reaction"), emoji=st.sampled_from(["👍", ""]), quoted=st.none() | ids),
    st.builds(Reply, kind=st.sampled_from(["ask_location", "ask_phone"]), body=text(60, 0)),
    st.builds(
        Reply,
        kind=st.just("template"),
        template=st.none()
        | st.builds(
            TemplateUse,
            name=ids,
            language=st.sampled_from(["id", "en"]),
            params=st.lists(text(20), max_size=3).map(tuple),
            payloads=st.lists(ids, max_size=2).map(tuple),
        ),
    ),
)
people = st.sampled_from([{"wa_id": "6281290001111"}, {"bsuid": "ID.9920014477003311"}])


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(replies, people)
def test_conformance_whatever_leaves_passes_the_platforms_schema(
    judge: Judge, reply: Reply, person: dict[str, str]
) -> None:
    try:
        body = wire.body(Outgoing("9f1c", "730000000000001", "t", reply, **person))
    except TransportError:
        return
    assert judge(json.loads(json.dumps(body))) == []


def test_conformance_the_judge_is_not_asleep(judge: Judge) -> None:
    body = wire.body(Outgoing("9f1c", "730000000000001", "t", Reply(body="Halo"), wa_id="6281290001111"))
    assert judge(body) == []
    for broken in ({**body, "to": None}, {**body, "text": {}}, {**body, "text": {"body": "x" * 4097}}):
        assert judge(broken) != []


@pytest.mark.parametrize("typing", [True, False])
def test_conformance_read_receipts_and_typing_pass_too(judge: Judge, typing: bool) -> None:
    assert judge(wire.read("wamid.1", typing=typing)) == []
