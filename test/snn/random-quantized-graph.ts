// Random small quantized graphs as text (test/passes/graph-text.ts), in the shapes that real files have: convolutions on
// grids of 3 to 8 bits, residual sums, joins of several scales, pools on either side of a quantizer, channel shuffles.
import type { CanonicalGraph } from '../../src/graph/graph.ts';
import { type FloatTensor, floatTensor, type Shape, sizeOf } from '../../src/tensor/tensor.ts';
import { parseGraph } from '../passes/graph-text.ts';
import { uniform } from './tiny.ts';

export interface QuantizedCase {
  readonly text: string;
  readonly graph: CanonicalGraph;
  readonly images: FloatTensor;
  /** What of all that may occur is in it. */
  readonly features: ReadonlySet<string>;
}

/** A running value [N, C, H, W] under construction. */
interface Running {
  readonly name: string;
  readonly shape: readonly [number, number, number];
}

/** Activations are kept near this size, so that grids are neither empty nor full. */
const REACH = 2.5;
const IMAGES = 2;

/**
 * A graph with 2 to 5 layers and images for it.
 * @param dyadic whether every scale, factor and bias is a sum of few powers of two: float64 is exact then
 */
export function randomQuantizedGraph(seed: number, dyadic: boolean): QuantizedCase {
  return new Maker(seed, dyadic).make();
}

/** Live state: the lines so far. */
class Maker {
  private readonly next: () => number;
  private readonly dyadic: boolean;
  private readonly lines: string[] = [];
  private readonly features = new Set<string>();
  private count = 0;

  constructor(seed: number, dyadic: boolean) {
    this.next = uniform(seed);
    this.dyadic = dyadic;
  }

  make(): QuantizedCase {
    const shape: Running['shape'] = [this.pick([1, 2, 3]), this.pick([4, 8]), this.pick([4, 8])];
    this.lines.push(`input x [1, ${shape.join(', ')}]`);
    let value = this.input({ name: 'x', shape });
    const blocks = this.pick([1, 2, 2, 3]);
    for (let i = 0; i < blocks; i++) value = this.block(value);
    this.lines.push(`output ${this.head(value)}`);
    const text = this.lines.join('\n');
    const pixels = Float32Array.from({ length: IMAGES * sizeOf(shape) }, () => this.between(-REACH, REACH));
    return {
      text,
      graph: parseGraph(text) as CanonicalGraph,
      images: floatTensor([IMAGES, ...shape], pixels),
      features: this.features,
    };
  }

  private input(x: Running): Running {
    const [type, zeroPoint] = this.pick([
      ['uint8', 128],
      ['uint8', 100],
      ['int8', 0],
    ] as const);
    const [least, most] = type === 'uint8' ? [0, 255] : [-128, 127];
    return this.quantizer(x, { type, zeroPoint, low: least - zeroPoint, high: most - zeroPoint });
  }

  private block(from: Running): Running {
    return this.pick([
      () => this.spiking(this.conv(from, this.channels())),
      () => this.spiking(this.conv(from, from.shape[0], from.shape[0])),
      () => this.residual(from),
      () => this.joinedSpikes(from),
      () => this.joinedSums(from),
      () => this.respiked(from),
      () => this.averaged(from),
      () => this.shuffled(from),
      () => this.scaled(from),
      () => this.bordered(from),
    ])();
  }

  /** An image's worth of scores, by a mean and a Gemm, or by a Conv and a mean; sometimes on a grid that is dropped. */
  private head(from: Running): string {
    const classes = 3;
    if (this.chance(0.25)) {
      this.features.add('mean of currents');
      const scores = this.conv(from, classes);
      const mean = this.node('GlobalAveragePool', scores, [classes, 1, 1]);
      return this.node('Reshape', mean, [classes, 1, 1], `, [-1, ${classes}]`).name;
    }
    const [channels] = from.shape;
    const mean = this.chance(0.5)
      ? this.node('GlobalAveragePool', from, [channels, 1, 1])
      : this.node('ReduceMean', from, [channels, 1, 1], '', 'axes: [2, 3]');
    const read = this.chance(0.5) ? this.onCarried(mean) : mean;
    const flat = this.node('Reshape', read, [channels, 1, 1], `, [-1, ${channels}]`);
    const weights = this.weights([classes, channels], channels);
    const bias = this.constant([classes], () => this.number(-1, 1));
    const scores = this.node('Gemm', flat, [classes, 1, 1], `, ${weights}, ${bias}`, 'transB: 1');
    if (this.chance(0.5)) return scores.name;
    this.features.add('grid of an output');
    return this.quantizer(scores, { type: 'int8', zeroPoint: 0, low: -128, high: 127 }).name;
  }

