// One firing step of a layer by kernels: what f is applied to, the comparison with the threshold, and the spikes as rows.
import {
  biasShare,
  type FiringParameters,
  firesAtThreshold,
  prefixAt,
  singleThresholdAt,
  thresholdAt,
} from '../../neurons/tsa.ts';
import { windowOver } from '../../ops/window.ts';
import type { Network, NeuronNode } from '../../snn/network/network.ts';
import { geometryOf } from './geometry.ts';
import type { Kernels } from './kernels.ts';
import type { Firing, MembraneLayer } from './layers.ts';
import type { Membranes, Space } from './membranes.ts';
import type { Plane } from './plane.ts';

const { fround } = Math;

/** A layer at work: its neurons, its membranes, and how it fires. */
export interface FiringLayer {
  readonly node: NeuronNode;
  readonly layer: MembraneLayer;
  readonly space: Space;
  readonly firing: Firing;
  /** What it emits. */
  readonly plane: Plane;
}

/** Fires the layers of one network. */
export class KernelFiring {
  private readonly kernels: Kernels;
  private readonly membranes: Membranes;
  private readonly T: number;
  private readonly beta: number;
  private readonly integer: boolean;

  constructor(network: Network, kernels: Kernels, membranes: Membranes) {
    this.kernels = kernels;
    this.membranes = membranes;
    this.T = network.coding.T;
    this.beta = network.coding.beta;
    this.integer = network.arithmetic === 'integer';
  }

  /**
   * Step t of the window, Ts + 1 to Ts + T, once its currents are integrated.
   * @param starts and rows where the spikes go
   * @returns how many there are
   */
  step(turn: FiringLayer, t: number, starts: number, rows: number): number {
    const { T, beta, kernels } = this;
    const { node, space, firing, plane } = turn;
    const parameters = this.parametersOf(node);
    const beyond = Number(!firesAtThreshold(t, parameters));
    const sizes = [plane.positions, plane.channels, plane.stride] as const;
    const f = [firing.mode, firing.low, firing.high] as const;
    const [scale, amplitude] = [beta ** (t - T), beta ** node.Ts];
    if (firing.fused) {
      const known = this.membranes.known(turn.layer, space, t);
      const bias = [turn.layer.bias?.at ?? 0, biasShare(t, T, beta)] as const;
      const decision = [scale, amplitude, thresholdAt(t, parameters), beyond] as const;
      const memory = [this.membranes.singles, starts, rows] as const;
      return kernels.fireI32(...known, ...bias, space.g, ...sizes, ...f, ...decision, ...memory);
    }
    const potential = this.potential(turn, t);
    if (this.integer) {
      const decision = [scale, beta, amplitude, thresholdAt(t, parameters), beyond] as const;
      return kernels.fireF64(potential, space.g, ...sizes, ...f, ...decision, starts, rows);
    }
    const single = [fround(scale), fround(beta), fround(amplitude)] as const;
    const threshold = singleThresholdAt(t, parameters);
    return kernels.fireF32(potential, space.g, ...sizes, ...f, ...single, threshold, starts, rows);
  }

  private parametersOf({ Ts, phi, lastPhi, forecast }: NeuronNode): FiringParameters {
    return {
      ...{ T: this.T, beta: this.beta, Ts, phi },
      ...(lastPhi === undefined ? {} : { lastPhi }),
      ...(forecast === undefined ? {} : { forecast }),
    };
  }

  /** What f is applied to, in memory: h or the sum of the sources, pooled, scaled and shifted. */
  private potential({ node, layer, space, firing, plane }: FiringLayer, t: number): number {
    const { kernels, integer } = this;
    const { h, u, pooled } = space;
    if (integer) this.membranes.sum(layer, space, t);
    const own = integer ? u : h[0]!;
    if (node.pool === undefined && firing.affine === null) return own;
    const { height, width, stride } = layer.plane;
    const window = node.pool === undefined ? null : windowOver(node.pool, node.potentialShape.slice(1));
    (integer ? kernels.poolMaxF64 : kernels.poolMaxF32)(
      ...([own, height, width, stride, pooled, plane.height, plane.width] as const),
      ...geometryOf(window),
    );
    if (firing.affine === null) return pooled;
    const { T, beta } = this;
    const prefix = integer ? biasShare(t, T, beta) : prefixAt(t, T, beta);
    const { scale, shift } = firing.affine;
    const affine = integer ? kernels.affineF64 : kernels.affineF32;
    affine(pooled, plane.positions, plane.stride, scale, shift, prefix);
    return pooled;
  }
}
