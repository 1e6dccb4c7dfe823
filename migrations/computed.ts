import type { QueryRunner } from 'typeorm';
import { queryOnce, setNotNullOnline, updateInBatches } from './online.js';

/** A column whose value a trigger computes of other columns of its row, whatever a statement says. */
export interface ComputedColumn {
  readonly table: string;
  readonly column: string;
  readonly type: string;
  /** SQL of the value, with the row as NEW. */
  readonly value: string;
  /** The columns that it is computed of. */
  readonly of: readonly string[];
}

/**
 * Columns that PostgreSQL could generate itself, if adding a generated column did not rewrite the table with everybody
 * kept out (ADR 0064).
 */
export const labelsOfExperiments: ComputedColumn = {
  table: 'experiments',
  column: 'labels',
  type: 'text[]',
  value: 'labels_of_spec(NEW.spec)',
  of: ['spec'],
};
export const labelsOfEvaluations: ComputedColumn = {
  table: 'evaluations',
  column: 'labels',
  type: 'text[]',
  value: 'labels_of_scores(NEW.scores)',
  of: ['scores'],
};
export const filesOfModels: ComputedColumn = {
  table: 'base_models',
  column: 'artifact_digests',
  type: 'text[]',
  value: 'artifacts_of_model(NEW.digest, NEW.manifest)',
  of: ['digest', 'manifest'],
};

/** Adds the column, and computes it for the rows that are there, beside reads and writes. */
export async function addComputedColumnOnline(queryRunner: QueryRunner, computed: ComputedColumn): Promise<void> {
  const { table, column, type } = computed;
  await queryOnce(
    queryRunner,
    `${table}.${column}`,
    `ALTER TABLE ${table} ADD COLUMN ${column} ${type}; ${computingTrigger(computed)}`,
  );
  await updateInBatches(queryRunner, {
    table,
    row: table,
    pages: 100,
    // The trigger says what it becomes.
    update: `UPDATE ${table} SET ${column} = NULL WHERE ${column} IS NULL`,
  });
  await setNotNullOnline(queryRunner, table, column);
}

/** SQL that has the column computed from now on, and can be repeated. */
export function computingTrigger({ table, column, value, of }: ComputedColumn): string {
  const trigger = `${table}_${column}`;
  return `
    CREATE OR REPLACE FUNCTION compute_${trigger}() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        NEW.${column} := ${value};
        RETURN NEW;
      END $$;
    CREATE OR REPLACE TRIGGER ${trigger} BEFORE INSERT OR UPDATE OF ${[...of, column].join(', ')} ON ${table}
      FOR EACH ROW EXECUTE FUNCTION compute_${trigger}();
    -- Also for rows that a copy of the database is filled with.
    ALTER TABLE ${table} ENABLE ALWAYS TRIGGER ${trigger};
  `;
}
