"""Spin baths and the coherence that they leave."""

from typing import TYPE_CHECKING

from qleap.core import lazy

if TYPE_CHECKING:
    from qleap.sensing.bath.clusters import Clusters, find_clusters
    from qleap.sensing.bath.convergence_plot import plot_convergence
    from qleap.sensing.bath.cutoffs import convergence
    from qleap.sensing.bath.expansion import ClusterExpansion, coherence
    from qleap.sensing.bath.levels import CentralLevels, central_levels
    from qleap.sensing.bath.spins import BathSpins

__all__ = [
    "BathSpins",
    "CentralLevels",
    "ClusterExpansion",
    "Clusters",
    "central_levels",
    "coherence",
    "convergence",
    "find_clusters",
    "plot_convergence",
]
__getattr__, __dir__ = lazy.attach(
    __name__,
    {
        "BathSpins": "spins",
        "CentralLevels": "levels",
        "ClusterExpansion": "expansion",
        "Clusters": "clusters",
        "central_levels": "levels",
        "coherence": "expansion",
        "convergence": "cutoffs",
        "find_clusters": "clusters",
        "plot_convergence": "convergence_plot",
    },
)
