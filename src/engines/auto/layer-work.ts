// What one image costs at each layer, walked by spikes or computed densely, and what its neurons cost either way.
import { opNamed } from '../../ops/index.ts';
import { type Network, type NeuronNode, shapesOf, spikingLayers } from '../../snn/network/network.ts';
import { sizeOf } from '../../tensor/tensor.ts';
import { type Connection, ConnectionFinder, type ConvConnection } from '../event/connections.ts';
import { joined, type Work } from './costs.ts';
import { currentsGraph, potentialPlane } from './currents-to-onnx.ts';
import { denseLayers } from './dense-layers.ts';
import { type MembraneNode, membraneNodes } from './membrane-nodes.ts';
import type { SpikeRates } from './spike-rates.ts';

/** Products for each output below which ONNX Runtime computes a convolution at a fraction of its speed: depthwise ones. */
const THIN = 32;

/** A window larger than this is read from memory again and again (the dense engine's batch keeps below it where it can). */
const CACHE_BYTES = 2 * 2 ** 20;

const KERNEL_NEURONS: ReadonlySet<NeuronNode['neuron']> = new Set(['tsa-identity', 'tsa-relu', 'tsa-clip']);

/** One layer's work. */
export interface LayerWork {
  /** Its currents from lists of spikes. */
  readonly event: Work;
  /** Its currents from ONNX Runtime; null where that could change spikes. */
  readonly dense: Work | null;
  /** Its membranes and neurons in the event engine. */
  readonly neurons: Work;
}

/** The work of every layer with membranes, by its key. */
export function layerWorks(network: Network, rates: SpikeRates): ReadonlyMap<string, LayerWork> {
  const finder = new ConnectionFinder(network);
  const mayBeDense = denseLayers(network);
  return new Map(
    [...membraneNodes(network)].map(([key, layer]) => [
      key,
      {
        event: eventWork(network, layer, finder, rates),
        dense: mayBeDense.has(key) ? denseWork(network, layer, rates) : null,
        neurons: neuronWork(network, layer, rates),
      },
    ]),
  );
}

/** The work of the dense engine on one image. @param batch images that it runs at once */
export function wholeWork(network: Network, batch: number): Work {
  const { T } = network.coding;
  const layers = [...membraneNodes(network).values()];
  const products = joined(...layers.map((layer) => productsOf(network, layer)));
  const spiking = spikingLayers(network);
  const updates = (chosen: (size: number) => boolean) =>
    T * spiking.reduce((sum, { shape }) => sum + (chosen(sizeOf(shape)) ? sizeOf(shape) : 0), 0);
  const far = (size: number) => 4 * T * size * batch > CACHE_BYTES;
  return {
    wholeStep: (T * (layers.length + spiking.length)) / batch,
    wholeProduct: products.denseProduct ?? 0,
    wholeThinProduct: products.denseThinProduct ?? 0,
    wholeUpdate: updates((size) => !far(size)),
    wholeFarUpdate: updates(far),
  };
}

/** The work of the encoders, which every way of running but the dense engine has in common. */
export function encoderWork(network: Network, rates: SpikeRates): Work {
  const encoders = spikingLayers(network).filter(({ kind }) => kind === 'encoder');
  return {
    kernelStep: network.coding.T * encoders.length,
    kernelUpdate: encoders.reduce((sum, { shape }) => sum + network.coding.T * sizeOf(shape), 0),
    spike: encoders.reduce((sum, { output, shape }) => sum + rates.ofValue.get(output)! * sizeOf(shape), 0),
  };
}

function eventWork(network: Network, layer: MembraneNode, finder: ConnectionFinder, rates: SpikeRates): Work {
  const connections = layer.sources.flatMap(({ value }) => finder.into(value));
  return joined(...connections.map((connection) => connectionWork(network, layer, connection, rates)));
}

