import type { Machine } from '../machine.js';
import type { Result } from './result.js';
import type { Work } from './works/work.js';

export interface Measured {
  readonly work: Pick<Work, 'name' | 'title'>;
  readonly result: Result;
}

export interface Circumstances {
  readonly machine: Machine;
  readonly postgres: string;
  readonly rounds: number;
  readonly seconds: number;
  /** Processes that wanted a processor, before each work. */
  readonly load: readonly number[];
  readonly date: string;
}

/** docs/performance-api.md. */
export function document(measured: readonly Measured[], circumstances: Circumstances): string {
  const { machine, postgres, rounds, seconds, load, date } = circumstances;
  return `# Speed of the API

Written by \`npm run bench:api\` (bench/api) on ${date}; do not edit.

| | |
| --- | --- |
| machine | ${machine.processor}, ${machine.processors} processors, ${(machine.memoryBytes / 2 ** 30).toFixed(0)} GiB, Linux ${machine.kernel} |
| versions | Node ${machine.node}, PostgreSQL ${postgres} with the settings of the embedded server |
| rounds | ${rounds} of each work, of ${seconds} s a side, the sides in turns |
| load | ${Math.min(...load).toFixed(1)} to ${Math.max(...load).toFixed(1)} processes that wanted a processor in the minute before a work |

Server, clients and PostgreSQL share the machine. Each server is a process of its own in production mode, and all use
the same PostgreSQL server with the same rows. Figures are medians of the rounds, with the least and the greatest; a
ratio is of two turns of one round. Peers are in [bench/api/peers](../bench/api/peers): a *hand-written* endpoint (bare
HTTP, one prepared statement, JSON built by PostgreSQL), *PostGraphile* 4.14 on the same tables, and *Apollo Server* 5
as it starts alone with type-graphql, TypeORM and loaders.

## Goals

| work | asked for | goal | measured | met |
| --- | --- | --- | --- | --- |
${measured.flatMap(goalRows).join('\n')}

${measured.map(section).join('\n')}
## Repeat

\`\`\`
ATTUNE_BENCH_PYTHON=python3 npm run bench:api
\`\`\`

The Python environment needs mlflow and psycopg2. [bench/api/main.ts](../bench/api/main.ts) explains the settings.
`;
}

function goalRows({ work: { name, title }, result: { goals } }: Measured): string[] {
  return goals.map(
    ({ text, measured, met }) => `| ${name} | ${title} | ${text} | ${measured} | ${met ? 'yes' : 'no'} |`,
  );
}

function section({ work: { name, title }, result: { columns, rows, notes = [] } }: Measured): string {
  return `## ${name}

${title[0]!.toUpperCase()}${title.slice(1)}.

| ${columns.join(' | ')} |
| ${columns.map(() => '---').join(' | ')} |
${rows.map((cells) => `| ${cells.join(' | ')} |`).join('\n')}
${notes.map((note) => `\n${note}\n`).join('')}`;
}
