"""NumPy twins of the processing kernels: the definitions, in the form of the papers."""
