import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { isObjectType, lexicographicSortSchema, printSchema } from 'graphql';
import { graphQLSchema } from './build-schema.js';

/** The schema in GraphQL's own language, sorted, so that a diff shows only real changes. */
export function printedSchema(): string {
  return `# Written by \`npm run schema\`. Do not edit: change the code.\n\n${printSchema(lexicographicSortSchema(graphQLSchema()))}\n`;
}

/** Pages, which caches of clients know, and the roots. */
const knownToCaches = /^(__|(Query|Mutation|Subscription|PageInfo)$)|(Connection|Edge)$/;

/** The names of the types without an id, as JSON: normalizing caches keep such objects within others. */
export function printedTypesWithoutId(): string {
  const names = Object.values(graphQLSchema().getTypeMap())
    .filter((type) => isObjectType(type) && !knownToCaches.test(type.name) && type.getFields().id === undefined)
    .map(({ name }) => name);
  return `${JSON.stringify(names.sort(), null, 2)}\n`;
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

/** Writes a file; or compares instead, and sets exit status 1 when the file differs. */
async function writeOrCheck(path: string, printed: string, check: boolean): Promise<void> {
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
  const check = process.argv.includes('--check');
  await writeOrCheck('schema.graphql', printedSchema(), check);
  await writeOrCheck('docs/contract/types-without-id.json', printedTypesWithoutId(), check);
}
