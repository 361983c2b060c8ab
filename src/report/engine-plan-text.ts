// An engine plan in one line.
import type { EnginePlan } from '../engines/engine-plan.ts';
import { figure, plural } from './table.ts';

/** Names of layers that a line spells out. */
const SHOWN = 4;

/** What is computed how, and what the cost table expects of it. */
export function enginePlanText({ neurons, layers, expected, assumed }: EnginePlan): string {
  const dense = layers.filter(({ currents }) => currents === 'dense');
  const named = dense.slice(0, SHOWN).map(({ name }) => name);
  const names = [...named, ...(dense.length > SHOWN ? ['...'] : [])].join(', ');
  const what =
    neurons === 'dense'
      ? 'dense, the whole network as one ONNX model'
      : dense.length === 0
        ? `event, ${plural(layers.length, 'layer')} by their spikes`
        : `event, ${layers.length - dense.length} of ${plural(layers.length, 'layer')} by their spikes, ${dense.length} dense (${names})`;
  const why =
    expected === null
      ? 'as given'
      : `${figure(expected.plan)} ms an image expected, all event ${figure(expected.event)}, all dense ${figure(expected.dense)}`;
  const rates =
    assumed === 0
      ? ''
      : `; usual spike rates assumed, the network stores none of ${plural(assumed, 'layer')}`;
  return `${what}   (${why}${rates})`;
}
