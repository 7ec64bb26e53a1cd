"""A block of the gallery: templates as int8, so that a scan reads a quarter of the memory, and how far off its scores
may be.

A row is scaled by its own largest component and rounded. Its score differs from the true one by no more than the
length of what rounding took away (Cauchy-Schwarz), which is known of each row; NumKong's kernels multiply the integers
exactly.
"""

from dataclasses import dataclass, field
from functools import cached_property

import numkong
import numpy as np
import numpy.typing as npt

from daemon.gallery.pages import in_huge_pages
from daemon.storage.people import Embedding
from daemon.storage.rows import Rows

ROWS = 8192
"""Rows of a chunk that still takes new ones: copying one to change it takes about a millisecond."""

BLOCK_ROWS = 32_768
"""Rows of a chunk made at once."""

_CACHED = 512  # rows that the processor's cache holds while they are rounded

Scores = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Codes:
    """Vectors as int8 (n, D) times a float32 scale (n,); `errors`, float32 (n,), bounds how long each row's loss is."""

    values: npt.NDArray[np.int8] = field(repr=False)
    scales: Scores = field(repr=False)
    errors: Scores = field(repr=False)

    @cached_property
    def error(self) -> float:
        """The largest of `errors`."""
        return float(self.errors.max())

    @classmethod
    def of(cls, vectors: Embedding) -> "Codes":
        """Round float32 (n, D)."""
        values = np.empty(vectors.shape, np.int8)
        scales = np.empty(len(vectors), np.float32)
        errors = np.empty(len(vectors), np.float32)
        for start in range(0, len(vectors), _CACHED):
            part = slice(start, start + _CACHED)
            block = vectors[part]
            scales[part] = np.maximum(np.abs(block).max(axis=1), np.float32(1e-12)) / np.float32(127)
            scaled = block / scales[part, None]
            rounded = np.rint(scaled)
            values[part] = rounded
            scaled -= rounded
            errors[part] = scales[part] * np.sqrt(np.einsum("nd,nd->n", scaled, scaled))
        return cls(values, scales, errors)

    def score(self, probe: "Codes", out: Scores) -> None:
        """Write the products with a probe of one row to float32 (n,)."""
        numkong.cdist(probe.values, self.values, "dot", out=out[None])
        np.multiply(out, self.scales, out=out)
        np.multiply(out, probe.scales[0], out=out)


@dataclass(frozen=True)
class Chunk:
    """Up to `BLOCK_ROWS` rows of the gallery; `exact` keeps their float32 where the gallery is small enough."""

    templates: npt.NDArray[np.int64] = field(repr=False)
    people: npt.NDArray[np.int64] = field(repr=False)
    person_ids: npt.NDArray[np.bytes_] = field(repr=False)
    codes: Codes
    exact: Embedding | None = field(repr=False)

    @classmethod
    def of(cls, rows: Rows, *, keep_exact: bool) -> "Chunk":
        """Quantise rows."""
        exact = rows.embeddings if keep_exact else None
        return cls(rows.templates, rows.people, rows.person_ids, Codes.of(rows.embeddings), exact)

    def __len__(self) -> int:
        return len(self.templates)

    def joined(self, *others: "Chunk") -> "Chunk":
        """This chunk's rows, then the others'; float32 only where all have it."""
        parts = (self, *others)
        kept = [part.exact for part in parts if part.exact is not None]
        values = in_huge_pages(sum(len(part) for part in parts), self.codes.values.shape[1])
        codes = Codes(
            np.concatenate([part.codes.values for part in parts], out=values),
            np.concatenate([part.codes.scales for part in parts]),
            np.concatenate([part.codes.errors for part in parts]),
        )
        return Chunk(
            np.concatenate([part.templates for part in parts]),
            np.concatenate([part.people for part in parts]),
            np.concatenate([part.person_ids for part in parts]),
            codes,
            np.concatenate(kept) if len(kept) == len(parts) else None,
        )

    def only(self, kept: npt.NDArray[np.bool_]) -> "Chunk":
        """The rows that are True in bool (n,)."""
        exact = None if self.exact is None else self.exact[kept]
        codes = Codes(self.codes.values[kept], self.codes.scales[kept], self.codes.errors[kept])
        return Chunk(self.templates[kept], self.people[kept], self.person_ids[kept], codes, exact)

    def without_exact(self) -> "Chunk":
        """The same rows, their float32 left to the store."""
        return Chunk(self.templates, self.people, self.person_ids, self.codes, None)
