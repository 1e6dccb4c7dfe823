import { textTypes } from '../../../src/preparation/checks/named-columns.js';
import { checkNewColumnName } from '../../../src/preparation/checks/new-column-name.js';
import { isListType } from '../../../src/protocol/datasets/column-type.js';
import type { ResolveLabelConflicts } from '../../../src/protocol/preparation/steps/duplicates.js';
import { namedColumn, namedColumns } from '../columns-of-step.js';
import { rowsOfTable } from '../duplicates/compared-rows.js';
import { findEqualCopies } from '../duplicates/find-copies.js';
import { refuse } from '../refuse.js';
import type { RowTable, RunStep, StepOutcome, StepTools, TableColumn } from '../row-table.js';

export const runResolveLabelConflicts: RunStep<ResolveLabelConflicts> = async (step, table, tools) => {
  const columns = namedColumns(table, step.columns, step.match === 'exact' ? null : textTypes);
  const label = namedColumn(table, step.label, null, ['label']);
  const taken = table.columns.map(({ name }) => name);
  if (step.markColumn !== null) refuse(checkNewColumnName(step.markColumn, taken, ['markColumn']));
  const compared = await rowsOfTable(tools.database, table, columns);
  const copies = await findEqualCopies(step.match, compared, tools);
  const labelled = await conflictsAmong(copies, table, label, tools);
  await tools.database.query(`DROP TABLE ${copies}`);
  const outcome = await resolve(step, labelled, table, label, tools);
  await tools.database.query(`DROP TABLE ${labelled}`);
  return outcome;
};

function resolve(
  { action, ties, markColumn }: ResolveLabelConflicts,
  labelled: string,
  table: RowTable,
  label: TableColumn,
  tools: StepTools,
): Promise<StepOutcome> {
  switch (action) {
    case 'drop':
      return drop(labelled, table, tools);
    case 'majority':
      return vote(labelled, ties, table, label, tools);
    case 'mark':
      return mark(labelled, markColumn!, table, tools);
    default:
      return action satisfies never;
  }
}

/**
 * Makes the table of rows with a label whose equals have another: `cluster`, `row`, `label` as text, and `other_row`,
 * the first row of the set with another label.
 */
async function conflictsAmong(
  copies: string,
  table: RowTable,
  label: TableColumn,
  { database, names }: StepTools,
): Promise<string> {
  const labelled = names.table();
  await database.query(
    `CREATE TABLE ${labelled} AS
     WITH labelled AS (SELECT c.cluster, t.row, ${labelTextOf(label, 't')} AS label
         FROM ${copies} c JOIN ${table.name} t USING (row) WHERE t.${label.field} IS NOT NULL),
       firsts AS (SELECT cluster, label, min(row) AS first FROM labelled GROUP BY cluster, label),
       conflicts AS (SELECT cluster, list(first ORDER BY first) AS firsts FROM firsts GROUP BY cluster HAVING count(*) > 1)
     SELECT l.cluster, l.row, l.label, CASE WHEN f.first = c.firsts[1] THEN c.firsts[2] ELSE c.firsts[1] END AS other_row
     FROM labelled l JOIN firsts f USING (cluster, label) JOIN conflicts c USING (cluster)`,
  );
  return labelled;
}

/** A label as text, which is equal for equal labels alone; the order of a list of labels makes no difference. */
function labelTextOf({ field, textField, type }: TableColumn, side: string): string {
  if (isListType(type)) return `CAST(to_json(list_sort(${side}.${field})) AS VARCHAR)`;
  const text = `CAST(${side}.${field} AS VARCHAR)`;
  return textField === undefined ? text : `coalesce(${side}.${textField}, ${text})`;
}

// Reasons outlast a later step that masks personal data, and so they hold no labels.
const differs = `'An equal row has another label.'`;

/** For each row with a conflict, the row with another label that is shown beside it. */
async function noteConflicts(labelled: string, { database, names }: StepTools): Promise<string> {
  const notes = names.table();
  await database.query(`CREATE TABLE ${notes} AS SELECT row, other_row, ${differs} AS reason FROM ${labelled}`);
  return notes;
}

