import { type DuckDBListValue, listValue } from '@duckdb/node-api';
import { checkKnownSplits } from '../../src/preparation/checks/splits.js';
import { isProblem, readPattern } from '../../src/preparation/linear-pattern.js';
import { namesHint } from '../../src/problems/closest-name.js';
import { type InputProblem, ProblemsError, problem } from '../../src/problems/problem.js';
import { type ColumnType, duckDbTypes } from '../../src/protocol/datasets/column-type.js';
import type {
  Comparand,
  ComparisonOperator,
  RowCondition,
  SingleCondition,
} from '../../src/protocol/preparation/steps/filters.js';
import type { DuckDbParameters } from '../../src/storage/duckdb.js';
import { comparable } from './comparand.js';

/** A column that a condition may ask about. */
export interface ConditionColumn {
  readonly name: string;
  readonly type: ColumnType;
  /** Its name in SQL. */
  readonly field: string;
}

/** An expression of DuckDB that is true or false for each row, never NULL, and the values that are bound to it. */
export interface CompiledCondition {
  readonly sql: string;
  readonly parameters: DuckDbParameters;
}

const comparisons: Readonly<Record<ComparisonOperator, string>> = {
  equals: '=',
  notEquals: '<>',
  less: '<',
  lessOrEqual: '<=',
  greater: '>',
  greaterOrEqual: '>=',
};

/** Types whose values have an order that people know. */
const ordered: readonly ColumnType[] = ['INTEGER', 'FLOAT', 'TIMESTAMP'];
const single: readonly ColumnType[] = ['TEXT', 'INTEGER', 'FLOAT', 'BOOLEAN', 'TIMESTAMP'];

/**
 * Compiles a condition on rows. The statement has neither names nor values of users in it: columns stand under their
 * fields, values are bound to `$v0`, `$v1`, …
 * @param rows the columns of the rows, and the splits that any row is in
 * @param path of the condition in its step
 * @throws ProblemsError UNKNOWN_COLUMN, UNKNOWN_SPLIT, WRONG_COLUMN_TYPE, INVALID_VALUE, whose paths lead into the
 *   condition
 */
