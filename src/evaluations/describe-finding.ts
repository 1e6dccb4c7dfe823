import type { Finding, FindingCode } from '../protocol/findings.js';
import type { HeadKind } from '../protocol/heads.js';

export type FindingSeverity = 'INFO' | 'WARNING';

export interface DescribedFinding {
  readonly severity: FindingSeverity;
  readonly message: string;
  readonly hint: string;
}

/** What the codes of findings mean. */
export const findingCodes: Readonly<Record<FindingCode, string>> = {
  LICENCE_WARNING: "The project's policy warns of the base model's licence.",
  VALIDATION_HELD_OUT: 'No validation split was given: part of the training split is held out, and measured on.',
  DUPLICATES_ACROSS_SPLITS: 'Texts that are measured are also learnt from.',
  FEW_EXAMPLES: 'Some classes have few examples.',
  MOST_TEXTS_TRUNCATED: 'Most texts are longer than what the model reads of them.',
  LOSS_NEVER_FELL: 'The training loss at the end is not below that at the beginning.',
  PREDICTS_ONE_CLASS: 'The model predicts the same for everything.',
  NOT_BETTER_THAN_BASELINE: 'The model is no better than one that learnt nothing.',
};

/** A finding in sentences for people: what it is, and what can be done. */
export function describeFinding(finding: Finding): DescribedFinding {
  switch (finding.code) {
    case 'LICENCE_WARNING':
      return {
        severity: 'WARNING',
        message: `The project takes the base model with a warning. ${finding.reason}`,
        hint: 'See whether its licence allows what the model is meant for. An owner of the project can set it (setModelLicence), or the policy (setLicencePolicy).',
      };
    case 'VALIDATION_HELD_OUT': {
      const { split, trainExamples, validationExamples } = finding;
      return {
        severity: 'INFO',
        message: `The dataset version has no validation split that was given or is called “validation”: of the split “${split}”, ${validationExamples} examples are held out and measured, ${trainExamples} are learnt from.`,
        hint: 'Name a split of the version as `validationSplit`; or give the version a split of its own for validation, by `resplitDatasetVersion`.',
      };
    }
    case 'DUPLICATES_ACROSS_SPLITS': {
      const { split, trainSplit, count, conflictingCount } = finding;
      const conflicts =
        conflictingCount === 0
          ? ''
          : ` ${conflictingCount} of them have another target there, so that not both can be right.`;
      if (split === trainSplit) {
        return {
          severity: 'WARNING',
          message: `${counted(count, 'example')} of the split “${split}” ${count === 1 ? 'has a text' : 'have texts'} that the model learnt from: scores on “${split}” are better than on new texts.${conflicts}`,
          hint: 'Judge the model on a split that it did not learn from.',
        };
      }
      return {
        severity: 'WARNING',
        message: `${counted(count, 'example')} of the split “${split}” ${count === 1 ? 'has a text that is' : 'have texts that are'} in the training split “${trainSplit}”, too, but for case and white space: scores on “${split}” are better than on new texts.${conflicts}`,
        hint: 'Draw the splits by `resplitDatasetVersion`, with `keepTogether` for the column of texts; or remove these rows.',
      };
    }
    case 'FEW_EXAMPLES': {
      const { task, split, isLearnt, threshold, classCount, classes } = finding;
      const named = classes.slice(0, 5).map(({ label, count }) => `“${label}” (${count})`);
      const more = classCount > named.length ? `, and ${classCount - named.length} more` : '';
      const classesOf = classCount === 1 ? '1 class' : `${classCount} classes`;
      return {
        severity: isLearnt ? 'WARNING' : 'INFO',
        message: `${classesOf} of the task “${task}” ${classCount === 1 ? 'has' : 'have'} fewer than ${threshold} examples in the split “${split}”: ${named.join(', ')}${more}.`,
        hint: isLearnt
          ? 'Add examples of these classes, join them with others, or weight them, by `classWeights: { kind: BALANCED }`.'
          : 'Scores of these classes, and averages in which every class counts the same, may be off by chance.',
      };
    }
    case 'MOST_TEXTS_TRUNCATED': {
      const { split, maxLength, exampleCount, truncatedCount } = finding;
      return {
        severity: 'WARNING',
        message: `${truncatedCount} of ${counted(exampleCount, 'example')} of the split “${split}” are cut to ${maxLength} tokens: what is behind them is not read.`,
        hint: 'Raise `maxLength`, up to the context length of the base model; or choose by `truncationSide` which end is read.',
      };
    }
    case 'LOSS_NEVER_FELL': {
      const { firstLoss, lastLoss, averagedSteps } = finding;
      return {
        severity: 'WARNING',
        message: `The training loss did not fall: it is ${rounded(firstLoss)} on average over the first ${averagedSteps} updates, and ${rounded(lastLoss)} over the last ${averagedSteps}.`,
        hint: 'Try a higher learning rate, more epochs or fewer frozen layers; and see in the examples whether the targets fit the texts.',
      };
    }
    case 'PREDICTS_ONE_CLASS': {
      const { task, kind, prediction, count } = finding;
      const what = kind === 'tokenClassification' ? 'word' : 'example';
      return {
        severity: 'WARNING',
        message: `The task “${task}” has the same prediction for ${count === 1 ? '' : 'all '}${counted(count, what)}: ${samePrediction(kind, prediction)}.`,
        hint:
          kind === 'regression'
            ? 'Try a higher learning rate or more epochs.'
            : 'Try a higher learning rate or more epochs; and for rare classes, `classWeights: { kind: BALANCED }`.',
      };
    }
    case 'NOT_BETTER_THAN_BASELINE': {
      const { task, measure, value, baseline } = finding;
      return {
        severity: 'WARNING',
        message: `The task “${task}” has ${nameOf[measure]} of ${rounded(value)}; without learning anything, it is ${rounded(baseline)}.`,
        hint: 'See whether the loss fell, whether the targets fit the texts, and whether the split that is measured resembles the one that is learnt from.',
      };
    }
    default:
      return finding satisfies never;
  }
}

const nameOf: Readonly<Record<(Finding & { readonly code: 'NOT_BETTER_THAN_BASELINE' })['measure'], string>> = {
  accuracy: 'an accuracy',
  'macro.f1': 'a macro-averaged F1',
  'micro.f1': 'a micro-averaged F1',
  'entities.micro.f1': 'an F1 of entities',
  'average.r2': 'an R²',
  'average.mse': 'a mean squared error',
};

function samePrediction(kind: HeadKind, prediction: readonly string[]): string {
  if (kind === 'regression') return 'the same number';
  return prediction.length === 0 ? 'no label' : prediction.map((label) => `“${label}”`).join(', ');
}

function counted(count: number, what: string): string {
  return `${count} ${count === 1 ? what : `${what}s`}`;
}

function rounded(value: number): string {
  return String(Number(value.toPrecision(3)));
}
