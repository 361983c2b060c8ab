// A network in which some layers have their currents from ONNX Runtime, the whole window at once, and all others from lists
// of spikes; all neurons are the event engine's.
import { openSession, type Session } from '../../runtime/session.ts';
import { type Network, shapesOf } from '../../snn/network/network.ts';
import type { FloatTensor, Tensor } from '../../tensor/tensor.ts';
import type { CompiledNetwork, RunOptions, Trace } from '../engine.ts';
import { type Demand, EventNetwork, type Instruments } from '../event/event-network.ts';
import type { Plane } from '../event/plane.ts';
import {
  currentsGraph,
  currentsToOnnx,
  currentsType,
  potentialPlane,
  trainShape,
} from './currents-to-onnx.ts';
import { membraneNodes } from './membrane-nodes.ts';

/**
 * Compiles a network of which the layers with the keys `dense` are computed densely.
 * @param instruments for whoever measures
 */
export async function compileMixed(
  network: Network,
  dense: ReadonlySet<string>,
  instruments?: Instruments,
): Promise<CompiledNetwork> {
  const sessions = new Map<string, Session>();
  const planes = new Map<string, Plane>();
  const inputs = new Map<string, readonly string[]>();
  for (const [key, layer] of membraneNodes(network)) {
    if (!dense.has(key)) continue;
    const plane = potentialPlane(network, layer);
    planes.set(key, plane);
    inputs.set(key, currentsGraph(network, layer).inputs);
    const model = currentsToOnnx(network, layer, plane);
    sessions.set(key, await openSession(model, { where: `currents of "${layer.name}"` }));
  }
  const event = new EventNetwork(network, instruments, dense);
  const { T } = network.coding;
  const shapes = shapesOf(network);
  const compute = async ({ layer, train, room }: Demand) => {
    const session = sessions.get(layer)!;
    const { positions, stride } = planes.get(layer)!;
    const feeds = inputs
      .get(layer)!
      .map((value, i): [string, FloatTensor] => [
        session.inputNames[i]!,
        { dtype: 'float32', shape: [T, ...trainShape(shapes.get(value)!)], data: train(value, i) },
      ]);
    const into = session.outputNames.map((name, k): [string, Tensor] => [
      name,
      { dtype: currentsType(network), shape: [T, positions, stride], data: room(k) },
    ]);
    await session.runInto(new Map(feeds), new Map(into));
  };
  // One memory serves one run after the other.
  let last: Promise<unknown> = Promise.resolve();
  return {
    run(images: FloatTensor, options: RunOptions = {}): Promise<Trace> {
      const run = last.then(() => event.runOnDemand(images, options, compute));
      last = run.catch(() => {});
      return run;
    },
    async release() {
      await last;
      for (const session of sessions.values()) await session.release();
      sessions.clear();
    },
  };
}
