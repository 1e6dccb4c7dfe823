import { expect, test } from 'vitest';
import { readConfig } from '../../../gpu-worker/hugging-face/config.js';
import { checkedManifestBytes } from '../../../gpu-worker/hugging-face/manifest-bytes.js';
import { ModelManifest } from '../../../src/protocol/model-manifest.js';

const file = { digest: 'a'.repeat(64), sizeBytes: 1 };
const manifest: ModelManifest = {
  formatVersion: 1,
  config: readConfig('{"model_type":"bert"}').config,
  parameterCount: 1,
  contextLength: 512,
  licence: 'unknown',
  weights: file,
  tokenizer: { digest: file.digest, kind: 'WordPiece', vocabularySize: 30_522 },
  layers: [],
  heads: [{ kind: 'classification', task: 'label', labels: ['no', 'yes'] }],
  maxLength: null,
  pooling: 'firstToken',
  truncationSide: 'right',
  adapter: null,
  files: [],
};

test('a manifest is stored as what it is read as again', () => {
  expect(ModelManifest.parse(JSON.parse(Buffer.from(checkedManifestBytes(manifest)).toString('utf8')))).toEqual(
    manifest,
  );
});

test.each<[string, Partial<ModelManifest>]>([
  ['parameterCount', { parameterCount: 1e300 }],
  ['contextLength', { contextLength: Number.POSITIVE_INFINITY }],
  ['heads.0.labels', { heads: [{ kind: 'classification', task: 'label', labels: ['one'] }] }],
])('one that could not be read again is refused: %s', (field, changes) => {
  expect(() => checkedManifestBytes({ ...manifest, ...changes })).toThrow(
    expect.objectContaining({
      problem: expect.objectContaining({ code: 'INVALID_MODEL', message: expect.stringContaining(`${field}: `) }),
    }),
  );
});
