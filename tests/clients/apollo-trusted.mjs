// node apollo-trusted.mjs URL FOLDER: runs the document of FOLDER by the id that its manifest.json gives it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ApolloClient, HttpLink, InMemoryCache, gql } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import lists from '@apollo/persisted-query-lists';

const [url, folder] = process.argv.slice(2);
const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
const trusted = lists.generatePersistedQueryIdsFromManifest({ loadManifest: () => manifest });
const client = new ApolloClient({
  cache: new InMemoryCache(),
  link: new PersistedQueryLink(trusted).concat(new HttpLink({ uri: url })),
});
const query = gql(readFileSync(join(folder, 'package.graphql'), 'utf8'));
const { data } = await client.query({ query, variables: { slug: 'django-loci' } });
console.log(JSON.stringify({ data, ids: manifest.operations.map(({ id }) => id) }));
