"""``python -m service.web``: what ``up`` starts; ``greenroom serve`` is the same with a help text."""

import sys

from service.web.serving import serve

sys.exit(serve())
