// The list of engines, and the choice between them.
import { byName } from '../registry.ts';
import { dense } from './dense/index.ts';
import type { Engine } from './engine.ts';
import { event } from './event/index.ts';
import { reference } from './reference/index.ts';

export const engines = [dense, event, reference] as const satisfies readonly Engine[];

export type EngineName = (typeof engines)[number]['name'];

/** The engine of that name; `auto` is the fastest one, today always dense. Throws `unknown-name`. */
export function engineNamed(name: string): Engine<EngineName> {
  const auto = { ...dense, name: 'auto' } as const;
  const found = byName<Engine<EngineName> | typeof auto>('engine', [auto, ...engines], name);
  return found === auto ? dense : (found as Engine<EngineName>);
}
