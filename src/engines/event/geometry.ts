// A window as kernels take it.
import type { Window } from '../../ops/window.ts';

/** Kernel, strides, dilations and leading pads, each down and across; one element where there is no window. */
export function geometryOf(window: Pick<Window, 'kernel' | 'strides' | 'dilations' | 'padsBegin'> | null) {
  if (window === null) return [1, 1, 1, 1, 1, 1, 0, 0] as const;
  const { kernel, strides, dilations, padsBegin } = window;
  return [
    ...([kernel[0]!, kernel[1]!, strides[0]!, strides[1]!] as const),
    ...([dilations[0]!, dilations[1]!, padsBegin[0]!, padsBegin[1]!] as const),
  ] as const;
}
