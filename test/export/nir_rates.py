"""Simulates a NIR file in steps of one time unit: IF neurons v += r I, a spike where v > v_threshold, then the reset.

usage: nir_rates.py FILE.nir IMAGES.npy LABELS.npy OUT.json STEPS...
Images are constant currents; the answer is the mean of the output over the steps. Resets: "hard" to v_reset, which is
NIR's IF, and "subtract" v_threshold, which is not. Writes accuracies as {"analog": ..., "hard": {STEPS: ...}, "subtract": ...}.
"""
import json
import sys

import numpy as np

import nir_graph


def main(path, image_path, label_path, out_path, *steps):
    graph = nir_graph.read(path)
    images, labels = np.load(image_path).astype(np.float64), np.load(label_path)
    checkpoints = sorted(map(int, steps))
    ann = only_output(graph, nir_graph.run(graph, images, {"IF": lambda name, n, x: np.maximum(x, 0)}))
    result = {"analog": accuracy(ann, labels)}
    for reset in ("hard", "subtract"):
        result[reset] = rate_coded(graph, images, labels, checkpoints, reset)
    with open(out_path, "w") as file:
        json.dump(result, file)


def rate_coded(graph, images, labels, checkpoints, reset):
    potentials = {}
    known = {}
    total = 0
    accuracies = {}

    def integrate_and_fire(name, n, x):
        v = potentials.get(name, 0) + n["r"] * x
        spikes = v > n["v_threshold"]
        after = v - n["v_threshold"] if reset == "subtract" else n.get("v_reset", 0)
        potentials[name] = np.where(spikes, after, v)
        return spikes.astype(np.float64)

    for step in range(1, checkpoints[-1] + 1):
        values = nir_graph.run(graph, images, {"IF": integrate_and_fire}, known)
        known = known or without_spikes(graph, values)
        total = total + only_output(graph, values)
        if step in checkpoints:
            accuracies[step] = accuracy(total / step, labels)
    return accuracies


def without_spikes(graph, values):
    """Those of the values that are the same at every step: nothing in front of them spikes."""
    constant = {}
    for name, node in graph.nodes.items():
        if node["type"] != "IF" and all(source in constant for source in graph.sources[name]):
            constant[name] = values[name]
    return constant


def only_output(graph, values):
    (output,) = nir_graph.outputs(graph, values).values()
    return output


def accuracy(logits, labels):
    return float(np.mean(np.argmax(logits, axis=1) == labels))


main(*sys.argv[1:])
