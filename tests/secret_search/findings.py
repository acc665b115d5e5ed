"""Compare what a test used with what it put out."""

import re
from dataclasses import dataclass, field

from tests.secret_search.outputs import Output
from tests.secret_search.secrets import Secret

_DIGEST = re.compile(r"(?<![0-9a-f])(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64})(?![0-9a-f])")


@dataclass
class Record:
    """What has been seen since the last search.

    ``public`` are the texts of other fields: who takes their address or their name for a password has told it already.
    """

    secrets: set[Secret] = field(default_factory=set)
    outputs: list[Output] = field(default_factory=list)
    public: set[str] = field(default_factory=set)
    command: str = "none"  # the one that prints

    def findings(self) -> list[str]:
        """Return a line for each secret that is where it may not be, and forget what was seen."""
        secrets = {secret for secret in self.secrets if secret.kind != "password" or secret.value not in self.public}
        outputs, self.secrets, self.outputs, self.public = self.outputs, set(), [], set()
        everything = "\n".join(output.text for output in outputs)
        found = set()
        for secret in secrets:
            if any(spelling in everything for spelling in secret.spellings()):
                found |= {
                    f"{secret.kind} in {output.place} {output.name}" for output in outputs if output.holds(secret)
                }
        return sorted(found | _hashed(secrets, outputs))


def _hashed(secrets: set[Secret], outputs: list[Output]) -> set[str]:
    """Return a line for each secret whose plain hash is in a column or anywhere else."""
    digests = {}
    for output in outputs:
        digests |= dict.fromkeys(_DIGEST.findall(output.text), output)
    if not digests:
        return set()
    return {
        f"plain hash of {secret.kind} in {digests[digest].place} {digests[digest].name}"
        for secret in secrets
        for digest in secret.hashes() & digests.keys()
    }


RECORD = Record()
