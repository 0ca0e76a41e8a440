import { pick, useGraphiQL, useGraphiQLActions } from '@graphiql/react';

function ExamplesIcon(props) {
  return (
    <svg viewBox="0 0 24 24" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinejoin="round" {...props}>
      <path d="M9 18h6M10 21h4M8 15c-2-1.5-3-3.4-3-6a7 7 0 0 1 14 0c0 2.6-1 4.5-3 6Z" />
    </svg>
  );
}

function Examples({ examples }) {
  const { addTab, changeTab, setVisiblePlugin } = useGraphiQLActions();
  const { tabs, queryEditor, variableEditor } = useGraphiQL(pick('tabs', 'queryEditor', 'variableEditor'));

  const open = ({ query, variables }) => {
    // On a phone, and on a tablet held upright, the panel covers the editor.
    if (matchMedia('(max-width: 820px)').matches) setVisiblePlugin(null);
    const index = tabs.findIndex(tab => tab.query === query);
    if (index >= 0) return changeTab(index);
    addTab();
    queryEditor.setValue(query);
    variableEditor.setValue(variables);
  };

  return (
    <section className="examples" aria-label="Examples">
      <h2>Examples</h2>
      <ul>
        {examples.map(example => (
          <li key={example.title}>
            <button type="button" onClick={() => open(example)}>
              <strong>{example.title}</strong>
              <span>{example.summary}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

export const examplesPlugin = examples => ({
  title: 'Examples',
  icon: ExamplesIcon,
  content: () => <Examples examples={examples} />,
});
