import Table from 'cli-table3';
import type { ScoredTask } from './operations.js';

export interface ScoredModel {
  readonly name: string;
  readonly scores: ScoredTask;
}

const percent = (ratio: number) => `${(100 * ratio).toFixed(2)} %`;

/** One row for each model; precision, recall and F1 are averaged over the classes (macro). */
export function scoresTable(models: readonly ScoredModel[]): string {
  const table = new Table({
    head: ['model', 'accuracy', 'loss', 'precision', 'recall', 'F1'],
    style: { head: [], border: [] },
  });
  for (const { name, scores } of models) {
    table.push([
      name,
      percent(scores.accuracy),
      scores.loss.toFixed(4),
      percent(scores.macro.precision),
      percent(scores.macro.recall),
      percent(scores.macro.f1),
    ]);
  }
  return table.toString();
}

/** Rows are true labels, columns are predictions. */
export function confusionTable({ name, scores }: ScoredModel): string {
  const { labels, counts } = scores.confusionMatrix;
  const table = new Table({
    head: [name, ...labels.map((label) => `predicted ${label}`)],
    style: { head: [], border: [] },
  });
  counts.forEach((row, index) => {
    table.push([`true ${labels[index]}`, ...row.map(String)]);
  });
  return table.toString();
}
