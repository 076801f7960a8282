"""The histogram shows what the counts say."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from qiskit import QuantumCircuit

from qleap.processing import RunResult, plot_counts, run


def result(counts: dict[str, int]) -> RunResult:
    shots = sum(counts.values())
    fixed = {"seed": 1, "backend": "local", "method": "sampling", "seconds": 0.1}
    return RunResult(counts=counts, shots=shots, **fixed)  # type: ignore[arg-type]


def heights(axes: Axes) -> list[float]:
    return [bar.get_bbox().height for bar in axes.patches if isinstance(bar, Rectangle)]


def test_bars_are_shares_in_the_order_of_their_names() -> None:
    axes = plot_counts(result({"11": 75, "00": 25}))
    assert heights(axes) == [0.25, 0.75]
    assert [label.get_text() for label in axes.get_xticklabels()] == ["00", "11"]
    assert axes.get_ylabel() == "share of shots"


def test_rare_outcomes_are_counted_in_the_title() -> None:
    axes = plot_counts(result({"0": 90, "1": 6, "10": 4}), most=2)
    assert len(axes.patches) == 2
    assert axes.get_title() == "100 shots; 1 rarer outcomes (4%) not shown"


def test_given_axes_and_datasets_are_used() -> None:
    axes = Figure().subplots()
    circuit = QuantumCircuit(1)
    circuit.measure_all()
    data = run(circuit, 10).to_dataset()
    assert plot_counts(data, ax=axes) is axes
    assert heights(axes) == [1.0]
