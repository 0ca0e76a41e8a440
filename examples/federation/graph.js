// Serves a supergraph under Apollo Gateway and under Hive Gateway: `node graph.js supergraph.graphql`.
// `APOLLO_PORT` and `HIVE_PORT` say where they listen, 0 takes a free port; `HOST` at what address, the loopback by default.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { ApolloGateway, RemoteGraphQLDataSource } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { createGatewayRuntime } from '@graphql-hive/gateway-runtime';
import { headersFor } from './secret.js';

const { HOST: host = '127.0.0.1', APOLLO_PORT = 4000, HIVE_PORT = 4100 } = process.env;
const timeout = 5_000; // milliseconds for one request to a subgraph
const retries = 2; // all that is sent are queries, so sending one again does no harm
const supergraph = readFileSync(process.argv[2], 'utf8');

async function fetcher(url, options, left = retries) {
  const response = await fetch(url, { ...options, signal: AbortSignal.timeout(timeout) }).catch((error) => error);
  if (left && (response instanceof Error || response.status >= 500)) return fetcher(url, options, left - 1);
  if (response instanceof Error) throw response;
  return response;
}

const apollo = new ApolloServer({
  gateway: new ApolloGateway({
    supergraphSdl: supergraph,
    buildService: ({ name, url }) =>
      new RemoteGraphQLDataSource({
        url,
        fetcher,
        willSendRequest: ({ request }) =>
          Object.entries(headersFor(name)).forEach(([header, value]) => request.http.headers.set(header, value)),
      }),
  }),
});
const { url } = await startStandaloneServer(apollo, { listen: { host, port: Number(APOLLO_PORT) } });
console.log(`Apollo Gateway: ${url}`);

const hive = createGatewayRuntime({
  supergraph,
  upstreamTimeout: timeout,
  upstreamRetry: { maxRetries: retries, retryDelay: 100 },
  propagateHeaders: { fromClientToSubgraphs: ({ subgraphName }) => headersFor(subgraphName) },
  logging: false,
});
const server = createServer(hive).listen(Number(HIVE_PORT), host, () =>
  console.log(`Hive Gateway: http://${host}:${server.address().port}/graphql`),
);
