import type { Architecture } from '../protocol/architectures/index.js';
import { ArchitectureEnum } from './base-model.type.js';

/** A family's name in the graph, e.g. USE_LITE. */
export function familyName({ architecture }: { readonly architecture: Architecture }): string {
  return Object.entries(ArchitectureEnum).find(([, value]) => value === architecture)?.[0] ?? architecture;
}
