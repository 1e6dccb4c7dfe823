import { describe, expect, it } from 'vitest';
import { nameTargets, withExactTargets } from '../../../gpu-worker/adapters/name-targets.js';
import { layersOf } from '../../../gpu-worker/architectures/encoder.js';
import { traitsOf } from '../../../src/protocol/architectures/index.js';
import {
  adaptableModules,
  TargetPatternError,
  targetedNames,
  unknownTargets,
} from '../../../src/protocol/lora-targets.js';
import type { LayerDescription } from '../../../src/protocol/model-manifest.js';
import { tinyConfig } from '../../numerics/architectures/tiny-encoder.js';

const config = tinyConfig('bert');
const modules = adaptableModules({ config, layers: layersOf(config, { pooler: true }) });
const names = modules.map(({ name }) => name);
const inLayer = (layer: number) => names.filter((name) => name.startsWith(`encoder.layer.${layer}.`));

describe('the modules LoRA can adapt', () => {
  it('are the projections, not embeddings, norms and heads', () => {
    expect(inLayer(0)).toEqual(
      [
        'attention.self.query',
        'attention.self.key',
        'attention.self.value',
        'attention.output.dense',
        'intermediate.dense',
        'output.dense',
      ].map((name) => `encoder.layer.0.${name}`),
    );
    expect(names).toHaveLength(13);
    expect(names.at(-1)).toBe('pooler.dense');
    expect(modules[4]).toEqual({ name: 'encoder.layer.0.intermediate.dense', outputs: 64, inputs: 32 });
  });

  it('are read as [I,O] in Universal Sentence Encoder Lite', () => {
    const layers = [
      {
        name: 'encoder.layers.0',
        index: 1,
        parameterCount: 24,
        tensors: [{ name: 'q.weight', shape: [4, 6], dtype: 'F32' as const }],
      },
    ];
    const useLite = { architecture: 'use-lite' } as Parameters<typeof adaptableModules>[0]['config'];
    expect(adaptableModules({ config: useLite, layers })).toEqual([{ name: 'q', inputs: 4, outputs: 6 }]);
  });
});

describe('targetedNames', () => {
  it('takes endings after a dot, and whole names', () => {
    expect(targetedNames(names, ['query'])).toEqual(
      [0, 1].map((layer) => `encoder.layer.${layer}.attention.self.query`),
    );
    expect(targetedNames(names, ['pooler.dense', 'uery'])).toEqual(['pooler.dense']);
    expect(targetedNames(names, ['dense'])).toHaveLength(7);
    expect(targetedNames(names, ['attention.output.dense'])).toHaveLength(2);
  });

  it('takes a pattern for whole names', () => {
    expect(targetedNames(names, ['regex:.*layer\\.1\\..*(key|value)'])).toEqual([
      'encoder.layer.1.attention.self.key',
      'encoder.layer.1.attention.self.value',
    ]);
    expect(targetedNames(names, ['regex:query'])).toEqual([]);
    expect(targetedNames(names, ['regex:pooler|x.*'])).toEqual([]);
  });

  it('takes all-linear, alone', () => {
    expect(targetedNames(names, ['All-Linear'])).toEqual(names);
    expect(targetedNames(names, ['all-linear', 'query'])).toHaveLength(2);
  });

  it('names the targets that mean nothing', () => {
    expect(unknownTargets(names, ['query', 'q_proj', 'embeddings.word_embeddings'])).toEqual([
      'q_proj',
      'embeddings.word_embeddings',
    ]);
    expect(unknownTargets(names, ['regex:nothing'])).toEqual(['regex:nothing']);
    expect(unknownTargets(names, ['all-linear'])).toEqual([]);
  });

  it('refuses a pattern that is none, and one that would take forever', () => {
    expect(() => targetedNames(names, ['regex:('])).toThrow(TargetPatternError);
    expect(() => targetedNames(names, ['regex:([a-z0-9.]+)+X'])).toThrow(/more than 200 ms/);
  });

  it('has defaults for every family', () => {
    for (const family of [
      'bert',
      'distilbert',
      'roberta',
      'xlm-roberta',
      'electra',
      'mpnet',
      'deberta-v2',
      'modernbert',
    ] as const) {
      const config = tinyConfig(family);
      const own = adaptableModules({ config, layers: layersOf(config, { pooler: false }) }).map(({ name }) => name);
      expect(targetedNames(own, traitsOf({ architecture: family }).defaultTargets)).toHaveLength(
        family === 'modernbert' ? 2 : 4,
      );
    }
  });
});

describe('nameTargets', () => {
  it('keeps targets that mean just the modules', () => {
    const wanted = new Set(targetedNames(names, ['query', 'value']));
    expect(nameTargets(names, wanted, ['value', 'query'])).toEqual(['value', 'query']);
  });

  it('finds the shortest endings where they do not', () => {
    expect(nameTargets(names, new Set(targetedNames(names, ['query', 'value'])), [])).toEqual(['query', 'value']);
    const oneLayer = new Set(['encoder.layer.1.attention.self.key', 'pooler.dense']);
    expect(nameTargets(names, oneLayer, ['key'])).toEqual(['1.attention.self.key', 'pooler.dense']);
    expect(nameTargets(names, oneLayer, ['regex:(?P<python>key)'])).toEqual(['1.attention.self.key', 'pooler.dense']);
  });

  it('falls back to a pattern where endings cannot tell, or are too many', () => {
    const [whole, longer] = ['query', 'self.query'];
    const pattern = nameTargets([whole, longer], new Set([whole]), []);
    expect(pattern).toEqual(['regex:query']);
    expect(targetedNames([whole, longer], pattern)).toEqual([whole]);
    const many = Array.from({ length: 300 }, (_, i) => `layer.${i}.query`);
    const odd = new Set(many.filter((_, i) => i % 2 === 1));
    expect(targetedNames(many, nameTargets(many, odd, []))).toEqual([...odd]);
  });

  it('keeps to the modules of the base model when its pooler is new', () => {
    const [bare, whole] = [false, true].map((pooler) => layersOf(config, { pooler })) as [
      LayerDescription[],
      LayerDescription[],
    ];
    const lora = { rank: 4, alpha: 8, rankStabilized: false, dropout: 0, targetModules: ['all-linear'] };
    const exact = withExactTargets(lora, { config, layers: bare }, whole);
    expect(targetedNames(names, exact.targetModules)).toEqual(names.filter((name) => name !== 'pooler.dense'));
    expect(withExactTargets(lora, { config, layers: whole }, whole)).toEqual(lora);
  });
});
