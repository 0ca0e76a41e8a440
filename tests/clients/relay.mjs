// node relay.mjs URL FOLDER: runs the queries that relay-compiler made in FOLDER, by their ids alone.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import relay from 'relay-runtime';

const { Environment, Network, RecordSource, Store, fetchQuery, getSelector } = relay;
const [url, folder] = process.argv.slice(2);
const made = async name => (await import(pathToFileURL(join(folder, `${name}.graphql.js`)))).default;

const environment = new Environment({
  network: Network.create(async ({ id }, variables) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
      body: JSON.stringify({ documentId: id, variables }),
    });
    const answer = await response.json();
    return { ...answer, extensions: { ...answer.extensions, is_final: true } };
  }),
  store: new Store(new RecordSource()),
  // The catalogue's `id` is unique within a type only; `nodeId` is unique among all.
  getDataID: record => record.nodeId ?? null,
});

const read = async reference => environment.lookup(getSelector(await made('compare_package'), reference)).data;

const first = await fetchQuery(environment, await made('compareQuery'), { slug: 'django-loci', id: '1' }).toPromise();
const again = await fetchQuery(environment, await made('compareRefetchQuery'), { nodeId: first.package.__id }).toPromise();
await fetchQuery(environment, await made('compareListQuery'), { count: 3, cursor: null }).toPromise();
const deferred = await fetchQuery(environment, await made('compareDeferredQuery'), { slug: 'django-loci' }).toPromise();

console.log(
  JSON.stringify({
    grid: first.grid,
    category: first.category,
    package: await read(first.package),
    refetched: await read(again.node),
    deferred: environment.lookup(getSelector(await made('compare_later'), deferred.package)),
  }),
);
