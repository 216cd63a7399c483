"""No text is so odd that looking at it takes long: every expression, and every check, on the worst of inputs."""

from __future__ import annotations

import importlib
import pkgutil
import re
import time
from collections.abc import Callable

import pytest

import service
from service.checks.catalogue import CATALOGUE
from service.domain.folding import fold, unleet
from tests.checks.cases import case

# Ten thousand characters each, chosen to lead an expression into trying again and again.
WORST = [
    (piece * (10_000 // len(piece) + 1))[:10_000]
    for piece in (
        *(
            "a",
            "A",
            "0",
            " ",
            "\n",
            "\t",
            ".",
            "-",
            "_",
            "@",
            "/",
            "*",
            "`",
            "[",
            "(",
            "<",
            "&",
            "~",
            ">",
            "!",
            ":",
        ),
        *(
            "a.",
            "a-",
            "a@",
            "1 ",
            "1-",
            "a ",
            " \n",
            "a\n",
            "((",
            "[a](",
            "<a",
            "&#",
            "**a",
            "http://",
            "www.",
            "a@b.",
            "+1 ",
        ),
        *(
            "DE89 ",
            "0000 ",
            "é",
            "日",
            "\u200d",
            "\ufe0f\u200d",
            "\u0301",
            "\U000e0041",
            "🏴",
            "a\u0301",
            "x" * 63 + ".",
        ),
    )
]
PROCESS_SECONDS = 0.25


def expressions() -> list[tuple[str, re.Pattern[str]]]:
    """Every compiled expression of every module of the product."""
    found: dict[str, re.Pattern[str]] = {}
    for module in pkgutil.walk_packages(service.__path__, "service."):
        if "__main__" in module.name or ".migrations" in module.name:
            continue
        for name, value in vars(importlib.import_module(module.name)).items():
            if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
                found[f"{module.name.removeprefix('service.')}.{name}"] = value
    return sorted(found.items())


def best_of_three(act: Callable[[], object]) -> float:
    taken = []
    for _ in range(3):
        began = time.process_time()
        act()
        taken.append(time.process_time() - began)
        if taken[-1] < PROCESS_SECONDS / 10:
            break
    return min(taken)


def test_every_expression_is_known_here() -> None:
    names = {name for name, _ in expressions()}
    assert len(names) > 25
    assert {"checks.links._BARE", "adapters.sanitizer._MARKUP", "domain.text._REPEATED"} <= names


@pytest.mark.parametrize(("name", "expression"), expressions(), ids=[name for name, _ in expressions()])
def test_no_expression_is_slow_on_anything(name: str, expression: re.Pattern[str]) -> None:
    for text in WORST:
        for act in (expression.findall, expression.fullmatch, expression.search):
            assert best_of_three(lambda act=act, text=text: act(text)) < PROCESS_SECONDS, (name, text[:20])  # type: ignore[misc]


@pytest.mark.parametrize("name", list(CATALOGUE))
def test_no_check_is_slow_on_anything(name: str) -> None:
    check = CATALOGUE[name][0]({})
    check.run(case())
    for text in WORST:
        assert best_of_three(lambda text=text: check.run(case(text))) < 2 * PROCESS_SECONDS, text[:20]  # type: ignore[misc]


def test_folding_is_not_slow_on_anything() -> None:
    for text in WORST:
        assert best_of_three(lambda text=text: unleet(fold.__wrapped__(text).text)) < PROCESS_SECONDS  # type: ignore[misc]
