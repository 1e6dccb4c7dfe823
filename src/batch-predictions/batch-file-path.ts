/** Path of a batch prediction's file on this server. `id` is its row id. */
export function batchFilePath(id: string, name: string): string {
  return `/batch-predictions/${id}/${encodeURIComponent(name)}`;
}
