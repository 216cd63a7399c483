"""The HTTP door: the only rooms that know Flask. Parse, call one use case, present."""
