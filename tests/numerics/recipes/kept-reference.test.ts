import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KeptLogProbabilities, NewLogProbabilities } from '../../../gpu-worker/thread-protocol.js';
import { train } from '../../../gpu-worker/training-jobs/train.js';
import type { Hyperparameters } from '../../../src/protocol/hyperparameters.js';
import { readSafetensors, writeSafetensors } from '../../../src/storage/safetensors.js';
import { damage, damages } from '../../support/damage.js';
import { type PreferenceChoice, preferenceOptimizationSpec } from '../../support/specs.js';
import { jobOf } from './head-workshop.js';
import { recordingContext } from './recording-context.js';
import { defaults, openWorkshop, writeTable } from './support.js';
import { lora, writeTinyEncoder } from './tiny-encoders.js';

let workshop: Awaited<ReturnType<typeof openWorkshop>>;
let datasetDigest: string;
let base: string;
/** What the first run had kept, which computed everything. */
let first: Awaited<ReturnType<typeof finish>>;

beforeAll(async () => {
  workshop = await openWorkshop();
  const rows = Array.from({ length: 32 }, (_, index) => {
    const [animal, other] = index % 2 === 0 ? ['cat', 'dog'] : ['dog', 'cat'];
    return {
      split: index % 4 === 3 ? 'validation' : 'train',
      prompt: `the ${index % 3 === 0 ? 'red' : 'blue'} ${animal} here`,
      chosen: ` ${animal} sleeps now`,
      rejected: ` ${other} runs`,
    };
  });
  const columns = { prompt: 'VARCHAR', chosen: 'VARCHAR', rejected: 'VARCHAR' };
  datasetDigest = await writeTable(workshop.store, workshop.folder, columns, rows);
  base = await writeTinyEncoder(workshop.store, 'llama', { languageModel: true });
  first = await finish([]);
});
afterAll(() => workshop[Symbol.asyncDispose]());

/** Trains one epoch; `graphs`: how many graphs of many lengths were compiled, by which texts are scored. */
async function attempt(
  keptLogProbabilities: readonly KeptLogProbabilities[],
  h: Partial<Hyperparameters> = {},
  choice: PreferenceChoice = {},
) {
  const recorded = recordingContext({ keptLogProbabilities });
  let graphs = 0;
  const { engine } = workshop.tools;
  const counting = {
    ...engine,
    compileDynamicForward: ((...given) => {
      graphs += 1;
      return engine.compileDynamicForward(...given);
    }) as typeof engine.compileDynamicForward,
  };
  const spec = preferenceOptimizationSpec({
    baseModelDigest: base,
    datasetDigest,
    ...choice,
    hyperparameters: { ...defaults, dropout: 0, maxLength: 24, epochs: 1, batchSize: 8, learningRate: 1e-2, ...h },
  });
  const outcome = await train(jobOf(spec), recorded.context, { ...workshop.tools, engine: counting });
  return { ...recorded, outcome, graphs };
}

async function finish(...given: Parameters<typeof attempt>) {
  const { outcome, ...recorded } = await attempt(...given);
  if (outcome.kind !== 'finished' || outcome.model === null) throw new Error(JSON.stringify(outcome));
  return { ...recorded, digest: outcome.model.digest, said: saidOf(recorded.logged()) };
}

const saidOf = (lines: readonly string[]) =>
  lines.find((line) => line.startsWith('Log-probabilities by the reference'));
const asKept = (kept: readonly NewLogProbabilities[]): KeptLogProbabilities[] =>
  kept.map(({ content, threads, artifact }) => ({ content, threads, digest: artifact.digest }));

describe('the second run', () => {
  it('computes nothing by the reference, and ends with the same bytes', async () => {
    expect(first.said).toBe('Log-probabilities by the reference: those of 64 texts were computed');
    expect(first.kept).toHaveLength(2);
    expect(first.kept.every((each) => each.referenceDigest === base && each.datasetDigest === datasetDigest)).toBe(
      true,
    );
    const again = await finish(asKept(first.kept));
    expect(again.said).toBe('Log-probabilities by the reference: the kept ones of 64 texts were read');
    expect(again.graphs).toBe(first.graphs - 2);
    expect(again.kept).toEqual([]);
    expect(again.digest).toBe(first.digest);
  });

  it('reads them with another rate, objective or adapter too, and begins at ln 2', async () => {
    for (const [h, choice] of [
      [{ learningRate: 1e-3, batchSize: 4 }, {}],
      [{ adapter: { ...lora, dropout: 0 } }, {}],
    ] as const) {
      const run = await finish(asKept(first.kept), h, choice);
      expect(run.said).toContain('the kept ones of 64 texts were read');
      expect(run.series('validation/loss').get(0)).toBeCloseTo(Math.log(2), 6);
    }
  });

  it('reads those of another reference by its own digest alone', async () => {
    const choice = { referenceDigest: first.digest };
    const other = await finish(asKept(first.kept), {}, choice);
    expect(other.said).toContain('those of 64 texts were computed');
    expect(other.kept.every(({ referenceDigest }) => referenceDigest === first.digest)).toBe(true);
    const again = await finish(asKept([...first.kept, ...other.kept]), {}, choice);
    expect(again.said).toContain('the kept ones of 64 texts were read');
    expect(again.digest).toBe(other.digest);
  });
});

