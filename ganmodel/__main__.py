"""`python -m ganmodel` is the console script `ganmodel`; nothing else lives here."""

import sys

from ganmodel.cli import main

if __name__ == "__main__":
    sys.exit(main())
