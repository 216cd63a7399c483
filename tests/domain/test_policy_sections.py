"""Sections and threads of a site have their own part of its policy."""

from __future__ import annotations

import pytest

from service.domain.policy import STORIES_KEPT
from service.domain.policy_document import read_policy

DAILY = {
    "otherwise": "hold",
    "checks": {"history": "observe", "links": "off"},
    "options": {"wordlist": {"hold": ["weirbridge"]}},
    "rules": [{"label": "spam", "at": 0.5, "action": "hold"}],
    "close_after_days": 30,
    "sections": [
        {"path": "/sport/", "otherwise": "approve", "checks": {"links": "enforce"}},
        {"path": "/sport/tennis", "rules": [], "close_after_days": 7},
        {"path": "/", "on_failure": "reject"},
    ],
    "threads": [
        {
            "url": "https://Daily.example/sport/tennis/final#top",
            "otherwise": "discard",
            "options": {"wordlist": {}},
        }
    ],
}


@pytest.mark.parametrize(
    ("path", "otherwise", "on_failure", "rules", "days", "links"),
    [
        # Whatever lies in no other section lies in "/".
        ("/", "hold", "reject", 1, 30, "off"),
        ("/politics/budget", "hold", "reject", 1, 30, "off"),
        # A section holds whole steps of a path, itself too, whatever its letters.
        ("/sport", "approve", "hold", 1, 30, "enforce"),
        ("/sport/", "approve", "hold", 1, 30, "enforce"),
        ("/sport/rowing", "approve", "hold", 1, 30, "enforce"),
        ("/sports/rowing", "hold", "reject", 1, 30, "off"),
        ("/Sport/rowing", "hold", "reject", 1, 30, "off"),
        # The longest path wins, and is laid over the site's own policy, not over the shorter section's.
        ("/sport/tennis/final", "discard", "hold", 1, 30, "off"),
        ("/sport/tennis/semifinal", "hold", "hold", 0, 7, "off"),
        ("/sport/tennisballs", "approve", "hold", 1, 30, "enforce"),
    ],
)
def test_the_longest_section_counts_and_a_thread_before_it(
    path: str, otherwise: str, on_failure: str, rules: int, days: int, links: str
) -> None:
    whole = read_policy(DAILY, 4)
    for _ in range(2):
        policy = whole.for_story("https://daily.example" + path)
        seen = (policy.otherwise, policy.on_failure, len(policy.rules), policy.close_after_days)
        assert seen == (otherwise, on_failure, rules, days)
        assert (policy.mode("links"), policy.mode("history"), policy.version) == (links, "observe", 4)
    assert policy.options == {"wordlist": {} if otherwise == "discard" else {"hold": ["weirbridge"]}}


def test_a_policy_without_sections_is_the_same_for_every_story() -> None:
    policy = read_policy({"otherwise": "approve"}, 1)
    assert policy.for_story("https://daily.example/x") is policy


def test_asking_for_ever_new_stories_does_not_fill_the_memory() -> None:
    policy = read_policy(DAILY, 1)
    for number in range(STORIES_KEPT + 10):
        policy.for_story(f"https://daily.example/sport/{number}")
    assert len(policy._by_story) <= STORIES_KEPT


def test_a_section_has_the_sites_thresholds_too() -> None:
    rule = {"label": "toxicity", "at": "site", "action": "hold"}
    policy = read_policy({"sections": [{"path": "/sport/", "rules": [rule]}]}, 1, {"toxicity": 0.33}, 5)
    sport = policy.for_story("https://daily.example/sport/x")
    assert (sport.rules[0].at, sport.learned_version) == (0.33, 5)
