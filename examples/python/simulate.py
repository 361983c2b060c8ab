"""Simulates the spiking network of a .snn file with numpy alone, written from docs/format.md.

Delays align the windows of all nodes, so every node is computed over its whole window, t = 1..T, before the next
one (section 3). Spikes and currents are arrays [T, N, ...shape] for N images; analog values are [N, ...shape].
"""

from dataclasses import dataclass, field

import numpy as np
from operators import apply_operator, max_pool
from snn_file import SnnError

f32 = np.float32


@dataclass
class Run:
    """What a run gives: logits [T, N, ...shape] of each readout, spikes [T, N, ...shape] of each layer, by name."""

    logits: dict = field(default_factory=dict)
    spikes: dict = field(default_factory=dict)


def simulate(network, inputs):
    """Runs normalised images [N, ...shape], one array for each of `network.inputs()`."""
    run, values = Run(), {}
    images = {node["name"]: x for node, x in zip(network.inputs(), inputs)}
    for node in network.nodes:
        kind = node["kind"]
        if kind == "encoder":
            analog = values[node["source"]["value"]] if "source" in node else images[node["name"]]
            made = encode(network, node, analog.astype(f32))
            if node["encoder"] != "analog":
                run.spikes[node["name"]] = made.astype(np.int8)
        elif kind == "linear":
            made = linear(network, node, values)
        elif kind == "neuron":
            made = fire(network, node, sources_of(node, values))
            run.spikes[node["name"]] = made.astype(np.int8)
        elif kind == "decoder":
            made = read_out(network, node, sources_of(node, values))[-1]
        elif kind == "analog":
            made = apply_operator(node, operands_of(network, node, values)).astype(f32)
        else:
            run.logits[node["name"]] = read_out(network, node, sources_of(node, values))
            continue
        values[node["output"]] = made
    return run


def real(network):
    """Section 8: the type of currents, membranes and thresholds."""
    return np.float64 if network.integer else f32


def sources_of(node, values):
    return [values[source["value"]] for source in node["sources"]]


def operands_of(network, node, values):
    return [
        network.tensors[source["constant"]] if "constant" in source else values[source["value"]]
        for source in node["sources"]
    ]


def kappa(T, beta):
    return sum(beta ** (T - t) for t in range(1, T + 1))


def encode(network, node, a):
    """Section 4: values a [N, ...shape] to spikes; float32 in either arithmetic."""
    T, beta, theta = network.T, network.beta, node["theta"]
    if "grid" in node:
        grid = node["grid"]
        a = np.clip(np.rint((a / np.float64(grid["scale"])).astype(f32)), grid["low"], grid["high"]).astype(f32)
        theta = theta / grid["scale"]
    out = np.zeros((T, *a.shape), real(network))
    if node["encoder"] == "analog":
        out[0] = a
        return out
    K = kappa(T, beta)
    i, c, growth = {"css": (beta**-T, 0, beta), "constant-current": (0, 1 / K, beta), "rate": (0, 1 / K, 1)}[node["encoder"]]
    u = f32(i) * a
    for t in range(T):
        v = f32(growth) * u + f32(c) * a
        s = sign_beyond(v, f32(theta / 2))
        u = v - f32(theta) * s
        out[t] = s
    return out


def sign_beyond(v, threshold, strict=False):
    """+1, -1 or 0, in the type of v: whether v reaches the threshold on either side, or exceeds it."""
    reached = np.abs(v) > threshold if strict else np.abs(v) >= threshold
    return np.where(reached, np.sign(v), v.dtype.type(0))


def linear(network, node, values):
    """Section 5: the operator at each step, with time folded into the batch axis."""

    def folded(source):
        if "constant" in source:
            return network.tensors[source["constant"]]
        value = values[source["value"]]
        return value.reshape(-1, *value.shape[2:])

    out = apply_operator(node, [folded(source) for source in node["sources"]])
    return out.reshape(network.T, -1, *node["shape"]).astype(real(network))


def per_element(network, name, shape):
    """Section 2.3: a tensor of shape [], [axis 0 of shape] or shape, ready to broadcast against [N, ...shape]."""
    tensor = network.tensors[name]
    return tensor.reshape(-1, *[1] * (len(shape) - 1)) if tensor.ndim == 1 else tensor


def share(network, t):
    """Section 6: the part of a bias that has flowed in by step t."""
    T, beta = network.T, network.beta
    return beta ** (t - T) if t >= T else kappa(t, beta) / kappa(T, beta)


