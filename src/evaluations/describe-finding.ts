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
  POLICY_FAR_FROM_REFERENCE: 'The policy diverged from the reference by more than its budget.',
  REWARD_OVEROPTIMIZED: 'The learned reward rose on held-out prompts while one that is only measured fell.',
  PREFERENCES_UNLEARNED:
    'The learned reward rose on held-out prompts while the policy found the better of two judged answers likelier less often.',
  COMPLETIONS_GROW: 'Completions of held-out prompts grew far longer than before the training.',
  COMPLETIONS_REPEAT: 'Completions of held-out prompts repeat themselves.',
  GENERATOR_DIFFERS: 'Generator and trainer give tokens probabilities that differ by more than rounding.',
  REWARDS_RARELY_DIFFER: 'Most groups of completions had equal rewards.',
  REWARD_NOT_ABOVE_CHANCE: 'The reward model does not tell better answers from others on pairs that it did not learn.',
  REWARD_FOLLOWS_LENGTH: 'The reward model follows the length of answers, also where people do not.',
  CHOSEN_LESS_LIKELY: 'Better answers became less likely, the others more so.',
  PREFERENCES_FOLLOW_LENGTH: 'How much a model prefers an answer follows its length.',
  FAR_FROM_REFERENCE: 'The model is far from the one that it is compared with.',
  UNBALANCED_THUMBS: 'The weights of good and bad answers do not make up for their numbers.',
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
    case 'POLICY_FAR_FROM_REFERENCE': {
      const { step, kl, budget } = finding;
      return {
        severity: 'WARNING',
        message: `At step ${step} the policy had diverged from the reference by ${rounded(kl)} nats a completion; the budget is ${rounded(budget)}.`,
        hint: 'Lower `learningRate`, raise `klWeight`, or train fewer steps; a greater budget asks for a look at the texts first.',
      };
    }
    case 'REWARD_OVEROPTIMIZED': {
      const { step, control, reward, rewardBefore, controlValue, controlBefore, stepBefore } = finding;
      return {
        severity: 'WARNING',
        message: `From step ${stepBefore} to ${step} the reward on held-out prompts rose from ${rounded(rewardBefore)} to ${rounded(reward)}, while “${control}”, which is not learned, fell from ${rounded(controlBefore)} to ${rounded(controlValue)}: the policy games its reward.`,
        hint: `Take the checkpoint of step ${stepBefore}, raise \`klWeight\`, or correct what the reward overlooks.`,
      };
    }
    case 'PREFERENCES_UNLEARNED': {
      const { step, reward, rewardBefore, accuracy, accuracyBefore, pairs, lost, won, stepBefore } = finding;
      return {
        severity: 'WARNING',
        message: `From step ${stepBefore} to ${step} the reward on held-out prompts rose from ${rounded(rewardBefore)} to ${rounded(reward)}, while the better of two judged answers stayed the likelier one in ${percent(accuracy)} of ${counted(pairs, 'pair')} instead of ${percent(accuracyBefore)}: fewer pairs of ${counted(lost, 'prompt')} are right, and more of ${won}.`,
        hint: `Take the checkpoint of step ${stepBefore}, raise \`klWeight\`, or correct what the reward overlooks: see whether it agrees with these judgements.`,
      };
    }
    case 'COMPLETIONS_GROW': {
      const { step, length, startLength } = finding;
      return {
        severity: 'WARNING',
        message: `At step ${step} completions of held-out prompts had ${rounded(length)} tokens on average, and ${rounded(startLength)} before the training.`,
        hint: 'See whether longer answers are better ones; else add a reward of length, or choose an aggregation that length has no part in.',
      };
    }
    case 'COMPLETIONS_REPEAT': {
      const { step, repetition, startRepetition } = finding;
      return {
        severity: 'WARNING',
        message: `At step ${step}, ${percent(repetition)} of the trigrams in completions of held-out prompts repeated earlier ones, and ${percent(startRepetition)} before the training.`,
        hint: 'Add the reward `repetition`, raise `klWeight`, or lower `learningRate`.',
      };
    }
    case 'GENERATOR_DIFFERS': {
      const { step, difference } = finding;
      return {
        severity: 'WARNING',
        message: `At step ${step} generator and trainer differed in the logarithm of a token's probability by ${difference.toExponential(1)}; rounding explains 1e-4.`,
        hint: 'Ratios of probabilities are off by as much. Tell of it, with the model, where issues of Attune are told.',
      };
    }
    case 'REWARDS_RARELY_DIFFER': {
      const { groups, equalGroups } = finding;
      return {
        severity: 'WARNING',
        message: `In ${equalGroups} of ${counted(groups, 'group')} all completions of a prompt had the same reward: nothing was learned from them.`,
        hint: 'Raise `temperature` or `samples`, take a finer reward, or let such prompts be replaced.',
      };
    }
    case 'REWARD_NOT_ABOVE_CHANCE': {
      const { pairs, right, low, high } = finding;
      return {
        severity: 'WARNING',
        message: `${right} of ${counted(pairs, 'pair')} have the higher reward at the better answer (95 %: ${rounded(low)} to ${rounded(high)}); guesses come to half. It can not steer a policy.`,
        hint: 'Give it more pairs to learn and to be measured on, a longer `maxLength` where answers are cut, or a larger base model; and see whether people agree with one another.',
      };
    }
    case 'REWARD_FOLLOWS_LENGTH': {
      const { prefers, pairs, right, low, high } = finding;
      return {
        severity: 'WARNING',
        message: `The reward model prefers ${prefers} answers: of ${counted(pairs, 'pair')} whose ${prefers === 'longer' ? 'shorter' : 'longer'} answer is the better one, it has ${right} right (95 %: ${rounded(low)} to ${rounded(high)}). A policy that it steers gets ${prefers === 'longer' ? 'longer and longer' : 'shorter and shorter'}.`,
        hint: 'Balance the lengths of better and other answers in the data, or set a rule on length beside it.',
      };
    }
    case 'CHOSEN_LESS_LIKELY': {
      const { split, chosenBefore, chosenAfter, rejectedBefore, rejectedAfter } = finding;
      return {
        severity: 'WARNING',
        message: `In the split “${split}”, better answers became less likely: the mean log-probability of an answer went from ${rounded(chosenBefore)} to ${rounded(chosenAfter)}, that of the others from ${rounded(rejectedBefore)} to ${rounded(rejectedAfter)}. The model learned the difference of the two, and its probability goes to answers that nobody judged.`,
        hint: 'This is usual, and no fault where what the model writes is good. Where it is not, add `sftWeight: 1`, raise `beta`, or lower the learning rate.',
      };
    }
    case 'PREFERENCES_FOLLOW_LENGTH': {
      const { split, correlation, correlationBefore } = finding;
      const longer = correlation > 0;
      return {
        severity: 'WARNING',
        message: `In the split “${split}”, rewards follow the length of answers: their correlation is ${rounded(correlation)}${correlationBefore === null ? '' : `, and was ${rounded(correlationBefore)} before training`}. The model learned to be ${longer ? 'verbose' : 'brief'}.`,
        hint: longer
          ? 'Balance the lengths of better and other answers in the data, choose the loss SIGMOID_PER_TOKEN or `simpo`, or set `tailWeight` to 0.5.'
          : 'Balance the lengths of better and other answers in the data, if answers are not to become shorter.',
      };
    }
    case 'FAR_FROM_REFERENCE': {
      const { split, divergence, mostDivergence } = finding;
      return {
        severity: 'WARNING',
        message: `In the split “${split}”, the model diverges from its reference by ${rounded(divergence)} nats a token, more than ${mostDivergence}: it may have lost what the reference could do.`,
        hint: 'Raise `beta`, lower the learning rate, or train fewer epochs; and evaluate the model on texts that it is to be good at.',
      };
    }
    case 'UNBALANCED_THUMBS': {
      const { good, bad, ratio, undesirableWeight } = finding;
      return {
        severity: 'WARNING',
        message:
          ratio === null
            ? `The training split has ${counted(good, 'good answer')} and ${counted(bad, 'bad one')}: without both, nothing says what is better.`
            : `The training split has ${counted(good, 'good answer')} and ${counted(bad, 'bad one')}: with their weights, good ones count ${rounded(ratio)} times as much as bad ones; between 1 and 1.33 times is advised.`,
        hint:
          undesirableWeight === null
            ? 'Add answers of the other kind.'
            : `Set \`undesirableWeight\` to ${rounded(undesirableWeight)}, for instance.`,
      };
    }
    default:
      return finding satisfies never;
  }
}

function percent(share: number): string {
  return `${rounded(100 * share)} %`;
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
