import { Field, Int, ObjectType } from 'type-graphql';
import type { StoredEngineChoice } from './engine-choice.js';

@ObjectType('RejectedEngine', { description: 'An engine that was not chosen.', simpleResolvers: true })
export class RejectedEngineType {
  @Field(() => String, { description: 'cpu, webgpu, cuda or tensorflow.' })
  target!: string;

  @Field(() => String, { description: 'Why not.' })
  reason!: string;
}

@ObjectType('EngineChoice', { description: 'What computes, why, and why nothing else does.', simpleResolvers: true })
export class EngineChoiceType {
  @Field(() => String, { description: 'cpu, webgpu, cuda or tensorflow.' })
  target!: string;

  @Field(() => String, { description: 'Why this one.' })
  reason!: string;

  @Field(() => [RejectedEngineType], { description: 'The others, and why they were not chosen.' })
  rejected!: RejectedEngineType[];

  @Field(() => Int, { description: 'Processor threads it uses.' })
  threads!: number;

  @Field(() => String, { description: 'Changes whenever the numbers a run produces could change.' })
  version!: string;
}

export function toEngineChoiceType(stored: StoredEngineChoice): EngineChoiceType {
  return Object.assign(new EngineChoiceType(), stored);
}
