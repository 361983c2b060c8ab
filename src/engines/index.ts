// The list of engines, and the choice between them.
import { byName } from '../registry.ts';
import { auto } from './auto/index.ts';
import { dense } from './dense/index.ts';
import type { Engine } from './engine.ts';
import { event } from './event/index.ts';
import { reference } from './reference/index.ts';

export const engines = [auto, dense, event, reference] as const satisfies readonly Engine[];

export type EngineName = (typeof engines)[number]['name'];

/** The engine of that name. Throws `unknown-name`. */
export function engineNamed(name: string): Engine<EngineName> {
  return byName<Engine<EngineName>>('engine', engines, name);
}