class Membranes:
    """Sections 6 and 7: the accumulated inputs h_k of a neuron layer, a readout or a decoder."""

    def __init__(self, network, node, z, shape):
        self.network, self.node, self.z, self.shape = network, node, z, shape
        self.ahead = [source.get("aheadSteps", 0) for source in node["sources"]]
        self.h = [np.zeros_like(current[0]) for current in z]

    def step(self, t):
        """Integrates the currents of step t of the window, or later ones of sources that run ahead."""
        T, beta = self.network.T, real(self.network)(self.network.beta)
        for k, a in enumerate(self.ahead):
            self.h[k] = beta * self.h[k] + (self.z[k][t + a - 1] if 1 <= t + a <= T else 0)

    def potential(self, t):
        """u at step t: what the membranes add up to."""
        network, node = self.network, self.node
        if not network.integer:
            if not node.get("product"):
                return self.h[0]
            return self.h[0] * self.h[1] / f32(network.beta ** (t - network.T))
        u = 0
        for k, source in enumerate(node["sources"]):
            u = u + per_element(network, source["scale"], self.shape) * self.known(k, t)
        return u + per_element(network, node["bias"], self.shape) * share(network, t) if "bias" in node else u

    def known(self, k, t):
        """Section 6, looking ahead: e_k at the scale of the window."""
        m, e = t + self.ahead[k], self.h[k]
        if m < self.network.T:
            for n, c in enumerate(self.node.get("forecast", [])):
                if m - n >= 1:
                    e = e - c * self.z[k][m - n - 1]
        return e * 2.0 ** -self.ahead[k]


def fire(network, node, z):
    """Section 6: currents z_k [T, N, ...potentialShape] to spikes [T, N, ...shape]."""
    T, Ts, number = network.T, node["Ts"], real(network)
    beta, A = number(network.beta), number(network.beta**Ts)
    membranes = Membranes(network, node, z, node["potentialShape"])
    out = np.zeros((T, z[0].shape[1], *node["shape"]), number)
    g = np.zeros(out.shape[1:], number)
    P = f32(0)
    for t in range(1 - max(membranes.ahead), T + Ts + 1):
        membranes.step(t)
        if t >= 1:
            P = f32(beta) * P + f32(1 if t <= T else 0)
        if t <= Ts:
            continue
        x = membranes.potential(t)
        if "pool" in node:
            x = max_pool(node["pool"], x)
        if "affine" in node:
            scale, shift = (per_element(network, node["affine"][name], node["shape"]) for name in ("scale", "shift"))
            x = scale * x + shift * (share(network, t) if network.integer else P)
        grown = beta * g
        o = track(network, node, x, number(network.beta ** (t - T))) - grown
        s = sign_beyond(o, *threshold_at(network, node, t))
        if node.get("negativeSpikes") is False:
            s = np.maximum(s, 0)
        g = grown + A * s
        out[t - Ts - 1] = s
    return out


def threshold_at(network, node, t):
    """Section 6: the threshold at step t, and whether only more than that fires."""
    T, Ts, number = network.T, node["Ts"], real(network)
    A = network.beta**Ts
    if t == T + Ts:
        return number(node.get("lastPhi", 1 / 2) * A), network.integer and "lastPhi" not in node
    if "forecast" in node and t >= T:
        return (A - 2.0 ** (t - T)) / 2, t == T + Ts - 1
    return number(node["phi"] * A), False


def track(network, node, x, e):
    """Section 6: f(x), where x has the scale e."""
    given = {
        name: per_element(network, tensor, node["shape"]) for name, tensor in node.get("parameters", {}).items()
    }
    if node["neuron"] == "tsa-relu":
        x = np.maximum(x, 0)
    elif node["neuron"] == "tsa-leaky-relu":
        x = np.where(x >= 0, x, given["slope"] * x)
    elif node["neuron"] not in ("tsa-identity", "tsa-clip"):
        raise SnnError(
            f"{node['name']}: this example has no neuron {node['neuron']}"
            " (it has tsa-relu, tsa-identity, tsa-clip, tsa-leaky-relu)"
        )
    if "low" in given:
        x = np.maximum(x, given["low"] * e)
    if "high" in given:
        x = np.minimum(x, given["high"] * e)
    return x


def read_out(network, node, z):
    """Section 7: currents [T, N, ...shape] to what they have accumulated to at each step, in float32."""
    membranes = Membranes(network, node, z, node["shape"])
    out = np.zeros(z[0].shape, f32)
    for t in range(1, network.T + 1):
        membranes.step(t)
        out[t - 1] = membranes.potential(t)
    return out
