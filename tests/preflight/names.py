"""A DNS for pure tests: answers from a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from feedback_service.mail.preflight.names import Answer, Kind, Outcome, normal


@dataclass
class TableNames:
    """Answers `name KIND` from a table; what starts with "!" fails for that reason; the rest does not exist."""

    table: Mapping[str, Sequence[str] | str]
    asked: list[str] = field(default_factory=list)

    def ask(self, name: str, kind: Kind) -> Answer:
        """Return what the table says."""
        question = f"{normal(name)} {kind.value}"
        self.asked.append(question)
        found = self.table.get(question)
        if found is None:
            known = any(key.partition(" ")[0] == normal(name) for key in self.table)
            return Answer(Outcome.NO_RECORD if known else Outcome.NO_NAME)
        values = (found,) if isinstance(found, str) else tuple(found)
        if values[:1] and values[0].startswith("!"):
            return Answer(Outcome.FAILED, why=values[0][1:])
        return Answer(Outcome.FOUND, values)
