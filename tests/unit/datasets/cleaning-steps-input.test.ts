import 'reflect-metadata';
import { graphql } from 'graphql';
import { Arg, buildSchema, Query, Resolver } from 'type-graphql';
import { describe, expect, test } from 'vitest';
import {
  PreparationStepInput,
  PreparationStepType,
  toRecipe,
  toStepType,
} from '../../../src/datasets/preparation/recipe.type.js';
import { ProblemsError } from '../../../src/problems/problem.js';
import type { Recipe } from '../../../src/protocol/preparation/recipe.js';

let received: Recipe = [];

/** Gives back the recipe that it is sent, as the graph's mutations and types do. */
@Resolver()
class RecipeEcho {
  @Query(() => [PreparationStepType])
  recipe(@Arg('recipe', () => [PreparationStepInput]) recipe: PreparationStepInput[]): PreparationStepType[] {
    received = toRecipe(recipe);
    return received.map(toStepType);
  }
}

const schema = await buildSchema({ resolvers: [RecipeEcho], validate: false });

async function echoed(recipe: string, fields: string) {
  const { data, errors } = await graphql({ schema, source: `{ recipe(recipe: ${recipe}) { ${fields} } }` });
  if (errors !== undefined) throw errors[0]!.originalError ?? errors[0]!;
  return (JSON.parse(JSON.stringify(data)) as { recipe: unknown[] }).recipe;
}

describe('steps of cleaning in the graph', () => {
  test('have defaults for what most people want', async () => {
    await echoed(
      `[ { normalizeUnicode: {} }, { removeControlCharacters: {} }, { repairMojibake: {} }, { htmlToText: { columns: ["a"] } },
         { changeCase: { to: LOWER } }, { replacePattern: { pattern: "a" } },
         { mapLabels: { column: "b", labels: [{ from: "x" }] } }, { renameColumns: { names: [{ from: "a", to: "b" }] } },
         { mergeColumns: { columns: ["a"], as: "b", separator: " " } }, { filterLength: { column: "a", atLeast: 1 } },
         { filterLanguage: { column: "a", languages: ["en"] } }, { sampleRows: { share: 0.5, within: { kind: SPLIT } } } ]`,
      'kind',
    );
    expect(received).toEqual([
      { kind: 'normalizeUnicode', columns: null, form: 'NFC' },
      { kind: 'removeControlCharacters', columns: null },
      { kind: 'repairMojibake', columns: null },
      { kind: 'htmlToText', columns: ['a'] },
      { kind: 'changeCase', columns: null, to: 'lower', language: null },
      { kind: 'replacePattern', columns: null, pattern: 'a', replacement: '', ignoreCase: false, firstOnly: false },
      {
        kind: 'mapLabels',
        column: 'b',
        labels: [{ from: 'x', to: null }],
        ignoreCase: false,
        ignoreWhiteSpace: false,
        others: 'KEEP',
      },
      { kind: 'renameColumns', names: [{ from: 'a', to: 'b' }] },
      { kind: 'mergeColumns', columns: ['a'], as: 'b', separator: ' ', template: null, dropMerged: false },
      {
        kind: 'filterLength',
        column: 'a',
        unit: 'characters',
        atLeast: 1,
        atMost: null,
        model: null,
        keepMissing: false,
      },
      {
        kind: 'filterLanguage',
        column: 'a',
        action: 'KEEP',
        languages: ['en'],
        minConfidence: 0.5,
        keepUnknown: true,
        as: null,
      },
      { kind: 'sampleRows', seed: 0, count: null, share: 0.5, within: { kind: 'split' } },
    ]);
  });

  test('conditions come out as they went in', async () => {
    const where = `{ operator: AND, conditions: [
      { operator: IN, column: "a", values: ["x", 1, 2.5, true] },
      { operator: NOT, condition: { operator: MATCHES, column: "b", pattern: "y", ignoreCase: true } },
      { operator: LESS_OR_EQUAL, column: "c", value: 3 },
      { operator: IN_SPLIT, splits: ["train"] },
      { operator: CONTAINS, column: "d", value: "z", ignoreCase: null } ] }`;
    const fields = `filterRows { where { operator conditions {
      operator column value values splits ignoreCase condition { operator column pattern ignoreCase } } } }`;
    const [step] = await echoed(`[{ filterRows: { where: ${where} } }]`, fields);
    expect(step).toMatchObject({
      filterRows: {
        where: {
          operator: 'AND',
          conditions: [
            { operator: 'IN', column: 'a', values: ['x', 1, 2.5, true], value: null },
            { operator: 'NOT', condition: { operator: 'MATCHES', column: 'b', pattern: 'y', ignoreCase: true } },
            { operator: 'LESS_OR_EQUAL', column: 'c', value: 3 },
            { operator: 'IN_SPLIT', splits: ['train'], column: null },
            { operator: 'CONTAINS', column: 'd', value: 'z', ignoreCase: false },
          ],
        },
      },
    });
  });

  test('a condition that lacks something is told where', async () => {
    const where = '{ operator: NOT, condition: { operator: OR, conditions: [{ operator: EQUALS, column: "a" }] } }';
    const sent = echoed(`[{ filterRows: { where: ${where} } }]`, 'kind');
    await expect(sent).rejects.toThrow(ProblemsError);
    await expect(sent).rejects.toMatchObject({
      problems: [
        {
          code: 'INVALID_VALUE',
          path: ['recipe', '0', 'filterRows', 'where', 'condition', 'conditions', '0', 'value'],
          message: 'Give a text, a number, or true or false.',
        },
      ],
    });
  });
});
