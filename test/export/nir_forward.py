"""Runs a NIR file with analog values: IF neurons as ReLU. Reads it with h5py and computes with numpy, nothing else.

usage: nir_forward.py FILE.nir IN.npy OUT.npz
Writes `output`, and the arrays of each node as `node/field`.
"""
import sys

import h5py
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view


def text(value):
    return value.decode() if isinstance(value, bytes) else value


def windows(x, kernel, stride, padding, dilation=(1, 1)):
    x = np.pad(x, ((0, 0), (0, 0), (padding[0],) * 2, (padding[1],) * 2))
    extent = [(k - 1) * d + 1 for k, d in zip(kernel, dilation)]
    view = sliding_window_view(x, extent, axis=(2, 3))
    return view[:, :, :: stride[0], :: stride[1], :: dilation[0], :: dilation[1]]


def conv2d(n, x):
    w, groups = n["weight"], int(n["groups"])
    view = windows(x, w.shape[2:], n["stride"], n["padding"], n["dilation"])
    out = []
    for part, weights in zip(np.split(view, groups, axis=1), np.split(w, groups, axis=0)):
        out.append(np.einsum("nchwij,ocij->nohw", part, weights, optimize=True))
    return np.concatenate(out, axis=1) + n["bias"][:, None, None]


def flatten(n, x):
    assert list(n["input_type"]) == list(x.shape[1:]), "Flatten: another input than stated"
    assert n["start_dim"] == 0 and n["end_dim"] == -1
    return x.reshape(len(x), -1)


RUN = {
    "Input": lambda n, x: x,
    "Output": lambda n, x: x,
    "Affine": lambda n, x: x @ n["weight"].T + n["bias"],
    "Linear": lambda n, x: x @ n["weight"].T,
    "Scale": lambda n, x: x * n["scale"],
    "Conv2d": conv2d,
    "SumPool2d": lambda n, x: windows(x, n["kernel_size"], n["stride"], n["padding"]).sum(axis=(4, 5)),
    "Flatten": flatten,
    "IF": lambda n, x: np.maximum(x, 0) * n["r"] / n["v_threshold"],
}


def main(path, image_path, out_path):
    with h5py.File(path, "r") as file:
        assert text(file["node/type"][()]) == "NIRGraph"
        nodes = {name: {key: item[()] for key, item in group.items() if key != "metadata"} for name, group in file["node/nodes"].items()}
        edges = [(text(a), text(b)) for a, b in file["node/edges"][()]]
    images = np.load(image_path).astype(np.float64)
    done = {}
    while len(done) < len(nodes):
        ready = [n for n in nodes if n not in done and all(a in done for a, b in edges if b == n)]
        assert ready, "a loop"
        for name in ready:
            node = nodes[name]
            kind = text(node["type"])
            sources = [done[a] for a, b in edges if b == name]
            x = images if kind == "Input" else sum(sources[1:], sources[0])
            assert kind == "Input" or all(s.shape == x.shape for s in sources), name
            done[name] = RUN[kind](node, x)
            if kind in ("Input", "Output"):
                assert list(node["shape"]) == list(done[name].shape[1:]), name
    outputs = {name: done[name] for name, node in nodes.items() if text(node["type"]) == "Output"}
    arrays = {f"{name}/weight": node["weight"] for name, node in nodes.items() if "weight" in node}
    np.savez(out_path, **{f"output/{name}": value for name, value in outputs.items()}, **arrays)
    print(len(nodes), "nodes", len(edges), "edges")


main(*sys.argv[1:])
