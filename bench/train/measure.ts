import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sum } from '../statistics.js';
import { opponentScript } from './opponent.js';
import type { Bench } from './prepare.js';
import type { Peak, RowResult } from './results.js';
import { type Row, seed, specOf } from './rows.js';
import type { SideSettings } from './settings.js';
import { type Evaluation, type SideProcess, start, type Turn } from './turns.js';

const attuneScript = join(import.meta.dirname, 'attune.js');
/** Steps before the measured ones: ONNX Runtime sets up its arena, PyTorch its allocator and thread pool. */
const warmUpSteps = 2;
const agreementSteps = 3;
const largestLossDifference = 1e-3;

type SideName = 'attune' | 'pytorch';

interface Sides {
  readonly attune: SideProcess;
  readonly pytorch: SideProcess | null;
}

/** Of one side, as it grows turn by turn. */
interface Growing {
  readonly seconds: number[];
  readonly processorSeconds: number[];
  readonly examples: number[];
  evaluations: readonly Evaluation[];
}

interface Rounds {
  readonly attune: Growing;
  readonly pytorch: Growing | null;
  readonly ratios: number[];
}

/** Measures rows on one bench. What comes back is what docs/performance.md is made of. */
export function createMeasurement(bench: Bench) {
  const { scale } = bench;

  async function begin(mode: string, row: Row, more: Partial<SideSettings> = {}): Promise<Sides> {
    const settings = { ...settingsOf(bench, row), ...more };
    const side = (name: SideName, command: string, script: string) => {
      const path = join(bench.folder, `${row.name}-${name}.json`);
      writeFileSync(path, JSON.stringify(settings));
      return start(command, [script, mode, path]);
    };
    const attune = await side('attune', process.execPath, attuneScript);
    return { attune, pytorch: bench.python === null ? null : await side('pytorch', bench.python, opponentScript) };
  }

  /** @throws Error when the two sides do not compute the same losses: then there is nothing to compare */
  async function checkAgreement(row: Row): Promise<RowResult['losses']> {
    const training = { ...row.training, epochs: agreementSteps };
    const { attune, pytorch } = await begin(
      'train',
      { ...row, data: 'agreement', dropout: 0, training },
      { logsLosses: true },
    );
    const own = (await attune.steps(agreementSteps)).losses;
    const theirs = pytorch === null ? own : (await pytorch.steps(agreementSteps)).losses;
    await attune.end();
    await pytorch?.end();
    const others = pytorch === null ? '' : `; PyTorch ${theirs.map(sixDigits).join(', ')}`;
    console.log(`  losses without dropout: Attune ${own.map(sixDigits).join(', ')}${others}`);
    if (own.some((loss, step) => !(Math.abs(loss - theirs[step]!) < largestLossDifference))) {
      throw new Error(`${row.name}: the losses differ.`);
    }
    return { attune: own, pytorch: theirs };
  }

  async function measureSteps(row: Row, rounds: number | null) {
    const losses = await checkAgreement(row);
    const sides = await begin('train', row);
    await sides.attune.steps(warmUpSteps);
    await sides.pytorch?.steps(warmUpSteps);
    const examplesOf = ({ milliseconds }: Turn) => milliseconds.length * row.training.batchSize;
    const turnOf = (side: SideProcess) => side.steps(scale.turnSteps.steps);
    const result = await takeTurns(sides, rounds ?? scale.rounds.steps, turnOf, examplesOf);
    return { ...(await finish(sides, result)), losses };
  }

  /** A whole training, both accuracies at the end of each epoch; compilation counts. */
  async function measureEpochs(row: Row, rounds: number | null) {
    const sides = await begin('train', row, { evaluates: true });
    const { steps, examplesPerStep } = stepsOf(bench, row);
    const whole = steps * row.training.epochs;
    const most = scale.turnSteps.epochs;
    const allTurns = Math.ceil(whole / most);
    const turns = Math.min(rounds ?? allTurns, allTurns);
    const result = await takeTurns(
      sides,
      turns,
      (side, _, round) => side.steps(Math.min(most, whole - round * most)),
      ({ milliseconds }) => milliseconds.length * examplesPerStep,
    );
    const complete = turns === allTurns;
    if (complete) {
      await finishTraining(sides.attune, result.attune);
      if (sides.pytorch !== null && result.pytorch !== null) await finishTraining(sides.pytorch, result.pytorch);
    }
    return { ...(await finish(sides, result)), complete };
  }

  async function measureTrainings(row: Row, rounds: number | null) {
    const sides = await begin('train', row, { evaluates: false });
    const { steps, examplesPerStep } = stepsOf(bench, row);
    const whole = steps * row.training.epochs;
    await sides.pytorch?.steps(warmUpSteps);
    const result = await takeTurns(
      sides,
      rounds ?? scale.rounds.trainings,
      (side, name) => (name === 'attune' ? wholeTraining(side, whole) : side.steps(scale.turnSteps.trainings)),
      ({ milliseconds }) => milliseconds.length * examplesPerStep,
    );
    return finish(sides, result);
  }

  async function measurePasses(row: Row, rounds: number | null) {
    const sides = await begin('predict', row);
    const own = lossOf(await sides.attune.pass());
    if (sides.pytorch !== null) {
      const difference = Math.abs(own - lossOf(await sides.pytorch.pass()));
      if (!(difference < largestLossDifference)) {
        throw new Error(`${row.name}: the evaluations differ by ${difference}.`);
      }
    }
    const { testExamples } = bench.datasets[row.data]!;
    const result = await takeTurns(
      sides,
      rounds ?? scale.rounds.passes,
      (side) => side.pass(),
      () => testExamples,
    );
    return finish(sides, result);
  }

  const kinds = {
    steps: measureSteps,
    epochs: measureEpochs,
    trainings: measureTrainings,
    passes: measurePasses,
  };
  return {
    /** @param rounds null: as many as the row's kind has by default */
    async measure(row: Row, rounds: number | null): Promise<RowResult> {
      const startedAt = Date.now();
      const result = await kinds[row.kind](row, rounds);
      rmSync(join(bench.folder, 'trainer'), { recursive: true, force: true });
      return {
        name: row.name,
        measuredAt: new Date().toISOString(),
        minutes: (Date.now() - startedAt) / 6e4,
        ...result,
      };
    },

    /** Largest speed of each side in several products. @param row any */
    async peak(row: Row): Promise<Peak> {
      const { size, products } = scale.peak;
      const { attune, pytorch } = await begin('peak', row, { size });
      const fastest = { attune: 0, pytorch: 0 };
      for (let i = 0; i < products; i++) {
        for (const [name, side] of Object.entries({ attune, pytorch }) as [SideName, SideProcess | null][]) {
          if (side === null) continue;
          const { milliseconds } = await side.steps(1);
          fastest[name] = Math.max(fastest[name], (2 * size ** 3) / (milliseconds[0]! * 1e6));
        }
      }
      await attune.end();
      await pytorch?.end();
      return { size, ...fastest };
    },
  };
}

