import { sha256Hex } from '../protocol/sha256-hex.js';
import { datasetOfAnswers, joinVersions, judgementOf, openFeedbackTask } from './feedback-operations.js';
import type { GraphQLClient } from './graphql-client.js';
import { learningTables } from './learning-tables.js';
import { type AnsweredTask, type Choice, choices, type LearntModel } from './learnt-from-people.js';
import { createExperiment, ensureDataset, evaluateExperiment, findBaseModel, untilTrained } from './operations.js';
import {
  answerAll,
  type ClaimedItem,
  createAnnotators,
  removeAnnotators,
  type ScriptedAnnotator,
} from './scripted-annotators.js';
import { readSpamEmails, type SpamEmail } from './spam-emails.js';

/** How often each of the four annotators says the wrong label, whatever the e-mail. */
const errorRates = [0.05, 0.1, 0.15, 0.3] as const;

/** E-mails that people label before the first model, then in each round; a round has a pool of its own. */
const [startItems, roundItems, rounds] = [60, 40, 3] as const;

/** E-mails of a round's pool that the model predicts for. */
const poolItems = 400;

/** E-mails that nobody is asked about: the former are measured while a model learns, and choose nothing. */
const [watchedItems, testItems] = [20, 600] as const;

/** The probe reads its e-mails anew in each of them. */
const trainingEpochs = 30;

const seeds = 3;

/** People see the beginning of an e-mail. The model reads less of it. */
const mostCharacters = 600;

/**
 * Labels e-mails with people who err: the ones that the model is unsure of, against as many drawn at random. Each round
 * trains a linear probe from the base anew, on all labels until then.
 */
