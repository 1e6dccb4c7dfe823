import type { Finding } from '../protocol/findings.js';
import {
  DuplicatesAcrossSplitsType,
  FewExamplesType,
  LicenceWarningType,
  LossNeverFellType,
  MostTextsTruncatedType,
  NotBetterThanBaselineType,
  PredictsOneClassType,
  ValidationHeldOutType,
} from './data-finding.type.js';
import { describeFinding, findingCodes } from './describe-finding.js';
import type { FindingType } from './finding.type.js';
import {
  CompletionsGrowType,
  CompletionsRepeatType,
  GeneratorDiffersType,
  PolicyFarFromReferenceType,
  PreferencesUnlearnedType,
  RewardOveroptimizedType,
  RewardsRarelyDifferType,
} from './policy-finding.type.js';
import {
  ChosenLessLikelyType,
  FarFromReferenceType,
  PreferencesFollowLengthType,
  RewardFollowsLengthType,
  RewardNotAboveChanceType,
  UnbalancedThumbsType,
} from './preference-finding.type.js';

/**
 * Findings for the graph, those that deserve most attention first. One with a code that this release does not know
 * (from a newer worker) is left out.
 */
export function toFindingTypes(findings: readonly Finding[]): FindingType[] {
  const known = findings.filter(({ code }) => code in findingCodes).map(toFindingType);
  return [
    ...known.filter(({ severity }) => severity === 'WARNING'),
    ...known.filter(({ severity }) => severity === 'INFO'),
  ];
}

function toFindingType(found: Finding): FindingType {
  const fields = { task: null, ...found, ...describeFinding(found) };
  switch (found.code) {
    case 'LICENCE_WARNING':
      return Object.assign(new LicenceWarningType(), fields);
    case 'VALIDATION_HELD_OUT':
      return Object.assign(new ValidationHeldOutType(), fields);
    case 'DUPLICATES_ACROSS_SPLITS':
      return Object.assign(new DuplicatesAcrossSplitsType(), fields);
    case 'FEW_EXAMPLES':
      return Object.assign(new FewExamplesType(), fields);
    case 'MOST_TEXTS_TRUNCATED':
      return Object.assign(new MostTextsTruncatedType(), fields);
    case 'LOSS_NEVER_FELL':
      return Object.assign(new LossNeverFellType(), fields);
    case 'PREDICTS_ONE_CLASS':
      return Object.assign(new PredictsOneClassType(), fields);
    case 'NOT_BETTER_THAN_BASELINE':
      return Object.assign(new NotBetterThanBaselineType(), fields);
    case 'POLICY_FAR_FROM_REFERENCE':
      return Object.assign(new PolicyFarFromReferenceType(), fields);
    case 'REWARD_OVEROPTIMIZED':
      return Object.assign(new RewardOveroptimizedType(), fields);
    case 'PREFERENCES_UNLEARNED':
      return Object.assign(new PreferencesUnlearnedType(), fields);
    case 'COMPLETIONS_GROW':
      return Object.assign(new CompletionsGrowType(), fields);
    case 'COMPLETIONS_REPEAT':
      return Object.assign(new CompletionsRepeatType(), fields);
    case 'GENERATOR_DIFFERS':
      return Object.assign(new GeneratorDiffersType(), fields);
    case 'REWARDS_RARELY_DIFFER':
      return Object.assign(new RewardsRarelyDifferType(), fields);
    case 'REWARD_NOT_ABOVE_CHANCE':
      return Object.assign(new RewardNotAboveChanceType(), fields);
    case 'REWARD_FOLLOWS_LENGTH':
      return Object.assign(new RewardFollowsLengthType(), fields);
    case 'CHOSEN_LESS_LIKELY':
      return Object.assign(new ChosenLessLikelyType(), fields);
    case 'PREFERENCES_FOLLOW_LENGTH':
      return Object.assign(new PreferencesFollowLengthType(), fields);
    case 'FAR_FROM_REFERENCE':
      return Object.assign(new FarFromReferenceType(), fields);
    case 'UNBALANCED_THUMBS':
      return Object.assign(new UnbalancedThumbsType(), fields);
    default:
      return found satisfies never;
  }
}
