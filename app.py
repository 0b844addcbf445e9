"""Opens the page: `python app.py [--host HOST] [--port PORT] [--share] [--runs DIR]`."""

import sys

from ganmodel.cli import main

if __name__ == "__main__":
    sys.exit(main(["app", *sys.argv[1:]]))
