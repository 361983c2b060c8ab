"""Steps a NIR file with numpy, from NIR's equations: an image enters as the same current at every step.

usage: nir_simulator.py FILE.nir IMAGES.npy OUT.npz STEPS DT euler|exponential zero|subtract
Writes, for every node that fires or is an Output, what came out: [images, steps, ...shape]. Currents are float64 and rounded
once, membranes float32.
"""
import sys

import h5py
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

STATEFUL = ("I", "LI", "IF", "LIF")


def text(value):
    return value.decode() if isinstance(value, bytes) else value


def windows(x, kernel, stride, padding, dilation=(1, 1)):
    if isinstance(padding, (bytes, str)):
        total = [d * (k - 1) if text(padding) == "same" else 0 for k, d in zip(kernel, dilation)]
        pads = [(t // 2, t - t // 2) for t in total]
    else:
        pads = [(p, p) for p in padding]
    x = np.pad(x, ((0, 0), (0, 0), *pads))
    extent = [(k - 1) * d + 1 for k, d in zip(kernel, dilation)]
    view = sliding_window_view(x, extent, axis=(2, 3))
    return view[:, :, :: stride[0], :: stride[1], :: dilation[0], :: dilation[1]]


def conv2d(n, x):
    w, groups = n["weight"].astype(np.float64), int(n["groups"])
    view = windows(x, w.shape[2:], n["stride"], n["padding"], n["dilation"])
    parts = zip(np.split(view, groups, axis=1), np.split(w, groups, axis=0))
    return np.concatenate([np.einsum("nchwij,ocij->nohw", v, part) for v, part in parts], axis=1) + n["bias"][:, None, None]


def pool(n, x):
    return windows(x, n["kernel_size"], n["stride"], n["padding"])


def scale(n, x):
    s = n["scale"]
    return x * (s if s.size == x[0].size else s.reshape(-1, *[1] * (x.ndim - 2)))


LINEAR = {
    "Input": lambda n, x: x,
    "Output": lambda n, x: x,
    "Affine": lambda n, x: x @ n["weight"].T.astype(np.float64) + n["bias"],
    "Linear": lambda n, x: x @ n["weight"].T.astype(np.float64),
    "Scale": scale,
    "Conv2d": conv2d,
    "SumPool2d": lambda n, x: pool(n, x).sum(axis=(4, 5)),
    "AvgPool2d": lambda n, x: pool(n, x).mean(axis=(4, 5)),
    "Flatten": lambda n, x: x.reshape(len(x), *x.shape[1 : 1 + n["start_dim"]], -1),
}


def advance(node, v, current, dt, rule, reset):
    """The next potential and what comes out, in float32."""
    kind = node["type"]
    f = np.float32
    if "tau" in node:
        tau = node["tau"].astype(np.float64)
        gain = (dt / tau if rule == "euler" else -np.expm1(-dt / tau)).astype(f)
        v = v + gain * ((node["v_leak"].astype(f) - v) + node["r"].astype(f) * current)
    else:
        v = v + (dt * node["r"].astype(np.float64)).astype(f) * current
    assert v.dtype == f
    if kind in ("I", "LI"):
        return v, v
    spikes = v > node["v_threshold"].astype(f)
    resting = node["v_reset"].astype(f) if "v_reset" in node else f(0)
    fallen = resting if reset == "zero" else v - (node["v_threshold"].astype(f) - resting)
    return np.where(spikes, fallen, v), spikes.astype(f)


def order_of(nodes, edges):
    """Behind its sources each; of loops the membrane first."""
    done = []
    while len(done) < len(nodes):
        waiting = sorted(set(nodes) - set(done))
        known = {n: [a in done for a, b in edges if b == n] for n in waiting}
        ready = [n for n in waiting if all(known[n])] or [n for n in waiting if any(known[n]) and nodes[n]["type"] in STATEFUL]
        done.append(ready[0])
    return done


def main(path, image_path, out_path, steps, dt, rule, reset):
    with h5py.File(path, "r") as file:
        nodes = {name: {key: item[()] for key, item in group.items() if key != "metadata"} for name, group in file["node/nodes"].items()}
        edges = [(text(a), text(b)) for a, b in file["node/edges"][()]]
    for node in nodes.values():
        node["type"] = text(node["type"])
    images = np.load(image_path).astype(np.float32)
    order = order_of(nodes, edges)
    out, membranes = {}, {}
    kept = {name: [] for name, node in nodes.items() if node["type"] in ("IF", "LIF", "Threshold", "Output")}
    for _ in range(int(steps)):
        for name in order:
            node = nodes[name]
            if node["type"] == "Input":
                out[name] = images
                continue
            # What is not there yet in the first step comes through a loop: 0.
            sources = [out.get(a, np.float32(0)) for a, b in edges if b == name]
            x = sources[0]
            for more in sources[1:]:
                x = x + more
            if node["type"] == "Threshold":
                out[name] = (x > node["threshold"].astype(np.float32)).astype(np.float32)
            elif node["type"] in STATEFUL:
                v = membranes.get(name, np.zeros(x.shape, np.float32))
                membranes[name], out[name] = advance(node, v, x, float(dt), rule, reset)
            else:
                out[name] = LINEAR[node["type"]](node, x.astype(np.float64)).astype(np.float32)
        for name, values in kept.items():
            values.append(out[name])
    np.savez(out_path, **{name: np.stack(values, axis=1) for name, values in kept.items()})


main(*sys.argv[1:])
