"""Runs NIR files with analog values: IF neurons as ReLU, bounded where the metadata has what NIR cannot say.

usage: nir_forward.py (FILE.nir IN.npy OUT.npz)...
Writes `output/NAME`, and the weights of each node as `NAME/weight`.
"""
import sys

import numpy as np

import nir_graph


def main(paths):
    for path, image_path, out_path in zip(paths[::3], paths[1::3], paths[2::3]):
        graph = nir_graph.read(path)
        values = nir_graph.run(graph, np.load(image_path).astype(np.float64), analog(graph.metadata))
        found = {f"output/{name}": value for name, value in nir_graph.outputs(graph, values).items()}
        weights = {f"{name}/weight": node["weight"] for name, node in graph.nodes.items() if "weight" in node}
        np.savez(out_path, **found, **weights)


def analog(metadata):
    def integrate_and_fire(name, n, x):
        own = n.get("metadata", {})
        rate = np.maximum(x, 0) * n["r"] / n["v_threshold"]
        high = own.get("parameters", {}).get("high")
        if high is not None:
            return np.minimum(rate, per_channel(high, x) / metadata["K"])
        # Quantizers that end where the code does have no bound of their own.
        return np.minimum(rate, 1) if own and metadata["arithmetic"] == "integer" else rate

    def scale(name, n, x):
        grid = n.get("metadata", {}).get("grid")
        if grid is not None:
            x = np.clip(x, grid["scale"] * grid["low"], grid["scale"] * grid["high"])
        return x * n["scale"]

    return {"IF": integrate_and_fire, "Scale": scale}


def per_channel(values, x):
    """One number, one per channel or one per neuron against [N, C, ...]."""
    values = np.asarray(values).reshape(-1)
    if values.size == x[0].size:
        return values.reshape(x.shape[1:])
    return values.reshape(-1, *[1] * (x.ndim - 2))


main(sys.argv[1:])
