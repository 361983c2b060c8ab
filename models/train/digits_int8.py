#!/usr/bin/env python3
"""Fine-tunes the network of digits.onnx with quantized weights and activations: digits-int8.onnx and digits-int4.onnx.

    python3 models/train/digits_int8.py             writes both files, prints their test accuracy
    python3 models/train/digits_int8.py --validate  writes nothing: 5-fold cross-validation inside the training split,
                                                    on float networks trained on the same folds

Starts from the weights in models/digits.onnx, BatchNormalization folded. Before a file is written, a second
evaluation in NumPy computes it in integers from its constants; the logits must be those of the trained network.
Needs what digits.py needs. One thread and fixed seeds: a second run writes the same bytes, as long as processor and
torch stay the same.
"""

import argparse
import copy
import sys
from dataclasses import dataclass

import numpy as np
import onnx
import torch
from numpy.lib.stride_tricks import sliding_window_view
from onnx import TensorProto, helper, numpy_helper
from sklearn.model_selection import StratifiedKFold
from torch import nn
from torch.nn import functional as F
from torch.nn.utils.fusion import fuse_conv_bn_eval

sys.dont_write_bytecode = True  # importing digits.py would leave a __pycache__ in a folder that is published
from digits import (
    BATCH,
    IR_VERSION,
    OPSET,
    ROOT,
    SCALE,
    SEED,
    DigitsNet,
    as_input,
    augment,
    count_correct,
    report,
    split_images,
    train,
)

EPOCHS = 30
PEAK_LEARNING_RATE = 1e-3
UINT8_HIGH = 255
POOLED = 16  # positions under the global average: a sum of integers with the step divided by this


@dataclass(frozen=True)
class Precision:
    """The largest integers in use. Activations start at 0; weights are symmetric."""

    name: str
    activations: int
    weights: int


PRECISIONS = (Precision("digits-int8", UINT8_HIGH, 127), Precision("digits-int4", 15, 7))


def fake_quantize(x, scale, low, high):
    """Rounds x to multiples of scale, ties to even as ONNX does. The gradient passes the rounding and reaches scale."""
    q = torch.clamp(x / scale, low, high)
    return scale * (q + (torch.round(q) - q).detach())


class Step(nn.Module):
    """The step of a quantizer, one or one per output channel, trained as its logarithm so that it stays above 0."""

    def __init__(self, initial):
        super().__init__()
        self.logarithm = nn.Parameter(torch.log(initial))

    def forward(self):
        # Always a float32 number, as in the file, also where the rest of the network is evaluated in float64.
        return torch.exp(self.logarithm.float()).to(self.logarithm.dtype)


class QuantizedLinear(nn.Module):
    """A convolution or fully connected layer, its weights on one grid per output channel."""

    def __init__(self, layer, high):
        super().__init__()
        self.layer = layer
        self.high = high
        self.step = Step(layer.weight.detach().flatten(1).abs().amax(1) / high)

    def forward(self, x, input_step):
        step = self.step()
        weight = fake_quantize(self.layer.weight, step.view(-1, *[1] * (x.dim() - 1)), -self.high, self.high)
        bias = self.layer.bias
        if bias is not None:
            bias = fake_quantize(bias, (input_step * step).detach(), -(2**31), 2**31 - 1)
        if isinstance(self.layer, nn.Linear):
            return F.linear(x, weight, bias)
        return F.conv2d(x, weight, bias, padding=self.layer.padding)

    def integers(self, input_step):
        """int8 weights, int32 biases (None without), float32 steps of the weights."""
        step = self.step()
        weight = torch.round(self.layer.weight / step.view(-1, *[1] * (self.layer.weight.dim() - 1)))
        weight = weight.clamp(-self.high, self.high).to(torch.int8).numpy()
        bias = self.layer.bias
        if bias is not None:
            bias = torch.round(bias / (input_step * step)).to(torch.int32).numpy()
        return weight, bias, step.float().numpy()


