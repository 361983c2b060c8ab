"""From the pixels of an .npz file to the input of a network (docs/format.md, section 2.2)."""

from zipfile import BadZipFile

import numpy as np
from snn_file import SnnError


def read_images(network, path, limit=None):
    """Reads `x` (several inputs: one array by the name of each) and, where there is one, `y`.

    Returns the normalised images, one array [N, ...shape] for each input, and the labels [N] or None.
    """
    try:
        with np.load(path) as file:
            data = {name: file[name][:limit] for name in file.files}
    except (ValueError, AttributeError, BadZipFile) as error:
        raise SnnError(f"{path}: expected an .npz file, found another") from error
    inputs = network.inputs()
    names = ["x"] if len(inputs) == 1 else [node["name"] for node in inputs]
    missing = [name for name in names if name not in data]
    if missing:
        raise SnnError(f"{path}: expected arrays {', '.join(names)}, found {', '.join(data) or 'none'}")
    pairs = zip(names, inputs)
    return [preprocess(network, data[name], node["shape"], path) for name, node in pairs], data.get("y")


def preprocess(network, pixels, shape, path):
    """Pixels [N, C, H, W], [N, H, W] or [N, F] to float32 [N, *shape]."""
    how = network.preprocessing
    x = pixels.astype(np.float64)
    if x.ndim == 3 and len(shape) != 2:
        x = x[:, None]
    if x.ndim == 4:
        x = colours(x, how["channels"], shape)
    mean, std = (np.reshape(how[name], (-1, *[1] * (x.ndim - 2))) for name in ("mean", "std"))
    x = ((x / how["scale"] - mean) / std).astype(np.float32)
    if x.ndim == 4 and tuple(shape) == (*x.shape[2:], x.shape[1]) != x.shape[1:]:
        x = np.moveaxis(x, 1, -1)
    if x[0].size != np.prod(shape):
        raise SnnError(f"{path}: expected images of shape {shape}, found {list(pixels.shape[1:])}")
    return x.reshape(-1, *shape)


def colours(x, channels, shape):
    """RGB or grey pictures [N, C, H, W] with the channels that the network wants."""
    wanted = int(np.prod(shape)) // (x.shape[2] * x.shape[3])
    if x.shape[1] == 3 and (channels == "gray" or wanted == 1):
        x = 0.299 * x[:, 0:1] + 0.587 * x[:, 1:2] + 0.114 * x[:, 2:3]
    elif channels == "bgr":
        x = x[:, ::-1]
    return np.repeat(x, 3, axis=1) if x.shape[1] == 1 and wanted == 3 else x