export async function demonstrateLearningFromPeople(
  client: GraphQLClient,
  seed: number,
  print: (line: string) => void,
) {
  const began = new Date().toISOString();
  const truth = new Map<string, SpamEmail['label']>();
  for (const { text, label } of await readSpamEmails()) {
    const seen = [...text].slice(0, mostCharacters).join('').trim();
    if (seen !== '' && !truth.has(seen)) truth.set(seen, label);
  }
  const emails = [...truth.keys()].sort((a, b) => (sha256Hex(a) < sha256Hex(b) ? -1 : 1));
  const [watched, tested, pools] = [
    emails.slice(0, watchedItems),
    emails.slice(watchedItems, watchedItems + testItems),
    emails.slice(watchedItems + testItems),
  ];
  const baseModel = await findBaseModel(client, 'use-lite');
  const pool = await ensureDataset(client, {
    name: 'spam-assassin-unlabelled',
    description: 'E-mails of the SpamAssassin public corpus without labels, in a pool for each round of questions.',
    splitColumn: 'split',
    rows: async () => pools.map((text, i) => ({ text, split: poolOf(i % (rounds + 1)) })),
  });
  const labelled = (name: string, split: string, texts: readonly string[]) =>
    ensureDataset(client, {
      name,
      description: 'E-mails of the SpamAssassin public corpus that nobody is asked about, ham or spam.',
      splitColumn: 'split',
      rows: async () => texts.map((text) => ({ text, label: truth.get(text), split })),
    });
  const validation = await labelled('spam-assassin-watched', 'validation', watched);
  const test = await labelled('spam-assassin-test', 'test', tested);
  print(`Datasets     ${pool.exampleCount} e-mails without labels, ${test.exampleCount} others to test on`);
  print(
    `People       four scripted annotators a seed, wrong in ${errorRates.map(percent).join(', ')} of their answers;`,
  );
  print('             two are asked about each e-mail, and a third one if they differ');
  print(
    `Labels       ${startItems} e-mails drawn at random, then ${rounds} × ${roundItems}: unsure ones, or random ones\n`,
  );

  const tasks: AnsweredTask[] = [];
  const models: LearntModel[] = [];
  let experimentId = '';

  /** All of one seed. */
  async function learn(drawn: number): Promise<void> {
    const people = errorRates.map((errorRate, i) => ({
      name: `annotator ${i + 1} of seed ${drawn}, ${began}`,
      errorRate,
      seed: `${drawn}\n${i}`,
    }));
    const annotators = await createAnnotators(client, people);
    try {
      const named = (what: string) => `${what}, seed ${drawn}, ${began}`;
      const start = await ask(annotators, named('start'), drawn, 'start', {
        rows: { datasetVersionId: pool.id, split: poolOf(0), most: startItems, seed: drawn },
      });
      const first = await train([start]);
      for (const choice of choices)
        models.push({ seed: drawn, choice, round: 0, ...countsOf([start]), accuracy: first.accuracy });
      print(line(drawn, 'start', [start], first.accuracy));
      const goOn = async (choice: Choice) => {
        const answered = [start];
        let { modelId } = first;
        for (let round = 1; round <= rounds; round++) {
          const from = { datasetVersionId: pool.id, split: poolOf(round), most: roundItems, seed: drawn };
          const source = choice === 'random' ? { rows: from } : { predictions: { ...from, modelId, pool: poolItems } };
          answered.push(await ask(annotators, named(`${choice} ${round}`), drawn, choice, source));
          const learnt = await train(answered);
          modelId = learnt.modelId;
          models.push({ seed: drawn, choice, round, ...countsOf(answered), accuracy: learnt.accuracy });
          print(line(drawn, choice, answered, learnt.accuracy));
        }
      };
      await Promise.all(choices.map(goOn));
    } finally {
      await removeAnnotators(client, annotators);
    }
  }

  /** Asks people about items until all are settled. */
  async function ask(
    annotators: readonly ScriptedAnnotator[],
    name: string,
    drawn: number,
    choice: AnsweredTask['choice'],
    source: object,
  ): Promise<AnsweredTask> {
    const { id } = await openFeedbackTask(client, {
      name,
      question: { labels: { classes: ['ham', 'spam'] } },
      instructions: 'Spam is what **nobody asked for** and wants to sell something. All else is ham.',
      overlap: { atLeast: 2, atMost: 3 },
      participants: annotators.map(({ userId }) => userId),
      source,
    });
    const answers = await answerAll(annotators, id, (annotator, item) => label(annotator, item, truth));
    const { alpha, items } = await judgementOf(client, id);
    const task = { id, name, seed: drawn, choice, answers, alpha, items };
    tasks.push(task);
    return task;
  }

  /** Trains on what most people said of each item of the tasks, and tests. */
  async function train(answered: readonly AnsweredTask[]): Promise<{ modelId: string; accuracy: number }> {
    const labels = await datasetOfAnswers(client, {
      name: answered.at(-1)!.name,
      taskIds: answered.map((task) => task.id),
      policy: { majority: {} },
      fractions: [{ name: 'train', fraction: 1 }],
    });
    const { id } = await joinVersions(client, labels.datasetId, [
      { datasetVersionId: labels.id, split: 'train' },
      { datasetVersionId: validation.id, split: 'validation' },
    ]);
    const experiment = await createExperiment(client, {
      baseModelId: baseModel.id,
      datasetVersionId: id,
      name: `${countsOf(answered).items} labels`,
      method: { supervised: { textColumn: 'text', labelColumn: 'label' } },
      hyperparameters: { freeze: { kind: 'ENCODER' }, maxLength: 64, epochs: trainingEpochs, seed },
    });
    experimentId = experiment.id;
    await untilTrained(client, experiment);
    const { modelId, tasks: scores } = await evaluateExperiment(client, {
      experimentId: experiment.id,
      datasetVersionId: test.id,
      split: 'test',
      textColumn: 'text',
      tasks: [{ task: 'label', labelColumn: 'label' }],
    });
    return { modelId, accuracy: scores[0]!.accuracy };
  }

  await Promise.all(Array.from({ length: seeds }, (_, i) => learn(seed + i)));
  for (const each of learningTables(models, tasks, truth)) print(`\n${each}`);
  return { experimentId };
}

const percent = (share: number) => `${(100 * share).toFixed(0)} %`;

/** The split that a round's items come from; 0: the start. */
function poolOf(round: number): string {
  return round === 0 ? 'start' : `round${round}`;
}

function label({ draw, errorRate }: ScriptedAnnotator, { text }: ClaimedItem, truth: ReadonlyMap<string, string>) {
  const right = truth.get(text!)!;
  const said = draw(text!) < errorRate ? (right === 'spam' ? 'ham' : 'spam') : right;
  return { labels: { labels: [said] } };
}

function countsOf(tasks: readonly AnsweredTask[]): Pick<LearntModel, 'items' | 'answers'> {
  const sum = (of: (task: AnsweredTask) => number) => tasks.reduce((total, task) => total + of(task), 0);
  return { items: sum(({ items }) => items.length), answers: sum(({ answers }) => answers) };
}

function line(seed: number, choice: string, tasks: readonly AnsweredTask[], accuracy: number): string {
  const { items, answers } = countsOf(tasks);
  const spent = `${String(items).padStart(4)} e-mails, ${String(answers).padStart(4)} answers`;
  return `  seed ${seed}  ${choice.padEnd(10)}${spent}: ${(100 * accuracy).toFixed(2)} % right`;
}