class QuantizedDigitsNet(nn.Module):
    """DigitsNet with every convolution's input and every weight on a grid. [N, 1, 8, 8] in 0..1 -> [N, 10] logits."""

    def __init__(self, net, precision, images):
        super().__init__()
        self.high = precision.activations
        net = copy.deepcopy(net)
        block = net.block
        self.stem = QuantizedLinear(fuse_conv_bn_eval(*net.stem), precision.weights)
        self.first = QuantizedLinear(fuse_conv_bn_eval(*block.first), precision.weights)
        self.second = QuantizedLinear(fuse_conv_bn_eval(*block.second), precision.weights)
        self.shortcut = QuantizedLinear(block.shortcut, precision.weights)
        self.head = QuantizedLinear(net.head, precision.weights)
        self.image_step = 1 / SCALE

        with torch.no_grad():
            stem = F.relu(net.stem(images))
            pooled = F.max_pool2d(stem, 2)
            first = F.relu(block.first(pooled))
            total = block(pooled)
        self.stem_step, self.first_step, self.sum_step = (
            Step(values.amax() / self.high) for values in (stem, first, total)
        )

    def forward(self, x):
        stem, first, total = self.stem_step(), self.first_step(), self.sum_step()
        x = fake_quantize(x, self.image_step, 0, self.high)
        # Bounds 0 and high: the quantizers are the ReLUs.
        x = F.max_pool2d(fake_quantize(self.stem(x, self.image_step), stem, 0, self.high), 2)
        y = fake_quantize(self.first(x, stem), first, 0, self.high)
        x = fake_quantize(self.second(y, first) + self.shortcut(x, stem), total, 0, self.high)
        return self.head(x.mean((2, 3)), total / POOLED)


def load_float():
    """The committed float network."""
    net = DigitsNet()
    graph = onnx.load(str(ROOT / "models" / "digits.onnx")).graph
    state = {tensor.name: torch.from_numpy(numpy_helper.to_array(tensor).copy()) for tensor in graph.initializer}
    net.load_state_dict(state, strict=False)  # the file leaves out how many batches the normalisation has seen
    return net.eval()


