// SVG as text: elements, escaping, numbers short enough to read and the same on every machine.

export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** Escapes text for element content and attribute values, of SVG and of HTML. */
export function escapeText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** A coordinate with two decimals at most. */
export function coordinate(value: number): string {
  return String(Math.round(value * 100) / 100 || 0);
}

/** One element; attributes that are undefined are left out, and numbers are coordinates. */
export function element(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const written = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${typeof value === 'number' ? coordinate(value) : escapeText(value!)}"`)
    .join('');
  const content = children.join('');
  return content === '' ? `<${name}${written}/>` : `<${name}${written}>${content}</${name}>`;
}

/** A line of text at a place. */
export function textAt(x: number, y: number, text: string, attributes: Attributes = {}): string {
  return element('text', { x, y, ...attributes }, escapeText(text));
}

/** Width of a text in the units of the drawing, about that of Helvetica and the fonts that stand in for it. */
export function textWidth(text: string, fontSize: number): number {
  return text.length * fontSize * 0.54;
}
