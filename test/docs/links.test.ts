// Every relative link of the README and of docs/ leads somewhere; anchors are not looked at.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const docs = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' });
const pages = ['README.md', ...docs.map((name) => `docs/${name.replaceAll('\\', '/')}`)].filter(
  (name) => name.endsWith('.md') && existsSync(join(root, name)),
);

/** Targets of inline links and images, and of reference definitions, outside code. */
function linksOf(markdown: string): string[] {
  const prose = markdown.replace(/```[\s\S]*?```/g, '').replace(/`[^`\n]*`/g, '');
  const inline = [...prose.matchAll(/\]\(<?([^)>\s]+)>?(?:\s+"[^"]*")?\)/g)];
  const definitions = [...prose.matchAll(/^\[[^\]]+\]:\s*(\S+)/gm)];
  const pictures = [...prose.matchAll(/<img src="([^"]+)"/g)];
  return [...inline, ...definitions, ...pictures].map((match) => match[1]!);
}

describe('relative links', () => {
  it.each(pages)('%s', (page) => {
    const links = linksOf(readFileSync(join(root, page), 'utf8'));
    const dead = links
      .filter((link) => !/^([a-z]+:|#)/.test(link))
      .filter((link) => !existsSync(join(root, dirname(page), decodeURI(link.split('#')[0]!))));
    expect(dead).toEqual([]);
  });
});