def fine_tune(net, precision, x, y):
    torch.manual_seed(SEED)
    images, labels = as_input(x), torch.from_numpy(y)
    model = QuantizedDigitsNet(net, precision, images)
    optimizer = torch.optim.Adam(model.parameters(), lr=PEAK_LEARNING_RATE)
    steps = len(images) // BATCH
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, EPOCHS * steps)
    for _ in range(EPOCHS):
        for chosen in torch.randperm(len(images))[: steps * BATCH].split(BATCH):
            loss = F.cross_entropy(model(augment(images[chosen])), labels[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return model.eval()


class GraphWriter:
    """Collects the nodes and constants of a file in order. A tensor has the name of the node that computes it."""

    def __init__(self):
        self.nodes = []
        self.constants = []

    def node(self, op, name, inputs, **attributes):
        self.nodes.append(helper.make_node(op, inputs, [name], name, **attributes))
        return name

    def constant(self, name, array):
        self.constants.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def quantizer(self, name, x, step, high):
        """QuantizeLinear and DequantizeLinear to uint8 with zero point 0, behind a Clip where high is below 255."""
        step = np.float32(step)
        if high < UINT8_HIGH:
            low = self.constant(f"{name}.low", np.float32(0))
            bound = self.constant(f"{name}.high", step * np.float32(high))
            x = self.node("Clip", f"{name}.clipped", [x, low, bound])
        grid = [self.constant(f"{name}.scale", step), self.constant(f"{name}.zero_point", np.uint8(0))]
        integers = self.node("QuantizeLinear", f"{name}.quantized", [x, *grid])
        return self.node("DequantizeLinear", f"{name}.dequantized", [integers, *grid])

    def linear(self, op, name, x, layer, input_step, **attributes):
        """Conv or Gemm with int8 weights and int32 biases, each behind its DequantizeLinear."""
        weight, bias, step = layer.integers(input_step)
        grid = [
            self.constant(f"{name}.weight.scale", step),
            self.constant(f"{name}.weight.zero_point", np.zeros(len(step), np.int8)),
        ]
        integers = self.constant(f"{name}.weight.quantized", weight)
        inputs = [x, self.node("DequantizeLinear", f"{name}.weight", [integers, *grid], axis=0)]
        if bias is not None:
            integers = self.constant(f"{name}.bias.quantized", bias)
            scale = self.constant(f"{name}.bias.scale", np.float32(input_step) * step)
            inputs.append(self.node("DequantizeLinear", f"{name}.bias", [integers, scale], axis=0))
        return self.node(op, name, inputs, **attributes)


def build_onnx(model, name):
    stem, first, total = (float(step()) for step in (model.stem_step, model.first_step, model.sum_step))
    graph = GraphWriter()
    same = {"kernel_shape": [3, 3], "pads": [1, 1, 1, 1]}

    x = graph.quantizer("image", "image", model.image_step, model.high)
    x = graph.linear("Conv", "stem.conv", x, model.stem, model.image_step, **same)
    x = graph.node("Relu", "stem.relu", [x])
    x = graph.quantizer("stem", x, stem, model.high)
    x = graph.node("MaxPool", "pool", [x], kernel_shape=[2, 2], strides=[2, 2])
    y = graph.linear("Conv", "first.conv", x, model.first, stem, **same)
    y = graph.node("Relu", "first.relu", [y])
    y = graph.quantizer("first", y, first, model.high)
    y = graph.linear("Conv", "second.conv", y, model.second, first, **same)
    x = graph.linear("Conv", "shortcut.conv", x, model.shortcut, stem, kernel_shape=[1, 1])
    x = graph.node("Add", "sum", [y, x])
    x = graph.node("Relu", "sum.relu", [x])
    x = graph.quantizer("sum", x, total, model.high)
    x = graph.node("GlobalAveragePool", "mean", [x])
    x = graph.node("Flatten", "flat", [x], axis=1)
    graph.linear("Gemm", "logits", x, model.head, total / POOLED, transB=1)

    floats = TensorProto.FLOAT
    built = helper.make_graph(
        graph.nodes,
        name,
        [helper.make_tensor_value_info("image", floats, ["N", 1, 8, 8])],
        [helper.make_tensor_value_info("logits", floats, ["N", 10])],
        graph.constants,
    )
    file = helper.make_model(built, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
    onnx.checker.check_model(file, full_check=True)
    return file


def evaluate_integers(file, pixels, high):
    """Logits from the constants of a file, everything up to each quantizer computed in integers; float64 [N, 10]."""
    constants = {tensor.name: numpy_helper.to_array(tensor) for tensor in file.graph.initializer}

    def step(name):
        return constants[f"{name}.scale"].astype(np.float64)

    def weight(name):
        return constants[f"{name}.weight.quantized"].astype(np.int64)

    def bias(name):
        return constants[f"{name}.bias.quantized"].astype(np.int64)

    def conv3(name, x):
        windows = sliding_window_view(np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1))), (3, 3), (2, 3))
        return np.einsum("nchwij,ocij->nohw", windows, weight(name), optimize=True) + bias(name)[:, None, None]

    def currents(sums, name, source):
        """Sums of products of integers as numbers."""
        return sums * (step(source) * step(f"{name}.weight"))[:, None, None]

    def quantize(x, name):
        return np.clip(np.rint(x / step(name)), 0, high).astype(np.int64)

    x = np.minimum(pixels.astype(np.int64), high)
    stem = quantize(currents(conv3("stem.conv", x), "stem.conv", "image"), "stem")
    n, channels, rows, columns = stem.shape
    pool = stem.reshape(n, channels, rows // 2, 2, columns // 2, 2).max((3, 5))
    first = quantize(currents(conv3("first.conv", pool), "first.conv", "stem"), "first")
    second = currents(conv3("second.conv", first), "second.conv", "first")
    shortcut = np.einsum("nchw,oc->nohw", pool, weight("shortcut.conv")[:, :, 0, 0])
    total = quantize(second + currents(shortcut, "shortcut.conv", "stem"), "sum")
    head = total.sum((2, 3)) @ weight("logits").T + bias("logits")
    return head * (step("sum") / POOLED * step("logits.weight"))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--validate", action="store_true", help="cross-validate inside the training split; write nothing")
    validate = parser.parse_args().validate

    torch.set_num_threads(1)
    torch.use_deterministic_algorithms(True)
    (train_x, train_y), (test_x, test_y) = split_images()

    if validate:
        correct = dict.fromkeys(PRECISIONS, 0)
        for fit, held in StratifiedKFold(5, shuffle=True, random_state=SEED).split(train_x, train_y):
            net = train(train_x[fit], train_y[fit])
            for precision in PRECISIONS:
                model = fine_tune(net, precision, train_x[fit], train_y[fit])
                correct[precision] += count_correct(model, train_x[held], train_y[held])
        for precision in PRECISIONS:
            report(f"{precision.name} validation", correct[precision], len(train_y))
        return

    net = load_float()
    for precision in PRECISIONS:
        # float64, so that the comparison below sees mistakes and not rounding.
        model = fine_tune(net, precision, train_x, train_y).double()
        with torch.no_grad():
            file = build_onnx(model, precision.name)
            trained = model(as_input(test_x).double()).numpy()
        integers = evaluate_integers(file, test_x, precision.activations)
        np.testing.assert_allclose(integers, trained, rtol=0, atol=1e-9)
        path = ROOT / "models" / f"{precision.name}.onnx"
        path.write_bytes(file.SerializeToString(deterministic=True))
        for split, x, y in (("training", train_x, train_y), ("test", test_x, test_y)):
            correct = int((evaluate_integers(file, x, precision.activations).argmax(1) == y).sum())
            report(f"{precision.name} {split}", correct, len(y))


if __name__ == "__main__":
    main()
