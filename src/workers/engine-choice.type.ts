import { Field, Int, ObjectType } from 'type-graphql';
import type { StoredEngineChoice } from './engine-choice.js';

@ObjectType('RejectedEngine', { description: 'An engine that was not chosen.', simpleResolvers: true })
export class RejectedEngineType {
  @Field(() => String, { description: 'cpu, webgpu, cuda or tensorflow.' })
  target!: string;

  @Field(() => String, { description: 'Why not.' })
  reason!: string;
}

@ObjectType('EngineChoice', {
  description: 'The engine that computes, why it was chosen, and why the others were not.',
  simpleResolvers: true,
})
export class EngineChoiceType {
  @Field(() => String, { description: 'cpu, webgpu, cuda or tensorflow.' })
  target!: string;

  @Field(() => String, { description: 'Why this engine was chosen.' })
  reason!: string;

  @Field(() => [RejectedEngineType], { description: 'The other engines, and why they were not chosen.' })
  rejected!: RejectedEngineType[];

  @Field(() => Int, { description: 'How many processor threads the engine uses.' })
  threads!: number;

  @Field(() => String, {
    description: "The engine's version. It changes whenever the numbers that a run produces could change.",
  })
  version!: string;
}

export function toEngineChoiceType(stored: StoredEngineChoice): EngineChoiceType {
  return Object.assign(new EngineChoiceType(), stored);
}
