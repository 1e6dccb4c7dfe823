import type { Command } from 'commander';
import { orThrow } from '../../typescript/index.js';
import { follow, watching } from '../follow.js';
import { Evaluate, FollowEvaluation, type FollowEvaluationSubscription } from '../generated/operations.js';
import { requireModel, requireVersion } from '../references.js';
import type { Session } from '../session.js';
import type { Surroundings } from '../surroundings.js';
import { record, table } from '../table.js';
import { within } from '../within.js';

type Evaluation = FollowEvaluationSubscription['evaluationChanged'];
type Scores = Evaluation['scores'][number];

interface EvaluateOptions {
  readonly split: string;
  readonly text?: string;
  readonly tokens?: boolean;
  readonly wait: boolean;
}

export function addEvaluate(program: Command, surroundings: Surroundings): void {
  program
    .command('evaluate')
    .summary('judge a model on a split')
    .argument('<model>', 'name, alias or id')
    .argument('<dataset>', 'name, name@version, or id')
    .option('--split <split>', 'which one', 'test')
    .option('--text <column>', 'the column of the text (default: the one that it learnt from)')
    .option('--tokens', 'judge how well a language model predicts tokens')
    .option('--no-wait', 'do not wait for the end')
    .action(within(surroundings, evaluate));
}

async function evaluate(session: Session, of: string, on: string, options: EvaluateOptions): Promise<void> {
  const { client } = session;
  const input = {
    modelId: (await requireModel(session, of)).id,
    datasetVersionId: (await requireVersion(session, on)).id,
    split: options.split,
    ...(options.text === undefined ? {} : { textColumn: options.text }),
    ...(options.tokens === true ? { tokens: {} } : {}),
  };
  const begun = orThrow(await client.mutate(Evaluate, input, session));
  if (!options.wait) {
    await session.show(begun, () => record({ evaluation: begun.id, status: begun.status.toLowerCase() }));
    return;
  }
  const states = client.subscribe(FollowEvaluation, { id: begun.id }, watching(session));
  const done = await follow(session, states, 'The evaluation', ({ progress }) =>
    progress ? [Number(progress.examplesDone), Number(progress.examplesTotal)] : null,
  );
  await session.show(done, () => evaluationText(done));
}

function evaluationText({ scores, findings }: Evaluation): string {
  return [
    ...scores.flatMap((each) => [record(measuresOf(each)), ...detailsOf(each)]),
    ...findings.map(({ severity, message, hint }) => `${severity.toLowerCase()}: ${message} ${hint}`),
  ].join('\n');
}

function measuresOf(scores: Scores): Record<string, unknown> {
  const about = { task: scores.task, examples: scores.exampleCount, loss: scores.loss };
  switch (scores.__typename) {
    case 'TaskScores':
    case 'TokenClassificationScores':
      return { ...about, accuracy: scores.accuracy, ...averages(scores.macro) };
    case 'MultiLabelScores':
      return {
        ...about,
        'all labels right': scores.subsetAccuracy,
        'Hamming loss': scores.hammingLoss,
        ...averages(scores.macro),
      };
    case 'RegressionScores': {
      const { mae, rmse, r2, pearson, spearman } = scores.average;
      return { ...about, MAE: mae, RMSE: rmse, 'R²': r2, Pearson: pearson, Spearman: spearman };
    }
    case 'TokenScores':
      return {
        ...about,
        tokens: scores.tokenCount,
        perplexity: scores.perplexity,
        'token accuracy': scores.tokenAccuracy,
      };
    case 'RewardScores':
    case 'PreferenceScores':
      return { ...about, accuracy: scores.accuracy, from: scores.low, to: scores.high, margin: scores.margin };
    default:
      // A kind of head that later servers have.
      return about;
  }
}

function averages({
  precision,
  recall,
  f1,
}: {
  precision: number;
  recall: number;
  f1: number;
}): Record<string, number> {
  return { 'precision (macro)': precision, 'recall (macro)': recall, 'F1 (macro)': f1 };
}

function detailsOf(scores: Scores): string[] {
  if (scores.__typename !== 'TaskScores') return [];
  const { labels, counts } = scores.confusionMatrix;
  const perClass = scores.perClass.map(({ label, precision, recall, f1, support }) => [
    label,
    precision,
    recall,
    f1,
    support,
  ]);
  return [
    table(['label', 'precision', 'recall', 'F1', 'examples'], perClass),
    // A wider matrix fits no terminal.
    ...(labels.length > 12
      ? []
      : [
          table(
            ['true \\ predicted', ...labels],
            counts.map((row, i) => [labels[i], ...row]),
          ),
        ]),
  ];
}
