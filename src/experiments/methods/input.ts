import { Extensions, Field, InputType } from 'type-graphql';
import type { MethodKind } from '../../protocol/methods/index.js';
import { InstructionTuningInput } from './instruction-tuning/input.js';
import { LanguageModellingInput } from './language-modelling/input.js';
import { MultiTaskInput } from './multi-task/input.js';
import { PolicyOptimizationInput } from './policy-optimization/input.js';
import { PreferenceOptimizationInput } from './preference-optimization/input.js';
import { RewardModellingInput } from './reward-modelling/input.js';
import { SupervisedInput } from './supervised/input.js';

/** The field of each method. A method without a field does not compile. */
@Extensions({ oneOf: true })
@InputType({ description: 'The training method, and its heads if it has any: exactly one of the fields.' })
export class TrainingMethodInput implements Methods {
  @Field(() => SupervisedInput, { nullable: true, description: 'One head on the encoder.' })
  supervised?: SupervisedInput | null;

  @Field(() => MultiTaskInput, { nullable: true, description: 'Several heads with one shared encoder.' })
  multiTask?: MultiTaskInput | null;

  @Field(() => LanguageModellingInput, {
    nullable: true,
    description: 'No head: the model learns the texts themselves, token by token.',
  })
  languageModelling?: LanguageModellingInput | null;

  @Field(() => InstructionTuningInput, {
    nullable: true,
    description: 'No head: the model learns the answers of conversations.',
  })
  instructionTuning?: InstructionTuningInput | null;

  @Field(() => PolicyOptimizationInput, {
    nullable: true,
    description: 'No head: the model writes answers, and learns from their rewards (RLOO, GRPO).',
  })
  policyOptimization?: PolicyOptimizationInput | null;

  @Field(() => RewardModellingInput, {
    nullable: true,
    description: 'A reward head: the model learns which of two answers to a prompt is better.',
  })
  rewardModelling?: RewardModellingInput | null;

  @Field(() => PreferenceOptimizationInput, {
    nullable: true,
    description: 'No head: the model learns which answers are better.',
  })
  preferenceOptimization?: PreferenceOptimizationInput | null;
}

type Methods = Partial<Readonly<Record<MethodKind, object | null>>>;

/**
 * Calls the case of the method that the input has. Code that depends on an input's method goes through here, so that a
 * missing method does not compile.
 */
export function byMethodInput<Method extends Methods, Result>(
  method: Method,
  cases: { readonly [Kind in MethodKind]: (input: NonNullable<Method[Kind]>) => Result },
): Result {
  const { supervised, multiTask, languageModelling, instructionTuning, ...ofJudgements }: Methods = method;
  const { policyOptimization, rewardModelling, preferenceOptimization, ...others } = ofJudgements;
  others satisfies Readonly<Record<string, never>>;
  if (supervised != null) return cases.supervised(method.supervised!);
  if (multiTask != null) return cases.multiTask(method.multiTask!);
  if (languageModelling != null) return cases.languageModelling(method.languageModelling!);
  if (instructionTuning != null) return cases.instructionTuning(method.instructionTuning!);
  if (policyOptimization != null) return cases.policyOptimization(method.policyOptimization!);
  if (rewardModelling != null) return cases.rewardModelling(method.rewardModelling!);
  if (preferenceOptimization != null) return cases.preferenceOptimization(method.preferenceOptimization!);
  throw new Error('The method has no input, which @oneOf should have refused.');
}