/**
 * Turns of both sides, `rounds` times; the side that goes first changes, so that neither always follows the other's
 * heat.
 */
async function takeTurns(
  { attune, pytorch }: Sides,
  rounds: number,
  turnOf: (side: SideProcess, name: SideName, round: number) => Promise<Turn>,
  examplesOf: (turn: Turn) => number,
): Promise<Rounds> {
  const result: Rounds = { attune: nothingYet(), pytorch: pytorch === null ? null : nothingYet(), ratios: [] };
  /** Takes one turn, and says how many examples a second it had; undefined where no step was left. */
  const take = async (name: SideName, side: SideProcess, into: Growing, round: number): Promise<number | undefined> => {
    const turn = await turnOf(side, name, round);
    if (turn.milliseconds.length === 0) return undefined;
    const seconds = sum(turn.milliseconds) / 1e3;
    into.seconds.push(seconds);
    into.processorSeconds.push(sum(turn.processorMilliseconds) / 1e3);
    into.examples.push(examplesOf(turn));
    if (turn.evaluations.length > 0) into.evaluations = turn.evaluations;
    return examplesOf(turn) / seconds;
  };
  for (let round = 0; round < rounds; round++) {
    const speeds: Partial<Record<SideName, number | undefined>> = {};
    for (const name of round % 2 === 0 ? (['attune', 'pytorch'] as const) : (['pytorch', 'attune'] as const)) {
      const [side, into] = [{ attune, pytorch }[name], result[name]];
      if (side !== null && into !== null) speeds[name] = await take(name, side, into, round);
    }
    if (speeds.attune !== undefined && speeds.pytorch !== undefined) result.ratios.push(speeds.attune / speeds.pytorch);
    console.log(`  round ${round + 1}: examples a second ${roundLine(speeds.attune, speeds.pytorch)}`);
  }
  return result;
}

