// All kernels, as src/engines/event/kernels.ts types them.
export { averageF32 } from './average';
export { columnsF32 } from './columns-f32';
export { columnsI8 } from './columns-i8';
export { countSpikes, spikesOf } from './count';
export { encodeF32, fireF32, fireF64 } from './fire';
export { fireI32 } from './fire-i32';
export { gatherF32 } from './gather-f32';
export { gatherI8 } from './gather-i8';
export { listRows } from './lists';
export {
  affineF32,
  affineF64,
  clear,
  doubleI32,
  forecastI32,
  poolMaxF32,
  poolMaxF64,
  scaleF32,
  sumI32,
} from './membranes';
export { oneToOneF32, oneToOneI32 } from './one-to-one';
export { scatterF32, scatterI8 } from './scatter';
export { skipF32, skipI32 } from './skip';
export { tableF32, tableI32 } from './table';
