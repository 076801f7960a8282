"""NumPy twins of the sensing kernels: the definitions, in the form of the papers."""
