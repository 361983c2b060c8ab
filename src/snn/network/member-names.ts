// Names that read, and that are no paths, for what a network's nodes hold: "/layer2/layer2.0/conv1/Conv" as PyTorch
// exports it is "layer2.0.conv1".

/** Longer names are cut: archives hold no more than 65,535 bytes of one. */
const LONGEST = 200;

/** The readable form of a node's name. `op` is its operator, which as a last part tells nothing. */
export function readableName(name: string, op = ''): string {
  const parts: string[] = [];
  for (const part of name.split('/').filter((text) => text !== '')) {
    // A scope repeats the one around it: layer2, layer2.0.
    if (parts.length > 0 && part.startsWith(`${parts.at(-1)}.`)) parts.pop();
    parts.push(part);
  }
  if (parts.length > 1 && parts.at(-1) === op) parts.pop();
  const plain = parts
    .join('.')
    .replace(/[^\w.-]/g, '_')
    .replace(/^\.+/, '')
    .replace(/\.{2,}/g, '.');
  return plain.slice(0, LONGEST) || 'unnamed';
}

/** Gives every name out once: the second "a" is "a-2". */
export class UniqueNames {
  private readonly given = new Set<string>();

  take(name: string): string {
    let free = name;
    for (let i = 2; this.given.has(free); i++) free = `${name}-${i}`;
    this.given.add(free);
    return free;
  }
}
