// The list of export formats. Work is imported when it is done, so that the list costs the command line nothing.
import { byName } from '../registry.ts';
import type { Exporter } from './exporter.ts';
import { json } from './json.ts';
import { nir } from './nir.ts';
import { npz } from './npz.ts';
import { onnx } from './onnx.ts';
import { safetensors } from './safetensors.ts';

export const exporters = [onnx, safetensors, npz, nir, json] as const satisfies readonly Exporter[];

/** @throws Ann2SnnError `unknown-name` */
export function exporterNamed(name: string): Exporter {
  return byName<Exporter>('export format', exporters, name);
}
