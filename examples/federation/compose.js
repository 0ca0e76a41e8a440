// Composes subgraphs and prints the supergraph; what composition hints at goes to standard error.
//   node compose.js packages=http://127.0.0.1:8000/graphql reviews=http://127.0.0.1:4001/ > supergraph.graphql
import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';
import { headersFor } from './secret.js';

const services = await Promise.all(
  process.argv.slice(2).map(async (subgraph) => {
    const [, name, url] = /^(\w+)=(.+)$/.exec(subgraph);
    return { name, url, typeDefs: parse(await sdlOf(name, url)) };
  }),
);
const { supergraphSdl, errors = [], hints = [] } = composeServices(services);
[...errors, ...hints].forEach((message) => console.error(String(message)));
if (errors.length) process.exit(1);
console.log(supergraphSdl);

async function sdlOf(name, url) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headersFor(name) },
    body: JSON.stringify({ query: '{ _service { sdl } }' }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(`${url}: ${errors[0].message}`);
  return data._service.sdl;
}
