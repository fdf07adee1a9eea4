"""Why a template of a shop's own failed, and where; nothing that the mail's own data may have put into the words."""

import dataclasses
import linecache
import re
from pathlib import Path

import jinja2

from feedback_service.i18n import N_
from feedback_service.mail.flaws import Flaw

_LONGEST_WORDS = 300
_UNDEFINED = re.compile(r"'(\w+)' is undefined")


class OwnTemplateError(Exception):
    """What an own template does or gives cannot be used; `flaws` say why."""

    def __init__(self, *flaws: Flaw) -> None:
        super().__init__(" ".join(flaw.sentence for flaw in flaws))
        self.flaws = flaws


def reasons(error: Exception) -> tuple[Flaw, ...]:
    """Return why a template failed, and where it did."""
    file, line, source = _place(error)
    match error:
        case OwnTemplateError():
            return tuple(dataclasses.replace(flaw, file=file, line=line) for flaw in error.flaws)
        case RecursionError():
            return (Flaw(N_("It calls or includes itself without end."), file=file, line=line),)
        case jinja2.TemplateSyntaxError():
            file, line, words = error.name or "", error.lineno, error.message or ""
        case jinja2.UndefinedError() if not _is_written(str(error), source):
            words = "UndefinedError"
        case jinja2.UndefinedError() if missing := _UNDEFINED.fullmatch(str(error)):
            return (Flaw(N_("'%(name)s' is undefined"), values={"name": missing[1]}, file=file, line=line),)
        case jinja2.TemplateError():
            words = str(error)
        case _:
            words = type(error).__name__
    return (Flaw("%(words)s", values={"words": words[:_LONGEST_WORDS]}, file=file, line=line),)


def _is_written(sentence: str, source: str) -> bool:
    """Tell whether the name that is missing stands in the template itself: else it came with the data."""
    return all(name in source for name in re.findall(r"'(\w[^' ]*)'", sentence))


def _place(error: Exception) -> tuple[str, int, str]:
    """Return the last file and line of a template that the error came through, and that line; '' if through none."""
    file, line, source, trace = "", 0, "", error.__traceback__
    while trace:
        name = trace.tb_frame.f_code.co_filename
        if name.endswith((".txt", ".html")):
            file, line = "/".join(Path(name).parts[-3:]), trace.tb_lineno
            linecache.checkcache(name)
            source = linecache.getline(name, line)
        trace = trace.tb_next
    return file, line, source
