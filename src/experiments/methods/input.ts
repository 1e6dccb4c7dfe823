import { Extensions, Field, InputType } from 'type-graphql';
import type { MethodKind } from '../../protocol/methods/index.js';
import { MultiTaskInput } from './multi-task/input.js';
import { SupervisedInput } from './supervised/input.js';

/** A method without a field here does not compile. */
@Extensions({ oneOf: true })
@InputType({ description: 'What to train, by which method: exactly one of the fields.' })
export class TrainingMethodInput implements Partial<Readonly<Record<MethodKind, object | null>>> {
  @Field(() => SupervisedInput, { nullable: true, description: 'One head on the encoder.' })
  supervised?: SupervisedInput | null;

  @Field(() => MultiTaskInput, { nullable: true, description: 'Several heads with one shared encoder.' })
  multiTask?: MultiTaskInput | null;
}

/**
 * Does what is to be done for the method that the input gives. What depends on the method of an input goes through here: a method that is
 * left out does not compile.
 */
export function byMethodInput<Result>(
  { supervised, multiTask, ...others }: TrainingMethodInput,
  cases: { readonly [Kind in MethodKind]: (input: NonNullable<TrainingMethodInput[Kind]>) => Result },
): Result {
  others satisfies Readonly<Record<string, never>>;
  if (supervised != null) return cases.supervised(supervised);
  if (multiTask != null) return cases.multiTask(multiTask);
  throw new Error('A method without an input: @oneOf lets no such input through.');
}