  private residual(from: Running): Running {
    this.features.add('residual sum');
    const inner = this.conv(this.spiking(this.conv(from, this.channels()), false), from.shape[0]);
    if (this.chance(0.5)) return this.spiking(this.add(inner, from));
    this.features.add('grid in front of a sum');
    return this.spiking(this.add(this.quantizer(inner), from));
  }

  private joinedSpikes(from: Running): Running {
    const different = this.chance(0.7);
    this.features.add(different ? 'join of scales' : 'join of one scale');
    const scale = different ? undefined : this.step(255);
    const branch = () =>
      this.quantizer(
        this.conv(from, this.pick([1, 2])),
        { type: 'uint8', zeroPoint: 0, low: 0, high: 255 },
        scale,
      );
    const joined = this.join(branch(), branch());
    return this.spiking(this.conv(this.chance(0.3) ? this.onCarried(joined) : joined, this.channels()));
  }

  /** Two terms beside one: the second term is padded to the width of the join. */
  private joinedSums(from: Running): Running {
    this.features.add('join of sums');
    const sum = this.add(this.conv(from, 2), this.spiking(this.conv(from, 2), false));
    const lone = this.conv(from, 1);
    return this.spiking(this.chance(0.5) ? this.join(sum, lone) : this.join(lone, sum));
  }

  private respiked(from: Running): Running {
    const currents = this.conv(from, this.channels());
    if (this.chance(0.3)) {
      this.features.add('currents without a grid');
      return this.spiking(this.conv(this.add(currents, this.conv(from, currents.shape[0])), this.channels()));
    }
    this.features.add('grid on currents');
    return this.spiking(this.conv(this.quantizer(currents, this.signedGrid()), this.channels()));
  }

  private averaged(from: Running): Running {
    if (from.shape[1] < 4 || from.shape[2] < 4) return this.spiking(this.conv(from, this.channels()));
    const kernel = this.dyadic ? 2 : this.pick([2, 3]);
    const pads = this.pick([
      [0, 0, 0, 0],
      [1, 1, 1, 1],
      [1, 0, 0, 1],
    ]);
    const [ceil, include] = [this.chance(0.5) ? 1 : 0, this.chance(0.5) ? 1 : 0];
    if (pads.some((pad) => pad > 0)) this.features.add(`mean over a border, counted ${include}`);
    if (ceil === 1) this.features.add('mean with ceil_mode');
    const size = (axis: 0 | 1) => {
      const room = from.shape[1 + axis]! + pads[axis]! + pads[2 + axis]! - kernel;
      const count = (ceil === 1 ? Math.ceil(room / 2) : Math.floor(room / 2)) + 1;
      return (count - 1) * 2 >= from.shape[1 + axis]! + pads[axis]! ? count - 1 : count;
    };
    const pooled = this.node(
      'AveragePool',
      from,
      [from.shape[0], size(0), size(1)],
      '',
      `kernel_shape: [${kernel}, ${kernel}], strides: [2, 2], pads: [${pads.join(', ')}], ceil_mode: ${ceil}, count_include_pad: ${include}`,
    );
    return this.spiking(this.conv(this.chance(0.5) ? this.onCarried(pooled) : pooled, this.channels()));
  }

  private shuffled(from: Running): Running {
    this.features.add('channel shuffle');
    const even = this.spiking(this.conv(from, 4), false);
    const [channels, height, width] = even.shape;
    const split = this.node('Reshape', even, even.shape, `, [-1, 2, 2, ${height}, ${width}]`);
    const turned = this.node('Transpose', split, even.shape, '', 'perm: [0, 2, 1, 3, 4]');
    const back = this.node('Reshape', turned, even.shape, `, [-1, ${channels}, ${height}, ${width}]`);
    this.features.add('grouped convolution');
    return this.spiking(this.conv(back, 4, 2));
  }

  private scaled(from: Running): Running {
    const currents = this.chance(0.5);
    this.features.add(currents ? 'factor on currents' : 'factor on spikes');
    const factors = (channels: number) =>
      this.constant([channels, 1, 1], () => this.pick([0.5, 1, 2, -1, 0.75, 0]) * (this.dyadic ? 1 : 1.1));
    const times = (value: Running) => this.node('Mul', value, value.shape, `, ${factors(value.shape[0])}`);
    return this.spiking(
      currents
        ? times(this.conv(from, this.channels()))
        : this.conv(times(this.spiking(this.conv(from, 3), false)), this.channels()),
    );
  }

