// The graph: composes the subgraphs it is given and serves them under Apollo Gateway and Hive Gateway.
//   node graph.js packages=http://127.0.0.1:8000/graphql reviews=http://127.0.0.1:4001/
// `APOLLO_PORT` and `HIVE_PORT` say where they listen on the loopback (0 takes a free port); `ROUTER_SECRET` is what
// the packages subgraph was started with as `--router-secret`.
import { createServer } from 'node:http';
import { ApolloGateway, RemoteGraphQLDataSource } from '@apollo/gateway';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { createGatewayRuntime } from '@graphql-hive/gateway-runtime';
import { compose } from './compose.js';

const { APOLLO_PORT = 4000, HIVE_PORT = 4100, ROUTER_SECRET } = process.env;
const host = '127.0.0.1';
const headersFor = (name) => (name === 'packages' && ROUTER_SECRET ? { 'x-router-secret': ROUTER_SECRET } : {});
const subgraphs = process.argv.slice(2).map((argument) => {
  const [name, ...url] = argument.split('=');
  return { name, url: url.join('=') };
});
const supergraph = await compose(subgraphs, headersFor);

const sourceOf = ({ name, url }) =>
  new RemoteGraphQLDataSource({
    url,
    willSendRequest: ({ request }) =>
      Object.entries(headersFor(name)).forEach(([header, value]) => request.http.headers.set(header, value)),
  });

const apollo = new ApolloServer({
  gateway: new ApolloGateway({ supergraphSdl: supergraph, buildService: sourceOf }),
});
const { url } = await startStandaloneServer(apollo, { listen: { host, port: Number(APOLLO_PORT) } });
console.log(`Apollo Gateway: ${url}`);

const hive = createGatewayRuntime({
  supergraph,
  propagateHeaders: { fromClientToSubgraphs: ({ subgraphName }) => headersFor(subgraphName) },
  logging: false,
});
const server = createServer(hive).listen(Number(HIVE_PORT), host, () =>
  console.log(`Hive Gateway: http://${host}:${server.address().port}/graphql`),
);
