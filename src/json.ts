// JSON of files from elsewhere: a value takes three bytes in the text and up to a hundred in memory.

/** Lists and objects with what is in them: a hundred times what networks have. */
const MOST_VALUES = 500_000;

const [QUOTE, BACKSLASH, COMMA, BRACKET, BRACE] = [0x22, 0x5c, 0x2c, 0x5b, 0x7b];

/** Parses JSON of bounded size. @throws SyntaxError where it is none, or holds more values than any network */
export function parseJson(text: string): unknown {
  if (valuesIn(text) > MOST_VALUES) throw new SyntaxError(`more than ${MOST_VALUES} values`);
  return JSON.parse(text) as unknown;
}

/** How many values a JSON text has at most: what is inside strings does not count. */
function valuesIn(text: string): number {
  let count = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === QUOTE) quoted = !quoted;
    else if (quoted && code === BACKSLASH) i++;
    else if (!quoted && (code === COMMA || code === BRACKET || code === BRACE)) count++;
  }
  return count;
}
