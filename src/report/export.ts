// What `export` answers.
import type { Fidelity } from '../export/exporter.ts';

export interface ExportSummary {
  /** The file that was read. */
  readonly network: string;
  /** The file that was written, and its format and length. */
  readonly output: string;
  readonly format: string;
  readonly bytes: number;
  readonly fidelity: Fidelity;
  /** What a user of the file has to know, a line each. */
  readonly notes: readonly string[];
}

/** The summary for people. */
export function exportText({ output, format, bytes, fidelity, notes }: ExportSummary): string {
  const kept = fidelity.kind === 'lossless' ? 'lossless' : `approximate; left out: ${fidelity.lost}`;
  return [`wrote ${output} (${format}, ${bytes} bytes)`, `fidelity ${kept}`, ...notes].join('\n');
}
