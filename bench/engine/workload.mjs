/**
 * What both sides train: an encoder of MiniLM-L6's size (22.7 million parameters) with a classifier on [CLS], in full, on
 * batches of 16 texts of 128 tokens. Ids follow a Zipf distribution as words do, so they repeat within a batch and most
 * of the vocabulary does not occur; half of the texts are shorter than 128 tokens and padded.
 */
export const config = {
  architecture: 'bert',
  vocabularySize: 30_522,
  hiddenSize: 384,
  intermediateSize: 1536,
  attentionHeads: 12,
  layers: 6,
  maxPositions: 512,
  tokenTypes: 2,
  layerNormEpsilon: 1e-12,
  activation: 'gelu',
  hiddenDropout: 0.1,
  attentionDropout: 0.1,
  classifierDropout: 0.1,
  padTokenId: 0,
};
export const classes = 2;
export const batchSize = 16;
export const tokens = 128;
export const batchCount = 24;
export const optimizer = {
  learningRate: 5e-5,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0.01,
  maxGradientNorm: 1,
};

const [padding, cls, separator, firstWord] = [0, 101, 102, 1000];

/** @returns ids int32 [B·T], mask float32 [B·T] and labels int32 [B] of each batch, the same at every call */
export function batches() {
  const random = generator(7);
  return Array.from({ length: batchCount }, () => {
    const ids = new Int32Array(batchSize * tokens).fill(padding);
    const mask = new Float32Array(batchSize * tokens);
    const labels = Int32Array.from({ length: batchSize }, () => Math.floor(random() * classes));
    for (let text = 0; text < batchSize; text++) {
      const length = random() < 0.5 ? tokens : 16 + Math.floor(random() * (tokens - 16));
      for (let t = 0; t < length; t++) {
        const id = t === 0 ? cls : t === length - 1 ? separator : word(random, labels[text]);
        ids[text * tokens + t] = id;
        mask[text * tokens + t] = 1;
      }
    }
    return { ids, mask, labels };
  });
}

/** Rank r with probability about 1/r; a tenth of the words tell the label, so that there is something to learn. */
function word(random, label) {
  if (random() < 0.1) return firstWord + 2 * Math.floor(random() * 50) + label;
  return firstWord + Math.floor((config.vocabularySize - firstWord) ** random()) - 1;
}

/** Starting values as BERT's: normal with deviation 0.02, biases 0, gains 1. */
export function startingValues(specs) {
  const random = generator(11);
  return new Map(
    specs.map(({ name, shape }) => {
      const values = new Float32Array(shape.reduce((product, size) => product * size, 1));
      if (name.endsWith('LayerNorm.weight')) values.fill(1);
      else if (!name.endsWith('.bias')) for (let i = 0; i < values.length; i++) values[i] = 0.02 * normal(random);
      return [name, values];
    }),
  );
}

function normal(random) {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Uniform numbers in [0, 1) from a seed: mulberry32. */
function generator(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) / 2 ** 32;
  };
}
