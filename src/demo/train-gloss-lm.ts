/**
 * `npm run gloss-lm`: makes `gloss-lm`, the small language model that comes with Attune, by Attune's own means: a Llama
 * of 3.6 million parameters from a configuration and a seed, with Universal Sentence Encoder Lite's 8,000 pieces, and
 * one experiment of language modelling on WordNet's glosses and `nlp-corpus`. Everything goes through the API; what is
 * there already, from a run that was cut off, is used.
 *
 * It takes about 20 minutes on two cores. It writes src/models/bundled/gloss-lm/gloss-lm.safetensors, with weights in
 * half precision and the model's description in its metadata, and the learning curve beside it. Equal texts, engine and
 * number of threads give equal bytes.
 *
 *   ATTUNE_HOME   the platform's home, from which the trained weights are read
 *   --url         as in the demo
 */
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { program } from 'commander';
import { packGlossLm } from '../models/bundled/gloss-lm.js';
import { artifactFolder } from '../protocol/home.js';
import { ModelManifest } from '../protocol/model-manifest.js';
import { openFileSystemStore } from '../storage/file-system-store.js';
import { connect } from './connect.js';
import { readLanguageTexts } from './gloss-lm-texts.js';
import { createGraphQLClient, type GraphQLClient } from './graphql-client.js';
import { createExperiment, ensureDataset, findBaseModel } from './operations.js';
import { createProgressDisplay } from './watch.js';

/** Where the sources of the bundled model are, from the compiled script. */
const folder = new URL('../../../src/models/bundled/gloss-lm/', import.meta.url);

const names = { base: 'gloss-lm from seed 1', dataset: 'gloss-lm texts', experiment: 'gloss-lm training' };

const configuration = {
  architecture: 'LLAMA',
  hiddenSize: 192,
  layers: 5,
  attentionHeads: 6,
  keyValueHeads: 3,
  intermediateSize: 512,
  contextLength: 256,
  beginToken: '<s>',
  endToken: '</s>',
  seed: 1,
};

const hyperparameters = {
  learningRate: 2e-3,
  schedule: 'COSINE',
  warmupRatio: 0.03,
  weightDecay: 0.1,
  beta2: 0.95,
  epochs: 1,
  batchSize: 8,
  maxLength: 128,
  evaluateEverySteps: 500,
  seed: 1,
};

const problems = /* GraphQL */ `... on Problems { problems { path code message hint } }`;

const { url } = program
  .name('npm run gloss-lm --')
  .description('Trains the small language model that comes with Attune.')
  .option('--url <url>', 'the platform to use; if none answers, one is started', 'http://127.0.0.1:4000')
  .parse()
  .opts<{ url: string }>();

const home = process.env.ATTUNE_HOME ?? '.attune';
const platform = await connect(url);
const client = createGraphQLClient(platform.url, process.env.ATTUNE_API_KEY ?? null);
try {
  const baseModelId = await ensureBase(client);
  const dataset = await ensureDataset(client, {
    name: names.dataset,
    description: 'WordNet 3.1 glosses and the sentences of nlp-corpus.',
    splitColumn: 'split',
    rows: readLanguageTexts,
  });
  console.log(dataset.splits.map((split) => `${split.name} ${split.exampleCount}`).join(', '));
  const experiment = await ensureExperiment(client, baseModelId, dataset.id);
  const display = createProgressDisplay();
  await display.follow(client, experiment);
  display.close();
  await keep(client, experiment.id);
} finally {
  await client.close();
  await platform.stop();
}
process.exit();

/** The model with random weights. */
async function ensureBase(client: GraphQLClient): Promise<string> {
  const found = await findBaseModel(client, names.base).catch(() => null);
  if (found !== null) return found.id;
  const tokenizer = { baseModelId: (await findBaseModel(client, 'use-lite')).id };
  const { id } = await client.mutate<{ id: string }>(
    /* GraphQL */ `mutation ($input: ImportBaseModelInput!) { importBaseModel(input: $input) { ... on ModelImport { id } ${problems} } }`,
    { name: names.base, licence: 'Apache-2.0', source: { configuration: { ...configuration, tokenizer } } },
  );
  for (;;) {
    const { node } = await client.request<{
      node: { status: string; problem: { message: string } | null; model: { id: string } | null };
    }>(`query ($id: ID!) { node(id: $id) { ... on ModelImport { status problem { message } model { id } } } }`, {
      id,
    });
    if (node.model !== null) return node.model.id;
    if (node.problem !== null) throw new Error(node.problem.message);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

async function ensureExperiment(client: GraphQLClient, baseModelId: string, datasetVersionId: string) {
  const { project } = await client.request<{ project: { experiments: { nodes: { id: string; name: string }[] } } }>(
    `query ($name: String!) { project { experiments(filter: { text: $name }) { nodes { id name } } } }`,
    { name: names.experiment },
  );
  const found = project.experiments.nodes.find(({ name }) => name === names.experiment);
  if (found !== undefined) return found;
  return createExperiment(client, {
    name: names.experiment,
    baseModelId,
    datasetVersionId,
    method: { languageModelling: { textColumn: 'text' } },
    hyperparameters,
  });
}

/** Writes the trained model and its learning curve. */
async function keep(client: GraphQLClient, experimentId: string): Promise<void> {
  const { experiment } = await client.request<{
    experiment: {
      model: { digest: string } | null;
      metricSeries: { definition: { key: string }; points: { step: number; value: number }[] }[];
    };
  }>(
    `query ($id: ID!) { experiment(id: $id) {
      model { digest }
      metricSeries(keys: ["validation/loss", "validation/perplexity", "validation/bitsPerByte", "validation/tokenAccuracy"]) {
        definition { key } points { step value }
      }
    } }`,
    { id: experimentId },
  );
  if (experiment.model === null) throw new Error('The training ended without a model.');
  const store = await openFileSystemStore({ root: artifactFolder(home) });
  const manifest = ModelManifest.parse(JSON.parse((await store.read(experiment.model.digest)).toString()));
  const files: Record<string, string> = {};
  for (const { name, digest } of manifest.files) files[name] = (await store.read(digest)).toString('utf8');
  const bytes = packGlossLm(manifest, await store.read(manifest.weights.digest), files);
  await writeFile(new URL('gloss-lm.safetensors', folder), bytes);
  const curve = Object.fromEntries(experiment.metricSeries.map(({ definition, points }) => [definition.key, points]));
  const made = { configuration, hyperparameters, curve };
  await writeFile(new URL('curve.json', folder), `${JSON.stringify(made, null, 1)}\n`);
  console.log(`Wrote ${fileURLToPath(new URL('gloss-lm.safetensors', folder))}, ${bytes.byteLength} bytes`);
}