  private bordered(from: Running): Running {
    this.features.add('border and cut');
    const [channels, height, width] = from.shape;
    const wide: Running['shape'] = [channels, height + 2, width + 1];
    const padded = this.node('Pad', from, wide, ', [0, 0, 1, 1, 0, 0, 1, 0]');
    const cut = this.node(
      'Slice',
      padded,
      [channels, height + 1, width],
      ', [1, 0], [2147483647, -1], [2, 3]',
    );
    return this.spiking(this.conv(cut, this.channels()));
  }

  /** Currents as spikes, in one of the ways in which files write it. */
  private spiking(currents: Running, pools = true): Running {
    const large = pools && currents.shape[1] >= 4 && currents.shape[2] >= 4;
    const ways = [
      () => this.quantizer(currents, this.positiveGrid(true)),
      () => this.quantizer(this.node('Relu', currents), this.positiveGrid(false)),
      () => this.quantizer(this.node('Relu', currents), this.signedGrid()),
      () => this.quantizer(this.node('Clip', currents, currents.shape, ', 0, 1.5'), this.positiveGrid(false)),
      () => this.perChannel(currents),
      () => {
        this.features.add('activation without a grid');
        return this.node('Relu', currents);
      },
    ];
    const pooledWays = [
      () => this.pool(this.quantizer(currents, this.positiveGrid(true))),
      () => this.quantizer(this.pool(this.node('Relu', currents)), this.positiveGrid(false)),
      () => this.quantizer(this.pool(currents), this.positiveGrid(true)),
      () => this.pool(this.quantizer(this.node('Relu', currents), this.positiveGrid(false))),
      () => {
        this.features.add('scale and shift behind a pool');
        const pooled = this.pool(currents);
        const wide = [pooled.shape[0], 1, 1];
        const factor = this.constant(wide, () => this.pick([0.5, -1, 2]));
        const shift = this.constant(wide, () => this.number(-0.5, 0.5));
        const scaled = this.node('Mul', pooled, pooled.shape, `, ${factor}`);
        return this.quantizer(this.node('Add', scaled, pooled.shape, `, ${shift}`), this.positiveGrid(true));
      },
    ];
    return this.pick(large && this.chance(0.4) ? pooledWays : ways)();
  }

  private pool(from: Running): Running {
    this.features.add('max-pool');
    const [channels, height, width] = from.shape;
    const pads = this.pick(['0, 0, 0, 0', '1, 1, 0, 0']);
    const size = (n: number) => Math.floor((n + (pads.startsWith('1') ? 1 : 0) - 2) / 2) + 1;
    return this.node(
      'MaxPool',
      from,
      [channels, size(height), size(width)],
      '',
      `kernel_shape: [2, 2], strides: [2, 2], pads: [${pads}]`,
    );
  }

  /** A quantizer of what spikes carry already: it is dropped. */
  private onCarried(from: Running): Running {
    this.features.add('grid of what is carried');
    return this.quantizer(from, { type: 'int8', zeroPoint: 0, low: -128, high: 127 });
  }

  private perChannel(currents: Running): Running {
    this.features.add('scale for each channel');
    const scales = Array.from({ length: currents.shape[0] }, () => this.step(255)).join(', ');
    return this.node(
      'FakeQuantize',
      currents,
      currents.shape,
      '',
      `type: "uint8", scale: [${scales}], axis: 1, zeroPoint: 0, low: 0, high: 255, absorbed: ["relu"]`,
    );
  }

  private positiveGrid(absorbed: boolean) {
    const bits = this.pick([8, 8, 4, 3]);
    this.features.add(`${bits} bits`);
    return { type: `uint${bits}`, zeroPoint: 0, low: 0, high: 2 ** bits - 1, absorbed };
  }

  private signedGrid() {
    this.features.add('bounds below 0');
    return this.pick([
      { type: 'uint8', zeroPoint: 37, low: -37, high: 218 },
      { type: 'int8', zeroPoint: -20, low: -108, high: 127 },
      { type: 'int4', zeroPoint: 0, low: -8, high: 7 },
    ]);
  }

