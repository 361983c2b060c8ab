#!/usr/bin/env python3
"""Trains a direct-coded spiking network on the handwritten digits and writes it as a NIR graph: digits-direct.nir.

    python3 models/train/digits_direct.py             writes the file, prints the test accuracy
    python3 models/train/digits_direct.py --validate  writes nothing: 5-fold cross-validation inside the training split

The image enters as the same current at every one of the STEPS steps (direct coding); the logits are the mean of the last
layer's currents over the steps. Neurons are NIR's LIF, stepped by forward Euler and reset to 0, and learn through a
surrogate gradient. Needs what digits.py needs, and h5py. One thread and fixed seeds: a second run writes the same bytes,
as long as processor and torch stay the same.
"""

import argparse
import sys

import h5py
import numpy as np
import torch
from sklearn.model_selection import StratifiedKFold
from torch import nn
from torch.nn import functional as F

sys.dont_write_bytecode = True  # importing digits.py would leave a __pycache__ in a folder that is published
from digits import ROOT, SEED, as_input, augment, count_correct, report, split_images

STEPS = 8
DT = 1e-4  # seconds for a step, as the exporters of snnTorch and SpikingJelly take it
TAU = 4e-4
RESISTANCE = 4.0  # tau / dt: a step adds its current whole
THRESHOLD = 1.0
CHANNELS = (16, 24)
SHARPNESS = 8.0  # of the surrogate's slope
GAINS = (3.0, 0.5)  # of the convolutions' first weights: layers that are silent, or fire always, do not learn
EPOCHS = 120
BATCH = 64
PEAK_LEARNING_RATE = 1e-2
WEIGHT_DECAY = 1e-3
NIR_VERSION = "1.0"


class Spike(torch.autograd.Function):
    """1 above 0, else 0; backwards the slope of an arc tangent."""

    @staticmethod
    def forward(context, over):
        context.save_for_backward(over)
        return (over > 0).float()

    @staticmethod
    def backward(context, gradient):
        (over,) = context.saved_tensors
        return gradient / (1 + (SHARPNESS * over) ** 2)


def lif(v, current):
    """One Euler step of tau dv/dt = -v + R I; fires above the threshold and is then 0. -> potentials, spikes."""
    v = v + DT / TAU * (RESISTANCE * current - v)
    spikes = Spike.apply(v - THRESHOLD)
    return v * (1 - spikes), spikes


class DirectNet(nn.Module):
    """[N, 1, 8, 8] in 0..1, as a current at every step -> [N, 10] logits."""

    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, CHANNELS[0], 3, padding=1)
        self.conv2 = nn.Conv2d(CHANNELS[0], CHANNELS[1], 3, padding=1)
        self.fc = nn.Linear(CHANNELS[1] * 4, 10)
        with torch.no_grad():
            for convolution, gain in zip((self.conv1, self.conv2), GAINS):
                convolution.weight *= gain

    def forward(self, x):
        current = self.conv1(x)  # the same at every step
        v1 = v2 = 0
        total = 0
        for _ in range(STEPS):
            v1, s1 = lif(v1 + torch.zeros_like(current), current)
            second = self.conv2(sum_pool(s1))
            v2, s2 = lif(v2 + torch.zeros_like(second), second)
            total = total + self.fc(torch.flatten(sum_pool(s2), 1))
        return total / STEPS


def sum_pool(spikes):
    return 4 * F.avg_pool2d(spikes, 2)


def train(x, y):
    torch.manual_seed(SEED)
    model = DirectNet()
    images, labels = as_input(x), torch.from_numpy(y)
    optimizer = torch.optim.AdamW(model.parameters(), lr=PEAK_LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    steps = EPOCHS * (len(images) // BATCH)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(EPOCHS):
        for chosen in torch.randperm(len(images))[: steps // EPOCHS * BATCH].split(BATCH):
            loss = F.cross_entropy(model(augment(images[chosen])), labels[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return model.eval()


def nodes_of(model):
    """The nodes of the NIR graph, in the order that they follow each other, under NIR's names."""

    def convolution(layer, size):
        one = np.array([1, 1])
        weight, bias = layer.weight.detach().numpy(), layer.bias.detach().numpy()
        return {"type": "Conv2d", "input_shape": np.array([size, size]), "weight": weight, "bias": bias,
                "stride": one, "padding": one, "dilation": one, "groups": 1}

    def neurons(*shape):
        full = lambda value: np.full(shape, value, np.float32)
        return {"type": "LIF", "tau": full(TAU), "r": full(RESISTANCE), "v_leak": full(0),
                "v_threshold": full(THRESHOLD), "v_reset": full(0)}

    pool = {"type": "SumPool2d", "kernel_size": np.array([2, 2]), "stride": np.array([2, 2]), "padding": np.array([0, 0])}
    first, second = CHANNELS
    return {
        "input": {"type": "Input", "shape": np.array([1, 8, 8])},
        "conv1": convolution(model.conv1, 8),
        "lif1": neurons(first, 8, 8),
        "pool1": pool,
        "conv2": convolution(model.conv2, 4),
        "lif2": neurons(second, 4, 4),
        "pool2": pool,
        "flatten": {"type": "Flatten", "start_dim": 0, "end_dim": -1, "input_type": np.array([second, 2, 2])},
        "fc": {"type": "Affine", "weight": model.fc.weight.detach().numpy(), "bias": model.fc.bias.detach().numpy()},
        "output": {"type": "Output", "shape": np.array([10])},
    }


def write_nir(model, path):
    """NIR's layout in HDF5. How it was run is metadata: NIR's equations have no step."""
    nodes = nodes_of(model)
    with h5py.File(path, "w") as file:
        file["version"] = NIR_VERSION
        graph = file.create_group("node")
        graph["type"] = "NIRGraph"
        names = list(nodes)
        graph["edges"] = np.array([[a.encode(), b.encode()] for a, b in zip(names, names[1:])])
        for name, fields in nodes.items():
            group = graph.create_group(f"nodes/{name}")
            for field, value in fields.items():
                alike = np.ndim(value) > 0 and np.size(value) > 32 and np.ptp(value) == 0
                group.create_dataset(field, data=value, compression="gzip" if alike else None)
        metadata = graph.create_group("metadata")
        metadata["dt"] = DT
        metadata["steps"] = STEPS
        metadata["discretisation"] = "euler"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--validate", action="store_true", help="cross-validate inside the training split; write nothing")
    validate = parser.parse_args().validate

    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    (train_x, train_y), (test_x, test_y) = split_images()

    if validate:
        correct = 0
        for fit, held in StratifiedKFold(5, shuffle=True, random_state=SEED).split(train_x, train_y):
            correct += count_correct(train(train_x[fit], train_y[fit]), train_x[held], train_y[held])
        report("validation", correct, len(train_y))
        return

    model = train(train_x, train_y)
    write_nir(model, ROOT / "models" / "digits-direct.nir")
    print(f"{sum(p.numel() for p in model.parameters())} trained parameters")
    report("training", count_correct(model, train_x, train_y), len(train_y))
    report("test", count_correct(model, test_x, test_y), len(test_y))


if __name__ == "__main__":
    main()
