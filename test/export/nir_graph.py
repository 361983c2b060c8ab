"""A NIR file in numpy, read with h5py and nothing of ours. What stands for the neurons is given from outside."""
from collections import namedtuple

import h5py
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

# `nodes` are their datasets by name, in an order in which each stands behind its `sources`.
Graph = namedtuple("Graph", "nodes sources metadata")


def read(path):
    with h5py.File(path, "r") as file:
        assert text(file["node/type"][()]) == "NIRGraph"
        nodes = {name: contents(group) for name, group in file["node/nodes"].items()}
        edges = [(text(a), text(b)) for a, b in file["node/edges"][()]]
        metadata = contents(file["node/metadata"])
    sources = {name: [a for a, b in edges if b == name] for name in nodes}
    ordered = {}
    while len(ordered) < len(nodes):
        ready = [n for n in nodes if n not in ordered and all(a in ordered for a in sources[n])]
        assert ready, "a loop"
        ordered |= {name: nodes[name] for name in ready}
    return Graph(ordered, sources, metadata)


def run(graph, images, behaviour, known={}):
    """The values of all nodes for images [N, ...]. `behaviour` has functions (name, node, x) by type of node, which go
    before those of LINEAR; `known` has values that are not computed again."""
    done = dict(known)
    for name, node in graph.nodes.items():
        if name in known:
            continue
        values = [done[source] for source in graph.sources[name]]
        assert all(value.shape == values[0].shape for value in values), name
        x = sum(values[1:], values[0]) if values else images
        kind = node["type"]
        done[name] = behaviour[kind](name, node, x) if kind in behaviour else LINEAR[kind](node, x)
        if kind in ("Input", "Output"):
            assert list(node["shape"]) == list(done[name].shape[1:]), name
    return done


def outputs(graph, values):
    return {name: values[name] for name, node in graph.nodes.items() if node["type"] == "Output"}


def contents(group):
    return {name: contents(item) if isinstance(item, h5py.Group) else text(item[()]) for name, item in group.items()}


def text(value):
    return value.decode() if isinstance(value, bytes) else value


def windows(x, kernel, stride, padding, dilation=(1, 1)):
    x = np.pad(x, ((0, 0), (0, 0), (padding[0],) * 2, (padding[1],) * 2))
    extent = [(k - 1) * d + 1 for k, d in zip(kernel, dilation)]
    view = sliding_window_view(x, extent, axis=(2, 3))
    return view[:, :, :: stride[0], :: stride[1], :: dilation[0], :: dilation[1]]


def conv2d(n, x):
    assert x.shape[2:] == tuple(n["input_shape"]), "Conv2d: another input than stated"
    w, groups = n["weight"], int(n["groups"])
    view = windows(x, w.shape[2:], n["stride"], n["padding"], n["dilation"])
    out = []
    for part, weights in zip(np.split(view, groups, axis=1), np.split(w, groups, axis=0)):
        out.append(np.einsum("nchwij,ocij->nohw", part, weights, optimize=True))
    return np.concatenate(out, axis=1) + n["bias"][:, None, None]


def conv1d(n, x):
    """As a Conv2d over one row."""
    row = {name: np.array([plain, n[name]]) for name, plain in (("input_shape", 1), ("stride", 1), ("padding", 0), ("dilation", 1))}
    return conv2d({**n, **row, "weight": n["weight"][:, :, None]}, x[:, :, None])[:, :, 0]


def flatten(n, x):
    assert list(n["input_type"]) == list(x.shape[1:]), "Flatten: another input than stated"
    assert n["start_dim"] == 0 and n["end_dim"] == -1
    return x.reshape(len(x), -1)


LINEAR = {
    "Input": lambda n, x: x,
    "Output": lambda n, x: x,
    "Affine": lambda n, x: x @ n["weight"].T + n["bias"],
    "Linear": lambda n, x: x @ n["weight"].T,
    "Scale": lambda n, x: x * n["scale"],
    "Conv1d": conv1d,
    "Conv2d": conv2d,
    "SumPool2d": lambda n, x: windows(x, n["kernel_size"], n["stride"], n["padding"]).sum(axis=(4, 5)),
    "Flatten": flatten,
}
