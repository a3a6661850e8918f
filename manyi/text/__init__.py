"""Language to findings, without network, GPU or Django: `analyse`, `mask`, `keywords`, …

See docs/reference/text.md for what each promises.
"""

from manyi.text.analysis import about, analyse
from manyi.text.duplicates import near_duplicates
from manyi.text.findings import Analysis, Finding
from manyi.text.own import OwnHead, fit_head, read_head
from manyi.text.personal import Masked, Span, mask, mask_all
from manyi.text.phrases import Phrase, keywords
from manyi.text.quality import copied
from manyi.text.taxonomy import Aspect, Taxonomy, pack, packs
from manyi.text.triplets import Term, Terms, terms

__all__ = [
    "Analysis",
    "Aspect",
    "Finding",
    "Masked",
    "OwnHead",
    "Phrase",
    "Span",
    "Taxonomy",
    "Term",
    "Terms",
    "about",
    "analyse",
    "copied",
    "fit_head",
    "keywords",
    "mask",
    "mask_all",
    "near_duplicates",
    "pack",
    "packs",
    "read_head",
    "terms",
]
