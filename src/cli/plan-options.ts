// The options that say what becomes of nodes which spikes alone cannot carry: the same for every command that plans.
import { type Command, Option } from 'commander';
import { LINEAR_MODES, type LinearMode } from '../snn/plan/linear-modes.ts';

export interface PlanOptions {
  readonly analog?: readonly string[];
  readonly linear: LinearMode;
}

/** Adds which nodes stay analog, and what becomes of weighted maps that currents feed. */
export function withPlanOptions(command: Command): Command {
  return command
    .option(
      '--analog <node...>',
      'keep these nodes analog: computed once an image on values decoded at the end of their windows, then spiked again',
    )
    .addOption(
      new Option(
        '--linear <how>',
        'weighted maps that currents feed: respike the currents, compose the map with the one in front, or keep it analog (T times its MACs)',
      )
        .choices(LINEAR_MODES)
        .default('respike'),
    );
}

/** The same for the pipeline. */
export function planOptions({ analog = [], linear }: PlanOptions) {
  return { analog, linear };
}
