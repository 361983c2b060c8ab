// The choice of the simulator: the same for every command that runs a network.
import { Option } from 'commander';
import { engines } from '../engines/index.ts';

export function engineOption(): Option {
  return new Option('--engine <name>', 'simulator')
    .choices(engines.map((engine) => engine.name))
    .default('auto');
}
