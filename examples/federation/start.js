// Everything, for `make federation`: the gateway on its sample, the reviews subgraph, and the graph of both.
import { execFileSync, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const { PYTHON = '.venv/bin/python', PACKAGES_PORT = '0', REVIEWS_PORT = '4001' } = process.env;
const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));
const children = [];

// Starts a program and returns the URL that it prints once it listens.
function start(command, args, options) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'], ...options });
  children.push(child);
  return new Promise((resolve) => {
    child.on('exit', (code) => stop(code ?? 1));
    child.stdout.on('data', (text) => {
      process.stdout.write(text);
      const url = /http:\S+/.exec(text);
      if (url) resolve(url[0]);
    });
  });
}

function stop(code = 0) {
  children.forEach((child) => child.kill());
  process.exit(code);
}

process.on('SIGINT', () => stop());
process.on('SIGTERM', () => stop());

const options = ['--upstream', 'sample', '--data-dir', ':memory:', '--port', PACKAGES_PORT, '--log-level', 'warning'];
const [packages, reviews] = await Promise.all([
  start(PYTHON, ['server.py', ...options], { cwd: root }),
  start(process.execPath, ['reviews.js'], { cwd: here, env: { ...process.env, PORT: REVIEWS_PORT } }),
]);
const node = (...args) => execFileSync(process.execPath, args, { cwd: here, stdio: ['ignore', 'pipe', 'inherit'] });
writeFileSync(`${here}/supergraph.graphql`, node('compose.js', `packages=${packages}`, `reviews=${reviews}`));
await start(process.execPath, ['graph.js', 'supergraph.graphql'], { cwd: here });
