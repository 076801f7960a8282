"""The rules of the house, as code."""

import ast
import importlib
import inspect
import os
import pkgutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import qleap

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "qleap"
DOMAINS = ("processing", "sensing", "laser")
HEAVY = ("numba", "qiskit", "qutip", "matplotlib", "xarray")
LONGEST_FILE = 400
"""Lines; a file of more has two topics."""

LONGEST_KERNEL_FILE = 450
"""Lines; what one sweep inlines stays together."""

PUBLIC = {
    "qleap": {
        "laser",
        "processing",
        "sensing",
    },
    "qleap.bench": {
        "Accuracy",
        "Measured",
        "Peer",
        "Policy",
        "Skip",
        "Speed",
        "load_policy",
    },
    "qleap.laser": {
        "AntiresonantFibre",
        "Beam",
        "Capillary",
        "DrivingField",
        "Fibre",
        "FieldGrid",
        "Grid",
        "MATERIALS",
        "Material",
        "Poling",
        "Pulse",
        "analytic_signal",
        "band_energy",
        "coherence",
        "driving_field",
        "critical_power",
        "fwhm",
        "light_at",
        "load_case",
        "mix_envelopes",
        "plot_beam",
        "plot_capillary",
        "plot_coherence",
        "plot_conversion",
        "plot_evolution",
        "plot_output",
        "plot_propagation",
        "plot_spectrum",
        "plot_time",
        "propagate_beam",
        "propagate_capillary",
        "propagate_crystal",
        "propagate_ensemble",
        "propagate_fibre",
        "self_focusing_distance",
        "scan",
        "spectral_extent",
        "time_bandwidth_product",
    },
    "qleap.laser.attosecond": {
        "Bursts",
        "Colour",
        "CompensatingFilm",
        "HalfCycles",
        "IsolatedPulse",
        "MultilayerMirror",
        "ThinFilm",
        "cep_scan",
        "compensating_film",
        "double_optical_gate",
        "driver_scan",
        "find_bursts",
        "gate_width",
        "gated_field",
        "half_cycles",
        "isolated_pulse",
        "plot_bursts",
        "plot_scan",
        "short_path_chirp",
        "synthesised",
        "synthesised_field",
        "synthesiser_scan",
        "with_cep",
        "with_continuum_at",
    },
    "qleap.laser.cases": {
        "Case",
        "case_schema",
        "load_case",
        "plot_output",
        "plot_propagation",
        "plot_scan",
        "summary",
    },
    "qleap.laser.guides": {
        "AntiresonantFibre",
        "Capillary",
        "Fibre",
        "Mode",
        "Profile",
        "TabulatedFibre",
        "TubeLatticeFibre",
        "gaussian_coupling",
        "linear_modes",
        "read_fibre",
    },
    "qleap.laser.harmonics": {
        "PHOTOIONISATION_SOURCES",
        "AnalyticField",
        "DipoleElements",
        "PhotoionisationTable",
        "RecombinationElement",
        "analytic_field",
        "cosine_return",
        "cutoff_energy",
        "cutoff_factor",
        "cutoff_intensity",
        "cutoff_wavelength",
        "emitted_light",
        "gabor",
        "gaussian_elements",
        "harmonic_spectrum",
        "hydrogen_like_elements",
        "path_spectrum",
        "periodic_field",
        "photoionisation_asymmetry",
        "photoionisation_cross_section",
        "photoionisation_table",
        "plot_gabor",
        "plot_harmonics",
        "plot_quantum_paths",
        "quantum_paths",
        "recollisions",
        "recombination_element",
        "rescattering_corrected",
        "rescattering_factor",
        "sfa_accelerations",
        "sfa_dipole",
        "survival_probability",
        "tabulated_elements",
    },
    "qleap.laser.ionisation": {
        "ATOMS",
        "Atom",
        "RateTable",
        "adk",
        "atom",
        "barrier_suppression_intensity",
        "ionise",
        "keldysh_parameter",
        "landau_lifshitz",
        "plasma",
        "plot_ionisation",
        "ppt",
        "rate_table",
        "read_rates",
        "tabulated_rates",
        "yudin_ivanov",
    },
    "qleap.laser.macroscopic": {
        "Emitter",
        "Mismatch",
        "RescatteringEmitter",
        "SfaEmitter",
        "absorption_length",
        "attosecond_light",
        "behind",
        "cell_profile",
        "constant_growth",
        "critical_ionisation",
        "emitted_energy",
        "emitted_photons",
        "far_field",
        "gas_scan",
        "generate_harmonics",
        "harmonic_scan",
        "jet_profile",
        "phase_matching_map",
        "phase_matching_pressure",
        "phase_mismatch",
        "plot_harmonic_beam",
        "plot_harmonic_growth",
        "plot_phase_matching",
    },
    "qleap.laser.media": {
        "CRYSTALS",
        "Crystal",
        "GasRaman",
        "Layer",
        "MATERIALS",
        "Material",
        "Multilayer",
        "RAMAN_GASES",
        "RAMAN_MODELS",
        "RamanModel",
        "ThreeWaveMixing",
        "XuvMedium",
        "plot_dispersion",
        "plot_phase_matching",
        "plot_transmission",
        "raman_model",
    },
    "qleap.laser.metrology": {
        "AttosecondRetrieval",
        "Comparison",
        "DispersionScan",
        "Frog",
        "InterferometricFrog",
        "Levels",
        "Miips",
        "PhotoDipole",
        "Retrieved",
        "Scheme",
        "TimeDomainPtychography",
        "Trace",
        "absorption_of",
        "compare_pulses",
        "coulomb_laser_delay",
        "count_electrons",
        "expected_marginal",
        "fano_from_phase",
        "first_moment",
        "harmonic_train",
        "hydrogenic_dipole",
        "levels_of_atom",
        "on_grid",
        "phase_from_fano",
        "plot_absorption",
        "plot_attosecond_retrieval",
        "plot_retrieval",
        "plot_streaking",
        "plot_trace",
        "read_streaking",
        "read_trace",
        "retrieval_grid",
        "retrieve",
        "retrieve_crab",
        "retrieve_rabbitt",
        "retrieve_streaking",
        "sideband_signals",
        "simulate_trace",
        "streaking_trace",
        "transient_absorption",
        "transient_absorption_of_atom",
        "transmission",
        "with_marginal_of",
    },
    "qleap.laser.pulses": {
        "Bulk",
        "ChirpedMirror",
        "compress",
        "compress_by_polynomial",
        "Compressed",
        "compression_quality",
        "delay_and_derivatives",
        "delayed",
        "effective_area",
        "Element",
        "ellipticity",
        "field_amplitude",
        "field_amplitudes",
        "field_autocorrelation",
        "fwhm",
        "fwhm_of",
        "GratingPair",
        "group_delay",
        "intensity_autocorrelation",
        "intensity_of_field",
        "interferometric_autocorrelation",
        "jones_vector",
        "keldysh_parameter",
        "Light",
        "MeasuredSpectrum",
        "normalised_vector_potential",
        "own_grid",
        "peak_fluence",
        "peak_intensity",
        "peak_power",
        "plot_autocorrelation",
        "plot_pulse",
        "plot_time_frequency",
        "polarisation_gate",
        "polarised",
        "PolarisedPulse",
        "polariser",
        "PolynomialPhase",
        "ponderomotive_energy",
        "PrismPair",
        "Pulse",
        "PulseSum",
        "read_frog",
        "read_mirror",
        "read_spectrum",
        "rms_width",
        "sampled_from_spectrum",
        "sampled_from_time",
        "SampledPulse",
        "scaled",
        "SHAPES",
        "ShiftedPulse",
        "spectral_extent",
        "spectrogram",
        "stokes",
        "through",
        "time_bandwidth_product",
        "to_samples",
        "train",
        "transform_limited",
        "wave_plate",
        "wigner",
    },
    "qleap.laser.tdse": {
        "AtomModel",
        "CentralPotential",
        "POTENTIALS",
        "PartialWaves",
        "RadialGrid",
        "SoftCore",
        "atom_model",
        "central_potential",
        "electron_distribution",
        "energy_spectrum",
        "level_spectrum",
        "line_states",
        "photoelectron_spectrum",
        "radial_grid",
        "radial_levels",
        "radial_state",
        "relaxed_line_states",
        "relaxed_state",
        "soft_core",
        "solve_atom",
        "solve_line",
    },
    "qleap.processing": {
        "CalibrationSnapshot",
        "DistributedState",
        "Estimator",
        "LocalBackend",
        "NoisyBackend",
        "RankPlan",
        "RunResult",
        "Sampler",
        "backend",
        "distribute",
        "expectation",
        "gradient",
        "gradient_by_shifts",
        "load_circuit",
        "matrix_product_state",
        "parse_circuit",
        "plan_ranks",
        "plot_counts",
        "plot_drift",
        "recorded_devices",
        "run",
        "snapshot",
        "statevector",
        "value_and_gradient",
        "variance",
    },
    "qleap.processing.backends": {
        "BackendFamily",
        "LocalBackend",
        "NoisyBackend",
        "Provider",
        "StoredBackend",
        "StoredJob",
        "backend",
        "list_backends",
    },
    "qleap.processing.protocols": {
        "Application",
        "ApplicationResult",
        "CoherenceResult",
        "CrossEntropy",
        "CrossEntropyResult",
        "DeviceProtocol",
        "DirectFidelity",
        "DirectFidelityResult",
        "EchoTime",
        "Estimate",
        "GhzFidelity",
        "GhzResult",
        "LayerFidelity",
        "LayerFidelityResult",
        "LayerSpeedResult",
        "MirrorCircuits",
        "MirrorResult",
        "ProtocolResult",
        "Provenance",
        "QuantumVolume",
        "QuantumVolumeResult",
        "RamseyTime",
        "RandomizedBenchmarking",
        "RandomizedBenchmarkingResult",
        "ReadoutFidelity",
        "ReadoutResult",
        "RelaxationTime",
        "layer_speed",
        "run_protocol",
    },
    "qleap.sensing": {
        "EquivalentField",
        "Estimate",
        "FieldEstimate",
        "FitResult",
        "HamiltonianFit",
        "LineFit",
        "LineModel",
        "NVCentre",
        "ObservedLines",
        "OdmrFit",
        "OdmrSpectrum",
        "Posterior",
        "Spectrum",
        "StoredCube",
        "Trace",
        "adaptive",
        "bath",
        "biomagnetism",
        "estimate_field",
        "fit_hamiltonian",
        "fit_lines",
        "fit_odmr",
        "fit_trace",
        "fit_traces",
        "maps",
        "models",
        "nv",
        "plot_fit",
        "plot_levels",
        "plot_odmr",
        "plot_posterior",
        "plot_transitions",
        "read_cube",
        "read_spectrum",
        "read_trace",
        "sample_posterior",
        "sample_posterior_of_traces",
        "sensitivity",
        "sequences",
        "spins",
        "write_qudi",
    },
    "qleap.sensing.adaptive": {
        "AdaptiveExperiment",
        "AdaptiveRecord",
        "BinomialNoise",
        "Cost",
        "Discriminator",
        "ExtendedKalmanTracker",
        "FrequencyTracker",
        "GaussianNoise",
        "LogUniform",
        "Particles",
        "PhaseEstimation",
        "PhaseEstimator",
        "PoissonNoise",
        "Resonance",
        "StudentNoise",
        "TrackedFrequency",
        "Uniform",
        "kalman_gain",
        "plot_adaptive",
        "plot_posterior",
        "plot_settings",
        "plot_tracking",
        "random_walk",
        "tracking_variance",
    },
    "qleap.sensing.bath": {
        "BORON_NITRIDE",
        "BathSpins",
        "CentralLevels",
        "ClusterExpansion",
        "Clusters",
        "Crystal",
        "DIAMOND",
        "Decay",
        "SILICON_CARBIDE",
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
    },
    "qleap.sensing.biomagnetism": {
        "AveragedField",
        "ConductingHalfSpace",
        "ConductingSphere",
        "ConfidenceEllipsoid",
        "DipoleBound",
        "DipoleLocation",
        "MagneticDipoles",
        "Phantom",
        "SensorArray",
        "UnboundedConductor",
        "VolumeConductor",
        "brain_phantom",
        "dipole_bound",
        "evoked_response",
        "heartbeat",
        "helmet",
        "locate_dipole",
        "minimum_norm",
        "rat_heart_phantom",
        "scan_dipoles",
        "square_grid",
    },
    "qleap.sensing.maps": {
        "CameraNoise",
        "DipoleFit",
        "FieldMap",
        "MapFit",
        "ProjectionMap",
        "Status",
        "StrainMap",
        "TransverseStrainMap",
        "continue_upward",
        "current_density",
        "field_components",
        "field_of_currents",
        "field_of_dipole",
        "fit_dipole",
        "fit_map",
        "magnetisation",
        "plot_map",
        "projection_map",
        "remove_background",
        "strain_map",
        "temperature_map",
        "transverse_strain_map",
        "vector_map",
    },
    "qleap.sensing.models": {
        "AllanSlopes",
        "Antibunching",
        "DecouplingScaling",
        "DoubleQuantumRelaxation",
        "FunctionModel",
        "Gaussian",
        "HahnEcho",
        "HamiltonianSpectrum",
        "OdmrLines",
        "Parameter",
        "PhotonCounts",
        "Polynomial",
        "PowerBroadenedOdmr",
        "Rabi",
        "Ramsey",
        "Relaxation",
        "Renamed",
        "Saturation",
        "SingleQuantumRelaxation",
        "Sum",
        "TraceModel",
        "Uniform",
    },
    "qleap.sensing.nv": {
        "AXES",
        "AxisField",
        "EXCITED_NITROGEN_14",
        "EXCITED_NITROGEN_15",
        "NITROGEN_14",
        "NITROGEN_15",
        "NVCentre",
        "Nitrogen",
        "Strain",
        "Transitions",
        "axis_rotations",
        "canonical_field",
        "carbon_13",
        "equivalent_fields",
        "excited_state",
        "field_from_pair",
        "first_shell_carbon",
        "photophysics",
        "pressure_shift",
        "signals",
        "sum_rule",
        "zero_field_splitting",
        "zero_field_splitting_slope",
    },
    "qleap.sensing.nv.photophysics": {
        "ChargeRates",
        "CwOdmrFit",
        "CwOdmrModel",
        "ERNST_2023",
        "LEVELS",
        "OpticalRates",
        "OptimumWindow",
        "ROBLEDO_2011",
        "RateModel",
        "ReducedLiouvillian",
        "SpinToCharge",
        "TETIENNE_2012",
        "charge_readout",
        "commutator",
        "controlled_spins",
        "dissipator",
        "distribution_noise",
        "fit_cw_odmr",
        "optimum_window",
        "photon_distribution",
        "photon_moments",
        "plot_luminescence",
        "plot_power_broadening",
        "plot_transient",
        "poisson_mixture",
        "readout_noise",
        "real_form",
        "reduced",
        "threshold_fidelity",
    },
    "qleap.sensing.nv.signals": {
        "ActionPotential",
        "Chirp",
        "DepthFit",
        "ElectricFieldFit",
        "FourPointThermometer",
        "MAGIC_ANGLE",
        "NuclearLayer",
        "PowderSpectrum",
        "PulseTrain",
        "Sampled",
        "Superposition",
        "Tone",
        "Waveform",
        "accumulated_phase",
        "bright_echo",
        "cylinder_signal",
        "decoupled_coherence",
        "demodulate",
        "depth_from_field_rms",
        "diffusion_correlation",
        "diffusion_modes",
        "double_quantum",
        "electric_lines",
        "electric_lines_second_order",
        "electric_slopes",
        "fibonacci_sphere",
        "fit_depth",
        "fit_electric_field",
        "gauss_sphere",
        "geometric_phase",
        "plot_electric_rotation",
        "plot_nuclear_dip",
        "plot_powder",
        "pseudo_field",
        "rotated_lines",
        "rotational_diffusion",
        "seen_frequency",
        "spin_one_channels",
        "splitting_from_lines",
        "synchronised_readout",
        "temperature_from_splitting",
        "thermal_echo",
        "thermal_polarisation",
        "tumbling_axes",
        "tumbling_coherence",
    },
    "qleap.sensing.sensitivity": {
        "allan_deviation",
        "AllanDeviation",
        "best_ramsey",
        "Casr",
        "ContinuousWave",
        "cramer_rao",
        "Decoupling",
        "Device",
        "differentiate",
        "Dual",
        "fisher_information",
        "FisherInformation",
        "measurement_information",
        "noise_budget",
        "NoiseBudget",
        "NoiseSpectrum",
        "nv_count",
        "optimise",
        "Optimum",
        "plot_allan",
        "plot_noise_budget",
        "plot_tradeoff",
        "PowerBroadening",
        "PulsedOdmr",
        "quantum_fisher_information",
        "Ramsey",
        "sensitivity_of",
        "sequence_sensitivity",
        "smooth_slope",
        "state_slope",
        "symmetric_logarithmic_derivative",
        "TechnicalNoise",
        "tradeoff",
    },
    "qleap.sensing.sequences": {
        "BandNoise",
        "BlochTrajectory",
        "Channel",
        "ControlledSpins",
        "Drive",
        "Free",
        "Laser",
        "LineNoise",
        "LorentzianNoise",
        "NoiseSpectrum",
        "NoiseSum",
        "PHASE_CYCLES",
        "Pulse",
        "Repeat",
        "Sequence",
        "Spread",
        "TimeEvolution",
        "Toggling",
        "WhiteNoise",
        "bloch_trajectory",
        "carr_purcell",
        "coherence",
        "correlation_spectroscopy",
        "cpmg",
        "davies_endor",
        "decoupling",
        "deer",
        "dephasing",
        "detuning_scan",
        "difference",
        "ensemble_signal",
        "evolve",
        "filter_function",
        "flipped",
        "hahn_echo",
        "kdd",
        "mims_endor",
        "peldor",
        "phase_response",
        "plot_bloch",
        "plot_filter",
        "plot_sequence",
        "power_law_noise",
        "propagator",
        "pulsed_odmr",
        "pulsepol",
        "pulsepol_efficiency",
        "rabi",
        "ramsey",
        "relaxation",
        "rotating_frame",
        "sign_function",
        "signal",
        "spectrum_from_cpmg",
        "spin_lock",
        "time_evolution",
        "toggling_frame",
        "udd",
        "xy16",
        "xy4",
        "xy8",
    },
    "qleap.sensing.spins": {
        "Anticrossing",
        "Coupling",
        "ISOTOPES",
        "Isotope",
        "Spin",
        "SpinSystem",
        "SpinTransitions",
        "boron_vacancy",
        "dipolar_tensor",
        "divacancy",
        "find_anticrossings",
        "p1_centre",
        "silicon_vacancy",
        "spin_operators",
    },
}
"""The published names. A change here is a change of the public interface."""


