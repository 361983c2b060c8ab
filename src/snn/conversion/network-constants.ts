// The constants of a network under conversion: each under a name that neither it nor the graph has already.
import type { Tensor } from '../../tensor/tensor.ts';

/** Live state: the constants so far. */
export class NetworkConstants {
  readonly values = new Map<string, Tensor>();
  private readonly reserved: (name: string) => boolean;

  /** @param reserved whether a name belongs to a constant of the graph */
  constructor(reserved: (name: string) => boolean) {
    this.reserved = reserved;
  }

  /** Stores a constant under a name made from `base`, and returns it. */
  add(base: string, value: Tensor): string {
    let name = base;
    for (let i = 2; this.values.has(name) || this.reserved(name); i++) name = `${base}${i}`;
    this.values.set(name, value);
    return name;
  }

  /** Stores what became of a constant of the graph: under its own name, or under `otherwise` where that is taken. */
  addConverted(id: string, otherwise: string, value: Tensor): string {
    if (this.values.has(id)) return this.add(otherwise, value);
    this.values.set(id, value);
    return id;
  }
}
