// node incremental.mjs URL: each client asks with `@defer` and `@stream`, as its own documents and links have it.
import { Client, fetchExchange } from '@urql/core';

const url = process.argv[2];
const QUERY = `
  query Deferred($on: Boolean = true) {
    package(slug: "django-loci") { id title ...Facts @defer(if: $on, label: "facts") }
  }
  fragment Facts on Package { slug grids { id title } }
`;
const STREAM = `query Streamed { package(slug: "django-loci") { id grids @stream(initialCount: 1) { id title } } }`;

async function apollo(name, { entry, incrementalHandler }) {
  const { ApolloClient, HttpLink, InMemoryCache, gql } = await import(entry);
  const accepts = [];
  const link = new HttpLink({
    uri: url,
    fetch: (to, options) => {
      accepts.push(options.headers.accept);
      return fetch(to, options);
    },
  });
  const client = new ApolloClient({ link, cache: new InMemoryCache(), incrementalHandler });
  // A result of a query that is watched, at once with all in it, and nothing that is still on its way.
  const seen = await new Promise((resolve, reject) => {
    const results = [];
    client.watchQuery({ query: gql(QUERY), variables: { on: true } }).subscribe({
      next: result => {
        results.push(result);
        if (!result.loading) resolve(results);
      },
      error: reject,
    });
  });
  const last = seen.at(-1);
  const off = await client.query({ query: gql(QUERY), variables: { on: false } });
  client.stop();
  return { name, accept: accepts[0], data: last.data, off: off.data, states: seen.map(each => each.dataState ?? null) };
}

async function urql() {
  const accepts = [];
  const client = new Client({
    url,
    preferGetMethod: false,
    exchanges: [fetchExchange],
    fetch: (to, options) => {
      accepts.push(options.headers.accept);
      return fetch(to, options);
    },
  });
  const first = await client.query(QUERY, { on: true });
  const off = await client.query(QUERY, { on: false });
  const streamed = await client.query(STREAM, {});
  if (first.error ?? off.error ?? streamed.error) throw first.error ?? off.error ?? streamed.error;
  return { name: 'urql', accept: accepts[0], data: first.data, off: off.data, hasNext: first.hasNext, streamed: streamed.data };
}

const { Defer20220824Handler, GraphQL17Alpha9Handler } = await import('@apollo/client/incremental');
const asked = [
  await apollo('Apollo 4', { entry: '@apollo/client', incrementalHandler: new Defer20220824Handler() }),
  await apollo('Apollo 4, newer', { entry: '@apollo/client', incrementalHandler: new GraphQL17Alpha9Handler() }),
  await apollo('Apollo 3', { entry: 'apollo-client-3/core/index.js' }),
  await urql(),
];
console.log(JSON.stringify(asked));
