import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rows, seed, specOf, turnSteps } from './rows.mjs';
import { sum } from './statistics.mjs';
import { start } from './turns.mjs';

const here = import.meta.dirname;
/** Steps before the measured ones: ONNX Runtime sets up its arena, PyTorch its allocator and thread pool. */
const warmUpSteps = 2;
const agreementSteps = 3;
const largestLossDifference = 1e-3;

/**
 * Measures rows on one bench: { python: string | null, threads, store: folder, folder, models, datasets } (see prepare.mjs).
 * What comes back is what docs/performance.md is made of.
 */
export function createMeasurement(bench) {
  /** Starts one side of a row. */
  const begin = (side, mode, row, more = {}) => {
    const path = join(bench.folder, `${row.name}-${side}.json`);
    writeFileSync(path, JSON.stringify({ ...settingsOf(bench, row), ...more }));
    return side === 'attune'
      ? start(process.execPath, [join(here, 'attune.mjs'), mode, path])
      : start(bench.python, [join(here, 'opponent.py'), mode, path]);
  };
  const beginBoth = async (mode, row, more) => {
    const attune = await begin('attune', mode, row, more);
    return { attune, pytorch: bench.python === null ? null : await begin('pytorch', mode, row, more) };
  };

  /** @throws Error when the two sides do not compute the same losses: then there is nothing to compare */
  async function checkAgreement(row) {
    const same = { ...row, data: 'agreement', dropout: 0, training: { ...row.training, epochs: agreementSteps } };
    const { attune, pytorch } = await beginBoth('train', same, { logsLosses: true });
    const own = (await attune.steps(agreementSteps)).losses;
    const theirs = pytorch === null ? own : (await pytorch.steps(agreementSteps)).losses;
    await attune.end();
    await pytorch?.end();
    console.log(
      `  losses without dropout: Attune ${own.map(sixDigits).join(', ')}; PyTorch ${theirs.map(sixDigits).join(', ')}`,
    );
    if (own.some((loss, step) => !(Math.abs(loss - theirs[step]) < largestLossDifference))) {
      throw new Error(`${row.name}: the losses differ.`);
    }
    return { attune: own, pytorch: theirs };
  }

  /** Turns of both sides, `rounds` times; the side that goes first changes, so that neither always follows the other's heat. */
  async function takeTurns({ attune, pytorch }, rounds, turnOf, examplesOf) {
    const result = { attune: emptySide(), pytorch: pytorch === null ? null : emptySide(), ratios: [] };
    for (let round = 0; round < rounds; round++) {
      const speeds = {};
      const order = round % 2 === 0 ? ['attune', 'pytorch'] : ['pytorch', 'attune'];
      for (const name of order.filter((side) => result[side] !== null)) {
        const turn = await turnOf({ attune, pytorch }[name], name, round);
        const seconds = sum(turn.milliseconds) / 1e3;
        if (turn.milliseconds.length === 0) continue;
        speeds[name] = examplesOf(turn, name) / seconds;
        const side = result[name];
        side.seconds.push(seconds);
        side.processorSeconds.push(sum(turn.processorMilliseconds) / 1e3);
        side.examples.push(examplesOf(turn, name));
        side.evaluations = turn.evaluations.length > 0 ? turn.evaluations : side.evaluations;
      }
      const { attune: own, pytorch: theirs } = speeds;
      if (own !== undefined && theirs !== undefined) result.ratios.push(own / theirs);
      console.log(`  round ${round + 1}: examples a second ${roundLine(own, theirs)}`);
    }
    return result;
  }

  async function finish(sides, result, more = {}) {
    Object.assign(result.attune, await sides.attune.end());
    if (sides.pytorch !== null) Object.assign(result.pytorch, await sides.pytorch.end());
    return { ...result, ...more };
  }

  async function measureSteps(row, rounds) {
    const losses = await checkAgreement(row);
    const sides = await beginBoth('train', row);
    await sides.attune.steps(warmUpSteps);
    await sides.pytorch?.steps(warmUpSteps);
    const examplesOf = ({ milliseconds }) => milliseconds.length * row.training.batchSize;
    const result = await takeTurns(sides, rounds ?? 8, (side) => side.steps(turnSteps.steps), examplesOf);
    return finish(sides, result, { losses });
  }

  /** A whole training, both accuracies at the end of each epoch; compilation counts. */
  async function measureEpochs(row, rounds) {
    const sides = await beginBoth('train', row, { evaluates: true });
    const { steps, examplesPerStep } = stepsOf(bench, row);
    const whole = steps * row.training.epochs;
    const allTurns = Math.ceil(whole / turnSteps.epochs);
    const turns = Math.min(rounds ?? allTurns, allTurns);
    const result = await takeTurns(
      sides,
      turns,
      (side, _, round) => side.steps(Math.min(turnSteps.epochs, whole - round * turnSteps.epochs)),
      ({ milliseconds }) => milliseconds.length * examplesPerStep,
    );
    if (turns === allTurns) await finishTraining(sides, result);
    return finish(sides, result, { complete: turns === allTurns });
  }

  /** The last epoch's evaluation comes after the last step's turn. */
  async function finishTraining(sides, result) {
    for (const [name, side] of Object.entries(sides)) {
      if (side === null) continue;
      const { evaluations } = await side.steps(1);
      if (evaluations.length > 0) result[name].evaluations = evaluations;
    }
  }

  async function measureTrainings(row, rounds) {
    const sides = await beginBoth('train', row, { evaluates: false });
    const { steps, examplesPerStep } = stepsOf(bench, row);
    const whole = steps * row.training.epochs;
    await sides.pytorch?.steps(warmUpSteps);
    const result = await takeTurns(
      sides,
      rounds ?? 5,
      async (side, name) => (name === 'attune' ? wholeTraining(side, whole) : side.steps(turnSteps.trainings)),
      ({ milliseconds }) => milliseconds.length * examplesPerStep,
    );
    return finish(sides, result);
  }

  async function measurePasses(row, rounds) {
    const sides = await beginBoth('predict', row);
    const own = await sides.attune.pass();
    const theirs = await sides.pytorch?.pass();
    if (theirs !== undefined) {
      const difference = Math.abs(own.evaluations[0].loss - theirs.evaluations[0].loss);
      if (!(difference < largestLossDifference))
        throw new Error(`${row.name}: the evaluations differ by ${difference}.`);
    }
    const examples = bench.datasets[row.data].testExamples;
    const result = await takeTurns(
      sides,
      rounds ?? 6,
      (side) => side.pass(),
      () => examples,
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
    async measure(row, rounds) {
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
    /** Largest speed of a product of two [size,size] matrices on each side, in GFLOP/s. */
    async peak(size = 2048, products = 12) {
      const sides = await beginBoth('peak', rows[0], { size });
      const fastest = { attune: 0, pytorch: 0 };
      for (let i = 0; i < products; i++) {
        for (const [name, side] of Object.entries(sides)) {
          if (side === null) continue;
          const { milliseconds } = await side.steps(1);
          fastest[name] = Math.max(fastest[name], (2 * size ** 3) / (milliseconds[0] * 1e6));
        }
      }
      for (const side of Object.values(sides)) await side?.end();
      return { size, ...fastest };
    },
  };
}

/** A whole training in one turn: its first step includes encoding all texts once. */
async function wholeTraining(side, steps) {
  const turn = await side.steps(steps);
  // The recipe evaluates and saves the model after its last step, outside the turn.
  const { evaluations } = await side.steps(Number.MAX_SAFE_INTEGER);
  return { ...turn, evaluations };
}

function settingsOf(bench, row) {
  const { labels, digest: datasetDigest, trainFile, testFile } = bench.datasets[row.data];
  const { modelDigests, folder } = bench.models[row.data];
  const modelDigest = modelDigests[row.pooling];
  return {
    threads: bench.threads,
    store: bench.store,
    spec: specOf(row, { modelDigest, datasetDigest, labels }),
    modelDigest,
    model: folder,
    trainingData: trainFile,
    testData: testFile,
    labels,
    maxLength: row.maxLength,
    pooling: row.pooling,
    dropout: row.dropout,
    adapter: row.adapter,
    freeze: row.freeze,
    training: row.training,
    seed,
    output: join(bench.folder, 'trainer'),
    evaluates: false,
    logsLosses: false,
  };
}

function stepsOf(bench, row) {
  const examples = bench.datasets[row.data].trainExamples;
  const steps = Math.ceil(examples / row.training.batchSize);
  return { steps, examplesPerStep: examples / steps };
}

function emptySide() {
  return { seconds: [], processorSeconds: [], examples: [], evaluations: [] };
}

function roundLine(own, theirs) {
  const figures = [
    ...(own === undefined ? [] : [`Attune ${own.toFixed(1)}`]),
    ...(theirs === undefined ? [] : [`PyTorch ${theirs.toFixed(1)}`]),
    ...(own === undefined || theirs === undefined ? [] : [`ratio ${(own / theirs).toFixed(2)}`]),
  ];
  return figures.join(', ');
}

function sixDigits(loss) {
  return loss.toFixed(6);
}
