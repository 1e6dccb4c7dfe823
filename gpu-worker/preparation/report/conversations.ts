import { identifier } from '../../../src/protocol/duckdb-names.js';
import type { ReportFinding, ReportFindingCode } from '../../../src/protocol/preparation/report-finding.js';
import { counted, named, percent } from '../wording.js';
import { trimmed } from './comparable-text.js';
import { createFinding, showRows } from './finding.js';
import {
  type FileColumn,
  isList,
  type ReportedFile,
  type ReportTools,
  row,
  rowsOf,
  split,
  textOf,
  withRole,
} from './reported-file.js';
import type { ScratchTables } from './scratch-tables.js';

/** What speakers are called by OpenAI and in ShareGPT's exports, and who they are. */
const speakers = {
  system: ['system', 'developer'],
  user: ['user', 'human'],
  assistant: ['assistant', 'gpt', 'bot', 'model'],
  tool: ['tool', 'function', 'observation', 'function_call'],
} as const;

interface Fault {
  readonly code: ReportFindingCode;
  readonly severity: 'ERROR' | 'WARNING';
  /** SQL over (valid, roles, contents); roles are `system`, `user`, `assistant`, `tool` and `?`. */
  readonly condition: string;
  readonly what: string;
}

/** Roles without the system's text at the beginning. */
const spoken = `CASE WHEN roles[1] = 'system' THEN roles[2:] ELSE roles END`;

const faults: readonly Fault[] = [
  {
    code: 'UNREADABLE_CONVERSATIONS',
    severity: 'ERROR',
    condition: 'NOT valid OR len(roles) = 0',
    what: 'can not be read as a list of turns, each with a speaker and a text',
  },
  {
    code: 'UNKNOWN_ROLES',
    severity: 'ERROR',
    condition: `valid AND list_contains(roles, '?')`,
    what: 'has a turn of a speaker that is not known',
  },
  {
    code: 'EMPTY_TURNS',
    severity: 'WARNING',
    condition: 'valid AND list_contains(blank, true)',
    what: 'has a turn of a user or an assistant without a text',
  },
  {
    code: 'CONVERSATION_BEGINS_WITH_ASSISTANT',
    severity: 'WARNING',
    condition: `valid AND (${spoken})[1] = 'assistant'`,
    what: 'begins with the assistant',
  },
  {
    code: 'CONVERSATION_ENDS_WITH_USER',
    severity: 'WARNING',
    condition: `valid AND roles[-1] = 'user'`,
    what: 'ends with the user',
  },
  {
    code: 'TURNS_DO_NOT_ALTERNATE',
    severity: 'WARNING',
    // An assistant may speak after a tool, and a tool after a tool.
    condition: `valid AND len(list_filter(list_zip((${spoken})[:-2], (${spoken})[2:]),
      lambda pair: pair[1] = pair[2] AND pair[1] IN ('user', 'assistant') OR pair[2] = 'system')) > 0`,
    what: 'has two turns of one speaker in a row, or a system text between turns',
  },
];

/** Conversations that a chat template would refuse, or that teach nothing. */
export async function findInConversations(
  tools: ReportTools,
  scratch: ScratchTables,
  file: ReportedFile,
): Promise<ReportFinding[]> {
  const findings: ReportFinding[] = [];
  for (const column of withRole(file, 'MESSAGES')) {
    tools.beat();
    const table = await scratch.create('turns', turnsOf(file, column));
    const [all] = await tools.database.query<{ rows: number }>(`SELECT count(*)::DOUBLE AS rows FROM ${table}`);
    const total = all?.rows ?? 0;
    for (const { code, severity, condition, what } of faults) {
      const rows = await tools.database.query<{ row: number; count: number; roles: string | null; splits: string }>(
        `SELECT row::DOUBLE AS row, (count(*) OVER ())::DOUBLE AS count, array_to_string(roles, ', ') AS roles,
           (SELECT to_json(list_sort(list(DISTINCT split)))::VARCHAR FROM ${table} WHERE ${condition}) AS splits
         FROM ${table} WHERE ${condition} ORDER BY row LIMIT 10`,
      );
      const [first] = rows;
      if (first === undefined) continue;
      findings.push(
        createFinding({
          code,
          severity,
          message: `${counted(first.count, 'conversation')} of ${counted(total, 'conversation')} (${percent(first.count / total)}) in the column ${named([column.name])} ${first.count === 1 ? what : plural(what)}.`,
          columns: [column.name],
          splits: JSON.parse(first.splits) as string[],
          count: first.count,
          of: total,
          examples: await showRows(
            tools,
            file,
            column,
            rows.map((each) => ({ row: each.row, detail: each.roles ? `Speakers: ${each.roles}.` : null })),
          ),
          suggestedStep: null,
        }),
      );
    }
  }
  return findings;
}

/** (row, split, valid, roles, blank) of each conversation; `blank`: whether a turn of user or assistant is empty. */
function turnsOf(file: ReportedFile, column: FileColumn): string {
  const value = identifier(column.name);
  const json = isList(column) ? `to_json(${value})` : textOf(column);
  const role = `coalesce(json_extract_string(turn, '$.role'), json_extract_string(turn, '$.from'))`;
  const known = Object.entries(speakers).map(
    ([speaker, names]) => `WHEN ${role} IN (${names.map((name) => `'${name}'`).join(', ')}) THEN '${speaker}'`,
  );
  const speaker = `CASE ${known.join(' ')} ELSE '?' END`;
  const text = `coalesce(json_extract_string(turn, '$.content'), json_extract_string(turn, '$.value'), '')`;
  const calls = `(json_exists(turn, '$.tool_calls') OR json_exists(turn, '$.function_call'))`;
  // The second condition would be an error for what is no JSON.
  const turns = `CASE WHEN NOT json_valid(${json}) THEN NULL WHEN json_type(${json}) = 'ARRAY' THEN json_extract(${json}, '$[*]') END`;
  return `SELECT row, split, turns IS NOT NULL AND len(list_filter(turns, lambda turn: json_type(turn) <> 'OBJECT')) = 0 AS valid,
      list_transform(turns, lambda turn: ${speaker}) AS roles,
      list_transform(turns, lambda turn: ${speaker} IN ('user', 'assistant') AND NOT ${calls} AND ${trimmed(text)} = '') AS blank
    FROM (SELECT ${row} AS row, ${split} AS split, ${turns} AS turns FROM ${rowsOf(file)} WHERE ${value} IS NOT NULL)`;
}

/** The same of several conversations. */
function plural(what: string): string {
  return what
    .replace(/^has /, 'have ')
    .replace(/^begins /, 'begin ')
    .replace(/^ends /, 'end ');
}
