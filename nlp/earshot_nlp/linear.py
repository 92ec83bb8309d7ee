"""What all linear models share: their weights, laid out once as products with rows of features want them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import sparse

Floats = npt.NDArray[np.float32]
Scores = npt.NDArray[np.float64]


class Linear:
    """Weights `coef_` of shape (outputs, d) and `intercept_` (outputs,): replaced at times, never changed once used."""

    coef_: Floats
    intercept_: Floats
    _laid: tuple[Floats, Scores] | None = None

    def decision_function(self, features: sparse.csr_matrix) -> Scores:
        """Give log-odds of features of shape (n, d), before any calibration: shape (n, outputs)."""
        return np.asarray(features @ self._columns() + self.intercept_, dtype=np.float64)

    def _columns(self) -> Scores:
        if self._laid is None or self._laid[0] is not self.coef_:
            self._laid = self.coef_, np.ascontiguousarray(self.coef_.T, dtype=np.float64)
        return self._laid[1]
