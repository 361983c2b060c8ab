"""The reference's rules of LIF, PWM and BSA written plainly with numpy, to be compared with the toolkit's.

usage: rules.py SIGNALS.npy SETTINGS.json -> JSON: for each row of the signals {lif, pwm, bsa: {spikes, decoded}}
"""
import json
import sys

import numpy as np


def lif(x, threshold, leak):
    z = 2 * (x - x.min()) / (x.max() - x.min()) - 1
    spikes, decoded = np.zeros(len(x)), np.zeros(len(x))
    v, rest = 0.0, z[1]
    for t in range(1, len(x)):
        v += z[t]
        spikes[t] = (v - rest > threshold) - float(v - rest < -threshold)
        if spikes[t]:
            v = rest = 0.0
        v *= leak
    for t in range(len(x)):
        decoded[t] = (leak * decoded[t - 1] if t else 0.0) + threshold * spikes[t]
    return spikes, x.min() + (decoded + 1) / 2 * (x.max() - x.min())


def pwm(x, frequency):
    y = (x - x.min()) / (x.max() - x.min())
    ramp = np.fmod(frequency * np.linspace(0, 1, 1000), 1)
    falls = np.flatnonzero(np.diff(ramp) < 0)
    period = falls[0] + 1 if len(falls) else 1000
    c = np.concatenate([[0], ramp[np.arange(len(x) - 1) % period]])
    state = np.where(y > 1 - c, -1, np.where(y < c, 1, 0))
    state[0] = 0
    spikes = np.where(np.diff(state, prepend=0) != 0, state, 0)
    at = [t for t in range(1, len(x)) if spikes[t] != 0 or t == len(x) - 1]
    values = [c[t] if spikes[t] == 1 else 1 - c[t] for t in at]
    decoded = np.interp(np.arange(len(x)), [0] + at, [y[0]] + values)
    return spikes, x.min() + decoded * (x.max() - x.min())


def bsa(x, threshold, order, cutoff):
    m = np.arange(order + 1) - order / 2
    taps = 2 * cutoff * np.sinc(2 * cutoff * m) * np.hamming(order + 1)
    taps /= taps.sum()
    rest = (x - x.min()) / (x.max() - x.min())
    spikes = np.zeros(len(x))
    for t in range(1, len(x)):
        window = rest[t : t + order]
        response = taps[1 : 1 + len(window)]
        if np.abs(window - response).sum() <= np.abs(window).sum() - threshold:
            spikes[t] = 1
            window -= response
    # The tap at distance d of the window's centre weighs the spike d samples on; odd orders look one sample less far.
    half = len(taps) // 2
    padded = np.concatenate([np.zeros(half), spikes, np.zeros(2 * half)])
    decoded = np.zeros(len(x))
    for t in range(half, len(x)):
        start = t - half + 1
        decoded[t] = padded[start : start + len(taps)] @ taps
    return spikes, x.min() + decoded * (x.max() - x.min())


settings = json.load(open(sys.argv[2]))
answers = [
    {
        name: {"spikes": spikes.tolist(), "decoded": decoded.tolist()}
        for name, (spikes, decoded) in {
            "lif": lif(x, **settings["lif"]),
            "pwm": pwm(x, **settings["pwm"]),
            "bsa": bsa(x, **settings["bsa"]),
        }.items()
    }
    for x in np.load(sys.argv[1])
]
print(json.dumps(answers))