export function compileCondition(
  condition: RowCondition,
  { columns, splits }: { readonly columns: readonly ConditionColumn[]; readonly splits: readonly string[] },
  path: readonly string[],
): CompiledCondition {
  const parameters: Record<string, string | boolean | DuckDBListValue> = {};
  const problems: InputProblem[] = [];
  let bound = 0;
  const bind = (value: string | boolean | DuckDBListValue): string => {
    const name = `v${bound++}`;
    parameters[name] = value;
    return `$${name}`;
  };

  const columnOf = (
    name: string,
    types: readonly ColumnType[] | null,
    at: readonly string[],
  ): ConditionColumn | null => {
    const found = columns.find((column) => column.name === name);
    if (found === undefined) {
      const hint = namesHint(
        name,
        columns.map((column) => column.name),
      );
      problems.push(
        problem([...at, 'column'], 'UNKNOWN_COLUMN', `The rows have no column “${name}” at this step.`, hint),
      );
      return null;
    }
    if (types === null || types.includes(found.type)) return found;
    const message = `The column “${name}” holds ${found.type}, and the condition asks about ${types.join(', ')}.`;
    problems.push(problem([...at, 'column'], 'WRONG_COLUMN_TYPE', message));
    return null;
  };
  /** A bound value that a column’s values can be compared with. */
  const boundValue = (value: Comparand, column: ConditionColumn, at: readonly string[]): string | null => {
    const read = comparable(value, column, at);
    if ('code' in read) problems.push(read);
    return 'code' in read ? null : `CAST(${bind(read.value)} AS ${read.type})`;
  };

  /** Whether a column’s value is among others. They are one bound list: a statement grows with what it binds. */
  const boundList = (values: readonly Comparand[], column: ConditionColumn, at: readonly string[]): string => {
    const type = column.type === 'FLOAT' ? 'DOUBLE' : duckDbTypes[column.type];
    const texts: string[] = [];
    for (const [index, value] of values.entries()) {
      const read = comparable(value, column, [...at, String(index)]);
      if ('code' in read) problems.push(read);
      // A fraction, or a number beyond theirs, is no value of whole numbers; cast to one, it would be another.
      else if (column.type !== 'INTEGER' || read.type === 'BIGINT') texts.push(String(read.value));
    }
    if (texts.length === 0) return 'false';
    return isTrue(`${column.field} IN (SELECT CAST(unnest(${bind(listValue(texts))}) AS ${type}))`);
  };

  const compileSingle = (asked: SingleCondition, at: readonly string[]): string => {
    switch (asked.operator) {
      case 'isMissing':
      case 'isPresent': {
        const column = columnOf(asked.column, null, at);
        return `(${column?.field} IS ${asked.operator === 'isMissing' ? '' : 'NOT '}NULL)`;
      }
      case 'inSplit':
        problems.push(...checkKnownSplits(asked.splits, splits, [...at, 'splits']));
        return isTrue(`split IN (${asked.splits.map(bind).join(', ')})`);
      case 'in':
      case 'notIn': {
        const column = columnOf(asked.column, single, at);
        if (column === null) return 'false';
        const among = boundList(asked.values, column, [...at, 'values']);
        return asked.operator === 'in' ? among : `(NOT ${among})`;
      }
      case 'matches': {
        const column = columnOf(asked.column, ['TEXT'], at);
        const pattern = readPattern(asked.pattern, asked.ignoreCase, [...at, 'pattern']);
        if (isProblem(pattern)) problems.push(pattern);
        if (column === null || isProblem(pattern)) return 'false';
        return isTrue(`regexp_matches(${column.field}, ${bind(pattern.sql)}, '${asked.ignoreCase ? 'i' : 'c'}')`);
      }
      case 'contains':
      case 'startsWith':
      case 'endsWith': {
        const column = columnOf(asked.column, asked.operator === 'contains' ? ['TEXT', 'TEXT_LIST'] : ['TEXT'], at);
        if (column === null) return 'false';
        const folded = (sql: string) => (asked.ignoreCase ? `lower(${sql})` : sql);
        const value = folded(bind(asked.value));
        if (column.type === 'TEXT_LIST') {
          const items = asked.ignoreCase ? `list_transform(${column.field}, lambda item: lower(item))` : column.field;
          return isTrue(`list_contains(${items}, ${value})`);
        }
        const test = { contains: 'contains', startsWith: 'starts_with', endsWith: 'ends_with' }[asked.operator];
        return isTrue(`${test}(${folded(column.field)}, ${value})`);
      }
      default: {
        const isEquality = asked.operator === 'equals' || asked.operator === 'notEquals';
        const column = columnOf(asked.column, isEquality ? single : ordered, at);
        const value = column === null ? null : boundValue(asked.value, column, [...at, 'value']);
        if (column === null || value === null) return 'false';
        if (asked.operator === 'notEquals') return `(NOT ${isTrue(`${column.field} = ${value}`)})`;
        return isTrue(`${column.field} ${comparisons[asked.operator]} ${value}`);
      }
    }
  };

  const compile = (part: RowCondition, at: readonly string[]): string => {
    if (part.operator === 'not') return `(NOT ${compile(part.condition, [...at, 'condition'])})`;
    if (part.operator !== 'and' && part.operator !== 'or') return compileSingle(part, at);
    const joined = part.conditions.map((each, index) => compile(each, [...at, 'conditions', String(index)]));
    return `(${joined.join(part.operator === 'and' ? ' AND ' : ' OR ')})`;
  };

  const sql = compile(condition, path);
  if (problems.length > 0) throw new ProblemsError(problems);
  return { sql, parameters };
}

/** SQL knows a third truth value, which would also come out of “not”; a comparison with a missing value is false. */
function isTrue(comparison: string): string {
  return `coalesce(${comparison}, false)`;
}
