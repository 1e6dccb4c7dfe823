import { Field, ID, InputType, Int } from 'type-graphql';
import { idempotencyKey } from '../graphql/idempotency-key.js';
import { priorityDescription } from './organizing.input.js';

@InputType({
  description:
    'A cross-validation of an experiment: for each fold a clone of it, which learns from the other folds and measures on this one.',
})
export class CreateFoldExperimentsInput {
  @Field(() => ID, { description: 'The experiment to cross-validate.' })
  experimentId!: string;

  @Field(() => String, {
    description:
      'A column of whole numbers of its dataset version: the fold of each row, as the step assignFolds makes it. Of the rows of its training split, those of one fold are held out; rows without a number are learnt from by all.',
  })
  foldColumn!: string;

  @Field(() => Int, { nullable: true, description: `${priorityDescription} Default 0.` })
  priority?: number | null;

  @Field(() => String, { nullable: true, description: idempotencyKey })
  idempotencyKey?: string | null;
}
