// node subscriptions.mjs URL CLIENT QUERY VARIABLES: subscribes, and prints each thing that it is told as a line of JSON.
import WebSocket from 'ws';

globalThis.WebSocket ??= WebSocket; // which browsers have, and Node from 22 on
const [url, name, query, variables] = process.argv.slice(2);
const operation = { query, variables: JSON.parse(variables) };
const tell = what => console.log(JSON.stringify(what));
const sink = {
  next: ({ data, errors, error }) => tell({ data, codes: codes(errors ?? error) }),
  error: error => tell({ codes: codes(error), message: String(error) }),
  complete: () => tell({ complete: true }),
};

/** The codes of what a client calls an error: a list, something that holds one, or something else. */
function codes(error) {
  const errors = Array.isArray(error) ? error : (error?.graphQLErrors ?? error?.errors ?? []);
  return errors.map(({ extensions }) => extensions.code);
}

async function overWebSocket() {
  const { createClient } = await import('graphql-ws');
  const on = { connected: () => tell({ connected: true }) };
  // It tries again as often as it takes, also where nobody listens: a test's gateway comes back when it does.
  const patience = { retryAttempts: 1000, retryWait, shouldRetry: () => true };
  return createClient({ url: url.replace('http', 'ws'), on, ...patience });
}

async function urql(exchanges, fetchSubscriptions) {
  const { Client } = await import('@urql/core');
  const client = new Client({ url, exchanges, fetchSubscriptions });
  client.subscription(operation.query, operation.variables).subscribe(sink.next);
}

async function apollo(version, link) {
  const from = version === '3' ? 'apollo-client-3/core/index.js' : '@apollo/client';
  const { ApolloClient, InMemoryCache, gql } = await import(from);
  const client = new ApolloClient({ cache: new InMemoryCache(), link: await link });
  client.subscribe({ query: gql(query), variables: operation.variables, errorPolicy: 'all' }).subscribe(sink);
}

async function apolloLink(version, kind) {
  const root = version === '3' ? 'apollo-client-3' : '@apollo/client';
  if (kind === 'http') {
    const { HttpLink } = await import(version === '3' ? `${root}/core/index.js` : root);
    return new HttpLink({ uri: url });
  }
  const { GraphQLWsLink } = await import(`${root}/link/subscriptions${version === '3' ? '/index.js' : ''}`);
  return new GraphQLWsLink(await overWebSocket());
}

const retryWait = () => new Promise(resolve => setTimeout(resolve, 50));

const clients = {
  'graphql-ws': async () => (await overWebSocket()).subscribe(operation, sink),
  'graphql-sse': async () => {
    const { createClient } = await import('graphql-sse');
    createClient({ url, retryAttempts: 1000, retry: retryWait }).subscribe(operation, sink);
  },
  'urql over WebSocket': async () => {
    const { fetchExchange, subscriptionExchange } = await import('@urql/core');
    const socket = await overWebSocket();
    const forward = request => ({
      subscribe: to => ({ unsubscribe: socket.subscribe({ ...request, query: request.query ?? '' }, to) }),
    });
    await urql([fetchExchange, subscriptionExchange({ forwardSubscription: forward })], false);
  },
  'urql over HTTP': async () => urql([(await import('@urql/core')).fetchExchange], true),
  'Apollo 4 over WebSocket': () => apollo('4', apolloLink('4', 'ws')),
  'Apollo 4 over HTTP': () => apollo('4', apolloLink('4', 'http')),
  'Apollo 3 over WebSocket': () => apollo('3', apolloLink('3', 'ws')),
  'Apollo 3 over HTTP': () => apollo('3', apolloLink('3', 'http')),
};
await clients[name]();
