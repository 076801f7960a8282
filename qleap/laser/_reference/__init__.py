"""NumPy twins of the laser kernels: the definitions, in the form of the papers."""
