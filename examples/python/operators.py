"""The linear operators of docs/format.md, section 5, and max-pool windows. Values have a batch axis in front.

Sums are taken in float64, where the whole numbers of an integer network are exact; the caller rounds.
"""

import numpy as np
from snn_file import SnnError


def apply_operator(node, operands):
    """Applies the operator of a node to operands [N, ...] and constants: [N, *node["shape"]] in float64."""
    if node["op"] not in OPERATORS:
        raise SnnError(f"{node['name']}: this example has no operator {node['op']} (it has {', '.join(OPERATORS)})")
    return OPERATORS[node["op"]](node, *(np.asarray(operand, np.float64) for operand in operands))


def axis_layout(attributes, axis, size):
    """Padding in front, padding behind and number of windows along one spatial axis."""
    stride, dilation = attributes["strides"][axis], attributes["dilations"][axis]
    extent = (attributes["kernelShape"][axis] - 1) * dilation + 1
    if attributes["autoPad"].startswith("SAME"):
        outputs = -(-size // stride)
        total = max(0, (outputs - 1) * stride + extent - size)
        small, large = total // 2, total - total // 2
        return (small, large, outputs) if attributes["autoPad"] == "SAME_UPPER" else (large, small, outputs)
    begin, end = attributes["pads"][axis], attributes["pads"][len(attributes["strides"]) + axis]
    room = size + begin + end - extent
    if not attributes.get("ceilMode"):
        return begin, end, room // stride + 1
    outputs = -(-room // stride) + 1
    # A last window that would begin in the padding behind the input is left out.
    return begin, end, outputs - 1 if (outputs - 1) * stride >= size + begin else outputs


def taps(attributes, x, border=0, beyond=0):
    """For every position in the kernel, what all windows over x [N, C, ...] have there: [N, C, *windows].

    `border` fills the padding; a window that is not full (ceilMode) reads `beyond` behind it.
    """
    layout = [axis_layout(attributes, axis, size) for axis, size in enumerate(x.shape[2:])]
    padded = np.pad(x, [(0, 0), (0, 0)] + [(begin, end) for begin, end, _ in layout], constant_values=border)
    spans = [
        (outputs - 1) * attributes["strides"][axis] + 1 for axis, (_, _, outputs) in enumerate(layout)
    ]  # from the first window's element to the last one's
    for offset in np.ndindex(*attributes["kernelShape"]):
        first = [k * dilation for k, dilation in zip(offset, attributes["dilations"])]
        missing = [max(0, f + span - size) for f, span, size in zip(first, spans, padded.shape[2:])]
        wide = padded
        if any(missing):
            wide = np.pad(padded, [(0, 0), (0, 0)] + [(0, m) for m in missing], constant_values=beyond)
        steps = tuple(slice(f, f + span, s) for f, span, s in zip(first, spans, attributes["strides"]))
        yield offset, wide[(slice(None), slice(None), *steps)]


def conv(node, x, w, b=None):
    groups = node["attributes"]["group"]
    out = 0
    for offset, tap in taps(node["attributes"], x):
        # [groups, M/groups, C/groups] times [N, groups, C/groups, windows]
        weights = w[(slice(None), slice(None), *offset)].reshape(groups, -1, w.shape[1])
        out = out + weights @ tap.reshape(len(x), groups, w.shape[1], -1)
    return with_bias(out.reshape(len(x), *node["shape"]), b)


def conv_transpose(node, x, w, b=None):
    attributes = node["attributes"]
    groups, sizes = attributes["group"], x.shape[2:]
    layout = list(zip(sizes, attributes["strides"], attributes["dilations"], attributes["kernelShape"]))
    whole = [(n - 1) * s + (k - 1) * d + 1 for n, s, d, k in layout]
    room = [n + extra for n, extra in zip(whole, attributes["outputPadding"])]
    out = np.zeros((len(x), w.shape[1] * groups, *room))
    columns = x.reshape(len(x), groups, -1, int(np.prod(sizes)))
    for offset in np.ndindex(*attributes["kernelShape"]):
        weights = w[(slice(None), slice(None), *offset)].reshape(groups, -1, w.shape[1]).swapaxes(1, 2)
        steps = (slice(k * d, k * d + (n - 1) * s + 1, s) for k, (n, s, d, _) in zip(offset, layout))
        out[(slice(None), slice(None), *steps)] += (weights @ columns).reshape(len(x), -1, *sizes)
    cut = (slice(begin, begin + n) for begin, n in zip(attributes["pads"], node["shape"][1:]))
    return with_bias(out[(slice(None), slice(None), *cut)], b)


def with_bias(out, b):
    """Adds one number for each channel, axis 1, where there are any."""
    return out if b is None else out + b.reshape(-1, *[1] * (out.ndim - 2))


def gemm(node, x, w, b=None):
    attributes = node["attributes"]
    x, w = x.T if attributes["transA"] else x, w.T if attributes["transB"] else w
    out = attributes["alpha"] * (x @ w)
    return out if b is None else out + attributes["beta"] * b


def average_pool(node, x):
    attributes = node["attributes"]
    inside = np.ones((1, 1, *x.shape[2:]))
    counts = sum(tap for _, tap in taps(attributes, inside, border=float(attributes["countIncludePad"])))
    return sum(tap for _, tap in taps(attributes, x)) / counts


def max_pool(attributes, x):
    """The largest element of each window over x [N, C, ...]; padding never wins."""
    windows = (tap for _, tap in taps(attributes, x, border=-np.inf, beyond=-np.inf))
    out = next(windows)
    for tap in windows:
        out = np.maximum(out, tap)
    return out


def pad(node, x):
    pads = np.array(node["attributes"]["pads"]).reshape(2, -1)
    grown = np.pad(x, np.maximum(pads, 0).T, constant_values=node["attributes"]["value"])
    return grown[tuple(slice(max(-b, 0), n - max(-e, 0)) for b, e, n in zip(*pads, grown.shape))]


def slices(node, x):
    chosen = [slice(None)] * x.ndim
    lists = (node["attributes"][name] for name in ("starts", "ends", "axes", "steps"))
    for start, end, axis, step in zip(*lists):
        chosen[axis] = slice(start, end, step)  # Python clamps and counts from the end as ONNX does
    return x[tuple(chosen)]


def reduce_mean(node, x):
    return x.mean(tuple(node["attributes"]["axes"]), keepdims=node["attributes"]["keepDims"])


OPERATORS = {
    "Add": lambda node, x, y: x + y,
    "AveragePool": average_pool,
    "Concat": lambda node, *xs: np.concatenate(xs, node["attributes"]["axis"]),
    "Conv": conv,
    "ConvTranspose": conv_transpose,
    "Expand": lambda node, x: np.broadcast_to(x, (len(x), *node["shape"])),
    "Gemm": gemm,
    "GlobalAveragePool": lambda node, x: x.mean(tuple(range(2, x.ndim)), keepdims=True),
    "MatMul": lambda node, x, w: x @ w,
    "Mul": lambda node, x, y: x * y,
    "Pad": pad,
    "ReduceMean": reduce_mean,
    # What `shape` comes to is the shape of the node: no operator mixes images.
    "Reshape": lambda node, x: x.reshape(len(x), *node["shape"]),
    "Slice": slices,
    "Transpose": lambda node, x: x.transpose(node["attributes"]["perm"]),
}
