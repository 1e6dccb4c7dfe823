import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const documents = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => join('docs', path)),
].map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));

test.each(documents)('links of $path lead to what is there', ({ path, text }) => {
  const links = [...text.matchAll(/\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]*))?\)/g)];
  const broken = links.filter(([, file, section]) => {
    const target = file === '' ? join(root, path) : join(root, dirname(path), file!);
    if (!existsSync(target)) return true;
    return section !== undefined && !sectionsOf(readFileSync(target, 'utf8')).includes(section);
  });
  expect(broken.map(([link]) => link)).toEqual([]);
});

/** What headings are linked by, as GitHub makes it. */
function sectionsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
