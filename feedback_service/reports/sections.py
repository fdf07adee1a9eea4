"""Sections: what a page or a digest shows of the figures, made once and laid out by each.

A section answers one question: one number in large with its n and interval, some sentences, a table of
facts, a chart with the table of its numbers. So the mail, its text part and the page say the same.
"""

from collections.abc import Iterator, Sequence

from feedback_service.reports import drawings
from feedback_service.reports.drawings import Table
from feedback_service.reports.figures import AnswerFigures, HeardFigures, SourceLine
from feedback_service.reports.return_sections import reasons_section, returns_section
from feedback_service.reports.section import Section, View, interval
from feedback_service.reports.statistics import count_trend, mean_trend, rate_trend
from feedback_service.reports.words import Words
from feedback_service.sources.wording import in_words


def sections(view: View, words: Words) -> tuple[Section, ...]:
    """Return every section, the most asked for first."""
    figures, before = view.figures, view.before
    return (
        returns_section(view, words),
        reasons_section(figures.returned, words),
        satisfaction_section(figures.answered, before.answered if before else None, words),
        response_section(figures.answered, words),
        heard_section(figures.heard, before.heard if before else None, words),
        sources_section(figures.sources, words),
    )


def satisfaction_section(now: AnswerFigures, before: AnswerFigures | None, words: Words) -> Section:
    """How customers found the handling: CSAT, CES and their intervals."""
    title = words.say("How satisfied are customers with the handling?")
    if not now.csat.n:
        caption = words.say("No answers in this period. Surveys go out a day after the refund.")
        return Section("satisfaction", title, "–", caption)
    if now.csat.is_shown:
        caption = words.say("satisfied or very satisfied (CSAT, 4 or 5 of 5): {parts}", parts=words.parts(now.csat))
        caption += interval(words.reach(now.csat), words)
    else:
        caption = words.say("satisfied or very satisfied (CSAT, 4 or 5 of 5); too few for a percentage.")
    sentences = []
    if before:
        sentences.append(words.change(rate_trend(before.csat, now.csat), words.share(before.csat)))
    if before and now.ces_mean.n:
        effort = words.change(mean_trend(before.ces_mean, now.ces_mean), words.plain_mean(before.ces_mean))
        sentences.append(
            words.say("Ease of the return, mean {mean}.", mean=words.plain_mean(now.ces_mean)) + f" {effort}"
        )
    return Section(
        "satisfaction",
        title,
        words.share(now.csat),
        caption,
        tuple(sentences),
        facts=Table(
            words.say("Ease of the return (CES)"),
            (words.say("Figure"), words.say("Value"), "n"),
            (
                (words.say("Easy (5 to 7 of 7)"), words.share_and_reach(now.ces), words.number(now.ces.n)),
                (words.say("Mean, of 7"), words.mean(now.ces_mean), words.number(now.ces_mean.n)),
                *_recommendation(now, words),
            ),
        ),
        chart=drawings.satisfaction_chart(now, before, words),
    )


def _recommendation(now: AnswerFigures, words: Words) -> list[tuple[str, str, str]]:
    """Return the row of the periodic survey, where one was answered."""
    if not now.nps.n:
        return []
    return [(words.say("Would recommend us (NPS)"), words.score(now.nps), words.number(now.nps.n))]


def response_section(now: AnswerFigures, words: Words) -> Section:
    """How many of the surveys sent in the period were answered (R39)."""
    title = words.say("Who answers?")
    if not now.response.n:
        return Section("response", title, "–", words.say("No survey was sent in this period."))
    if now.response.is_shown:
        caption = words.say("of the surveys sent in this period are answered: {parts}", parts=words.parts(now.response))
        caption += interval(words.reach(now.response), words)
    else:
        caption = words.say("surveys sent in this period are answered; too few for a percentage.")
    late = words.say("Answers to the latest surveys still come in, so this can only rise.")
    return Section("response", title, words.share(now.response), caption, (late,))


def heard_section(now: HeardFigures, before: HeardFigures | None, words: Words) -> Section:
    """What is said in public, and how fast it was seen and taken up."""
    caption = words.count("new negative story", "new negative stories", now.stories)
    sentences = []
    if before:
        sentences.append(words.change(count_trend(before.stories, now.stories), words.number(before.stories)))
    if now.waiting:
        sentences.append(
            words.count("{number} of them waits for an owner.", "{number} of them wait for an owner.", now.waiting)
        )
    rows = (
        (words.say("Mentions found"), words.number(now.mentions)),
        (words.say("Positive minus negative, per 100 mentions"), words.score(now.sentiment)),
        (words.say("From publication to story (median)"), words.delay(now.detect)),
        (words.say("From our first reading to story (median)"), words.delay(now.detect_from_fetch)),
        (words.say("From story to an owner (median)"), words.delay(now.acknowledge)),
    )
    return Section(
        "heard",
        words.say("What is said about the shop?"),
        words.number(now.stories),
        caption,
        tuple(sentences),
        facts=Table(words.say("Mentions and how fast they were seen"), (words.say("Figure"), words.say("Value")), rows),
    )


def sources_section(sources: Sequence[SourceLine], words: Words) -> Section:
    """Where we listen, and which sources are not heard: silence is never good news."""
    title = words.say("Where do we listen?")
    if not sources:
        return Section(
            "sources",
            title,
            "0",
            words.say("sources: nothing that is said in public can be heard. Add a feed or a review page."),
        )
    lost = [source for source in sources if source.is_trouble]
    number = words.say("{part} of {whole}", part=len(sources) - len(lost), whole=len(sources))
    caption = words.count("source is heard", "sources are heard", len(sources))
    return Section("sources", title, number, caption, tuple(_about_sources(sources, words)))


def _about_sources(sources: Sequence[SourceLine], words: Words) -> Iterator[str]:
    states = {
        "blocked": words.say("refuses us"),
        "robots": words.say("asks programs to stay away"),
        "down": words.say("cannot be reached"),
        "changed": words.say("has changed its form"),
        "silent": words.say("has been silent"),
    }
    if any(source.unheard for source in sources):
        always = sum(not source.unheard and not source.is_trouble for source in sources)
        yield words.say("{part} of {whole} sources were heard all the time.", part=always, whole=len(sources))
    for source in sources:
        if source.is_trouble:
            state = states.get(source.state, words.say("is paused"))
            since = words.say(
                "{title} {state} since {day}.", title=source.title, state=state, day=words.day(source.since)
            )
            yield f"{since} {in_words(source.reason, words.language)}".strip()
        yield from _times_unheard(source, words)
        if source.has_gap and not source.is_trouble:
            yield words.say("{title}: mentions may have been missed between two readings.", title=source.title)
    if any(source.is_trouble or source.unheard for source in sources):
        yield words.say("No news from a source that is not heard is not good news.")


def _times_unheard(source: SourceLine, words: Words) -> Iterator[str]:
    """Say when a source was not heard that is heard again; of one that is not, its state says since when."""
    for span in source.unheard:
        if span.start and span.end:
            yield words.say(
                "{title} was not heard from {first} to {last}.",
                title=source.title,
                first=words.day(span.start),
                last=words.day(span.end),
            )
