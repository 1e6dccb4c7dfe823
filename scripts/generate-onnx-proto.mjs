/**
 * For maintainers, after a change of gpu-worker/engine/onnx/onnx.proto: node scripts/generate-onnx-proto.mjs
 *
 * onnx.proto is the file of the `onnx` Python package, unchanged. The npm packages that carry generated code are built
 * from ONNX 1.10.
 */
import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const onnx = join(dirname(dirname(fileURLToPath(import.meta.url))), 'gpu-worker/engine/onnx');
const cli = dirname(createRequire(import.meta.url).resolve('protobufjs-cli/package.json'));
const module = '--target static-module --wrap esm --dependency protobufjs/minimal.js --root onnx --dts --force-number';
/** Encoding and decoding are all that is used. */
const left = '--no-create --no-convert --no-delimited --no-verify --no-service --no-typeurl';

execFileSync(
  process.execPath,
  [
    join(cli, 'bin/pbjs'),
    ...`${module} ${left}`.split(' '),
    '-o',
    join(onnx, 'generated/onnx.js'),
    join(onnx, 'onnx.proto'),
  ],
  { stdio: 'inherit' },
);
