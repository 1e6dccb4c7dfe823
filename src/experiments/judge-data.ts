import type { DatasetVersionRow } from '../datasets/dataset.reads.js';
import type { ExampleReader } from '../datasets/dataset-commands.js';
import type { TargetFacts } from '../datasets/targets.js';
import { duplicateFindings } from '../evaluations/duplicate-findings.js';
import { type Baseline, classBaselines, labelBaselines, numberBaselines, tagBaselines } from '../protocol/baselines.js';
import { type Finding, findFewExamples } from '../protocol/findings.js';
import { targetColumnsOf } from '../protocol/heads.js';
import { heldOutPartOf, measuredSplitOf } from '../protocol/held-out.js';
import { headsOf, type RunSpec, type TaskHead, textColumnsOf } from '../protocol/methods/index.js';

/** What the data of an experiment say before it is trained. */
export interface JudgedData {
  /** On the examples that are measured after each epoch. */
  readonly baselines: readonly Baseline[];
  readonly findings: readonly Finding[];
}

/** Judges the data of an experiment. Duplicates are searched for in all splits that could be measured. */
export async function judgeData(
  examples: Pick<ExampleReader, 'findDuplicates'>,
  spec: RunSpec,
  version: Pick<DatasetVersionRow, 'splits'>,
  facts: TargetFacts,
): Promise<JudgedData> {
  const heads = headsOf(spec);
  const duplicates = await findDuplicates(examples, spec, version);
  return {
    baselines: heads.flatMap((head) => baselinesOf(head, measuredSplitOf(spec), facts)),
    findings: [
      ...heldOutOf(spec, facts),
      ...duplicates,
      ...heads.flatMap((head) => fewExamplesOf(head, spec.trainSplit, facts)),
    ],
  };
}

async function findDuplicates(
  examples: Pick<ExampleReader, 'findDuplicates'>,
  spec: RunSpec,
  { splits }: Pick<DatasetVersionRow, 'splits'>,
): Promise<Finding[]> {
  const { trainSplit, heldOut, datasetDigest: digest } = spec;
  const textColumns = textColumnsOf(spec);
  const heads = headsOf(spec).map(({ head }) => ({ kind: head.kind, columns: targetColumnsOf(head) }));
  const division = heldOut === undefined ? null : { split: trainSplit, heldOut, textColumns, heads };
  const others = splits.flatMap(({ name, exampleCount }) => (name === trainSplit || exampleCount === 0 ? [] : [name]));
  const measured = division === null ? others : [heldOutPartOf(trainSplit), ...others];
  if (measured.length === 0) return [];
  const side = { digest, division, textColumns, targetColumns: heads.flatMap(({ columns }) => columns) };
  const found = await examples.findDuplicates({
    trained: { ...side, splits: [trainSplit] },
    measured: { ...side, splits: measured },
  });
  return duplicateFindings(found, trainSplit);
}

function heldOutOf(spec: RunSpec, { counts }: TargetFacts): Finding[] {
  const { trainSplit: split, heldOut } = spec;
  if (heldOut === undefined) return [];
  const trainExamples = counts.labelled[split] ?? 0;
  const validationExamples = counts.labelled[heldOutPartOf(split)] ?? 0;
  return [{ code: 'VALIDATION_HELD_OUT', split, trainExamples, validationExamples }];
}

function fewExamplesOf({ task, head }: TaskHead, split: string, { counts }: TargetFacts): Finding[] {
  if (head.kind === 'regression' || head.kind === 'reward') return [];
  const supports = supportsOf(targetColumnsOf(head)[0]!, split, head.labels, counts);
  const classes = supports.map(({ label, support }) => ({ label, count: support }));
  return findFewExamples({ task, split, isLearnt: true }, classes);
}

function baselinesOf({ task, head }: TaskHead, split: string, { counts, numbers }: TargetFacts): Baseline[] {
  const [column] = targetColumnsOf(head) as [string];
  switch (head.kind) {
    case 'classification':
      return classBaselines(task, supportsOf(column, split, head.labels, counts), totalOf(column, split, counts));
    case 'multiLabel':
      return labelBaselines(task, supportsOf(column, split, head.labels, counts), counts.lists?.[column]?.[split] ?? 0);
    case 'tokenClassification':
      return tagBaselines(
        task,
        supportsOf(column, split, head.labels, counts),
        totalOf(column, split, counts),
        head.scheme === 'iob2',
      );
    case 'regression':
      return numberBaselines(
        task,
        head.targetColumns.flatMap((name) => {
          const deviation = numbers[name]?.find((each) => each.split === split)?.standardDeviation ?? null;
          return deviation === null ? [] : [deviation ** 2];
        }),
      );
    case 'reward':
      return [];
    default:
      return head satisfies never;
  }
}

type Counts = TargetFacts['counts'];

function supportsOf(column: string, split: string, labels: readonly string[], { labels: all }: Counts) {
  const counts = new Map(
    (all[column] ?? []).filter((each) => each.split === split).map((each) => [each.label, each.count]),
  );
  return labels.map((label) => ({ label, support: counts.get(label) ?? 0 }));
}

function totalOf(column: string, split: string, { labels }: Counts): number {
  return (labels[column] ?? []).reduce((sum, each) => sum + (each.split === split ? each.count : 0), 0);
}
