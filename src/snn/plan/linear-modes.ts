// What becomes of a weighted map that is fed by currents, such as the first convolution behind a linear bottleneck.

/**
 * - `respike`: a layer of signed identity neurons turns the currents back into spikes; Ts more steps of latency.
 * - `compose`: the map and the one in front of it become one map of spikes, where a single convolution can be both.
 * - `analog`: it multiplies currents at each of the T steps; its products are MACs, T times those of the ANN.
 */
export const LINEAR_MODES = ['respike', 'compose', 'analog'] as const;

export type LinearMode = (typeof LINEAR_MODES)[number];
