"""What every language's table of cases is held to: a test class inherits it and names its tables."""

from typing import ClassVar

import pytest

from feedback_service.sentiment.judgement import Label
from feedback_service.sentiment.scorer import Scorer


class NativeReader:
    """The judgement of somebody who reads the language, case by case.

    Attributes:
        scorer: with other languages beside this one, so that it must be recognised too.
        language: of the cases.
        given: the language where it is told to the scorer, for cases that are written alike in two languages.
        negative, positive, not_negative: texts by what makes them hard.
    """

    scorer: ClassVar[Scorer]
    language: ClassVar[str]
    given: ClassVar[str | None] = None
    negative: ClassVar[dict[str, str]]
    positive: ClassVar[dict[str, str]]
    not_negative: ClassVar[dict[str, str]]

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Give each test the texts of its table, by name."""
        plain = {name: text for name, text in (self.negative | self.positive).items() if "&" not in text}
        tables = {
            "complaint": self.negative,
            "praise": self.positive,
            "neither": self.not_negative,
            "said": plain,  # Entities have a case.
        }
        for name, texts in tables.items():
            if name in metafunc.fixturenames:
                metafunc.parametrize(name, texts.values(), ids=texts.keys())

    def test_complaint_is_negative(self, complaint: str) -> None:
        assert self.scorer.score(complaint, self.given).label is Label.NEGATIVE

    def test_praise_is_positive(self, praise: str) -> None:
        assert self.scorer.score(praise, self.given).label is Label.POSITIVE

    def test_neither_is_not_negative(self, neither: str) -> None:
        assert self.scorer.score(neither, self.given).label is not Label.NEGATIVE

    def test_capitals_and_spaces_do_not_change_the_label(self, said: str) -> None:
        label = self.scorer.score(said, self.language).label
        assert self.scorer.score(said.upper(), self.language).label is label
        assert self.scorer.score(f"  {said.replace(' ', '  ')}\n", self.language).label is label
