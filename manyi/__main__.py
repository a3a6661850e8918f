"""`python -m manyi` is the `manyi` command."""

import sys

from manyi.cli.main import main

sys.exit(main())
