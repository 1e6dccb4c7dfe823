import { expect, test } from 'vitest';
import { wrapped } from '../../../bench/wrapped.js';

const words = 'word '.repeat(30).trim();
const [first, second] = ['word '.repeat(24).trim(), 'word '.repeat(6).trim()];

test('a wide paragraph wraps; its neighbours stay as they are', () => {
  expect(wrapped(`# ${words}\n\nshort\nlines\n\n${words}\n`)).toBe(
    `# ${words}\n\nshort\nlines\n\n${first}\n${second}\n`,
  );
});

test('a wide entry of a list wraps below its first word', () => {
  expect(wrapped(`- short\n  entry\n- ${words}\n- last\n`)).toBe(
    `- short\n  entry\n- ${'word '.repeat(23).trim()}\n  ${'word '.repeat(7).trim()}\n- last\n`,
  );
});

test('tables, blocks of code and words without a space stay wide', () => {
  const text = `| ${words} |\n| --- |\n\n\`\`\`\n${words}\n\n${words}\n\`\`\`\n\n${'a'.repeat(130)}\n`;
  expect(wrapped(text)).toBe(text);
});
