"""Runs images through the network of a .snn file: python3 classify.py NET.snn IMAGES.npz [--limit N] [-o RUN.npz]"""

import argparse
import os
import sys

import numpy as np
from images import read_images
from simulate import Run, simulate
from snn_file import SnnError, read_snn

BATCH = 10  # images at once: what a layer of one batch takes in memory


def main():
    parser = argparse.ArgumentParser(description="Simulate a spiking network with numpy.")
    parser.add_argument("network", help="a .snn file")
    parser.add_argument("images", help="an .npz file with x and, for the accuracy, y")
    parser.add_argument("--limit", type=int, help="use only the first images")
    parser.add_argument("-o", "--output", help="write logits/NAME and spikes/NAME, [T, N, ...shape] (.npz)")
    options = parser.parse_args()
    try:
        network = read_snn(options.network)
        inputs, labels = read_images(network, options.images, options.limit)
        run = simulate_all(network, inputs)
        if options.output:
            members = {f"logits/{name}": value for name, value in run.logits.items()}
            members |= {f"spikes/{name}": value for name, value in run.spikes.items()}
            write_whole(options.output, members)
    except (SnnError, OSError) as error:
        sys.exit(f"error: {error}")
    report(run, labels)


def write_whole(path, members):
    """Writes an .npz file beside its place, then renames it: it appears whole or not at all."""
    beside = f"{path}.part.npz"
    try:
        np.savez(beside, **members)
        os.replace(beside, path)
    finally:
        if os.path.exists(beside):
            os.remove(beside)


def simulate_all(network, inputs):
    """Runs all images, a batch at a time."""
    starts = range(0, len(inputs[0]), BATCH)
    runs = [simulate(network, [x[start : start + BATCH] for x in inputs]) for start in starts]

    def joined(parts):
        return {name: np.concatenate([part[name] for part in parts], axis=1) for name in parts[0]}

    return Run(joined([run.logits for run in runs]), joined([run.spikes for run in runs]))


def report(run, labels):
    """Prints what the first readout answers to each image, and how often that is the label."""
    name, logits = next(iter(run.logits.items()))
    answers = logits[-1].reshape(logits.shape[1], -1).argmax(axis=1)
    for n, answer in enumerate(answers):
        known = "" if labels is None else f", label {labels[n]}"
        print(f"image {n}: class {answer}{known}, logit {logits[-1, n].max():.3f}")
    if labels is not None:
        print(f"{(answers == labels).sum()} of {len(answers)} right")
    for layer, spikes in run.spikes.items():
        print(f"{layer}: {np.abs(spikes).sum() / len(answers):.1f} spikes per image, shape {list(spikes.shape[2:])}")


if __name__ == "__main__":
    main()