function connectionWork(
  network: Network,
  layer: MembraneNode,
  connection: Connection,
  rates: SpikeRates,
): Work {
  const { T } = network.coding;
  const size = sizeOf(shapesOf(network).get(connection.source)!);
  const spikes = rates.ofValue.get(connection.source)! * size;
  if (connection.kind === 'plain') return { plainProduct: T * plainProducts(network, connection) };
  // Every weight is read once a step.
  if (connection.kind === 'average') return { gatherAdd: T * sizeOf(connection.weights.shape) };
  if (connection.kind === 'table') {
    const each = connection.targets.length / size;
    return each <= 1 ? { oneToOneAdd: spikes * each } : { tableAdd: spikes * each };
  }
  const { window, weights, group } = connection;
  const rows = spikes * tapsSeen(connection);
  if (group > 1) return { scatterRow: rows, scatterAdd: (rows * weights.shape[0]!) / group };
  // A window is listed line by line.
  const lines = T * sizeOf(window.output) * window.kernel[0]!;
  const { stride } = potentialPlane(network, layer);
  return { gatherWindow: lines, gatherRow: rows, gatherAdd: rows * stride };
}

/** Taps of a window that see an element, averaged over all of them. */
function tapsSeen({ window }: ConvConnection): number {
  return [0, 1].reduce((product, axis) => {
    let seen = 0;
    for (let out = 0; out < window.output[axis]!; out++) {
      for (let tap = 0; tap < window.kernel[axis]!; tap++) {
        const at = out * window.strides[axis]! + tap * window.dilations[axis]! - window.padsBegin[axis]!;
        if (at >= 0 && at < window.input[axis]!) seen++;
      }
    }
    return (product * seen) / window.input[axis]!;
  }, 1);
}

/** What a path costs at one step that is walked node by node: products, or elements where nothing is multiplied. */
function plainProducts(network: Network, { path }: Extract<Connection, { readonly kind: 'plain' }>): number {
  return path.reduce((sum, { node }) => sum + Math.max(sizeOf(node.shape), macsOf(network, node)), 0);
}

function macsOf(network: Network, node: ReturnType<typeof currentsGraph>['nodes'][number]): number {
  const shapes = shapesOf(network);
  const operands = node.sources.map((source) =>
    'value' in source ? [1, ...shapes.get(source.value)!] : network.constants.get(source.constant)!.shape,
  );
  return opNamed(node.op)!.macs?.(node.attributes, operands, [1, ...node.shape]) ?? 0;
}

/** Products of a whole window of a layer's currents. */
function productsOf(network: Network, layer: MembraneNode): Work {
  const { T } = network.coding;
  return joined(
    ...currentsGraph(network, layer).nodes.map((node): Work => {
      const macs = macsOf(network, node);
      const thin = macs < THIN * sizeOf(node.shape);
      return thin ? { denseThinProduct: T * macs } : { denseProduct: T * macs };
    }),
  );
}

function denseWork(network: Network, layer: MembraneNode, rates: SpikeRates): Work {
  const { T } = network.coding;
  const shapes = shapesOf(network);
  const { inputs, nodes } = currentsGraph(network, layer);
  const read = inputs.map((value) => sizeOf(shapes.get(value)!));
  const { positions, stride } = potentialPlane(network, layer);
  const made = nodes.reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  return joined(productsOf(network, layer), {
    denseCall: 1,
    denseElement:
      T * (read.reduce((sum, size) => sum + size, 0) + made + layer.sources.length * positions * stride),
    denseSpike: inputs.reduce((sum, value, i) => sum + rates.ofValue.get(value)! * read[i]!, 0),
  });
}

function neuronWork(network: Network, layer: MembraneNode, rates: SpikeRates): Work {
  const { T } = network.coding;
  const { positions, stride } = potentialPlane(network, layer);
  const steps = T + (layer.kind === 'neuron' ? layer.Ts : 0);
  const updates = steps * layer.sources.length * positions * stride;
  if (layer.kind !== 'neuron') return { kernelStep: steps, kernelUpdate: updates };
  const spikes = rates.ofValue.get(layer.output)! * sizeOf(layer.shape);
  return firesByKernel(layer)
    ? { kernelStep: steps, kernelUpdate: updates, spike: spikes }
    : { kernelStep: steps, plainUpdate: updates, spike: spikes };
}

/** The event engine's own rule (event/layers.ts) but for what is rare. */
function firesByKernel(layer: NeuronNode): boolean {
  return KERNEL_NEURONS.has(layer.neuron) && layer.product !== true;
}
