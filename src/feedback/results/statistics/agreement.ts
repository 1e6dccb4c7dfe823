import type { FeedbackQuestion } from '../../../protocol/feedback.js';
import type { Agreement, AgreementReason } from '../../../statistics/agreement/agreement.js';
import { cohenKappa, type KappaWeights } from '../../../statistics/agreement/cohen-kappa.js';
import { fleissKappa } from '../../../statistics/agreement/fleiss-kappa.js';
import { groupedAgreement } from '../../../statistics/agreement/grouped-agreement.js';
import { gwetAc1 } from '../../../statistics/agreement/gwet-ac1.js';
import { krippendorffAlpha, type Level } from '../../../statistics/agreement/krippendorff-alpha.js';
import { labelSetAgreement } from '../../../statistics/agreement/label-sets.js';
import { rawAgreement } from '../../../statistics/agreement/raw-agreement.js';
import { type LabelledSpan, spanAgreement } from '../../../statistics/agreement/span-agreement.js';
import { type AnswerTable, indexAnswers, type Label } from '../../../statistics/answers.js';
import type { BootstrapOptions, MissingInterval } from '../../../statistics/bootstrap.js';
import { choicesOf, commonCategory } from './choices.js';
import { pairsOf } from './ranked-pairs.js';

/** An answer that counts, as agreement is computed of it. */
export interface ComparedAnswer {
  readonly item: string;
  readonly person: string;
  /** `categoryOf`. */
  readonly category: string;
  /** Of a pair, the key of the item's first answer; else null. */
  readonly firstKey: string | null;
  /** Of spans, the UTF-16 code units of the text; else null. */
  readonly length: number | null;
}

export type CoefficientReason = AgreementReason | 'NOT_DEFINED' | 'NOT_TWO_ANNOTATORS';

/** A coefficient, or why it has no value. */
export interface Coefficient {
  readonly value: number | null;
  readonly reason: CoefficientReason | null;
  readonly lower: number | null;
  readonly upper: number | null;
  readonly missing: MissingInterval | null;
  /** Items that count, and the answers to them. */
  readonly units: number;
  readonly answers: number;
}

interface LabelAgreement {
  readonly label: string;
  readonly raw: Coefficient;
  readonly alpha: Coefficient;
  readonly gwetAc1: Coefficient;
}

export interface TaskAgreement {
  /** How alpha measures the distance of two answers. */
  readonly level: Level;
  readonly raw: Coefficient;
  readonly alpha: Coefficient;
  readonly gwetAc1: Coefficient;
  readonly fleissKappa: Coefficient;
  readonly cohenKappa: Coefficient;
  /** Of each label, where an item may have several; else empty. */
  readonly labels: readonly LabelAgreement[];
}

export interface AgreementRequest {
  readonly question: FeedbackQuestion;
  readonly answers: readonly ComparedAnswer[];
  readonly level: Level;
  readonly weights: KappaWeights;
  readonly options: Required<BootstrapOptions>;
}

/** How alpha measures the distance of two answers, unless something else is asked for. */
export function usualLevel({ kind }: FeedbackQuestion): Level {
  return kind === 'rating' ? 'INTERVAL' : 'NOMINAL';
}

/**
 * The agreement of a task's answers. Categories are compared as they are, but of several labels each one for itself, of
 * ranks the outcomes of pairs, and of spans the spans and the characters. Texts are not compared.
 */
