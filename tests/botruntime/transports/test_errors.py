"""Every error code has an action and a sentence in both languages."""

import orjson
import pytest

from botruntime.outbound import refusals, trouble
from botruntime.transports.base import Action, TransportError
from botruntime.transports.cloud_api import errors, limits
from botruntime.transports.cloud_api.errors import RULES, from_answer, key_for, rule_for, wamid_in
from botruntime.transports.http import Answer
from catalog import texts
from tests.source import ROOT

# Meta, "Cloud API error codes": what the sender must do, one line a family.
EXPECTED = {
    Action.PARK: (0, 190),
    Action.STOP: (368, 131031, 33),
    Action.PACE_NUMBER: (4, 80007, 130429),
    Action.PACE_PAIR: (131056,),
    Action.RETRY: (1, 2, 131000, 131016, 131057, 133004),
    Action.FINAL: (
        3, 10, 100, 200, 294, 131005, 131008, 131009, 131021, 131026, 131030, 131037, 131042, 131045, 131047, 131048,
        131049, 131050, 131051, 131052, 131053, 131062, 130472, 130497, 132000, 132001, 132005, 132007, 132012, 132015,
        132016, 132068, 132069, 133000, 133006, 133010, 133015, 134011, 135000, 137000,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("action", "code"), [(action, code) for action, codes in EXPECTED.items() for code in codes])
def test_f41_each_code_has_its_action(action: Action, code: int) -> None:
    assert rule_for(code, 400).action is action


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_f41_each_code_has_a_sentence_in_both_languages(language: str) -> None:
    keys = {key_for(code) for code in RULES} | {key_for(987654), "sending.meta.answer_lost", "sending.meta.unreached"}
    keys |= {f"sending.meta.{rule.text}" for rule in (*RULES.values(), errors.NO_ANSWER, errors.BUSY)}
    assert [key for key in sorted(keys) if not texts.has(language, key)] == []


@pytest.mark.parametrize("language", texts.LANGUAGES)
def test_each_reason_and_each_rule_has_a_sentence(language: str) -> None:
    reasons = [value for name, value in vars(refusals).items() if name.isupper()]
    source = (ROOT / "botruntime/transports/cloud_api/limits.py").read_text()
    rules = {rule for rule in texts.area(language, "sending")["rules"] if f'"{rule}"' in source}
    missing = [key for key in [*reasons, trouble.TOKEN, *trouble.OWNERS_WORK] if not texts.has(language, key)]
    assert missing == []
    # `callback` and `recipient` are refused by the wire itself.
    assert set(texts.area(language, "sending")["rules"]) - rules == {"callback", "characters", "recipient"} - rules


def test_both_catalogues_have_the_same_keys() -> None:
    indonesian, english = (texts.area(language, "sending") for language in ("id", "en"))
    assert {name: set(table) for name, table in indonesian.items()} == {
        name: set(table) for name, table in english.items()
    }


def graph_error(code: int, status: int = 400, **more: object) -> Answer:
    said = {"message": "(#1) x", "code": code, "error_data": {"details": "why"}, "fbtrace_id": "T", **more}
    return Answer(status, {}, orjson.dumps({"error": said}))


def test_an_unknown_code_is_final_below_500_and_three_tries_above() -> None:
    below, above = from_answer(graph_error(987654)), from_answer(graph_error(987654, 500))
    assert (below.kind, below.permanent) == (Action.FINAL, True)
    assert (above.kind, above.tries, above.permanent) == (Action.RETRY, 3, False)
    assert below.key == above.key == "sending.meta.other"


def test_subcode_33_of_code_100_is_a_number_that_is_gone() -> None:
    assert from_answer(graph_error(100, error_subcode=33)).key == "sending.meta.number_gone"


def test_details_trace_and_retry_after_are_kept() -> None:
    answer = graph_error(130429)
    answer.headers["retry-after"] = "30"
    error = from_answer(answer)
    assert (error.code, error.detail, error.trace, error.retry_after) == (130429, "why", "T", 30.0)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("1e9", 3600.0), ("-5", 0.0), ("nan", None), ("soon", None), ("Wed, 21 Oct 2015 07:28:00 GMT", None)],
)
def test_f45_retry_after_is_capped_and_never_trusted(said: str, seconds: float | None) -> None:
    answer = graph_error(4)
    answer.headers["retry-after"] = said
    assert from_answer(answer).retry_after == seconds


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (301, Action.RETRY),
        (400, Action.FINAL),
        (401, Action.FINAL),
        (404, Action.FINAL),
        (408, Action.RETRY),
        (429, Action.PACE_NUMBER),
        (500, Action.RETRY),
        (502, Action.UNSURE),
        (503, Action.RETRY),
        (504, Action.UNSURE),
    ],
)
def test_an_answer_that_is_not_graphs_is_judged_by_its_status(status: int, kind: Action) -> None:
    for body in (b"", b"<html>", b"[]", b'"x"', b'{"error": "no"}', b"\xff"):
        with pytest.raises(TransportError) as found:
            wamid_in(Answer(status, {}, body))
        assert found.value.kind is kind


@pytest.mark.parametrize("code", [None, "190", True, 1.5, [], 2**53])
def test_an_odd_code_never_parks_a_number(code: object) -> None:
    assert from_answer(graph_error(code)).kind is Action.FINAL  # type: ignore[arg-type]


def test_429_of_an_unknown_code_paces_the_number() -> None:
    assert from_answer(graph_error(987654, 429)).kind is Action.PACE_NUMBER


def test_the_longest_rule_fits_its_column() -> None:
    keys = [f"sending.meta.{rule.text}" for rule in RULES.values()]
    keys += [f"sending.rules.{rule}" for rule in texts.area("id", "sending")["rules"]]
    assert max(map(len, keys)) <= 80
    assert limits.CALLBACK == 512
