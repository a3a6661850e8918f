"""Rebuilds the artefacts of `manyi/text/models` from the data under SHARED_DIR."""