describe('a reference that says something else than the model that it is', () => {
  /** What was kept, each value moved. */
  async function moved(kept: readonly NewLogProbabilities[], by: number): Promise<KeptLogProbabilities[]> {
    return Promise.all(
      kept.map(async ({ content, threads, artifact }) => {
        const { tensors, metadata } = readSafetensors(await workshop.store.read(artifact.digest));
        const shifted = new Map(
          [...tensors].map(([name, { shape, data }]) => [name, { shape, data: data.map((value) => value + by) }]),
        );
        const { digest } = await workshop.store.write(writeSafetensors(shifted, metadata));
        return { content, threads, digest };
      }),
    );
  }

  it.each([
    ['all texts', [0, 1]],
    ['those that are learned', [0]],
    ['those that are measured', [1]],
  ] as const)('ends the run before it learns: of %s', async (_, places) => {
    const disturbed = await moved(
      places.map((place) => first.kept[place]!),
      0.05,
    );
    const rest = asKept(first.kept.filter((__, place) => !(places as readonly number[]).includes(place)));
    const { outcome, series } = await attempt([...disturbed, ...rest]);
    expect(outcome).toMatchObject({
      kind: 'failed',
      problem: {
        code: 'REFERENCE_DIFFERS',
        path: ['method', 'preferenceOptimization', 'referenceModelId'],
        message: expect.stringContaining('before the first update'),
      },
    });
    expect(series('train/loss').size).toBe(0);
  });

  it('may differ by rounding', async () => {
    const run = await finish(await moved(first.kept, 1e-4));
    expect(run.said).toContain('the kept ones of 64 texts were read');
  });
});

describe('they are computed anew', () => {
  it('where a greatest length makes other tokens, and not where it makes the same', async () => {
    const shorter = await finish(asKept(first.kept), { maxLength: 7 });
    expect(shorter.said).toContain('those of 64 texts were computed');
    const longer = await finish(asKept(first.kept), { maxLength: 30 });
    expect(longer.said).toContain('the kept ones of 64 texts were read');
  });

  it('where the base model is held in fewer bits, which is another reference', async () => {
    const h = { adapter: { ...lora, dropout: 0, frozenWeights: 'int8' as const } };
    const held = await finish(asKept(first.kept), h);
    expect(held.said).toContain('those of 64 texts were computed');
    const again = await finish(asKept([...first.kept, ...held.kept]), h);
    expect(again.said).toContain('the kept ones of 64 texts were read');
    expect(again.digest).toBe(held.digest);
  });

  it('where another number of threads computed them', async () => {
    const kept = asKept(first.kept).map((each) => ({ ...each, threads: each.threads + 1 }));
    expect((await finish(kept)).said).toContain('those of 64 texts were computed');
  });

  it.each(damages)('where a file is %s, with the same numbers, and the file is whole again', async (how) => {
    const [{ digest }] = asKept(first.kept) as [KeptLogProbabilities, KeptLogProbabilities];
    await damage(workshop.store, digest, how);
    const run = await finish(asKept(first.kept));
    expect(run.said).toContain('the kept ones of 16 texts were read, those of 48 texts were computed');
    expect(run.digest).toBe(first.digest);
    expect(asKept(run.kept)).toEqual([asKept(first.kept)[0]]);
    expect((await finish(asKept(first.kept))).said).toContain('the kept ones of 64 texts were read');
  });
});

it('kept numbers are what a run compares with: others make another reference, which is refused', async () => {
  const wrong: KeptLogProbabilities[] = [];
  for (const { content, threads, artifact } of first.kept) {
    const { tensors, metadata } = readSafetensors(await workshop.store.read(artifact.digest));
    const { shape, data } = tensors.get('logProbabilities')!;
    const moved = new Map([['logProbabilities', { shape, data: data.map((value) => value - 1) }]]);
    wrong.push({ content, threads, digest: (await workshop.store.write(writeSafetensors(moved, metadata))).digest });
  }
  const { outcome } = await attempt(wrong);
  expect(outcome).toMatchObject({ kind: 'failed', problem: { code: 'REFERENCE_DIFFERS' } });
});

it('KTO keeps the answers of other prompts too, and shares the rest with DPO', async () => {
  const objective = { kind: 'kto', loss: 'kto', beta: 0.1, desirableWeight: 1, undesirableWeight: 1 } as const;
  const run = await finish(asKept(first.kept), {}, { objective });
  expect(run.said).toContain('the kept ones of 64 texts were read, those of 64 texts were computed');
  expect(run.kept).toHaveLength(2);
  const again = await finish(asKept([...first.kept, ...run.kept]), {}, { objective });
  expect(again.said).toContain('the kept ones of 128 texts were read');
  expect(again.digest).toBe(run.digest);
});
