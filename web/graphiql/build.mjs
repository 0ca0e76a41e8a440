// node build.mjs          builds ../static/graphiql: the files, a .br and a .gz beside each, and build.json (hashes).
// node build.mjs --check  builds into a scratch folder and fails when the committed files are not what it made.
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, brotliDecompressSync, gunzipSync, gzip } from 'node:zlib';
import { build } from 'vite';

const HERE = import.meta.dirname;
const WEB = join(HERE, '..');
const BUILT = join(WEB, 'static', 'graphiql');
const SOURCES = ['package.json', 'package-lock.json', 'build.mjs', 'vite.config.js', 'index.html', 'src', '../examples'];
const RECORD = 'build.json';
const COMPRESSED = /\.(br|gz)$/;

const paths = folder =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => join(entry.parentPath, entry.name));

const hashes = (root, files) =>
  Object.fromEntries(
    files
      .map(file => [relative(root, file).split(sep).join('/'), createHash('sha256').update(readFileSync(file)).digest('hex')])
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

const sourceHashes = () => {
  const named = SOURCES.map(name => join(HERE, name));
  return hashes(WEB, named.flatMap(path => (/\.\w+$/.test(path) ? [path] : paths(path))));
};

const builtHashes = folder =>
  hashes(folder, paths(folder).filter(file => !COMPRESSED.test(file) && !file.endsWith(RECORD)));

async function buildInto(outDir) {
  await build({ root: HERE, logLevel: 'warn', build: { outDir, emptyOutDir: true } });
  // The page is served at /graphql, beside static/.
  const page = join(outDir, 'index.html');
  writeFileSync(page, readFileSync(page, 'utf8').replaceAll('"./assets/', '"static/graphiql/assets/'));
}

const compress = async file => {
  const raw = readFileSync(file);
  writeFileSync(`${file}.br`, await promisify(brotliCompress)(raw));
  writeFileSync(`${file}.gz`, await promisify(gzip)(raw, { level: 9 }));
};

async function make() {
  await buildInto(BUILT);
  const record = { sources: sourceHashes(), files: builtHashes(BUILT) };
  await Promise.all(Object.keys(record.files).map(name => compress(join(BUILT, name))));
  writeFileSync(join(BUILT, RECORD), `${JSON.stringify(record, null, 2)}\n`);
}

const difference = (what, committed, made) =>
  [...new Set([...Object.keys(committed), ...Object.keys(made)])]
    .filter(name => committed[name] !== made[name])
    .map(name => `${what} ${name} differs`);

const compressedDifference = name => {
  const raw = readFileSync(join(BUILT, name));
  const same = (suffix, decompress) => raw.equals(decompress(readFileSync(join(BUILT, name + suffix))));
  return same('.br', brotliDecompressSync) && same('.gz', gunzipSync) ? [] : [`compressed ${name} differs`];
};

async function check() {
  const scratch = mkdtempSync(join(tmpdir(), 'graphiql-'));
  try {
    await buildInto(scratch);
    const record = JSON.parse(readFileSync(join(BUILT, RECORD), 'utf8'));
    const committed = builtHashes(BUILT);
    return [
      ...difference('source', record.sources, sourceHashes()),
      ...difference('recorded', record.files, committed),
      ...difference('built', committed, builtHashes(scratch)),
      ...Object.keys(committed).flatMap(compressedDifference),
    ];
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

if (process.argv.includes('--check')) {
  const differences = await check();
  if (differences.length) {
    console.error(`web/static/graphiql is not what build.mjs makes (make graphiql):\n${differences.join('\n')}`);
    process.exit(1);
  }
} else {
  await make();
}