async function drop(labelled: string, table: RowTable, tools: StepTools): Promise<StepOutcome> {
  const name = tools.names.table();
  const notes = await noteConflicts(labelled, tools);
  await tools.database.query(`CREATE TABLE ${name} AS SELECT * FROM ${table.name} ANTI JOIN ${notes} USING (row)`);
  return { table: { ...table, name }, notes, onlyDrops: true };
}

/** Gives each row of a set the label of the set's first row that has the most frequent label. */
async function vote(
  labelled: string,
  ties: 'drop' | 'first',
  table: RowTable,
  label: TableColumn,
  { database, names }: StepTools,
): Promise<StepOutcome> {
  const [votes, notes, name] = [names.table(), names.table(), names.table()];
  await database.query(
    `CREATE TABLE ${votes} AS
     WITH counts AS (SELECT cluster, label, count(*) AS votes, min(row) AS first FROM ${labelled} GROUP BY cluster, label)
     SELECT cluster, arg_min(label, place) AS label, arg_min(first, place) AS first, max(votes) AS votes,
       sum(votes) AS voters, count(*) FILTER (votes = most) > 1 AS tied
     FROM (SELECT *, max(votes) OVER (PARTITION BY cluster) AS most,
         row_number() OVER (PARTITION BY cluster ORDER BY votes DESC, first) AS place FROM counts)
     GROUP BY cluster`,
  );
  const goes = ties === 'drop' ? 'v.tied' : 'false';
  const outvoted = `concat('Its label became the one that ', v.votes, ' of ', v.voters, ' equal rows have.')`;
  const undecided = `concat('Its label and others are equally frequent among ', v.voters, ' equal rows.')`;
  await database.query(
    `CREATE TABLE ${notes} AS
     SELECT l.row, CASE WHEN ${goes} THEN l.other_row ELSE v.first END AS other_row, ${goes} AS goes,
       CASE WHEN ${goes} THEN ${undecided} ELSE ${outvoted} END AS reason
     FROM ${labelled} l JOIN ${votes} v USING (cluster) WHERE ${goes} OR l.label <> v.label`,
  );
  const fields = label.textField === undefined ? [label.field] : [label.field, label.textField];
  const replaced = fields.map((field) => `CASE WHEN n.row IS NULL THEN t.${field} ELSE o.${field} END AS ${field}`);
  await database.query(
    `CREATE TABLE ${name} AS
     SELECT t.* REPLACE (${replaced.join(', ')}) FROM ${table.name} t
     LEFT JOIN ${notes} n ON n.row = t.row LEFT JOIN ${table.name} o ON o.row = n.other_row
     WHERE n.goes IS NOT TRUE`,
  );
  await database.query(`DROP TABLE ${votes}`);
  return { table: { ...table, name }, notes };
}

/** Adds a column that has, in rows with a conflict, the labels of their set and how often each is there. */
async function mark(labelled: string, column: string, table: RowTable, tools: StepTools): Promise<StepOutcome> {
  const { database, names } = tools;
  const [name, field] = [names.table(), names.field()];
  await database.query(
    `CREATE TABLE ${name} AS
     WITH counts AS (SELECT cluster, label, count(*) AS votes, min(row) AS first FROM ${labelled} GROUP BY cluster, label),
       marks AS (SELECT cluster, string_agg(concat(label, ' (', votes, ')'), ', ' ORDER BY votes DESC, first) AS labels
         FROM counts GROUP BY cluster),
       marked AS (SELECT row, labels FROM ${labelled} JOIN marks USING (cluster))
     SELECT t.*, marked.labels AS ${field} FROM ${table.name} t LEFT JOIN marked USING (row)`,
  );
  const marks: TableColumn = { name: column, type: 'TEXT', field };
  const notes = await noteConflicts(labelled, tools);
  return { table: { name, columns: [...table.columns, marks] }, notes, found: [marks] };
}
