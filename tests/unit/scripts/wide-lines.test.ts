import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { checkWidth, wideLines } from '../../../scripts/wide-lines.mjs';

/** Words of four letters up to this width. */
const words = (width: number) =>
  'word '
    .repeat(30)
    .slice(0, width - 1)
    .concat('.');
const wide = words(121);

test.each([
  ['a line comment', 'a.ts', `const a = 1;\n// ${wide}`, [2]],
  ['a block comment', 'a.ts', `/*\n * ${wide}\n * short\n */`, [2]],
  ['a docstring', 'a.d.mts', `/** ${wide} */\nexport const a: number;`, [1]],
  [
    'a comment behind code',
    'a.mjs',
    `export const a = [${'1, '.repeat(30)}]; // Ones, as many as one can count to.`,
    [1],
  ],
  ['a comment in Python', 'a.py', `a = 1\n  # ${wide}`, [2]],
  ['a docstring in Python', 'a.py', `def a():\n    """Short.\n\n    ${wide}\n    """\n    return 1`, [4]],
  ['a paragraph', 'a.md', `# Title\n\n${wide}\n`, [3]],
  ['an entry of a list', 'a.md', `- ${wide}`, [1]],
])('%s must not be wider than 120 characters', (_, path, text, lines) => {
  expect(wideLines(path, text).map(({ line }) => line)).toEqual(lines);
});

test.each([
  ['a comment of 120 characters', 'a.ts', `// ${words(117)}`],
  ['characters beyond the basic plane, which count once', 'a.ts', `// ${'𝛼 '.repeat(58)}`],
  ['code', 'a.ts', `export const a = '${wide}';`],
  ['a template after a comment', 'a.ts', `export const a = /* GraphQL */ \`${wide}\`;`],
  ['a template with what looks like a comment', 'a.ts', `export const a = \`\n// ${wide}\n\`;`],
  ['a URL in a comment', 'a.ts', `// https://example.com/${'a'.repeat(120)}`],
  ['a directive', 'a.ts', `// biome-ignore lint/suspicious/noExplicitAny: ${wide}\nexport const a: any = 1;`],
  ['a string in Python', 'a.py', `a = """\n${wide}\n"""\nb = """\n# ${wide}\n"""`],
  ['a block of code in a document', 'a.md', `\`\`\`sh\n${wide}\n\`\`\`\n\nShort.`],
  ['a table', 'a.md', `| a |\n| --- |\n| ${wide} |`],
  ['the address of a link', 'a.md', `[a]: https://example.com/${'a'.repeat(120)}`],
])('%s may be', (_, path, text) => {
  expect(wideLines(path, text)).toEqual([]);
});

test('a block of code ends at its own fence', () => {
  expect(wideLines('a.md', `~~~\n\`\`\`\n~~~\n${wide}`)).toEqual([{ line: 4, width: 121 }]);
});

test('what a person wrote is searched, in all folders', async () => {
  const root = await mkdtemp(join(tmpdir(), 'attune-width-'));
  try {
    for (const path of [
      'docs/how-to/a.md',
      'src/generated/a.ts',
      'node_modules/b/b.ts',
      '.hidden/a.md',
      'src/a.json',
    ]) {
      await mkdir(join(root, path, '..'), { recursive: true });
      await writeFile(join(root, path), path.endsWith('.ts') ? `// ${wide}` : wide);
    }
    expect(await checkWidth(root)).toEqual(['docs/how-to/a.md:1 is 121 characters wide.']);
  } finally {
    await rm(root, { recursive: true });
  }
});
