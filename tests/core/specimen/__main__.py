import sys
from pathlib import Path

from tests.core.specimen import write

for written in write(Path(sys.argv[1])):
    sys.stdout.write(f"{written}\n")
