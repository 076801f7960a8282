"""Spin baths and the coherence that they leave."""

from typing import TYPE_CHECKING

from qleap.core import lazy

if TYPE_CHECKING:
    from qleap.sensing.bath.averages import lattice_average
    from qleap.sensing.bath.clusters import Clusters, find_clusters
    from qleap.sensing.bath.convergence_plot import plot_convergence
    from qleap.sensing.bath.crystal import (
        BORON_NITRIDE,
        DIAMOND,
        SILICON_CARBIDE,
        Crystal,
    )
    from qleap.sensing.bath.cutoffs import convergence
    from qleap.sensing.bath.decay import Decay, fit_decay, revival_times
    from qleap.sensing.bath.expansion import ClusterExpansion, coherence
    from qleap.sensing.bath.generalized import generalized_coherence
    from qleap.sensing.bath.lattices import (
        diamond_lattice,
        join_baths,
        nitrogen_bath,
        proton_layer,
        random_bath,
    )
    from qleap.sensing.bath.levels import CentralLevels, central_levels
    from qleap.sensing.bath.plots import plot_coherence, plot_t2_histogram
    from qleap.sensing.bath.sampling import (
        SampledCoherence,
        random_state,
        sampled_coherence,
    )
    from qleap.sensing.bath.spins import BathSpins

__all__ = [
    "BORON_NITRIDE",
    "DIAMOND",
    "SILICON_CARBIDE",
    "BathSpins",
    "CentralLevels",
    "ClusterExpansion",
    "Clusters",
    "Crystal",
    "Decay",
    "SampledCoherence",
    "central_levels",
    "coherence",
    "convergence",
    "diamond_lattice",
    "find_clusters",
    "fit_decay",
    "generalized_coherence",
    "join_baths",
    "lattice_average",
    "nitrogen_bath",
    "plot_coherence",
    "plot_convergence",
    "plot_t2_histogram",
    "proton_layer",
    "random_bath",
    "random_state",
    "revival_times",
    "sampled_coherence",
]
__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "BORON_NITRIDE": "crystal",
        "BathSpins": "spins",
        "CentralLevels": "levels",
        "ClusterExpansion": "expansion",
        "Clusters": "clusters",
        "Crystal": "crystal",
        "DIAMOND": "crystal",
        "Decay": "decay",
        "SILICON_CARBIDE": "crystal",
        "SampledCoherence": "sampling",
        "central_levels": "levels",
        "coherence": "expansion",
        "convergence": "cutoffs",
        "diamond_lattice": "lattices",
        "find_clusters": "clusters",
        "fit_decay": "decay",
        "generalized_coherence": "generalized",
        "join_baths": "lattices",
        "lattice_average": "averages",
        "nitrogen_bath": "lattices",
        "plot_coherence": "plots",
        "plot_convergence": "convergence_plot",
        "plot_t2_histogram": "plots",
        "proton_layer": "lattices",
        "random_bath": "lattices",
        "random_state": "sampling",
        "revival_times": "decay",
        "sampled_coherence": "sampling",
    },
)
