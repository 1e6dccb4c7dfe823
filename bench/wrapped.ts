import { join } from 'node:path';
import { root } from './root.js';

/** Scripts are not compiled: they stay where their sources are. */
const { maxWidth }: typeof import('../scripts/wide-lines.mjs') = await import(join(root, 'scripts/wide-lines.mjs'));

/**
 * A Markdown document whose paragraphs and list entries wrap at 120 characters, whatever figures were put into them.
 * Paragraphs without a wider line, tables, headings and blocks of code stay as they are.
 */
export function wrapped(document: string): string {
  const blocks = document.split(/(```[\s\S]*?```|\n\n|\n(?=- ))/);
  return blocks.map((block) => (isWide(block) ? wrapBlock(block) : block)).join('');
}

function isWide(block: string): boolean {
  return !/^\s*(\||#|```)/.test(block) && block.split('\n').some((line) => [...line].length > maxWidth);
}

/** A paragraph, or an entry of a list, whose further lines are indented below its first word. */
function wrapBlock(block: string): string {
  const [, before = '', mark = '', text = '', after = ''] = /^(\n*)(- )?([\s\S]*?)(\n*)$/.exec(block) ?? [];
  const lines: string[] = [];
  let line = mark;
  for (const word of text.split(/\s+/)) {
    const longer = line.trim() === '' || line === mark ? line + word : `${line} ${word}`;
    if ([...longer].length > maxWidth && line !== mark) {
      lines.push(line);
      line = ' '.repeat(mark.length) + word;
    } else {
      line = longer;
    }
  }
  return before + [...lines, line].join('\n') + after;
}
