import { expect, test } from 'vitest';
import { divideIntoShards, shardIndex } from '../../../gpu-worker/hugging-face/export/shards.js';

const tensor = (name: string, elements: number) => ({ name, source: name, shape: [elements] });

test('what fits goes into one file, under the plain name', () => {
  expect(divideIntoShards([tensor('a', 10), tensor('b', 15)], 100)).toEqual([
    { name: 'model.safetensors', tensors: [tensor('a', 10), tensor('b', 15)] },
  ]);
});

test('what does not is divided in its order; a tensor above the limit has a file of its own', () => {
  const shards = divideIntoShards([tensor('b', 10), tensor('a', 20), tensor('d', 90), tensor('c', 1)], 100);
  expect(shards.map(({ name, tensors }) => [name, tensors.map((one) => one.name)])).toEqual([
    ['model-00001-of-00004.safetensors', ['b']],
    ['model-00002-of-00004.safetensors', ['a']],
    ['model-00003-of-00004.safetensors', ['d']],
    ['model-00004-of-00004.safetensors', ['c']],
  ]);
  expect(shardIndex(shards)).toEqual({
    metadata: { total_size: 4 * 121 },
    weight_map: {
      a: 'model-00002-of-00004.safetensors',
      b: 'model-00001-of-00004.safetensors',
      c: 'model-00004-of-00004.safetensors',
      d: 'model-00003-of-00004.safetensors',
    },
  });
});
