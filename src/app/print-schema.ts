import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { lexicographicSortSchema, printSchema } from 'graphql';
import { buildGraphQLSchema } from './build-schema.js';

/** The schema in GraphQL's own language, sorted, so that a diff shows only real changes. */
export function printedSchema(): string {
  return `# Written by \`npm run schema\`. Do not edit: change the code.\n\n${printSchema(lexicographicSortSchema(buildGraphQLSchema()))}\n`;
}

/** The lines that only one of the texts has, each with its sign: enough to see what differs. */
function changedLines(before: string, after: string): string[] {
  const [old, now] = [before.split('\n'), after.split('\n')];
  const [olds, nows] = [new Set(old), new Set(now)];
  return [
    ...old.filter((line) => !nows.has(line)).map((line) => `- ${line}`),
    ...now.filter((line) => !olds.has(line)).map((line) => `+ ${line}`),
  ];
}

const shownLines = 40;

/**
 * Writes schema.graphql in the working directory. With `--check` it compares instead, and sets exit status 1 when the
 * file differs.
 */
async function main(path: string, check: boolean): Promise<void> {
  const printed = printedSchema();
  if (!check) {
    await writeFile(path, printed);
    return;
  }
  const committed = await readFile(path, 'utf8').catch(() => '');
  if (committed === printed) return;
  const changes = changedLines(committed, printed);
  console.error(`${path} does not match the code. Run \`npm run schema\` and commit it.\n`);
  console.error(changes.slice(0, shownLines).join('\n'));
  if (changes.length > shownLines) console.error(`… and ${changes.length - shownLines} more lines`);
  process.exitCode = 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main('schema.graphql', process.argv.includes('--check'));
}
