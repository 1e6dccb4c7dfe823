/** How the graph's enums call a kind: `multiTask` is MULTI_TASK. */
export function enumName(kind: string): string {
  return kind.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();
}