def modules(*folders: str) -> list[Path]:
    return sorted(
        path
        for folder in folders
        for path in (PACKAGE / folder).rglob("*.py")
        if path.name != "__init__.py"
    )


def imported(path: Path) -> Iterator[str]:
    """Yield the absolute names of the modules that a file imports anywhere."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            yield node.module or ""


def functions(path: Path) -> dict[str, ast.FunctionDef]:
    """Return the public functions of a file by name."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return {
        node.name: node
        for node in tree.body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
    }


def parameters(function: ast.FunctionDef) -> list[str]:
    return [argument.arg for argument in function.args.args]


def relative(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


KERNELS = [path for d in DOMAINS for path in modules(f"{d}/_kernels")]


def test_there_are_kernels_in_every_domain() -> None:
    assert {path.relative_to(PACKAGE).parts[0] for path in KERNELS} == set(DOMAINS)


@pytest.mark.parametrize("path", KERNELS, ids=relative)
def test_every_kernel_has_a_twin_of_the_same_name_and_parameters(path: Path) -> None:
    kernels = functions(path)
    if not kernels:  # tables and private parts of other kernels
        return
    twin = Path(str(path).replace("_kernels", "_reference"))
    assert twin.exists(), f"{relative(path)} has no {relative(twin)}"
    twins = functions(twin)
    for name, kernel in kernels.items():
        assert name in twins, f"{relative(path)}: {name} has no twin"
        assert parameters(kernel) == parameters(twins[name]), name


@pytest.mark.parametrize("path", KERNELS, ids=relative)
def test_kernel_files_import_kernels_alone(path: Path) -> None:
    # The stamp of the disk cache (core.jit) covers core and all kernel files.
    allowed = {"math", "numpy", "numpy.typing", "qleap.core.jit", "qleap.core.vmath"}
    allowed |= {"typing", "collections.abc", "qleap.core"}
    allowed |= {"qleap.core.buffers", "qleap.core.choices"}
    allowed |= {"qleap.core.exponents", "qleap.core.foreign", "qleap.core.simd"}
    allowed |= {"qleap.core.neighbours", "qleap.core.signals"}
    siblings = f"qleap.{path.relative_to(PACKAGE).parts[0]}._kernels"
    found = {name for name in imported(path) if not name.startswith(siblings)}
    assert found <= allowed


def test_numba_is_imported_in_one_place() -> None:
    found = {
        relative(path)
        for path in PACKAGE.rglob("*.py")
        if any(name.split(".")[0] == "numba" for name in imported(path))
    }
    assert found == {"core/jit.py"}


def test_imports_point_down() -> None:
    result = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout


@pytest.mark.parametrize("statement", [
    "import qleap",
    *(f"import qleap.{domain}" for domain in DOMAINS),
    "import qleap.bench",
    "import qleap.cli.main",
])  # fmt: skip
def test_imports_are_light(statement: str) -> None:
    code = f"import sys; {statement}; print(*sorted(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not set(HEAVY) & set(loaded)


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [["-c", "import qleap"], ["-m", "qleap", "-h"]])
def test_first_use_takes_less_than_a_third_of_a_second(arguments: list[str]) -> None:
    def seconds() -> float:
        begin = time.perf_counter()
        subprocess.run([sys.executable, *arguments], capture_output=True, check=True)
        return time.perf_counter() - begin

    seconds()  # the first run may compile byte code
    assert min(seconds() for _ in range(7)) < 0.3


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_public_names_are_the_published_ones(name: str) -> None:
    module = importlib.import_module(name)
    assert set(dir(module)) == set(module.__all__) == PUBLIC[name]
    for public in module.__all__:
        assert getattr(module, public) is not None


