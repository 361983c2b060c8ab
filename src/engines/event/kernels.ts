// The event engine's inner loops as they are called: WebAssembly SIMD, compiled from assembly/ (compiled-kernels.ts). Arguments
// are plain numbers; pointers are byte offsets into one memory and multiples of 16. Nothing is checked here: the engine
// lays the memory out once. kernels-plain.ts has the same functions written to be read.
//
// What was tried (EPYC, Node 20, November 2026): a call with its arguments spread from arrays takes 50 to 90 ns, written out 6.
// A ResNet-20 calls some 500 times an image, 0.03 of its 4 to 5 ms: no records in memory instead of arguments.
/** What f does to a potential before it is compared with g: x, max(x, 0), or min(max(x, low), high). */
export const FIRE_MODES = { identity: 0, relu: 1, bounds: 2 } as const;

/** Bytes that kernels may read, not use, behind `rows`, and write behind `rows` and `list`. */
export const SLACK_BYTES = 64;

/** The spikes of a step, a row each, and the plane that they lie in. */
type Spikes = [starts: number, rows: number, height: number, width: number, channels: number];

/** The rows of a step, of which `perPosition` belong to each position of the plane that they lie in. */
type Rows = [starts: number, rows: number, height: number, width: number, perPosition: number];

/** The plane behind a window, and the window. */
export type Window = [
  heightOut: number,
  widthOut: number,
  kernelHeight: number,
  kernelWidth: number,
  strideY: number,
  strideX: number,
  dilationY: number,
  dilationX: number,
  padTop: number,
  padLeft: number,
];

/** What of these differs where a window goes down columns. */
type Columns = [widthOut: number, kernelWidth: number, strideX: number, padLeft: number];

/** A bias for each channel, or for each element. */
type Bias = [bias: number, biasStride: number];

/**
 * All kernels. Everything lies channels last: element (y, x, c) of a plane with `stride` channels in memory is at
 * (y * width + x) * stride + c. `stride` is the number of channels rounded up, with zeros in the padding: to 4 in float32,
 * to 8 in integers.
 *
 * The spikes of one step of a layer are `masks`, Uint8[positions][stride / 4]: bit i of a byte says whether channel i of four
 * fired, bit 4 + i whether with -1. From these come lists: `starts`, Int32[positions + 1], and `rows`, Int32 with SLACK_BYTES
 * behind them. Rows of position p are rows[starts[p]..starts[p + 1]), ascending, each p * perPosition and a number below
 * perPosition that says what is sent (row-coding.ts). Weights have as many rows for each tap of a window, so that along a line
 * of the window the one follows from the other by adding a number. Kernels that say `channels` instead of `perPosition` take
 * rows of one spike each, of which a position has 2 C: c for +1 and C + c for -1.
 *
 * A window is `kernelHeight` ... `padLeft`, as in ONNX: output (oy, ox) sees input (oy * strideY + ky * dilationY -
 * padTop, ox * strideX + kx * dilationX - padLeft) through tap (ky, kx). What lies outside is silent.
 */
export interface Kernels {
  /**
   * h = (first ? beta h : h) + bias + the weights of all rows seen through the window, one float32 addition after the
   * other in the order (ky, kx, row); beta h is rounded before.
   * @param weights float32 [kernelHeight * kernelWidth][perPosition][stride] (kernel-weights.ts)
   * @param h float32 [heightOut][widthOut][stride]
   * @param list scratch, Int32 for all rows that a window can see at once and SLACK_BYTES
   * @param first 1 for the first connection of a layer in a step, 0 for others
   * @param bias float32, [stride] with `biasStride` 0 or one for each element of h with `biasStride` = `stride`; 0 for none
   */
  gatherF32(
    ...call: [
      ...Rows,
      weights: number,
      stride: number,
      h: number,
      ...Window,
      list: number,
      beta: number,
      first: number,
      ...Bias,
    ]
  ): void;

  /**
   * h = (first ? 2 h : h) + the weights of all rows seen through the window, in int32.
   * @param weights 8-bit [kernelHeight * kernelWidth][perPosition][stride] as gatherWeightsI8 packs them, -127..127
   * @param h int32 [heightOut][widthOut][stride], stride a multiple of 8
   */
  gatherI8(
    ...call: [...Rows, weights: number, stride: number, h: number, ...Window, list: number, first: number]
  ): void;

