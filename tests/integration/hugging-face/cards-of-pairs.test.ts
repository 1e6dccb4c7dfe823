import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { headsOf, type someHeads, writeModel } from './head-models.js';
import { openWorkshop, type Workshop } from './import-tools.js';

// What the card of an export says of the use of a model that was trained on pairs of texts.

let workshop: Workshop;
beforeEach(async () => {
  workshop = await openWorkshop();
});
afterEach(() => workshop.close());

type Kind = keyof typeof someHeads;

async function cardOf(kinds: Kind[], format: 'huggingFace' | 'onnx', readsPairs: boolean): Promise<string> {
  const { digest } = await writeModel(workshop, 'bert', headsOf(...kinds), { pooling: 'firstToken' });
  return readFile(join(await workshop.exported(digest, format, { readsPairs }), 'README.md'), 'utf8');
}

const pair = '{"text": "a text", "text_pair": "its second text"}';
const told = 'trained on pairs of texts: it needs both texts of a pair';

test.each<[Kind, string, string]>([
  ['multiLabel', `classify(${pair}, top_k=None)`, 'classify("a text", top_k=None)'],
  ['regression', `measure(${pair}, top_k=None)`, 'measure("a text", top_k=None)'],
])('a pipeline takes both texts: %s', async (kind, ofPairs, ofSingleTexts) => {
  const [pairs, single] = [await cardOf([kind], 'huggingFace', true), await cardOf([kind], 'huggingFace', false)];
  expect(pairs).toContain(ofPairs);
  expect(pairs).toContain(told);
  expect(pairs).not.toContain(ofSingleTexts);
  expect(single).toContain(ofSingleTexts);
  expect(single).not.toContain('pair');
});

test('heads that no class of transformers has get the tokens of both texts', async () => {
  const card = await cardOf(['multiLabel', 'regression'], 'huggingFace', true);
  expect(card).toContain('inputs = tokenizer(["a text"], ["its second text"], return_tensors="pt"');
  expect(card).toContain('model.encode([("a text", "its second text")], convert_to_tensor=True)');
  expect(card).toContain(told);
});

test('a graph too', async () => {
  const card = await cardOf(['regression'], 'onnx', true);
  expect(card).toContain('tokenizer.encode_batch([("a text", "its second text"), ("another one", "and its second")])');
  expect(card).toContain(told);
});