  private quantizer(
    from: Running,
    grid: {
      type: string;
      zeroPoint: number;
      low: number;
      high: number;
      absorbed?: boolean;
    } = this.signedGrid(),
    scale = this.step(Math.max(grid.high, -grid.low)),
  ): Running {
    const { type, zeroPoint, low, high, absorbed = false } = grid;
    return this.node(
      'FakeQuantize',
      from,
      from.shape,
      '',
      `type: "${type}", scale: [${scale}], axis: 1, zeroPoint: ${zeroPoint}, low: ${low}, high: ${high}, absorbed: [${absorbed ? '"relu"' : ''}]`,
    );
  }

  private conv(from: Running, to: number, group = 1): Running {
    const [channels, height, width] = from.shape;
    const kernel = this.pick([1, 3]);
    const fan = channels / group;
    if (group > 1) this.features.add(group === channels ? 'depthwise convolution' : 'grouped convolution');
    const weights = this.weights([to, fan, kernel, kernel], fan * kernel ** 2);
    const bias = this.chance(0.8) ? `, ${this.constant([to], () => this.number(-0.5, 0.5))}` : '';
    const pad = (kernel - 1) / 2;
    const pads = [pad, pad, pad, pad].join(', ');
    return this.node(
      'Conv',
      from,
      [to, height, width],
      `, ${weights}${bias}`,
      `pads: [${pads}], group: ${group}`,
    );
  }

  /** Weights on a grid, such that a sum over `fan` spikes is of the size of one. */
  private weights(shape: Shape, fan: number): string {
    const [type, low, high] = this.pick([
      ['int8', -127, 127],
      ['int8', -127, 127],
      ['uint8', -131, 124],
      ['int4', -8, 7],
    ] as const);
    if (type === 'uint8') this.features.add('weights with a zero point');
    const count = this.chance(0.4) ? shape[0]! : 1;
    if (count > 1) this.features.add('weight scale for each channel');
    const scales = Array.from({ length: count }, () =>
      this.rounded(this.between(1, 2) / (high * Math.sqrt(fan))),
    );
    const per = sizeOf(shape) / count;
    const values = Array.from({ length: sizeOf(shape) }, (_, i) =>
      Math.fround(scales[Math.floor(i / per)]! * Math.round(this.between(low, high))),
    );
    const grid = `{scale: [${scales.join(', ')}], axis: 0, low: ${low}, high: ${high}}`;
    return this.named(shape, values, ` on ${grid}`);
  }

  private add(a: Running, b: Running): Running {
    return this.node('Add', a, a.shape, `, ${b.name}`);
  }

  private join(a: Running, b: Running): Running {
    const channels = a.shape[0] + b.shape[0];
    return this.node('Concat', a, [channels, a.shape[1], a.shape[2]], `, ${b.name}`, 'axis: 1');
  }

  private node(op: string, from: Running, shape = from.shape, operands = '', attributes = ''): Running {
    const name = `${op.toLowerCase()}${this.count++}`;
    this.lines.push(`${name} = ${op}(${from.name}${operands})${attributes === '' ? '' : ` {${attributes}}`}`);
    return { name, shape };
  }

  private constant(shape: Shape, value: () => number): string {
    const values = Array.from({ length: sizeOf(shape) }, () => Math.fround(value()));
    return this.named(shape, values, '');
  }

  private named(shape: Shape, values: readonly number[], tail: string): string {
    const name = `c${this.count++}`;
    this.lines.push(`const ${name} [${shape.join(', ')}] = ${values.join(', ')}${tail}`);
    return name;
  }

  /** The step of an activation's grid with that many levels. */
  private step(levels: number): number {
    return this.rounded((REACH * this.between(0.6, 1.2)) / levels);
  }

  /** A scale: a power of two where scales are dyadic. */
  private rounded(scale: number): number {
    return this.dyadic ? 2 ** Math.round(Math.log2(scale)) : Math.fround(scale);
  }

  /** A bias or shift: a multiple of 2^-10 where numbers are dyadic. */
  private number(low: number, high: number): number {
    const value = this.between(low, high);
    return this.dyadic ? Math.round(value * 1024) / 1024 : value;
  }

  private channels(): number {
    return this.pick([2, 3, 4]);
  }

  private between(low: number, high: number): number {
    return low + (high - low) * this.next();
  }

  private chance(probability: number): boolean {
    return this.next() < probability;
  }

  private pick<const T>(list: readonly T[]): T {
    return list[Math.floor(this.next() * list.length)]!;
  }
}
