import type { ItemToDecide } from '../results/statistics/item-to-decide.js';
import { pairCategories, pairsOf, rankDifference, type Unit, unitsOf } from '../results/statistics/units.js';
import type { Outcome } from './decide.js';
import { answered, decideUnit, facts, type ItemRows, judgementOf, none, type Row, type RowRules } from './item-rows.js';

/** The rows of a comparison, or of each pair of a ranking's answers. */
export function rowsOfPairs(by: RowRules, item: ItemToDecide): ItemRows {
  const units = unitsOf(by.question, item.content);
  const parts = pairsOf(item.content.answers.length).map((pair, i): ItemRows => {
    const unit = units[i]!;
    const decision = decideUnit(by, item, unit);
    if ('leftOut' in decision) return none([decision.leftOut]);
    const rows = decision.outcomes.flatMap((outcome) =>
      pairRows(by, item, pair, unit, outcome).map((row) => ({ ...row, ...facts(item, outcome, decision.agreement) })),
    );
    return rows.length === 0 ? none(['NO_PREFERENCE']) : { rows, kept: 1, leftOut: [], overlappingSpans: 0 };
  });
  return {
    rows: parts.flatMap(({ rows }) => rows),
    kept: parts.reduce((sum, part) => sum + part.kept, 0),
    leftOut: parts.flatMap(({ leftOut }) => leftOut),
    overlappingSpans: 0,
  };
}

function pairRows(
  by: RowRules,
  item: ItemToDecide,
  pair: readonly [number, number],
  unit: Unit,
  { category, probability }: Outcome,
): readonly Row[] {
  const [first, second] = pair.map((place) => item.content.answers[place]!);
  const isPreferred = category === pairCategories.first || category === pairCategories.second;
  const [chosen, rejected] = category === pairCategories.second ? [second!, first!] : [first!, second!];
  const strength = isPreferred ? strengthOf(item, unit, category, [chosen.key, rejected.key]) : null;
  if (by.rules.unpaired) {
    const outcome = isPreferred ? 'PREFERRED' : category;
    const [firstIsGood, secondIsGood] = isPreferred
      ? [true, false]
      : Array(2).fill(category === pairCategories.bothGood);
    return [
      { ...answered(by, item, chosen.text), label: firstIsGood, outcome, strength },
      { ...answered(by, item, rejected.text), label: secondIsGood, outcome, strength },
    ];
  }
  if (!isPreferred) return [];
  const { completion: better, ...prompt } = answered(by, item, chosen.text);
  const { completion: worse } = answered(by, item, rejected.text);
  const row = { ...prompt, chosen: better, rejected: worse, strength };
  const judgement = judgementOf(by, item);
  if (judgement !== null) return [{ ...row, chosenProbability: judgement.probability }];
  const posterior = probability === null ? null : by.posteriors!.of(item.id, unit.place)!;
  return [{ ...row, chosenProbability: chosenProbability(posterior, category) }];
}

/** P(chosen ≻ rejected), given that one is better; of what was adjudicated 1. */
function chosenProbability(posterior: ReadonlyMap<string, number> | null, category: string): number {
  if (posterior === null) return 1;
  const better = posterior.get(category)!;
  return better / (posterior.get(pairCategories.first)! + posterior.get(pairCategories.second)!);
}

/**
 * How much better the chosen answer is by those who say so: the mean of their strengths, or of the ranks between the
 * two. Null where nobody said.
 */
function strengthOf(
  { answers, adjudicated }: ItemToDecide,
  { categoryOf }: Unit,
  category: string,
  [chosen, rejected]: readonly [string, string],
): number | null {
  const said = answers.map(({ value }) => value).filter((value) => categoryOf(value) === category);
  const counted = said.length > 0 || adjudicated === null ? said : [adjudicated];
  const strengths = counted.flatMap((value) => {
    if (value.kind === 'pairwise') return value.strength ?? [];
    return Math.abs(rankDifference(value, chosen, rejected)!);
  });
  return strengths.length === 0 ? null : strengths.reduce((sum, each) => sum + each, 0) / strengths.length;
}
