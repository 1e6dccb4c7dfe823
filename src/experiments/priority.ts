import { type InputProblem, problem } from '../problems/problem.js';

export const maxPriority = 100;

export function checkPriority(priority: number): InputProblem[] {
  if (Math.abs(priority) <= maxPriority) return [];
  return [problem(['priority'], 'INVALID_VALUE', `A priority must be from -${maxPriority} to ${maxPriority}.`)];
}
