// All combinations of some choices, for attribute grids.

/** Every way to take one value of each list, as an object. */
export function combinations<T extends Readonly<Record<string, readonly unknown[]>>>(
  choices: T,
): { readonly [K in keyof T]: T[K][number] }[] {
  let all: Record<string, unknown>[] = [{}];
  for (const [name, values] of Object.entries(choices)) {
    all = all.flatMap((chosen) => values.map((value) => ({ ...chosen, [name]: value })));
  }
  return all as { readonly [K in keyof T]: T[K][number] }[];
}

/** A label for a combination: its values. */
export function labelOf(chosen: object): string {
  return Object.entries(chosen)
    .map(([name, value]) => `${name}=${JSON.stringify(value)}`)
    .join(' ');
}
