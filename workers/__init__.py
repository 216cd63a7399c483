"""The background door: RQ workers, their jobs, and the sweeper. May import ``service`` except web and cli."""
