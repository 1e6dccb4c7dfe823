import { type RowTargets, readsTokens, type TargetSource, type Targets } from '../../heads/index.js';
import { noTarget } from '../../losses/cross-entropy.js';
import { center } from '../report/cross-validation.js';
import { comparedVectors, encodeTexts, encodeTokens, type FrozenReading } from './frozen-features.js';
import { logMe } from './log-me.js';
import type { ProbeSample } from './probe-sample.js';
import { classTargets, labelTargets, numberTargets, type ProbeScore, type ProbeTargets } from './probe-scores.js';
import { predictLeftOut } from './ridge-probe.js';
import { decompose } from './spectrum.js';

/** What a probe of one head found. */
export interface HeadProbe extends ProbeScore {
  readonly logMe: number;
}

/** The most words that a head of tags is probed with. */
const mostWords = 3000;

/** Features of examples with what is to be predicted of them. */
interface Probed {
  /** [N, D] */
  readonly features: Float64Array;
  readonly width: number;
  readonly targets: ProbeTargets;
  /** [N] what is left out together; null: each alone. */
  readonly groups: Int32Array | null;
}

/**
 * Probes every head of a task on what a frozen model makes of the sample. Null for a head that nothing can be said of.
 */
export async function probeModel(reading: FrozenReading, sample: ProbeSample): Promise<(HeadProbe | null)[]> {
  const ofTexts = sample.heads.some(({ source }) => !readsTokens(source.head)) ? await encode(reading, sample) : null;
  const probes: (HeadProbe | null)[] = [];
  for (const { source, targets } of sample.heads) {
    const probed = readsTokens(source.head)
      ? await probedWords(reading, sample, source, targets)
      : probedTexts(ofTexts!, source, targets, sample.texts.length);
    probes.push(probed === null || probed.targets.columns.length === 0 ? null : probe(probed, reading.beat));
  }
  return probes;
}

function probe({ features, width, targets, groups }: Probed, beat: () => void): HeadProbe {
  const evidence = logMe(decompose(features, width, beat), targets.columns);
  const { predictions } = predictLeftOut(
    decompose(center(features, width), width, beat),
    targets.columns,
    groups,
    beat,
  );
  return { ...targets.score(predictions), logMe: evidence };
}

/** Vectors of the texts, or of pairs of them. */
async function encode(reading: FrozenReading, { texts, pairs }: ProbeSample) {
  const first = await encodeTexts(reading, texts);
  if (pairs === null) return first;
  const { width } = first;
  const second = await encodeTexts(reading, pairs);
  const features = comparedVectors(first.features, second.features, width);
  return { features, width: 2 * width };
}

function probedTexts(
  { features, width }: { readonly features: Float32Array; readonly width: number },
  source: TargetSource,
  rows: RowTargets,
  examples: number,
): Probed | null {
  const present = Int32Array.from(Array(examples).keys()).filter((example) => rows.isPresent(example));
  if (present.length < 2) return null;
  // Heads that read texts do not look at their tokens.
  const read = usable(rows.keep(present, noTokens), source.head.outputs.length);
  const kept = present.filter((_, i) => read.isUsable(i));
  if (kept.length < 2) return null;
  const own = new Float64Array(kept.length * width);
  for (const [i, example] of kept.entries())
    own.set(features.subarray(example * width, (example + 1) * width), i * width);
  return { features: own, width, targets: read.targets(), groups: null };
}

const noTokens = {
  ids: new Int32Array(0),
  typeIds: null,
  firstOfWord: null,
  offsets: new Int32Array(1),
  lengths: new Int32Array(0),
  truncated: new Uint8Array(0),
};

/** Which of the targets can be learnt from, and these as columns. */
function usable(targets: Targets, outputs: number) {
  switch (targets.kind) {
    case 'classification': {
      const isUsable = (i: number) => targets.classes[i] !== noTarget && targets.classes[i]! < outputs;
      return {
        isUsable,
        targets: () =>
          classTargets(
            targets.classes.filter((_, i) => isUsable(i)),
            outputs,
          ),
      };
    }
    case 'multiLabel': {
      const isUsable = (i: number) =>
        targets.values.subarray(i * outputs, (i + 1) * outputs).some((value) => value > 0);
      return {
        isUsable,
        targets: () =>
          labelTargets(
            targets.values.filter((_, at) => isUsable(Math.floor(at / outputs))),
            outputs,
          ),
      };
    }
    case 'regression': {
      const rowOf = (i: number) => targets.values.subarray(i * outputs, (i + 1) * outputs);
      const isUsable = (i: number) => rowOf(i).every(Number.isFinite);
      const all = targets.values.length / outputs;
      return {
        isUsable,
        targets: () => {
          const kept = [...Array(all).keys()].filter(isUsable);
          return numberTargets(Array.from({ length: outputs }, (_, k) => Float64Array.from(kept, (i) => rowOf(i)[k]!)));
        },
      };
    }
    case 'tokenClassification':
      throw new RangeError('Tags are those of words, not of texts.');
    default:
      return targets satisfies never;
  }
}

/** Words of the first texts, each by the state of its first token; words of one text are left out together. */
async function probedWords(
  reading: FrozenReading,
  { texts, words }: ProbeSample,
  { head }: TargetSource,
  rows: RowTargets,
): Promise<Probed | null> {
  const present: number[] = [];
  let counted = 0;
  for (const [example, own] of words!.entries()) {
    if (!rows.isPresent(example)) continue;
    if (counted >= mostWords) break;
    present.push(example);
    counted += own.length;
  }
  if (present.length < 2) return null;
  const { features, width, tokenized } = await encodeTokens(
    reading,
    present.map((example) => texts[example]!),
    present.map((example) => words![example]!),
  );
  const targets = rows.keep(Int32Array.from(present), tokenized);
  if (targets.kind !== 'tokenClassification') throw new RangeError(`tags were read as ${targets.kind}`);
  const tokens: number[] = [];
  const groups: number[] = [];
  for (const example of present.keys()) {
    for (let token = tokenized.offsets[example]!; token < tokenized.offsets[example + 1]!; token++) {
      const tag = targets.tags[token]!;
      if (tag === noTarget || tag >= head.outputs.length) continue;
      tokens.push(token);
      groups.push(example);
    }
  }
  const own = new Float64Array(tokens.length * width);
  for (const [i, token] of tokens.entries()) own.set(features.subarray(token * width, (token + 1) * width), i * width);
  const tags = Int32Array.from(tokens, (token) => targets.tags[token]!);
  return { features: own, width, targets: classTargets(tags, head.outputs.length), groups: Int32Array.from(groups) };
}
