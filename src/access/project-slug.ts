import type { GraphQLContext } from './context.js';
import type { OperationPolicy } from './policy.js';
import { onlyProject } from './viewer.js';

/** The slug of the project that the first start creates. */
export const defaultProjectSlug = 'default';

type Arguments = Readonly<Record<string, unknown>>;

/** The path of the argument that names the operation's project by slug; null: no argument does. */
export function slugPathOf(policy: OperationPolicy): readonly string[] | null {
  if (policy.needs === 'SIGN_IN' || policy.needs === 'SERVER') return policy.slug ?? null;
  return 'slug' in policy.project ? policy.project.slug : (policy.project.orSlug ?? null);
}

/**
 * The arguments, with a slug where the client gave none: that of the only project that the viewer's key opens, else
 * `default`. A key to one project could do nothing with another one.
 */
export async function withProjectSlug(
  policy: OperationPolicy,
  args: Arguments,
  context: GraphQLContext,
): Promise<Arguments> {
  const path = slugPathOf(policy);
  if (path === null || path.reduce<unknown>((value, key) => (value as Arguments)[key], args) != null) return args;
  const only = onlyProject(context.viewer);
  const slug = only === null ? null : await context.loaders.slugOfProject.load(only);
  return placedAt(args, path, slug ?? defaultProjectSlug);
}

function placedAt(args: Arguments, [key, ...rest]: readonly string[], value: string): Arguments {
  return { ...args, [key!]: rest.length === 0 ? value : placedAt(args[key!] as Arguments, rest, value) };
}
