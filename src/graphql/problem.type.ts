import { type ClassType, createUnionType, Field, ObjectType, registerEnumType } from 'type-graphql';
import { type InputProblem, isProblemCode, ProblemsError, problemCodes } from '../problems/problem.js';
import type { Problem } from '../protocol/run-event.js';
import type { ObjectRow } from './object-kinds.js';
import { ObjectReferenceType, toObjectReferenceType } from './object-reference.type.js';

const ProblemCodeEnum = Object.fromEntries(Object.keys(problemCodes).map((code) => [code, code]));

registerEnumType(ProblemCodeEnum, {
  name: 'ProblemCode',
  description: "A problem's kind, for a program to branch on. New codes may be added.",
  valuesConfig: Object.fromEntries(Object.entries(problemCodes).map(([code, description]) => [code, { description }])),
});

@ObjectType('Problem', {
  description: 'A problem with the request: where it is, what it is, and what would help.',
  simpleResolvers: true,
})
export class ProblemType {
  @Field(() => [String], {
    description:
      "Path into the mutation's input, with list positions as decimal digits. Empty: the request as a whole.",
  })
  path!: string[];

  @Field(() => ProblemCodeEnum, { description: "The problem's kind, for programs." })
  code!: string;

  @Field(() => String, { description: 'The problem in one English sentence, for people.' })
  message!: string;

  @Field(() => String, { nullable: true, description: 'What would help, e.g. the name that was probably meant.' })
  hint!: string | null;

  @Field(() => [ObjectReferenceType], {
    description:
      'Of IN_USE, the objects that use this one; of a CONFLICT with work under way, the objects that are at work. The first 20; `dependents` of the object has all. Else empty.',
  })
  usedBy!: ObjectReferenceType[];

  @Field(() => [String], { description: 'Of UNCLEAR_COLUMN, the columns that could be meant. Else empty.' })
  candidates!: readonly string[];
}

@ObjectType('Problems', {
  description: 'Returned in place of the result when the request was refused. Nothing was changed.',
  simpleResolvers: true,
})
export class ProblemsType {
  @Field(() => [ProblemType], { description: 'All problems that were found, at least one.' })
  problems!: ProblemType[];
}

/**
 * A problem as its GraphQL type. A code that this release does not know (from a newer worker) becomes JOB_FAILED, so
 * that it does not break the query.
 */
export function toProblemType(problem: Problem | InputProblem): ProblemType {
  const users = 'usedBy' in problem ? (problem.usedBy ?? []) : [];
  return Object.assign(new ProblemType(), {
    ...problem,
    usedBy: users.map((user) => toObjectReferenceType(user as ObjectRow)),
    candidates: 'candidates' in problem ? (problem.candidates ?? []) : [],
    code: isProblemCode(problem.code) ? problem.code : 'JOB_FAILED',
    message: isProblemCode(problem.code) ? problem.message : `${problem.code}: ${problem.message}`,
  });
}

/** The result of a mutation: the object, or typed problems. */
export function resultUnion<T extends object>(name: string, description: string, result: ClassType<T>) {
  return createUnionType({ name, description, types: () => [result, ProblemsType] as const });
}

/** Runs a mutation. A ProblemsError becomes the `Problems` member of its union; any other error is thrown on. */
export async function orProblems<T>(mutate: () => Promise<T>): Promise<T | ProblemsType> {
  try {
    return await mutate();
  } catch (error) {
    if (!(error instanceof ProblemsError)) throw error;
    return Object.assign(new ProblemsType(), { problems: error.problems.map(toProblemType) });
  }
}
