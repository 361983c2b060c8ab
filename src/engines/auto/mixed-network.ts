// A network in which some layers have their currents from ONNX Runtime, the whole window at once, and all others from lists
// of spikes; all neurons are the event engine's.
import { openSession, type Session } from '../../runtime/session.ts';
import { type Network, shapesOf } from '../../snn/network/network.ts';
import type { FloatTensor } from '../../tensor/tensor.ts';
import type { CompiledNetwork, RunOptions, Trace } from '../engine.ts';
import { type Demand, EventNetwork, type Instruments } from '../event/event-network.ts';
import { currentsOutput, currentsToOnnx, potentialPlane } from './currents-to-onnx.ts';
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
  for (const [key, layer] of membraneNodes(network)) {
    if (!dense.has(key)) continue;
    const model = currentsToOnnx(network, layer, potentialPlane(network, layer));
    sessions.set(key, await openSession(model, { where: `currents of "${layer.name}"` }));
  }
  const event = new EventNetwork(network, instruments, dense);
  const { T } = network.coding;
  const shapes = shapesOf(network);
  const compute = async ({ layer, train, room }: Demand) => {
    const session = sessions.get(layer)!;
    const feeds = session.inputNames.map((name): [string, FloatTensor] => [
      name,
      { dtype: 'float32', shape: [T, ...shapes.get(name)!], data: train(name) },
    ]);
    const currents = await session.run(new Map(feeds));
    for (let k = 0; k < currents.size; k++) room(k).set(currents.get(currentsOutput(k))!.data);
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
