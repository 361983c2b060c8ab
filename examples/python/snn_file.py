"""Reads a .snn file (docs/format.md, sections 1 and 2). Section numbers below are those of that page."""

import json
from dataclasses import dataclass

import numpy as np

FORMAT = "ann2snn-network/2"

DTYPES = {
    "F32": "<f4", "F64": "<f8", "I8": "i1", "U8": "u1", "I16": "<i2",
    "U16": "<u2", "I32": "<i4", "U32": "<u4", "BOOL": "?",
}  # fmt: skip


class SnnError(Exception):
    """A file that cannot be read, or holds something that this example does not simulate."""


@dataclass(frozen=True)
class Network:
    """The network of a file: T steps, amplification beta, its nodes in order, its constants by name."""

    T: int
    beta: float
    integer: bool  # whether weights and currents are whole numbers
    preprocessing: dict
    nodes: list
    tensors: dict

    def kind(self, kind):
        """The nodes of one kind, in order."""
        return [node for node in self.nodes if node["kind"] == kind]

    def inputs(self):
        """The encoders of the network's inputs."""
        return [node for node in self.kind("encoder") if "source" not in node]


def read_snn(path):
    """Reads a network. Raises SnnError where the file is none or has another format."""
    with open(path, "rb") as file:
        content = file.read()
    length = int.from_bytes(content[:8], "little")
    if len(content) < 8 or length > len(content) - 8:
        raise SnnError(f"{path}: expected a .snn file, found another")
    try:
        header = json.loads(content[8 : 8 + length])
        network = json.loads(header.pop("__metadata__")["network"])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SnnError(f"{path}: expected a .snn file, found a header without a network") from error
    if network.get("format") != FORMAT:
        raise SnnError(f"{path}: expected the format {FORMAT}, found {network.get('format')}")
    data = content[8 + length :]
    return Network(
        T=network["coding"]["T"],
        beta=network["coding"]["beta"],
        integer=network["arithmetic"] == "integer",
        preprocessing=network["preprocessing"],
        nodes=network["nodes"],
        tensors={name: read_tensor(path, name, entry, data) for name, entry in header.items()},
    )


def read_tensor(path, name, entry, data):
    """Section 1: one tensor, by its entry in the header."""
    if entry["dtype"] not in DTYPES:
        raise SnnError(f"{path}: tensor {name}: expected one of {', '.join(DTYPES)}, found {entry['dtype']}")
    begin, end = entry["data_offsets"]
    try:
        return np.frombuffer(data[begin:end], DTYPES[entry["dtype"]]).reshape(entry["shape"])
    except ValueError as error:
        raise SnnError(f"{path}: tensor {name}: expected {entry['shape']}, found {end - begin} bytes") from error