  /**
   * The same as gatherF32 where a window of three lines advances by one and is padded by one above, and so keeps the
   * height: kernelHeight 3, strideY, dilationY, dilationX and padTop 1, heightOut = height.
   * @param weights as columnWeightsF32 packs them
   * @param stride a multiple of 8
   */
  columnsF32(
    ...call: [
      ...Rows,
      weights: number,
      stride: number,
      h: number,
      ...Columns,
      beta: number,
      first: number,
      ...Bias,
    ]
  ): void;

  /**
   * The same as gatherI8 under these conditions, for weights that fit: whatever spikes, no output adds up to more than 16
   * signed bits hold.
   * @param weights as columnWeightsI8 packs them
   * @param stride a multiple of 16
   */
  columnsI8(...call: [...Rows, weights: number, stride: number, h: number, ...Columns, first: number]): void;

  /**
   * Adds to h what each spike sends through the window, position by position and spike by spike; for convolutions of any
   * group. Input channel c reaches the outputs of its group, (c div (channels / group)) * perGroup and the next perGroup.
   * h is not scaled (scaleF32).
   * @param perGroup output channels of a group
   * @param weights float32 [kernelHeight * kernelWidth][2 * channels][perGroup], the second half negated, no padding
   */
  scatterF32(
    ...call: [
      ...Spikes,
      group: number,
      weights: number,
      perGroup: number,
      stride: number,
      h: number,
      ...Window,
    ]
  ): void;

  /** The same with int8 weights, plainly as they are, -127..127, and int32 h. */
  scatterI8: Kernels['scatterF32'];

  /**
   * h += the weights of every channel times the average of its spikes over all positions; float32 by channel, ascending.
   * @param quads bytes of a position in `masks`
   * @param weights float32 [4 * quads][stride]
   * @param h float32 [stride]
   */
  averageF32(
    masks: number,
    positions: number,
    quads: number,
    weights: number,
    stride: number,
    h: number,
  ): void;

  /** h = beta h for `n` float32, a multiple of 4. */
  scaleF32(h: number, n: number, beta: number): void;

  /** h = 2 h for `n` int32, a multiple of 4. */
  doubleI32(h: number, n: number): void;

  /**
   * h[target] += sign * weight for every synapse of every spike, in the order of positions, spikes and synapses.
   * @param offsets Int32[positions * channels + 1]: synapses of element (p, c) begin at offsets[p * channels + c]
   * @param targets Int32, elements of h
   * @param weights float32, one for each synapse
   */
  tableF32(
    starts: number,
    rows: number,
    positions: number,
    channels: number,
    offsets: number,
    targets: number,
    weights: number,
    h: number,
  ): void;

  /** The same with int32 weights and int32 h. */
  tableI32: Kernels['tableF32'];

  /**
   * h[targets[row]] += weights[row] for every spike, where none reaches more than one target.
   * @param targets Int32 by row, elements of h; any where the weight is 0
   * @param weights float32 by row: those of negative spikes negated
   */
  oneToOneF32(
    starts: number,
    rows: number,
    positions: number,
    targets: number,
    weights: number,
    h: number,
  ): void;

  /** The same with int32 weights and int32 h. */
  oneToOneI32: Kernels['oneToOneF32'];

  /**
   * h[p * stride + offset + c] += sign * weights[c] for every spike of channel c at (oy * strideY, ox * strideX), which p =
   * oy * widthOut + ox sees: a skip past a layer.
   * @param width of the plane that spiked; @param quads bytes of a position in `masks`
   * @param offset a multiple of 4
   * @param weights float32 [4 * quads]
   */
  skipF32(
    masks: number,
    width: number,
    quads: number,
    h: number,
    heightOut: number,
    widthOut: number,
    stride: number,
    strideY: number,
    strideX: number,
    offset: number,
    weights: number,
  ): void;

  /** The same with int32 weights and int32 h, and what it reaches of h doubled before where `first` is 1. */
  skipI32(...call: [...Parameters<Kernels['skipF32']>, first: number]): void;

  /**
   * Lists the rows of a step's spikes. Returns how many there are.
   * @param quads bytes of a position in `masks`
   * @param perQuad rows from what the first quad of a position sends to what the second does
   * @param table what each byte of masks lists, as RowCoding packs it: four rows each, Int32[256][4], and behind them the
   * bytes that those take which count, Uint8[256]
   * @param rows room for positions * channels
   */
  listRows(
    masks: number,
    positions: number,
    quads: number,
    perPosition: number,
    perQuad: number,
    table: number,
    starts: number,
    rows: number,
  ): number;

