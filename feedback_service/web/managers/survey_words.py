"""What a manager reads of surveys and of trials of subject lines, in words."""

from collections.abc import Sequence
from dataclasses import dataclass

from feedback_service import formats, i18n
from feedback_service.reports.statistics import Rate
from feedback_service.reports.subject_trials import ANSWER_DAYS, Outcome, TrialResult
from feedback_service.surveys.models import SubjectTrial
from feedback_service.surveys.subjects import Plan


@dataclass(frozen=True, slots=True)
class TrialWords:
    """A trial in words: what it shows, and the response to each subject."""

    verdict: str
    rows: tuple[tuple[str, str], ...]


def done(action: str, language: str) -> str:
    """Return the sentence that confirms what a manager has just done."""
    _ = i18n.translations(language).gettext
    return {
        "terms": _("Saved. It holds for every survey from now on."),
        "questions": _(
            "Saved. Customers are asked like this from now on; answers given before keep what they were asked."
        ),
        "test": _("A test is on its way to %(address)s. What you do in it is not stored."),
        "trial": _("The trial has begun. It ends by itself when it has enough surveys."),
        "trial_ended": _("The trial has ended: no more surveys join it."),
    }[action]


def plans(offered: Sequence[Plan], language: str) -> list[str]:
    """Return what each plan of a trial means."""
    _ = i18n.translations(language).gettext
    sentence = _("%(points)s points: needs %(count)s surveys with each subject")
    return [
        sentence % {"points": round(100 * plan.least_gap), "count": formats.number(plan.per_subject, language)}
        for plan in offered
    ]


def trial(tried: SubjectTrial, result: TrialResult, language: str) -> TrialWords:
    """Return what a trial shows."""
    _ = i18n.translations(language).gettext
    planned = formats.number(tried.per_subject, language)
    running = _(
        "No verdict yet: it needs %(planned)s surveys with each subject, each with %(days)s days to answer. "
        "How it stands is not shown before."
    )
    better = _("“%(subject)s” is answered more often: the difference is %(low)s to %(high)s points (95 %% interval).")
    none = _("No difference shown: the subjects differ by less than this trial could see (%(low)s to %(high)s points).")
    few = _("Ended too early: it needed %(planned)s surveys with each subject, so it shows nothing.")
    low, high = _points(result)
    values = {"planned": planned, "days": ANSWER_DAYS.days, "low": low, "high": high}
    sentence = {
        Outcome.RUNNING: running,
        Outcome.A_BETTER: better,
        Outcome.B_BETTER: better,
        Outcome.NO_DIFFERENCE: none,
        Outcome.TOO_FEW: few,
    }[result.outcome]
    subject = tried.subject_b if result.outcome is Outcome.B_BETTER else tried.subject_a
    has_verdict = result.outcome not in {Outcome.RUNNING, Outcome.TOO_FEW}
    said = _response if has_verdict else _so_far
    rows = ((tried.subject_a, said(result.a, language)), (tried.subject_b, said(result.b, language)))
    return TrialWords(sentence % {**values, "subject": subject}, rows)


def _points(result: TrialResult) -> tuple[int, int]:
    low, high = result.gap or (0.0, 0.0)
    if result.outcome is Outcome.A_BETTER:
        low, high = -high, -low
    return round(100 * low), round(100 * high)


def _so_far(rate: Rate, language: str) -> str:
    """Return how far a trial is, and not how it stands: who sees figures on the way ends it when they please."""
    sent = i18n.translations(language).ngettext("%(n)s survey sent so far", "%(n)s surveys sent so far", rate.n)
    return sent % {"n": formats.number(rate.n, language)}


def _response(rate: Rate, language: str) -> str:
    _ = i18n.translations(language).gettext
    counts = {"k": formats.number(rate.k, language), "n": formats.number(rate.n, language)}
    if not rate.is_shown or rate.share is None:
        return _("%(k)s of %(n)s answered") % counts
    return _("%(k)s of %(n)s answered (%(share)s)") % {**counts, "share": formats.percent(rate.share, language)}