def public_modules() -> list[str]:
    return sorted(
        info.name
        for info in pkgutil.walk_packages(qleap.__path__, "qleap.")
        if not any(part.startswith("_") for part in info.name.split("."))
    )


@pytest.mark.parametrize("name", public_modules())
def test_every_public_module_lists_and_documents_its_names(name: str) -> None:
    module = importlib.import_module(name)
    assert module.__doc__, f"{name} has no docstring"
    if hasattr(module, "__path__") and not hasattr(module, "__all__"):
        return
    for public in module.__all__:
        thing = getattr(module, public)
        if inspect.isroutine(thing) or inspect.isclass(thing):
            assert inspect.getdoc(thing), f"{name}.{public} has no docstring"


def test_no_file_is_too_long() -> None:
    sizes = {
        relative(path): len(path.read_text(encoding="utf-8").splitlines())
        for path in PACKAGE.rglob("*.py")
    }
    kernels = {relative(path) for path in KERNELS}
    too_long = {
        name: n
        for name, n in sizes.items()
        if n > (LONGEST_KERNEL_FILE if name in kernels else LONGEST_FILE)
    }
    assert too_long == {}


@pytest.mark.slow
@pytest.mark.parametrize(
    "example", sorted((ROOT / "examples").glob("*.py")), ids=lambda path: path.stem
)
def test_every_example_runs(example: Path, tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, example],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONWARNINGS": "default"},
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout
