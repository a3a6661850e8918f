"""Writes the manifest: version, what it was trained on, licences, and the hash of every file."""

from __future__ import annotations

from manyi.text import corpora
from training.artefact import describe, provenance

VERSION = "1.4.1"
DATA = (
    "chnsenticorp_train.csv.gz",
    "chnsenticorp_val.csv.gz",
    "hotel_htl_train.csv.gz",
    "waimai_train.csv.gz",
    "shopping_train.csv.gz",
    "zhang_aste_train.txt.gz",
    "zhang_aste_dev.txt.gz",
    *(f"apc_zh_{name}_train.txt.gz" for name in corpora.ZH_ASPECT_SETS),
    *(f"apc_{name}_train.txt.gz" for name in corpora.EN_ASPECT_SETS),
    "bdci_car_train.csv.gz",
    "smp2020_virus_train.csv.gz",
    "smp2020_virus_eval_labeled.csv.gz",
    "smp2020_usual_eval_labeled.csv.gz",
    "cluener_train.json.gz",
    "uss_SGD_train.txt.gz",
    "uss_MWOZ_train.txt.gz",
)
LICENCES = {
    "ABSADatasets (zhang_aste, apc_*)": "MIT; SemEval texts for research",
    "ChnSentiCorp, htl, waimai, online shopping": "no licence stated, research corpora",
    "CCF BDCI 2018, SMP2020-EWECT": "no licence stated, competitions",
    "CLUENER": "no licence stated, research",
    "SGD": "CC BY-SA 4.0",
    "MultiWOZ": "MIT",
    "OpenCC (models/han.json)": "Apache-2.0",
    "jieba 0.42.1 (words.npz)": "MIT",
    "templates, own clauses, synthetic people, concepts": "Apache-2.0, written for this project",
}


def main() -> None:
    """Write manifest.json; the same inputs give the same bytes."""
    describe(
        "fast",
        version=VERSION,
        task="polarity, clause polarity, what is said of a place, emotion, aspects of cars, "
        "names and addresses, terms, meaning",
        minimum_runtime="numpy 2.0, scipy 1.11",
        features="hashed n-grams, manyi/text/features.py, 22 bits",
        held_out="a row is kept from training by the hash of its text, manyi/text/corpora.py",
        data_sha256=provenance(*DATA),
        licences=LICENCES,
        note="Only derived weights are shipped, none of the texts.",
    )


if __name__ == "__main__":
    main()
