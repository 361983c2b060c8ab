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
   * @param masks where the spikes go
   */
  step(turn: FiringLayer, t: number, masks: number): void {
    const { T, beta, kernels } = this;
    const { node, space, firing, plane } = turn;
    const { g } = space;
    const { positions, stride } = plane;
    const { mode, low, high } = firing;
    const parameters = this.parametersOf(node);
    const threshold = thresholdAt(t, parameters);
    const beyond = Number(!firesAtThreshold(t, parameters));
    const [scale, amplitude] = [beta ** (t - T), beta ** node.Ts];
    // Arguments are written out: spread from arrays they take longer than small layers do (kernels.ts).
    if (firing.fused) {
      const [count, h0, h1, h2, h3, s0, s1, s2, s3] = this.membranes.known(turn.layer, space, t);
      const bias = turn.layer.bias?.at ?? 0;
      const share = biasShare(t, T, beta);
      const { singles } = this.membranes;
      // biome-ignore format: one argument beside the other
      kernels.fireI32(
        count, h0, h1, h2, h3, s0, s1, s2, s3, bias, share, g, positions, stride, mode, low, high,
        scale, amplitude, threshold, beyond, singles, masks,
      );
      return;
    }
    const u = this.potential(turn, t);
    if (this.integer) {
      // biome-ignore format: one argument beside the other
      kernels.fireF64(
        u, g, positions, stride, mode, low, high, scale, beta, amplitude, threshold, beyond, masks,
      );
      return;
    }
    const single = singleThresholdAt(t, parameters);
    // biome-ignore format: one argument beside the other
    kernels.fireF32(
      u, g, positions, stride, mode, low, high, fround(scale), fround(beta), fround(amplitude), single, masks,
    );
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
