import { join } from 'node:path';

/** Where the artifact store lies in ATTUNE_HOME, which API and workers share. */
export function artifactFolder(home: string): string {
  return join(home, 'artifacts');
}
