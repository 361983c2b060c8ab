// The element types of ONNX by their number in the file, and what each becomes here.
import type { DType } from '../tensor/tensor.ts';

/**
 * An element type that can be read. `half` marks the two that are widened to float32; of half a byte are those that
 * lie two in a byte, which are read only.
 */
export interface ElementType {
  readonly name: string;
  readonly bytes: 0.5 | 1 | 2 | 4 | 8;
  readonly dtype: DType;
  readonly half?: 'float16' | 'bfloat16';
}

const READABLE: ReadonlyMap<number, ElementType> = new Map<number, ElementType>([
  [1, { name: 'float32', bytes: 4, dtype: 'float32' }],
  [2, { name: 'uint8', bytes: 1, dtype: 'uint8' }],
  [3, { name: 'int8', bytes: 1, dtype: 'int8' }],
  [4, { name: 'uint16', bytes: 2, dtype: 'uint16' }],
  [5, { name: 'int16', bytes: 2, dtype: 'int16' }],
  [6, { name: 'int32', bytes: 4, dtype: 'int32' }],
  [7, { name: 'int64', bytes: 8, dtype: 'int64' }],
  [9, { name: 'bool', bytes: 1, dtype: 'bool' }],
  [10, { name: 'float16', bytes: 2, dtype: 'float32', half: 'float16' }],
  [11, { name: 'float64', bytes: 8, dtype: 'float64' }],
  [12, { name: 'uint32', bytes: 4, dtype: 'uint32' }],
  [13, { name: 'uint64', bytes: 8, dtype: 'uint64' }],
  [16, { name: 'bfloat16', bytes: 2, dtype: 'float32', half: 'bfloat16' }],
  [21, { name: 'uint4', bytes: 0.5, dtype: 'uint4' }],
  [22, { name: 'int4', bytes: 0.5, dtype: 'int4' }],
]);

/** Named only so that a refusal can say what was found. */
const REFUSED: ReadonlyMap<number, string> = new Map([
  [0, 'no element type'],
  [8, 'string'],
  [14, 'complex64'],
  [15, 'complex128'],
  [17, 'float8e4m3fn'],
  [18, 'float8e4m3fnuz'],
  [19, 'float8e5m2'],
  [20, 'float8e5m2fnuz'],
  [23, 'float4e2m1'],
  [24, 'float8e8m0'],
]);

/** The readable element type with this number, or undefined. */
export function elementType(code: number): ElementType | undefined {
  return READABLE.get(code);
}

/** The number that an element type is written with; int4 and uint4 never are. */
export function elementCode(dtype: DType): number {
  for (const [code, type] of READABLE) if (type.name === dtype && type.bytes >= 1) return code;
  throw new RangeError(`no ONNX element type for ${dtype}`);
}

/** "expected ..., found ..." for an element type that cannot be read, or of half a byte where whole ones must be. */
export function unsupportedElement(code: number): string {
  const found = READABLE.get(code);
  const expected = [...READABLE.values()]
    .filter((type) => found === undefined || type.bytes >= 1)
    .map((type) => type.name)
    .join(', ');
  const name = found?.name ?? REFUSED.get(code) ?? `type number ${code}`;
  return `expected elements of type ${expected}; found ${name}`;
}
