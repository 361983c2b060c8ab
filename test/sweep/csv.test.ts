import { expect, it } from 'vitest';
import { csvCells, csvText } from '../../src/sweep/csv.ts';
import { rowOf } from './rows.ts';

it('writes one line a row under headings, nothing for null, and quotes where a cell needs it', () => {
  const front = { energy: true, latency: false, opf: false };
  const row = rowOf({
    accuracy: null,
    accuracyInterval: null,
    residual: { mean: 0.1, median: 0.1, p999: 1, worstLayer: 'a,"b"', worstLayerP999: 2 },
  });
  const [headings, line, end] = csvText([csvCells({ ...row, front })]).split('\n');
  expect(end).toBe('');
  expect(headings).toMatch(
    /^T,beta,Ts,phi,encoder,percentile,images,accuracy,accuracy_low,accuracy_high,ann_/,
  );
  expect(line).toMatch(/^4,2,1,0.5,css,99.99,100,,,,0.92,0.85,0.96,0.02,-0.01,0.05,/);
  expect(line).toMatch(/,0\.1,0\.1,1,"a,""b""",2,true,false,false$/);
  expect(csvText([])).toBe('\n');
});
