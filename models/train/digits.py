#!/usr/bin/env python3
"""Trains the toolkit's built-in network on the UCI handwritten digits and writes it with its data.

    python3 models/train/digits.py             writes digits.onnx and the two .npz files, prints the test accuracy
    python3 models/train/digits.py --validate  writes nothing: 5-fold cross-validation inside the training split,
                                               the measure by which network and settings were chosen

Needs torch 1.13 and onnx 1.12 or later (torch.onnx.export in its TorchScript form), scikit-learn and numpy.
One thread and fixed seeds: a second run writes the same bytes, as long as processor and torch stay the same.
"""

import argparse
import io
import math
import zipfile
from pathlib import Path

import numpy as np
import onnx
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import StratifiedKFold, train_test_split
from torch import nn
from torch.nn import functional as F

ROOT = Path(__file__).resolve().parents[2]
SEED = 2024
TEST_IMAGES = 500
CALIBRATION_IMAGES = 300
SCALE = 16  # the largest grey value of an image
EPOCHS = 120
BATCH = 64
PEAK_LEARNING_RATE = 4e-3
WEIGHT_DECAY = 0.05
ROTATION = math.radians(10)  # augmentation: the largest turn, stretch, shear and shift, the shift in pixels
STRETCH = 0.1
SHEAR = 0.1
SHIFT = 1
NOISE = 0.05  # standard deviation, in units of the scaled image
OPSET = 13
IR_VERSION = 8


def conv_bn(inputs, outputs):
    """A 3x3 convolution that keeps the picture's size, then its batch normalisation."""
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, padding=1, bias=False), nn.BatchNorm2d(outputs))


class Residual(nn.Module):
    """Two 3x3 Conv-BN, and a 1x1 convolution beside them, added before the last ReLU."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.first = conv_bn(inputs, outputs)
        self.second = conv_bn(outputs, outputs)
        self.shortcut = nn.Conv2d(inputs, outputs, 1, bias=False)

    def forward(self, x):
        return F.relu(self.second(F.relu(self.first(x))) + self.shortcut(x))


class DigitsNet(nn.Module):
    """[N, 1, 8, 8] in 0..1 -> [N, 10] logits."""

    def __init__(self):
        super().__init__()
        self.stem = conv_bn(1, 24)
        self.block = Residual(24, 48)
        self.head = nn.Linear(48, 10)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.stem(x)), 2)
        x = F.adaptive_avg_pool2d(self.block(x), 1)
        return self.head(torch.flatten(x, 1))


def split_images():
    """The images, uint8 [N, 1, 8, 8] in 0..16, with labels; each class is shared out in proportion."""
    digits = load_digits()
    x = digits.images.astype(np.uint8)[:, None]
    y = digits.target.astype(np.int64)
    train_x, test_x, train_y, test_y = train_test_split(x, y, test_size=TEST_IMAGES, stratify=y, random_state=SEED)
    return (train_x, train_y), (test_x, test_y)


def as_input(x):
    return torch.from_numpy(x).float() / SCALE


def augment(images):
    """Turns, stretches, shears and shifts each image a little at random, zeros moving in, and adds Gaussian noise."""

    def within(limit):
        return (2 * torch.rand(len(images)) - 1) * limit

    angle, zoom, shear = within(ROTATION), 1 + within(STRETCH), within(SHEAR)
    cosine, sine = torch.cos(angle) / zoom, torch.sin(angle) / zoom
    pixel = 2 / images.shape[-1]  # affine_grid's coordinates run from -1 to 1
    across = torch.stack([cosine, shear - sine, within(SHIFT * pixel)], 1)
    down = torch.stack([sine, cosine, within(SHIFT * pixel)], 1)
    grid = F.affine_grid(torch.stack([across, down], 1), images.shape, align_corners=False)
    return F.grid_sample(images, grid, align_corners=False) + NOISE * torch.randn_like(images)


def train(x, y):
    torch.manual_seed(SEED)
    model = DigitsNet()
    images, labels = as_input(x), torch.from_numpy(y)
    optimizer = torch.optim.AdamW(model.parameters(), lr=PEAK_LEARNING_RATE, weight_decay=WEIGHT_DECAY)
    steps = EPOCHS * (len(images) // BATCH)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(EPOCHS):
        # Each epoch drops its last, incomplete batch: another one next time, the order being drawn anew.
        for chosen in torch.randperm(len(images))[: steps // EPOCHS * BATCH].split(BATCH):
            loss = F.cross_entropy(model(augment(images[chosen])), labels[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return model.eval()


def count_correct(model, x, y):
    with torch.no_grad():
        return int((model(as_input(x)).argmax(1).numpy() == y).sum())


def write_onnx(model, path):
    """Exports with BatchNormalization as nodes of its own, and nothing in the file that tells of this machine."""
    buffer = io.BytesIO()
    torch.onnx.export(
        model,
        torch.zeros(1, 1, 8, 8),
        buffer,
        input_names=["image"],
        output_names=["logits"],
        dynamic_axes={"image": {0: "N"}, "logits": {0: "N"}},
        opset_version=OPSET,
        do_constant_folding=False,
        training=torch.onnx.TrainingMode.PRESERVE,  # EVAL would fold BatchNormalization into the convolutions
    )
    exported = onnx.load_from_string(buffer.getvalue())
    exported.ir_version = IR_VERSION
    exported.graph.name = "digits"
    for node in exported.graph.node:
        node.ClearField("doc_string")
    onnx.checker.check_model(exported, full_check=True)
    path.write_bytes(exported.SerializeToString(deterministic=True))


def write_npz(path, x, y):
    """Like np.savez, with the date fixed and the members stored, so that the bytes depend on the arrays alone."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, array in (("x", x), ("y", y)):
            member = io.BytesIO()
            np.save(member, array)
            archive.writestr(zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0)), member.getvalue())


def report(split, correct, total):
    print(f"{split} accuracy {100 * correct / total:.2f} % ({correct} of {total})")


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
    calibration_x, _, calibration_y, _ = train_test_split(
        train_x, train_y, train_size=CALIBRATION_IMAGES, stratify=train_y, random_state=SEED
    )
    write_onnx(model, ROOT / "models" / "digits.onnx")
    write_npz(ROOT / "calibration" / "digits-calibration.npz", calibration_x, calibration_y)
    write_npz(ROOT / "calibration" / "digits-test.npz", test_x, test_y)
    print(f"{sum(p.numel() for p in model.parameters())} trained parameters")
    report("training", count_correct(model, train_x, train_y), len(train_y))
    report("test", count_correct(model, test_x, test_y), len(test_y))


if __name__ == "__main__":
    main()
