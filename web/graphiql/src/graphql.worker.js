import { initialize } from 'monaco-editor/esm/vs/editor/editor.worker';
import { GraphQLWorker } from 'monaco-graphql/esm/GraphQLWorker';

/** The stock worker orders suggestions as text ("10" before "2"); this one keeps the schema's order, `_names` last. */
class CatalogueWorker extends GraphQLWorker {
  async doComplete(uri, position) {
    const items = await super.doComplete(uri, position);
    return items.map((item, index) => ({ ...item, sortText: sortKey(item.label, index) }));
  }
}

const sortKey = (label, index) => `${label.startsWith('_') ? 1 : 0}${String(index).padStart(5, '0')}`;

globalThis.onmessage = () => {
  initialize((context, createData) => new CatalogueWorker(context, createData));
};
