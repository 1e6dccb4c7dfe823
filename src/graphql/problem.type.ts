import { type ClassType, createUnionType, Field, ObjectType, registerEnumType } from 'type-graphql';
import { isProblemCode, ProblemsError, problemCodes } from '../problems/problem.js';
import type { Problem } from '../protocol/run-event.js';

export const ProblemCodeEnum = Object.fromEntries(Object.keys(problemCodes).map((code) => [code, code]));

registerEnumType(ProblemCodeEnum, {
  name: 'ProblemCode',
  description: 'What is wrong, for a program to branch on. New codes may be added.',
  valuesConfig: Object.fromEntries(Object.entries(problemCodes).map(([code, description]) => [code, { description }])),
});

@ObjectType('Problem', { description: 'One thing that is wrong: where, what, and what to do.', simpleResolvers: true })
export class ProblemType {
  @Field(() => [String], {
    description: "Path into the mutation's input, list positions as decimal digits. Empty: the request as a whole.",
  })
  path!: string[];

  @Field(() => ProblemCodeEnum, { description: 'For a program.' })
  code!: string;

  @Field(() => String, { description: 'For a person, one sentence, in English.' })
  message!: string;

  @Field(() => String, { nullable: true, description: 'What would help, e.g. the name that was probably meant.' })
  hint!: string | null;
}

@ObjectType('Problems', {
  description: 'Returned in place of the result when the request could not be done. Nothing was changed.',
  simpleResolvers: true,
})
export class ProblemsType {
  @Field(() => [ProblemType], { description: 'All that was found, at least one.' })
  problems!: ProblemType[];
}

/** A code this release does not know (from a newer worker) is shown as JOB_FAILED rather than breaking the query. */
export function toProblemType(problem: Problem): ProblemType {
  return Object.assign(new ProblemType(), {
    ...problem,
    code: isProblemCode(problem.code) ? problem.code : 'JOB_FAILED',
    message: isProblemCode(problem.code) ? problem.message : `${problem.code}: ${problem.message}`,
  });
}

/** A mutation's result: the object, or typed problems. */
export function resultUnion<T extends object>(name: string, description: string, result: ClassType<T>) {
  return createUnionType({ name, description, types: () => [result, ProblemsType] as const });
}

/** Runs a mutation; a ProblemsError becomes the `Problems` member of its union. All else is unexpected and goes on. */
export async function orProblems<T>(mutate: () => Promise<T>): Promise<T | ProblemsType> {
  try {
    return await mutate();
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    return Object.assign(new ProblemsType(), { problems: error.problems.map(toProblemType) });
  }
}
