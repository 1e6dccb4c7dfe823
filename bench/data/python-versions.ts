import { execFileSync } from 'node:child_process';

const packages = ['pandas', 'pyarrow', 'datasets', 'text-dedup', 'presidio-analyzer'] as const;

export type PackageVersions = Readonly<Record<(typeof packages)[number] | 'python', string>>;

/** @throws Error when the Python environment lacks a package */
export function packageVersions(python: string): PackageVersions {
  const script = [
    'import importlib.metadata as m, json, sys',
    `versions = {name: m.version(name) for name in ${JSON.stringify(packages)}}`,
    'print(json.dumps({"python": sys.version.split()[0], **versions}))',
  ].join('\n');
  return JSON.parse(execFileSync(python, ['-c', script], { encoding: 'utf8' }));
}
