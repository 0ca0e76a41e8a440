// Composes subgraphs, each `{ name, url }`, into the SDL of a supergraph; what composition hints at is printed.
import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';

export async function compose(subgraphs, headersFor) {
  const services = await Promise.all(
    subgraphs.map(async ({ name, url }) => ({ name, url, typeDefs: parse(await sdlOf(url, headersFor(name))) })),
  );
  const { supergraphSdl, errors, hints } = composeServices(services);
  if (errors) throw new Error(errors.map(String).join('\n'));
  hints.forEach((hint) => console.error(String(hint)));
  return supergraphSdl;
}

async function sdlOf(url, headers) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ query: '{ _service { sdl } }' }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(`${url}: ${errors[0].message}`);
  return data._service.sdl;
}
