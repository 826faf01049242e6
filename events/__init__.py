"""The web service and the domain: one folder per feature, in the order in which they may import each other."""

import os

os.environ.setdefault("PICCOLO_CONF", "events.piccolo_conf")