export function agreementOfTask({ question, answers, level, weights, options }: AgreementRequest): TaskAgreement {
  const counted = countShared(answers);
  const coefficient = (agreement: Agreement): Coefficient => toCoefficient(agreement, counted);
  const none = undefinedCoefficient('NOT_DEFINED');
  const kappas = { fleissKappa: none, cohenKappa: none };
  switch (question.kind) {
    case 'correction':
    case 'demonstration':
      return { level, raw: none, alpha: none, gwetAc1: none, ...kappas, labels: [] };
    case 'spans': {
      const spans = answers.map(({ item, person, category }) => ({
        unit: item,
        annotator: person,
        spans: spansOf(category),
      }));
      const lengths = new Map(answers.map(({ item, length }) => [item, length ?? 0]));
      const { f1, alpha } = spanAgreement(spans, lengths, options);
      return { level, raw: coefficient(f1), alpha: coefficient(alpha), gwetAc1: none, ...kappas, labels: [] };
    }
    case 'ranking': {
      const people = new Set(answers.map(({ person }) => person)).size;
      const categoryCount = question.tiesAllowed ? 3 : 2;
      const { raw, alpha, ac1 } = groupedAgreement(partsOfPairs(answers), {
        ...options,
        categoryCount,
        annotatorCount: people,
      });
      return {
        level,
        raw: coefficient(raw),
        alpha: coefficient(alpha),
        gwetAc1: coefficient(ac1),
        ...kappas,
        labels: [],
      };
    }
    case 'labels':
      if (question.several) {
        const sets = answers.map(({ item, person, category }) => ({
          unit: item,
          annotator: person,
          labels: JSON.parse(category) as string[],
        }));
        const { mean, labels } = labelSetAgreement(sets, question.classes, options);
        const read = ({ raw, alpha, ac1 }: typeof mean) => ({
          raw: coefficient(raw),
          alpha: coefficient(alpha),
          gwetAc1: coefficient(ac1),
        });
        const named = labels.map((each, place) => ({ label: question.classes[place]!, ...read(each) }));
        return { level, ...read(mean), ...kappas, labels: named };
      }
      break;
    case 'pairwise':
    case 'rating':
    case 'thumbs':
      break;
    default:
      question satisfies never;
  }
  const table = tableOf(question, answers);
  const people = table.annotators;
  const kappa =
    people.length === 2 || people.length < 2
      ? cohenKappa(table, [people[0] ?? '', people[1] ?? ''], weights, options)
      : null;
  return {
    level,
    raw: coefficient(rawAgreement(table, options)),
    alpha: coefficient(krippendorffAlpha(table, level, options)),
    gwetAc1: coefficient(gwetAc1(table, options)),
    fleissKappa: coefficient(fleissKappa(table, options)),
    cohenKappa: kappa === null ? undefinedCoefficient('NOT_TWO_ANNOTATORS') : coefficient(kappa),
    labels: [],
  };
}

function* partsOfPairs(answers: readonly ComparedAnswer[]) {
  for (const pairs of pairsOf(answers)) yield pairs.map((categories) => ({ categories, weight: 1 }));
}

/** The answers of a kind whose categories are the same for all items. */
function tableOf(question: FeedbackQuestion, answers: readonly ComparedAnswer[]): AnswerTable {
  const isScale = question.kind === 'rating';
  const label = (answer: ComparedAnswer): Label =>
    isScale ? Number(answer.category) : commonCategory(answer.category, answer.firstKey);
  const choices = choicesOf(question)!;
  return indexAnswers(
    answers.map((answer) => ({ unit: answer.item, annotator: answer.person, label: label(answer) })),
    isScale ? choices.map(Number) : choices,
  );
}

function spansOf(category: string): LabelledSpan[] {
  const spans = JSON.parse(category) as [number, number, string][];
  return spans.map(([start, end, label]) => ({ start, end, label }));
}

/** Answers to items that two people answered. */
function countShared(answers: readonly ComparedAnswer[]): number {
  const sizes = new Map<string, number>();
  for (const { item } of answers) sizes.set(item, (sizes.get(item) ?? 0) + 1);
  let count = 0;
  for (const size of sizes.values()) if (size >= 2) count += size;
  return count;
}

function toCoefficient({ value, reason, unitCount, interval }: Agreement, counted: number): Coefficient {
  return {
    value,
    reason,
    lower: interval.low,
    upper: interval.high,
    missing: interval.missing,
    units: unitCount,
    answers: unitCount === 0 ? 0 : counted,
  };
}

function undefinedCoefficient(reason: CoefficientReason): Coefficient {
  return { value: null, reason, lower: null, upper: null, missing: 'NO_VALUE', units: 0, answers: 0 };
}
