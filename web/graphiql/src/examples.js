import examples from '../../examples/examples.json';

const documents = import.meta.glob('../../examples/*.graphql', { query: '?raw', import: 'default', eager: true });

/** The worked examples, shared with the landing page: `{title, summary, query, variables}`, the last two as text. */
export default examples.map(({ file, title, summary, variables }) => ({
  title,
  summary,
  query: documents[`../../examples/${file}`].trimEnd(),
  variables: variables ? JSON.stringify(variables, null, 2) : '',
}));