  /**
   * One firing step of float32 TSA neurons (TsaPopulation): amplified = beta g, o = f(h) - amplified, s = +1 where
   * o >= threshold, -1 where o <= -threshold, g = amplified + s * amplitude.
   * @param h potentials, float32 [positions][stride]; @param g float32, the same shape
   * @param mode one of FIRE_MODES
   * @param low bounds in units of theta, float32 [stride], read where `mode` is bounds; ±Infinity leaves one open
   * @param scale beta^(t-T), which the bounds are multiplied with
   * @param masks receives the spikes; in the padding nothing fires where h, g and bounds are 0
   */
  fireF32(
    h: number,
    g: number,
    positions: number,
    stride: number,
    mode: number,
    low: number,
    high: number,
    scale: number,
    beta: number,
    amplitude: number,
    threshold: number,
    masks: number,
  ): void;

  /**
   * known = factor h + factorBefore before + ..., for `n` int32, a multiple of 4: what is forecast of h from h and its
   * values at the three steps before. Then h is copied to `earliest`.
   */
  forecastI32(
    known: number,
    h: number,
    before: number,
    earlier: number,
    earliest: number,
    n: number,
    factor: number,
    factorBefore: number,
    factorEarlier: number,
    factorEarliest: number,
  ): void;

  /**
   * u = scale0 h0 + scale1 h1 + ... + bias * share in float64, in this order (membraneSum).
   * @param u float64 [positions][stride]
   * @param sources 1 to 4: how many of the h are there
   * @param h0 int32 [positions][stride]; @param scale0 float64 [stride]
   * @param bias float64 [stride] with `biasStride` 0, or [positions][stride] with `biasStride` = `stride`; 0 for none
   */
  sumI32(
    u: number,
    positions: number,
    stride: number,
    sources: number,
    h0: number,
    h1: number,
    h2: number,
    h3: number,
    scale0: number,
    scale1: number,
    scale2: number,
    scale3: number,
    bias: number,
    biasStride: number,
    share: number,
  ): void;

  /**
   * One firing step of integer TSA neurons (IntegerTsaPopulation), all in float64; with `beyond` = 1 an |o| equal to the
   * threshold stays silent. Other parameters as in fireF32, with float64 u, g, low and high.
   */
  fireF64(
    u: number,
    g: number,
    positions: number,
    stride: number,
    mode: number,
    low: number,
    high: number,
    scale: number,
    beta: number,
    amplitude: number,
    threshold: number,
    beyond: number,
    masks: number,
  ): void;

  /**
   * sumI32 and fireF64 with beta = 2 in one, the same decisions, and g in float32, which holds it while T + Ts < 24.
   * @param bias float64 [stride], or 0
   * @param singles scratch, float32 [8][stride]
   */
  fireI32(
    sources: number,
    h0: number,
    h1: number,
    h2: number,
    h3: number,
    scale0: number,
    scale1: number,
    scale2: number,
    scale3: number,
    bias: number,
    share: number,
    g: number,
    positions: number,
    stride: number,
    mode: number,
    low: number,
    high: number,
    scale: number,
    amplitude: number,
    threshold: number,
    beyond: number,
    singles: number,
    masks: number,
  ): void;

  /** u = the maximum of h over each window, float32 [heightOut][widthOut][stride]; -Infinity where a window is empty. */
  poolMaxF32(...call: [h: number, height: number, width: number, stride: number, u: number, ...Window]): void;

  /** The same in float64, for the potentials of integer networks. */
  poolMaxF64: Kernels['poolMaxF32'];

  /** u = scale u + shift * prefix for each channel, each product rounded; float32 [positions][stride] and [stride]. */
  affineF32(u: number, positions: number, stride: number, scale: number, shift: number, prefix: number): void;

  /** The same in float64. */
  affineF64: Kernels['affineF32'];

  /**
   * One step of a spiking encoder (SpikeEncoder): v = beta u + input, s = +1 where v >= threshold, -1 where
   * v <= -threshold, u = v - s * amplitude.
   * @param u float32, `n`, a multiple of 4; at first value * initial
   * @param input float32, as many: value * current; 0 where the current is 0
   */
  encodeF32(
    u: number,
    input: number,
    n: number,
    beta: number,
    threshold: number,
    amplitude: number,
    masks: number,
  ): void;

  /**
   * counts[i] += how often neuron i fired in up to 255 steps.
   * @param masks of the first step, `quads` bytes; those of the others follow `planes` bytes apart
   * @param counts int32 [4 * quads]
   */
  countSpikes(masks: number, quads: number, steps: number, planes: number, counts: number): void;

  /** How many neurons fired at a step, whose masks are `quads` bytes. */
  spikesOf(masks: number, quads: number): number;

  /** Zeroes `bytes` bytes. */
  clear(pointer: number, bytes: number): void;
}
