import { ProblemsError, problem } from '../../src/problems/problem.js';
import type { Recipe } from '../../src/protocol/preparation/recipe.js';
import type { StepReport } from '../../src/protocol/preparation/step-report.js';
import { ProblemError } from '../problem-error.js';
import { reportStep } from './report-step.js';
import type { RecipeTools, RowTable } from './row-table.js';
import { runStep } from './steps/index.js';

/**
 * Takes rows through the steps of a recipe, one after another. Each step's table is dropped when the next is there, but
 * for the one that came in.
 * @param onStep called before each step
 * @param onDone called after each step
 * @param done what the first steps did: the rows come from the last of them
 * @throws ProblemsError and ProblemError whose paths begin at `recipe`; RunStopped
 */
export async function runRecipe(
  recipe: Recipe,
  rows: RowTable,
  tools: RecipeTools,
  onStep: (index: number, table: RowTable) => void = () => undefined,
  onDone: (table: RowTable, reports: readonly StepReport[]) => Promise<void> = async () => undefined,
  done: readonly StepReport[] = [],
): Promise<{ readonly table: RowTable; readonly reports: readonly StepReport[] }> {
  let table = rows;
  const reports: StepReport[] = [...done];
  for (const [index, step] of recipe.entries()) {
    if (index < done.length) continue;
    tools.beat();
    onStep(index, table);
    const path = ['recipe', String(index), step.kind];
    const outcome = await runStep(step, table, { ...tools, step: index }).catch((error: unknown) => {
      if (error instanceof ProblemError) {
        const { problem } = error;
        throw new ProblemError({ ...problem, path: [...path, ...problem.path] }, { cause: error });
      }
      if (!(error instanceof ProblemsError)) throw error;
      throw new ProblemsError(error.problems.map((each) => ({ ...each, path: [...path, ...each.path] })));
    });
    const report = await reportStep(tools.database, table, outcome);
    if (report.rowsAfter === 0 && report.rowsBefore > 0) {
      const message = `No row is left after this step, which got ${report.rowsBefore}.`;
      throw new ProblemsError([
        problem(path, 'NO_ROWS_LEFT', message, 'Look at what it would do with previewPreparation.'),
      ]);
    }
    reports.push(report);
    if (outcome.notes !== undefined) await tools.database.query(`DROP TABLE ${outcome.notes}`);
    if (table.name !== rows.name && table.name !== outcome.table.name) {
      await tools.database.query(`DROP TABLE ${table.name}`);
    }
    table = outcome.table;
    await onDone(table, reports);
  }
  return { table, reports };
}
