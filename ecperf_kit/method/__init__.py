"""The method: scores, coefficients and pay, computed from a client's tables, nothing else.

Pure functions over tables of stored integers (millionths, ``ecperf_kit.exact``);
no file is opened here. ``calculate`` runs the whole chain.
"""
