"""Makes `python -m ganmodel` run the console script `ganmodel`."""

import sys

from ganmodel.cli import main

if __name__ == "__main__":
    sys.exit(main())
