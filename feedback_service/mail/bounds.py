"""Bounds on templates that a shop wrote: one that would never end, or fill the memory, fails as any faulty one does.

What a template does is counted while it does it, by the template engine's own means: how often the bodies of loops,
macros and included files are run through, and how many characters are put together. What one step of it can take is
bounded by what the sandbox of Jinja refuses or lets us measure, and the clock is looked at in between.

A net for mistakes, no wall against an attacker: who can write into the instance folder runs the service anyway.
"""

import contextlib
import functools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
from jinja2 import nodes
from jinja2.loaders import split_template_path
from jinja2.runtime import Context
from jinja2.sandbox import ImmutableSandboxedEnvironment
from jinja2.visitor import NodeTransformer

from feedback_service.i18n import N_
from feedback_service.mail.failing import OwnTemplateError
from feedback_service.mail.flaws import Flaw

MOST_STEPS = 20_000
MOST_CHARACTERS = 2_000_000
MOST_SECONDS = 3.0
LARGEST_FILE = 500_000
_WIDEST = 10_000
"""The most places that a text may be filled up to, and bits of a number: who asks for more has mistyped."""

_WIDENING = frozenset({"center", "ljust", "rjust", "zfill", "expandtabs", "indent", "wordwrap", "batch", "slice"})
"""Filters and methods of texts that are told how wide to make something."""

_MEASURED = (str, bytes, list, tuple)
_WITH_BODY = (nodes.For, nodes.Macro, nodes.CallBlock, nodes.Block)


class TooMuchError(OwnTemplateError):
    """A template went beyond a bound; it would do so again."""


@dataclass(slots=True)
class _Spent:
    """What one rendering has done so far."""

    until: float  # in the processor's time of this thread: a busy machine is no fault of a template
    steps: int = 0
    characters: int = 0


_spent: ContextVar[_Spent | None] = ContextVar("spent", default=None)


@contextlib.contextmanager
def within_bounds(seconds: float = MOST_SECONDS) -> Iterator[None]:
    """Count from here on what templates of a `BoundedEnvironment` do in this thread, for so many seconds of work."""
    token = _spent.set(_Spent(time.thread_time() + seconds))
    try:
        yield
    finally:
        _spent.reset(token)


def _count(steps: int, characters: int) -> None:
    spent = _spent.get()
    if spent is None:  # The engine works out constants when it reads a template.
        return
    spent.steps += steps
    spent.characters += characters
    if spent.steps > MOST_STEPS:
        raise _endless()
    if spent.characters > MOST_CHARACTERS:
        limit = {"characters": MOST_CHARACTERS}
        raise TooMuchError(Flaw(N_("It writes without end: more than %(characters)s characters."), values=limit))
    if time.thread_time() > spent.until:
        limit = {"seconds": int(MOST_SECONDS)}
        raise TooMuchError(Flaw(N_("It takes too long: more than %(seconds)s seconds."), values=limit))


def _endless() -> TooMuchError:
    return TooMuchError(Flaw(N_("It does not end: more than %(steps)s steps."), values={"steps": MOST_STEPS}))


def _short_range(*bounds: int) -> range:
    numbers = range(*bounds)
    if numbers and (numbers[-1] - numbers[0]) // numbers.step >= MOST_STEPS:
        raise _endless()
    return numbers


def _measured(value: Any) -> Any:  # noqa: ANN401 - whatever a template works with
    if isinstance(value, _MEASURED):
        _count(0, len(value))
    return value


class BoundedEnvironment(ImmutableSandboxedEnvironment):
    """Templates here do what they do elsewhere, up to the bounds."""

    intercepted_binops = frozenset({"+", "*", "**"})

    def __init__(self, **options: Any) -> None:  # noqa: ANN401 - those of the engine
        super().__init__(**options, finalize=_measured)
        self.filters = {name: _bounded(name, filter_) for name, filter_ in self.filters.items()}
        # It makes as many words as it is asked for, and no mail wants them.
        self.globals.pop("lipsum", None)
        self.globals["range"] = _short_range

    def step(self, characters: int) -> None:
        """Count one pass through a body that holds so many characters."""
        _count(1, characters)

    def measured(self, value: Any) -> Any:  # noqa: ANN401 - whatever a template works with
        """Count what was put together."""
        return _measured(value)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:  # noqa: ANN401 - as the engine has it
        """Work out `left operator right` unless it would be too large."""
        if operator == "*":
            _refuse_product(left, right)
        elif operator == "**" and isinstance(left, int) and isinstance(right, int):
            _refuse_width(left.bit_length() * right)
        return _measured(super().call_binop(context, operator, left, right))

    def call(self, context: Context, called: Any, /, *arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - as the engine has it
        """Call something; a method of a text not with a width that nobody means."""
        if isinstance(getattr(called, "__self__", None), str) and called.__name__ in _WIDENING:
            _refuse_widths(arguments, options)
        return _measured(super().call(context, called, *arguments, **options))

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        tree = super()._parse(source, name, filename)
        bodies: list[Any] = [tree, *tree.find_all(_WITH_BODY)]
        for node in bodies:
            held = sum(len(text.data) for text in node.find_all(nodes.TemplateData))
            node.body.insert(0, nodes.ExprStmt(_called("step", nodes.Const(held)), lineno=node.lineno))
        _Measuring().visit(tree)
        return tree


class _Measuring(NodeTransformer):
    """Has what `~` puts together measured: the engine has no other way to look at it."""

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:  # noqa: N802 - the engine's name
        """Measure it."""
        return _called("measured", self.generic_visit(node))


class SmallFiles(jinja2.FileSystemLoader):
    """Loads templates from folders; a file that is no template any more is refused unread."""

    def get_source(self, environment: jinja2.Environment, template: str) -> tuple[str, str, Callable[[], bool]]:
        """Load one."""
        for folder in self.searchpath:
            with contextlib.suppress(OSError):
                if Path(folder, *split_template_path(template)).stat().st_size > LARGEST_FILE:
                    sentence = N_("The file %(name)s has more than %(bytes)s bytes.")
                    raise TooMuchError(Flaw(sentence, values={"name": template, "bytes": LARGEST_FILE}))
                break
        return super().get_source(environment, template)


def _called(method: str, *arguments: nodes.Node) -> nodes.Call:
    return nodes.Call(nodes.EnvironmentAttribute(method), list(arguments), [], None, None)


def _bounded(name: str, filter_: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(filter_)
    def bounded(*arguments: Any, **options: Any) -> Any:  # noqa: ANN401 - whatever a template works with
        if name in _WIDENING:
            _refuse_widths(arguments, options)
        return _measured(filter_(*arguments, **options))

    return bounded


def _refuse_widths(arguments: Sequence[object], options: Mapping[str, object]) -> None:
    for value in (*arguments, *options.values()):
        if isinstance(value, int):
            _refuse_width(value)


def _refuse_product(left: object, right: object) -> None:
    if isinstance(left, int) and isinstance(right, int):
        _refuse_width(left.bit_length() + right.bit_length())
    elif isinstance(left, _MEASURED) and isinstance(right, int):
        _count(0, len(left) * max(0, right))
    elif isinstance(left, int) and isinstance(right, _MEASURED):
        _refuse_product(right, left)


def _refuse_width(width: int) -> None:
    if abs(width) > _WIDEST:
        sentence = N_("It asks for a text or a number of more than %(width)s places.")
        raise TooMuchError(Flaw(sentence, values={"width": _WIDEST}))
