"""What a check found: a rule, a place, the evidence. The sentences stand in the catalogue `manifest`.

`rules.<rule>.what` says what is wrong, `rules.<rule>.fix` what would be right; both may use the finding's params.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Finding:
    """One breach of one rule at one place ("settings.3.default"), with the offending value as evidence."""

    rule: str
    where: str
    evidence: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Plain JSON, for the API and for `bot check --json`."""
        return {"rule": self.rule, "where": self.where, "evidence": self.evidence, "params": dict(self.params)}


class ManifestError(ValueError):
    """The manifest cannot be used; `findings` holds every reason, not only the first."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__("; ".join(f"{finding.rule} at {finding.where}: {finding.evidence}" for finding in findings))
        self.findings = tuple(findings)