async function finish(sides: Sides, { attune, pytorch, ratios }: Rounds) {
  const own = { ...attune, ...(await sides.attune.end()) };
  const theirs = sides.pytorch === null || pytorch === null ? null : { ...pytorch, ...(await sides.pytorch.end()) };
  return { attune: own, pytorch: theirs, ratios };
}

/** The last epoch's evaluation comes after the last step's turn. */
async function finishTraining(side: SideProcess, result: Growing): Promise<void> {
  const { evaluations } = await side.steps(1);
  if (evaluations.length > 0) result.evaluations = evaluations;
}

/** A whole training in one turn: its first step includes encoding all texts once. */
async function wholeTraining(side: SideProcess, steps: number): Promise<Turn> {
  const turn = await side.steps(steps);
  // The recipe evaluates and saves the model after its last step, outside the turn.
  const { evaluations } = await side.steps(Number.MAX_SAFE_INTEGER);
  return { ...turn, evaluations };
}

function settingsOf(bench: Bench, row: Row): SideSettings {
  const { labels, digest: datasetDigest, trainFile, testFile } = bench.datasets[row.data]!;
  const { modelDigests, folder } = bench.models[row.data]!;
  const modelDigest = modelDigests[row.pooling];
  const { maxLength, pooling, dropout, adapter, freeze, training } = row;
  return {
    threads: bench.threads,
    store: bench.store,
    spec: specOf(row, { modelDigest, datasetDigest, labels }),
    modelDigest,
    model: folder,
    trainingData: trainFile,
    testData: testFile,
    labels,
    maxLength,
    pooling,
    dropout,
    adapter,
    freeze,
    training,
    seed,
    output: join(bench.folder, 'trainer'),
    evaluates: false,
    logsLosses: false,
    size: 0,
  };
}

/** Of one epoch. */
function stepsOf(bench: Bench, row: Row) {
  const examples = bench.datasets[row.data]!.trainExamples;
  const steps = Math.ceil(examples / row.training.batchSize);
  return { steps, examplesPerStep: examples / steps };
}

function nothingYet(): Growing {
  return { seconds: [], processorSeconds: [], examples: [], evaluations: [] };
}

function lossOf({ evaluations }: Turn): number {
  const [evaluation] = evaluations;
  if (evaluation === undefined) throw new Error('A pass gave no evaluation.');
  return evaluation.loss;
}

function roundLine(own: number | undefined, theirs: number | undefined): string {
  const figures = [
    ...(own === undefined ? [] : [`Attune ${own.toFixed(1)}`]),
    ...(theirs === undefined ? [] : [`PyTorch ${theirs.toFixed(1)}`]),
    ...(own === undefined || theirs === undefined ? [] : [`ratio ${(own / theirs).toFixed(2)}`]),
  ];
  return figures.join(', ');
}

function sixDigits(loss: number): string {
  return loss.toFixed(6);
}
