import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseSync } from 'rolldown/utils';

/** Most characters of a line of a comment or a document. */
export const maxWidth = 120;

/** Folders of what no person wrote. */
const skipped = new Set(['node_modules', 'dist', 'generated']);

/**
 * The lines of comments and documents that are too wide, one sentence each: `<file>:<line> is <width> characters wide`.
 * Code is the formatter's business, strings included; so are tables and blocks of code in documents. Lines that can't
 * be broken may be wide: a single word, such as a URL, and directives to tools.
 *
 * @param root the folder that is searched, but for hidden folders, dependencies and generated code
 */
export async function checkWidth(root) {
  const problems = [];
  for (const path of await filesIn(root, '')) {
    const text = await readFile(join(root, path), 'utf8');
    for (const { line, width } of wideLines(path, text)) problems.push(`${path}:${line} is ${width} characters wide.`);
  }
  return problems;
}

/** Paths from the root, with `/`, sorted. */
async function filesIn(root, folder) {
  const entries = await readdir(join(root, folder), { withFileTypes: true });
  const paths = entries
    .filter(({ name }) => !name.startsWith('.') && !skipped.has(name))
    .map(async (entry) => {
      const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory()) return filesIn(root, path);
      return entry.isFile() && /\.(m?ts|mjs|py|md)$/.test(path) ? [path] : [];
    });
  return (await Promise.all(paths)).flat().sort();
}

/** The too wide lines of one file, in order; lines count from 1. */
export function wideLines(path, text) {
  return proseOf(path, text)
    .map(({ line, prose }) => ({ line, prose, width: [...prose].length }))
    .filter(({ prose, width }) => width > maxWidth && isBreakable(prose))
    .map(({ line, width }) => ({ line, width }));
}

/** The lines that a person reads as text, each up to the text's end. */
function proseOf(path, text) {
  if (path.endsWith('.md')) return paragraphsOf(text);
  if (path.endsWith('.py')) return linesOfSpans(text, pythonComments(text));
  const { comments, errors } = parseSync(path, text);
  if (errors.length > 0) throw new Error(`${path} can't be read: ${errors[0].message}`);
  return linesOfSpans(text, comments);
}

/** The lines of spans of a text, each from the line's start to the end of the span in it. */
function linesOfSpans(text, spans) {
  return spans.flatMap(({ start, end }) => {
    const firstLine = text.slice(0, start).split('\n').length;
    const lineStart = text.lastIndexOf('\n', start - 1) + 1;
    return text
      .slice(lineStart, end)
      .split('\n')
      .map((prose, index) => ({ line: firstLine + index, prose }));
  });
}

/** Spans of comments on lines of their own, and of docstrings: quoted three times, at a line's start. */
function pythonComments(text) {
  const startsLine = (index) => text.slice(text.lastIndexOf('\n', index - 1) + 1, index).trim() === '';
  return Array.from(text.matchAll(/("""|''')[\s\S]*?\1|^[ \t]*#.*$/gm), ({ 0: found, index }) => ({
    start: index,
    end: index + found.length,
  })).filter(({ start }) => startsLine(start));
}

/** The lines of a Markdown document outside of blocks of code and of tables. */
function paragraphsOf(text) {
  let fence = null;
  return text.split('\n').flatMap((prose, index) => {
    const mark = /^\s*(`{3,}|~{3,})/.exec(prose)?.[1];
    if (fence !== null) {
      if (mark?.startsWith(fence)) fence = null;
      return [];
    }
    if (mark !== undefined) fence = mark;
    return mark !== undefined || prose.trimStart().startsWith('|') ? [] : [{ line: index + 1, prose }];
  });
}

/** Whether a wide line has a space to be broken at. A comment behind code can be moved before it. */
function isBreakable(prose) {
  const words = prose.replace(/^\s*(\/\*\*?|\*|\/\/+|#+|>|-|\d+\.|\[[^\]]+\]:)?\s*/, '').replace(/\s*\*\/$/, '');
  return /\S\s+\S/.test(words) && !/^(biome-ignore|@ts-|<reference)/.test(words);
}
