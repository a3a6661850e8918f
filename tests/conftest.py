"""Every test runs on its own data folder; `MANYI_TEST_DATABASE_URL` puts it on PostgreSQL."""

from __future__ import annotations

import os
import tempfile

for _name in [n for n in os.environ if n.startswith("MANYI_") and not n.startswith("MANYI_TEST_")]:
    del os.environ[_name]
os.environ["MANYI_DATA"] = tempfile.mkdtemp(prefix="manyi-test-")
os.environ["MANYI_LOG_LEVEL"] = "error"
if os.environ.get("MANYI_TEST_DATABASE_URL"):
    os.environ["MANYI_DATABASE_URL"] = os.environ["MANYI_TEST_DATABASE_URL"]
for _name in [n for n in os.environ if n.startswith("MANYI_TEST_")]:
    del os.environ[_name]
