"""What every code says, in English; the catalogue in `manyi/locale` translates it.

One module for each room that has codes; each has a dict SENTENCES: code → msgid.
"""

from manyi.kit.sentences import (
    accounts,
    analysis,
    api,
    connectors,
    core,
    corrected,
    customers,
    feedback,
    metrics,
    programmes,
    questionnaire,
    reports,
    stats,
    study,
    surveys,
    tabular,
    text,
    textpages,
    themes,
    upkeep,
    web,
    web_voices,
)

SENTENCES: dict[str, str] = {
    **api.SENTENCES,
    **accounts.SENTENCES,
    **analysis.SENTENCES,
    **connectors.SENTENCES,
    **core.SENTENCES,
    **corrected.SENTENCES,
    **customers.SENTENCES,
    **feedback.SENTENCES,
    **metrics.SENTENCES,
    **programmes.SENTENCES,
    **questionnaire.SENTENCES,
    **reports.SENTENCES,
    **stats.SENTENCES,
    **study.SENTENCES,
    **surveys.SENTENCES,
    **tabular.SENTENCES,
    **text.SENTENCES,
    **textpages.SENTENCES,
    **themes.SENTENCES,
    **upkeep.SENTENCES,
    **web.SENTENCES,
    **web_voices.SENTENCES,
}
