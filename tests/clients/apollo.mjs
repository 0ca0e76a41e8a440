// node apollo.mjs URL 3|4: asks twice, each time as a new client, with hashed GETs; then makes a mistake.
import { QUERY, VARIABLES, WRONG, sha256 } from './query.mjs';

const [url, version] = process.argv.slice(2);
const name = version === '3' ? 'apollo-client-3' : '@apollo/client';
const { ApolloClient, HttpLink, InMemoryCache, gql } = await import(version === '3' ? `${name}/core/index.js` : name);
const { createPersistedQueryLink } = await import(
  version === '3' ? `${name}/link/persisted-queries/index.js` : `${name}/link/persisted-queries`
);

const newClient = () =>
  new ApolloClient({
    cache: new InMemoryCache(),
    link: createPersistedQueryLink({ sha256, useGETForHashedQueries: true }).concat(new HttpLink({ uri: url })),
    defaultOptions: { query: { errorPolicy: 'all' } },
  });

const asked = [];
for (let time = 0; time < 2; time++) {
  const { data, error, errors } = await newClient().query({ query: gql(QUERY), variables: VARIABLES });
  asked.push({ data, failed: Boolean(error ?? errors) });
}
const { error, errors } = await newClient().query({ query: gql(WRONG) });
const mistakes = errors ?? error.errors;
console.log(JSON.stringify({ asked, codes: mistakes.map(({ extensions }) => extensions.code) }));
