"""Error rates of presentation attack detection, in the words of ISO/IEC 30107-3. Pure."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import exp, lgamma, log, log1p


@dataclass(frozen=True)
class Rate:
    """So many errors among so many trials, with the exact 95 % interval of Clopper and Pearson."""

    errors: int
    trials: int

    @property
    def value(self) -> float | None:
        """The share of errors; None without a trial."""
        return self.errors / self.trials if self.trials else None

    @property
    def interval(self) -> tuple[float, float]:
        return clopper_pearson(self.errors, self.trials)


@dataclass(frozen=True)
class Outcome:
    """One presentation's or one frame's verdict; `attack` is the species of instrument, None for bona fide."""

    attack: str | None
    accepted: bool


@dataclass(frozen=True)
class PresentationErrors:
    """APCER of each attack species and BPCER."""

    apcer: Mapping[str, Rate]
    bpcer: Rate

    @property
    def acer(self) -> float | None:
        """Mean of BPCER and of the worst species' APCER (ISO/IEC 30107-3:2017); None where either is missing."""
        worst = max((rate.value for rate in self.apcer.values() if rate.value is not None), default=None)
        return None if worst is None or self.bpcer.value is None else (worst + self.bpcer.value) / 2


def presentation_errors(outcomes: Iterable[Outcome]) -> PresentationErrors:
    """Count attacks that were accepted and bona fide presentations that were not."""
    attacks: defaultdict[str, list[bool]] = defaultdict(list)
    bona_fide: list[bool] = []
    for outcome in outcomes:
        (bona_fide if outcome.attack is None else attacks[outcome.attack]).append(outcome.accepted)
    return PresentationErrors(
        apcer={species: Rate(sum(accepted), len(accepted)) for species, accepted in sorted(attacks.items())},
        bpcer=Rate(sum(not accepted for accepted in bona_fide), len(bona_fide)),
    )


def clopper_pearson(errors: int, trials: int, *, confidence: float = 0.95) -> tuple[float, float]:
    """The exact binomial interval of Clopper and Pearson (Biometrika 1934); (0, 1) without a trial.

    Its ends are the rates at which so many errors or more, and so many or fewer, have probability (1 - confidence) / 2.
    """
    if not 0 <= errors <= trials:
        raise ValueError(f"{errors} errors in {trials} trials")
    tail = (1 - confidence) / 2
    lower = 0.0 if errors == 0 else _root(lambda p: 1 - _at_most(errors - 1, trials, p) - tail)
    upper = 1.0 if errors == trials else _root(lambda p: tail - _at_most(errors, trials, p))
    return lower, upper


def _at_most(errors: int, trials: int, rate: float) -> float:
    """Probability of at most `errors` in `trials` at `rate`, in logarithms so that no factorial overflows."""
    total = lgamma(trials + 1)
    return sum(
        exp(total - lgamma(k + 1) - lgamma(trials - k + 1) + k * log(rate) + (trials - k) * log1p(-rate))
        for k in range(errors + 1)
    )


def _root(rising: Callable[[float], float]) -> float:
    """Where a rising function of a rate crosses zero, by bisection to 1e-9."""
    low, high = 0.0, 1.0
    while high - low > 1e-9:
        middle = (low + high) / 2
        low, high = (middle, high) if rising(middle) < 0 else (low, middle)
    return (low + high) / 2
