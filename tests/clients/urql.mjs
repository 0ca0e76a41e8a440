// node urql.mjs URL: asks twice, each time as a new client, with hashed GETs; then makes a mistake.
import { Client, fetchExchange } from '@urql/core';
import { persistedExchange } from '@urql/exchange-persisted';
import { QUERY, VARIABLES, WRONG } from './query.mjs';

const [url] = process.argv.slice(2);
const newClient = () =>
  new Client({ url, exchanges: [persistedExchange({ preferGetForPersistedQueries: true }), fetchExchange] });

const asked = [];
for (let time = 0; time < 2; time++) {
  const { data, error } = await newClient().query(QUERY, VARIABLES);
  asked.push({ data, failed: Boolean(error) });
}
const { error } = await newClient().query(WRONG, {});
console.log(JSON.stringify({ asked, codes: error.graphQLErrors.map(({ extensions }) => extensions.code) }));
