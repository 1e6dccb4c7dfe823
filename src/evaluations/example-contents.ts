import type { ExampleReader, StoredExample } from '../datasets/dataset-commands.js';
import type { EvaluationScores } from '../protocol/evaluation-scores.js';
import type { ScoredExample } from '../protocol/scored-example.js';
import { wordsBetweenSpaces } from '../protocol/words-between-spaces.js';
import {
  ClassificationExampleType,
  type ComparedWordType,
  type EvaluatedExampleType,
  type ExampleContent,
  MultiLabelExampleType,
  PreferenceExampleType,
  RegressionExampleType,
  RewardExampleType,
  TokenClassificationExampleType,
  TokenExampleType,
} from './evaluated-example.type.js';
import type { EvaluationRow } from './evaluation.reads.js';

export type ContentReader = Pick<ExampleReader, 'readRows'>;

/**
 * A page of examples as the graph shows them. Their rows are read from the file of the dataset version when the first
 * field asks for what is in them, those of the page at once.
 */
export function exampleTypesOf(
  examples: readonly ScoredExample[],
  scores: EvaluationScores,
  evaluation: EvaluationRow,
  datasetDigest: string,
  reader: ContentReader,
): EvaluatedExampleType[] {
  let reading: Promise<ReadonlyMap<number, StoredExample>> | null = null;
  const rowOf = async (number: number): Promise<StoredExample | null> => {
    reading ??= reader
      .readRows({ digest: datasetDigest, rows: examples.map(({ row }) => row) })
      .then((rows) => new Map(rows.map((each) => [each.row, each])));
    return (await reading).get(number) ?? null;
  };
  return examples.map((example) => {
    const readContent = async (): Promise<ExampleContent> => {
      const stored = await rowOf(example.row);
      const { textColumn, pairColumn } = evaluation;
      const textPair = pairColumn === null ? null : textOf(stored?.values[pairColumn]);
      return { example: stored, text: textOf(stored?.values[textColumn]), textPair };
    };
    const readWords = async () => comparedWords(example, (await rowOf(example.row))?.values[evaluation.textColumn]);
    const { row, isRight, confidence, error } = example;
    const common = { task: scores.task, kind: scores.kind, row, isRight, confidence, error, readContent };
    return Object.assign(typeOf(example, scores, readWords), common);
  });
}

function typeOf(
  example: ScoredExample,
  scores: EvaluationScores,
  readWords: () => Promise<readonly ComparedWordType[]>,
): EvaluatedExampleType {
  const { trueLabels, predictedLabels, missedLabels, falseLabels, probabilities } = example;
  const labels = example.labels.map((label, i) => ({ label, probability: probabilities[i]! }));
  switch (scores.kind) {
    case 'classification': {
      const [trueLabel = '', predictedLabel = ''] = [trueLabels[0], predictedLabels[0]];
      const trueLabelProbability = labels.find(({ label }) => label === trueLabel)?.probability ?? null;
      return Object.assign(new ClassificationExampleType(), {
        trueLabel,
        trueLabelProbability,
        predictedLabel,
        labels,
      });
    }
    case 'multiLabel':
      return Object.assign(new MultiLabelExampleType(), {
        trueLabels,
        predictedLabels,
        missedLabels,
        falseLabels,
        labels,
      });
    case 'regression':
      return Object.assign(new RegressionExampleType(), {
        numbers: scores.perOutput.map(({ name }, k) => {
          const [trueValue, predictedValue] = [example.trueValues[k] ?? null, example.predictedValues[k]!];
          const absoluteError = trueValue === null ? null : Math.abs(predictedValue - trueValue);
          return { name, trueValue, predictedValue, absoluteError };
        }),
      });
    case 'tokenClassification':
      return Object.assign(new TokenClassificationExampleType(), {
        readWords,
        wrongWordCount: trueLabels.filter((tag, i) => tag !== predictedLabels[i]).length,
        missedLabels,
        falseLabels,
      });
    case 'tokens': {
      const { tokenCount, rightTokenCount, baselineError } = example;
      return Object.assign(new TokenExampleType(), { tokenCount, rightTokenCount, baselineError });
    }
    case 'reward': {
      const [chosenReward = null, rejectedReward = null] = example.predictedValues;
      return Object.assign(new RewardExampleType(), { chosenReward, rejectedReward });
    }
    case 'preferences': {
      const [chosenLogProbability = null, rejectedLogProbability = null, ...rewards] = example.predictedValues;
      const [chosenReward = null, rejectedReward = null] = rewards;
      const found = { chosenLogProbability, rejectedLogProbability, chosenReward, rejectedReward };
      return Object.assign(new PreferenceExampleType(), found);
    }
    default:
      return scores satisfies never;
  }
}

/** @param value of the text column: a text, or a list of words */
function comparedWords(example: ScoredExample, value: unknown): ComparedWordType[] {
  const text = textOf(value) ?? '';
  const spans = Array.isArray(value) ? spansOfList(value.map((word) => textOf(word) ?? '')) : wordsBetweenSpaces(text);
  return example.words.map((word, i) => {
    const { start, end } = spans[word] ?? { start: 0, end: 0 };
    return {
      word: text.slice(start, end),
      start,
      end,
      trueTag: example.trueLabels[i]!,
      predictedTag: example.predictedLabels[i]!,
      probability: example.probabilities[i]!,
    };
  });
}

function spansOfList(words: readonly string[]) {
  let start = 0;
  return words.map((word) => {
    const span = { start, end: start + word.length };
    start = span.end + 1;
    return span;
  });
}

/** A value of a text column as the model reads it: words of a list are joined by spaces. */
function textOf(value: unknown): string | null {
  if (value == null) return null;
  if (Array.isArray(value)) return value.map((item) => textOf(item) ?? '').join(' ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
