import type { InputProblem } from '../../problems/problem.js';
import { type ColumnType, columnTypes } from '../../protocol/datasets/column-type.js';
import type { PreparationStep } from '../../protocol/preparation/recipe.js';
import type { RowCondition } from '../../protocol/preparation/steps/filters.js';
import { checkCuts } from './cuts.js';
import { checkNamedColumn, checkNamedColumns, type StepColumn, textTypes } from './named-columns.js';
import { checkNewColumnName } from './new-column-name.js';

type Columns = readonly StepColumn[];

const values: readonly ColumnType[] = ['TEXT', 'INTEGER', 'FLOAT', 'BOOLEAN', 'TIMESTAMP'];

const fillable: Readonly<Record<string, readonly ColumnType[]>> = {
  CONSTANT: columnTypes,
  MODE: values,
  MEAN: ['INTEGER', 'FLOAT'],
  MEDIAN: ['INTEGER', 'FLOAT', 'TIMESTAMP'],
};

/**
 * What is wrong with the columns that a step names, and with values that must be of their types, of rows that have
 * these columns: as its worker would find it, which tells the first kind of problem alone.
 */
export function checkStepColumns(step: PreparationStep, columns: Columns): InputProblem[] {
  return checksOf(step, columns).find((found) => found.length > 0) ?? [];
}

/** The problems of each of the columns that a step names, in the order in which the worker looks for them. */
function checksOf(step: PreparationStep, columns: Columns): InputProblem[][] {
  const one = (name: string | null, types: readonly ColumnType[] | null, ...path: string[]) =>
    name === null ? [] : checkNamedColumn(columns, name, types, path);
  const several = (names: readonly string[] | null, types: readonly ColumnType[] | null, ...path: string[]) =>
    checkNamedColumns(columns, names ?? [], types, path);
  const fresh = (name: string, left: readonly string[], ...path: string[]) =>
    checkNewColumnName(
      name,
      columns.map((each) => each.name).filter((each) => !left.includes(each)),
      path,
    );
  switch (step.kind) {
    case 'collapseWhiteSpace':
    case 'normalizeUnicode':
    case 'removeControlCharacters':
    case 'repairMojibake':
    case 'htmlToText':
    case 'changeCase':
    case 'replacePattern':
    case 'maskPersonalData':
      return [several(step.columns, textTypes, 'columns')];
    case 'dropColumns':
    case 'dropMissing':
      return [several(step.columns, null, 'columns')];
    case 'castColumn':
      return [one(step.column, values, 'column')];
    case 'dropDuplicates':
      return [several(step.columns, step.match === 'exact' ? null : textTypes, 'columns')];
    case 'resolveLabelConflicts':
      return [
        several(step.columns, step.match === 'exact' ? null : textTypes, 'columns'),
        one(step.label, null, 'label'),
        step.markColumn === null ? [] : fresh(step.markColumn, [], 'markColumn'),
      ];
    case 'drawSplits':
    case 'assignFolds':
      return [
        step.kind === 'assignFolds' ? fresh(step.column, [], 'column') : [],
        one(step.stratifyBy, null, 'stratifyBy'),
        several(step.keepTogether, null, 'keepTogether'),
        several(step.groupBy, null, 'groupBy'),
        several(step.nearDuplicates?.columns ?? null, textTypes, 'nearDuplicates', 'columns'),
      ];
    case 'splitByTime':
      return [
        one(step.column, ['TIMESTAMP', 'TEXT', 'INTEGER', 'FLOAT'], 'column'),
        checkCuts(step.cuts ?? [], columns.find(({ name }) => name === step.column) ?? null),
      ];
    case 'splitFromColumn':
      return [one(step.column, null, 'column')];
    case 'markMissing':
      return [one(step.column, null, 'column'), fresh(step.as, [], 'as')];
    case 'renameSplits':
    case 'keepSplits':
      return [];
    case 'fillMissing':
      return [several(step.columns, fillable[step.by]!, 'columns'), one(step.groupBy, null, 'groupBy')];
    case 'mapLabels':
      return [one(step.column, ['TEXT', 'TEXT_LIST', 'INTEGER', 'FLOAT', 'BOOLEAN'], 'column')];
    case 'renameColumns': {
      const from = step.names.map((each) => each.from);
      return [
        ...step.names.map((each, i) => one(each.from, null, 'names', String(i), 'from')),
        step.names.flatMap((each, i) => fresh(each.to, from, 'names', String(i), 'to')),
      ];
    }
    case 'mergeColumns':
      return [several(step.columns, null, 'columns'), fresh(step.as, step.dropMerged ? step.columns : [], 'as')];
    case 'filterRows':
      return [columnsOfCondition(step.where, ['where']).flatMap(([name, path]) => one(name, null, ...path))];
    case 'filterLength':
      return [one(step.column, textTypes, 'column')];
    case 'filterLanguage':
      return [one(step.column, textTypes, 'column'), step.as === null ? [] : fresh(step.as, [], 'as')];
    case 'sampleRows':
      return [step.within?.kind === 'column' ? one(step.within.column, values, 'within', 'column') : []];
    case 'augmentText':
      return [one(step.column, ['TEXT', 'TEXT_LIST'], 'column')];
    case 'addFromTemplates':
      return [one(step.column, ['TEXT'], 'column')];
    case 'balanceLabels':
      return [
        one(step.column, ['TEXT', 'INTEGER', 'BOOLEAN', 'TEXT_LIST', 'INTEGER_LIST'], 'column'),
        one(step.change?.column ?? null, ['TEXT'], 'change', 'column'),
      ];
    default:
      return step satisfies never;
  }
}

function columnsOfCondition(where: RowCondition, path: readonly string[]): [string, readonly string[]][] {
  switch (where.operator) {
    case 'and':
    case 'or':
      return where.conditions.flatMap((each, i) => columnsOfCondition(each, [...path, 'conditions', String(i)]));
    case 'not':
      return columnsOfCondition(where.condition, [...path, 'condition']);
    case 'inSplit':
      return [];
    default:
      return [[where.column, [...path, 'column']]];
  }
}

/** The columns after a step of which nothing is wrong. */
export function columnsAfter(step: PreparationStep, columns: Columns): Columns {
  const added = (name: string | null, type: ColumnType): Columns =>
    name === null ? columns : [...columns, { name, type }];
  switch (step.kind) {
    case 'dropColumns':
      return columns.filter(({ name }) => !step.columns.includes(name));
    case 'renameColumns':
      return columns.map(({ name, type }) => ({
        name: step.names.find(({ from }) => from === name)?.to ?? name,
        type,
      }));
    case 'mergeColumns': {
      if (!step.dropMerged) return added(step.as, 'TEXT');
      // The new column stands where the first of the merged ones stood.
      const place = columns.findIndex(({ name }) => step.columns.includes(name));
      const kept = columns.filter(({ name }) => !step.columns.includes(name));
      return [...kept.slice(0, place), { name: step.as, type: 'TEXT' }, ...kept.slice(place)];
    }
    case 'mapLabels':
      return columns.map(({ name, type }) =>
        name === step.column && type !== 'TEXT_LIST' ? { name, type: 'TEXT' } : { name, type },
      );
    case 'castColumn':
      return columns.map(({ name, type }) => ({ name, type: name === step.column ? step.to : type }));
    case 'markMissing':
      return added(step.as, 'BOOLEAN');
    case 'assignFolds':
      return added(step.column, 'INTEGER');
    case 'filterLanguage':
      return added(step.as, 'TEXT');
    case 'resolveLabelConflicts':
      return added(step.markColumn, 'TEXT');
    default:
      return columns;
  }
}
