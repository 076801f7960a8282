"""Details of posteriors: weights, impossible values, limits of normal priors."""

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.stats import truncnorm

from qleap.sensing import Posterior, sample_posterior
from qleap.sensing.models import FunctionModel, Gaussian, Uniform


def test_quantiles_and_effective_samples_are_those_of_the_weights() -> None:
    found = Posterior(
        names=("a",), units=("s",), samples=np.array([[2.0], [1.0], [3.0]]),
        weights=np.array([0.5, 0.25, 0.25]), log_likelihood=np.zeros(3),
        log_evidence=0.0, log_evidence_error=0.0, steps=1, fixed={}, seed=0,
    )  # fmt: skip
    assert_allclose(found.effective_sample_size, 1.0 / 0.375)
    assert_allclose(found.quantile("a", [0.125, 0.5, 0.875]), [1.0, 2.0, 3.0])


@pytest.mark.filterwarnings("error")
def test_values_at_which_the_model_or_counts_are_impossible_have_no_weight() -> None:
    x = np.arange(1.0, 9.0)
    root = FunctionModel(function=lambda x, a: np.sqrt(a) * x)
    found = sample_posterior(root, x, 0.1 * x, np.full(8, 1.0), n_particles=400,
                             priors={"a": Uniform(-1.0, 1.0)})  # fmt: skip
    assert found.samples.min() >= 0.0
    line = FunctionModel(function=lambda x, a: a * x - 1.0)
    found = sample_posterior(line, x, np.zeros(8), cost="poisson", n_particles=400,
                             priors={"a": Uniform(0.0, 3.0)})  # fmt: skip
    assert found.samples.min() >= 1.0


def test_a_normal_prior_is_cut_at_the_limits() -> None:
    model = FunctionModel(function=lambda x, a: 0.0 * a * x)
    found = sample_posterior(model, np.arange(4.0), np.zeros(4), np.ones(4),
                             priors={"a": Gaussian(0.0, 1.0)},
                             limits={"a": (1.0, 5.0)}, n_particles=4000)  # fmt: skip
    assert found.samples.min() >= 1.0
    assert_allclose(found.mean[0], truncnorm(1.0, 5.0).mean(), rtol=0.03)
