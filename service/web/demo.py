"""The demo site: where its story lives, and from where its comments may come."""

STORY_PATH = "/demo/"
